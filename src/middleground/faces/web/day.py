"""The day board: the sessions of a day by time, who leads, how many are expected, what is still to be written."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from middleground.clinic import queries as clinic
from middleground.faces.doors import Nav, may_open, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import clock
from middleground.kernel.who import CLINICAL
from middleground.program import queries
from middleground.program.models import Session

READERS = ("intake-coordinator", *CLINICAL, "program-director")
CHART = (*CLINICAL, "program-director", "compliance-officer", "biller")


def chosen_day(text: str) -> date:
    return clock.day_of(text) or clock.today()


@page("day/", name="day", by=READERS, title="Today", nav=Nav("staff", "Today", "calendar", 10))
def day(request: HttpRequest) -> HttpResponse:
    """One day's sessions: mine or everyone's, at one site or all."""
    actor = request.actor  # type: ignore[attr-defined]
    on, site = chosen_day(request.GET.get("on", "")), request.GET.get("site", "")
    whose = request.GET.get("whose") or ("mine" if "counselor" in actor.roles else "all")
    rows = queries.sessions_on(
        on, site=int(site) if site.isdecimal() else None, leader=actor.user_id if whose == "mine" else None
    )
    sites = [s for s in clinic.sites() if actor.site_ids is None or s.pk in actor.site_ids]
    context = {
        "on": on,
        "is_today": on == clock.today(),
        "rows": rows,
        "now": clock.now(),
        "sites": sites if len(sites) > 1 else [],
        "site": site,
        "whose": whose,
        "figures": figures(rows),
        "may_repair": on >= clock.today() and may_open(request, "planner-away"),
        "repair": urlencode({"on": on.isoformat(), **({"site": site} if site else {})}),
        "before": link(on - timedelta(days=1), whose, site),
        "after": link(on + timedelta(days=1), whose, site),
        "sides": sides(on, whose, site),
    }
    return render(request, "web/day.html", context)


def link(on: date, whose: str, site: str) -> str:
    """The board of a day: "mine", "all", or its "rooms"."""
    asked = {"on": on.isoformat(), **({"site": site} if site else {})}
    if whose == "rooms":
        return f"{reverse('day-rooms')}?{urlencode(asked)}"
    return f"{reverse('day')}?{urlencode({'whose': whose} | asked)}"


def sides(on: date, whose: str, site: str) -> list[dict[str, Any]]:
    """The tabs of the day."""
    return [
        {"label": label, "url": link(on, key, site), "current": key == whose}
        for key, label in (("mine", "Mine"), ("all", "Everyone's"), ("rooms", "Rooms"))
    ]


def figures(rows: list[queries.Row]) -> dict[str, int]:
    """Counts above the board."""
    held = [row for row in rows if row.session.status != Session.Status.NOT_HELD]
    return {
        "sessions": len(held),
        "expected": sum(row.expected for row in held),
        "unrecorded": sum(row.unrecorded for row in held if row.over),
        "unsigned": sum(row.is_due and row.note in ("none", "draft") for row in rows),
    }


@page("clients/<int:client_id>/sessions/", name="chart-sessions", by=CHART, title="Sessions")
def chart_sessions(request: HttpRequest, client_id: int) -> HttpResponse:
    """A client's attendance with their own notes, the newest first, and what comes next."""
    client = client_or_404(client_id)
    listed = Paginator(queries.attendance_of(client), 25).get_page(request.GET.get("page"))
    parts = queries.parts_of(client, [row.session_id for row in listed])
    context: dict[str, Any] = {
        "listed": listed,
        "rows": [(row, parts.get(row.session_id)) for row in listed],
        "coming": queries.upcoming(client, days=8),
        "now": clock.now(),
        "may_open": bool({*CLINICAL, "program-director", "compliance-officer"} & request.actor.roles),  # type: ignore[attr-defined]
        "may_book": bool({*CLINICAL, "program-director"} & request.actor.roles),  # type: ignore[attr-defined]
    }
    return chart_page(request, "web/session_chart.html", client, context, tab="chart-sessions")
