"""Topics a client missed and where they are taught next: a seat there with one press."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.faces.doors import page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel.errors import Refused
from middleground.kernel.who import CLINICAL
from middleground.program.actions import give_back_seat
from middleground.timetable import makeup, words
from middleground.timetable.queries import Seen

BY = ("counselor", "case-manager", "program-director")  # who may read attendance


@page("clients/<int:client_id>/week/make-up/", name="make-up", by=BY, title="Make up")
def make_up(request: HttpRequest, client_id: int) -> HttpResponse:
    """What was missed lately, the sessions that would make up for it, and the hours of this week with them."""
    client = client_or_404(client_id)
    wrong = ""
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        key = request.POST.get("request_key") or None
        try:
            makeup.book_make_up.run(
                request.actor, key=key, client=client, session=int(chosen) if chosen.isdecimal() else 0
            )  # type: ignore[attr-defined]
        except Refused as no:
            wrong = no.message
        else:
            messages.success(request, "Booked. The client and the leader are told.")
            return redirect("chart-week", client.pk)
    week = makeup.this_week(Seen(client))
    context = {"missed": week.missed, "wrong": wrong, **hours(week)}
    if request.headers.get("HX-Request"):  # the chart's week asks for the hours alone
        return render(request, "web/make_up_hours.html", context)
    return chart_page(request, "web/make_up.html", client, context, tab="chart-week", status=409 if wrong else 200)


@page("clients/<int:client_id>/sessions/cant-come/", name="cant-come", by=(*CLINICAL, "program-director"))
def cant_come(request: HttpRequest, client_id: int) -> HttpResponse:
    """Give back a client's seat in one session."""
    client = client_or_404(client_id)
    if request.method == "POST":
        done = give_back_seat.submit(request, client=client)
        if done:
            messages.success(request, f"{client.called} is not expected there any more. They and the leader are told.")
        else:
            messages.error(request, done.refused.message if done.refused else "Choose a session.")
    return redirect("chart-sessions", client.pk)


def hours(week: makeup.ThisWeek) -> dict[str, str]:
    """The most hours there can be this week, beside the prescribed; nothing when make-up sessions add none."""
    if week.dose is None or not week.more:
        return {}
    most, prescribed = week.dose.reachable + week.more, week.dose.program.required_minutes
    return {"most": words.hours(most), "prescribed": words.hours(prescribed)}
