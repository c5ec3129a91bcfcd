"""A client's times have changed: what they are booked for outside them, and the way to a repair of that week."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.faces.doors import page
from middleground.faces.ui.moments import clock_span
from middleground.faces.web.charting import client_or_404
from middleground.faces.web.planner import BY, come_back, sites_of
from middleground.kernel.errors import Refused
from middleground.timetable import solves
from middleground.timetable.outside_times import Booked, Outside
from middleground.timetable.queries import Seen


def outside_context(request: HttpRequest, seen: Seen) -> dict[str, Any]:
    beyond = Outside(seen)
    return {"outside": lines(beyond.rows), "repairs": repairs(request, beyond)}


def lines(rows: Iterable[Booked]) -> list[tuple[str, str, str]]:
    """Day, time and title."""
    return [
        (
            f"{each.at:%A}s" if each.weekly else f"{each.at:%A, %B} {each.at.day}",
            clock_span(each.at, each.ends),
            each.title,
        )
        for each in rows
    ]


def repairs(request: HttpRequest, beyond: Outside) -> list[dict[str, Any]]:
    """The weeks, by site, that the actor may have mended for what is outside the client's times."""
    if not beyond.weeks or not request.actor.roles & set(BY):  # type: ignore[attr-defined]
        return []
    names = {each.pk: each.name for each in sites_of(request)}
    found = [{"week": week, "site": site, "name": names[site]} for week, site in beyond.weeks if site in names]
    several = len({each["site"] for each in found}) > 1
    return [{**each, "name": each["name"] if several else ""} for each in found]


@page("clients/<int:client_id>/week/repair/", name="week-repair", by=BY, title="Repair of the week")
def week_repair(request: HttpRequest, client_id: int) -> HttpResponse:
    """Begin a repair of one week for a client who can't come any more to what they have in it."""
    client = client_or_404(client_id)
    if request.method != "POST":
        return redirect("chart-week", client.pk)
    try:
        site, week = int(request.POST.get("site", "")), date.fromisoformat(request.POST.get("week", ""))
    except ValueError:
        messages.error(request, "Choose the week to look for.")
        return redirect("chart-week", client.pk)
    try:
        return come_back(request, solves.begin_other_times(request.actor, client, site=site, week=week))  # type: ignore[attr-defined]
    except Refused as no:
        messages.error(request, no.message)
        return redirect("chart-week", client.pk)
