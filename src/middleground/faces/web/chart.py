"""The chart's first page: where the client stands today, and their story on one time axis."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from middleground.faces.doors import PAGES, page
from middleground.faces.web.charting import chart_page
from middleground.faces.web.clients import FRONT
from middleground.faces.web.timeline_svg import lanes
from middleground.insight import queries
from middleground.kernel.who import CLINICAL
from middleground.program import queries as program
from middleground.records import queries as records

READERS = (
    "counselor",
    "prescriber",
    "case-manager",
    "intake-coordinator",
    "program-director",
    "compliance-officer",
    "biller",
)
SPANS = (("episode", "This episode"), ("all", "The whole record"))
LATEST = 12


@page("clients/<int:client_id>/", name="chart", by=READERS, title="Chart")
def chart(request: HttpRequest, client_id: int) -> HttpResponse:
    """The story of a client; somebody without a relation meets a page that does not say whether there is such a record."""
    client = records.client(client_id)
    roles = request.actor.roles  # type: ignore[attr-defined]
    if client is None:
        return render(
            request,
            "web/chart_not_yours.html",
            {"client_id": client_id, "may_open": bool(set(CLINICAL) & roles)},
            status=404,
        )
    span = "all" if request.GET.get("span") == "all" else "episode"
    story = queries.story(client, span)
    coming = program.upcoming(client)[:3] if story.episode and story.episode.is_open else []
    context = {
        "story": story,
        "line": story.timeline,
        "lanes": lanes(story.timeline),
        "coming": coming,
        "latest": story.timeline.latest[:LATEST],
        "spans": [{"label": label, "url": f"?span={key}", "current": key == span} for key, label in SPANS],
        "front": bool(set(FRONT) & roles),
        "links": {
            name
            for name in ("chart-plan", "chart-assessment", "chart-medical", "chart-week", "session")
            if name in PAGES and PAGES[name].by & roles
        },
    }
    return chart_page(request, "web/chart.html", client, context, tab="chart")
