"""A client's own times and make-up sessions: when they can come, weeks that would fit, what they missed."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from middleground.faces.doors import page
from middleground.faces.portal import reading
from middleground.faces.portal.frame import CLIENT, do, go_on, me, show
from middleground.faces.ui import offered, painted
from middleground.faces.ui.moments import clock, clock_span
from middleground.kernel.errors import Refused
from middleground.program.actions import give_back_seat
from middleground.records.models import Client
from middleground.recovery import words
from middleground.timetable import actions, makeup, previews, queries
from middleground.timetable.outside_times import Outside
from middleground.timetable.queries import Seen
from middleground.timetable.wishing import counselor_of


@page("me/times/", name="portal-times", by=CLIENT, title=_("When I can come"))
def times(request: HttpRequest) -> HttpResponse:
    """Paint or write when one can come; below it, weeks that would fit."""
    client = me(request)
    seen = Seen(client)
    places = previews.sites()
    if request.method != "POST":
        known = seen.known
        free = queries.free_times(client, known)
        travel = painted.Travel(
            sites=places, initial={"painted": free, **painted.ways_of(known.travel if known else {})}
        )
        return _page(request, seen, painted.TimeRows(prefix="rows", initial=painted.first_rows(free)), travel)
    travel = painted.Travel(request.POST, sites=places)
    if "more" in request.POST or "remove" in request.POST:
        return _page(request, seen, painted.TimeRows(prefix="rows", initial=painted.retyped(request.POST)), travel)
    rows = painted.time_rows(request.POST, travel)
    if travel.is_valid() and (not rows.is_bound or rows.is_valid()) and _keep(request, client, rows, travel):
        messages.success(request, _kept(client))
        return redirect("portal-times")
    return _page(request, seen, rows, travel, status=422)


def _kept(client: Client) -> str:
    """That their times are known; with something booked outside them, that the counselor has heard of it."""
    if counselor_of(client) and Outside(Seen(client)).rows:
        return say("We have your times. We told your counselor what is booked outside them.")
    return say("We have your times. Your counselor sees them too.")


def outside(seen: Seen) -> list[dict[str, Any]]:
    """What is booked outside the client's times, in their words."""
    return [
        {"weekly": each.weekly, "at": each.at, "times": clock_span(each.at, each.ends), "title": reading.title(each)}
        for each in Outside(seen).rows
    ]


def _keep(request: HttpRequest, client: Client, rows: Any, travel: painted.Travel) -> bool:
    typed = [form for form in rows if form.interval] if rows.is_bound else []
    try:
        actions.set_availability.run(
            request.actor,  # type: ignore[attr-defined]
            key=request.POST.get("request_key") or None,
            client=client,
            intervals=painted.given_times(rows, travel),
            travel=travel.minutes,
        )
    except actions.BadInterval as no:
        (typed[no.row] if typed else travel).add_error(None, no.message)
    except Refused as no:
        travel.add_error(None, no.message)
    else:
        return True
    return False


def _page(request: HttpRequest, seen: Seen, rows: Any, travel: painted.Travel, status: int = 200) -> HttpResponse:
    found = previews.for_client(seen) if status == 200 and not travel.is_bound else None
    context = {
        "client": seen.client,
        "rows": rows,
        "travel": travel,
        "mode": painted.tones(travel),
        "known": seen.known,
        "episode": seen.episode,
        "outside": outside(seen) if found else (),
        "cards": offered.cards(found) if found else None,
        "others": bool(found) and not all(week.booked for week in found.weeks),
    }
    answer = show(request, "times", context)
    answer.status_code = status
    return answer


@page("me/times/ask/", name="portal-ask-week", by=CLIENT)
def ask_week(request: HttpRequest) -> HttpResponse:
    """Ask the counselor for one of the weeks."""
    if request.method != "POST":
        return redirect("portal-times")
    groups = [int(each) for each in request.POST.get("groups", "").split("-") if each.isdecimal()]
    done = do(request, actions.ask_for_week, client=me(request), groups=groups)
    asked = _("We asked your counselor for this week. You hear from them soon. If you ask again, the last week counts.")
    return go_on(request, done, asked, "portal-times")


@page("me/make-up/", name="portal-make-up", by=CLIENT)
def make_up(request: HttpRequest) -> HttpResponse:
    """Come to a session where something missed is taught again."""
    if request.method != "POST":
        return redirect("portal-week")
    done = do(request, actions.book_make_up, client=me(request), session=number(request.POST.get("session", "")))
    return go_on(request, done, _("Booked. See you there."), "portal-week")


@page("me/cant-come/", name="portal-cant-come", by=CLIENT)
def cant_come(request: HttpRequest) -> HttpResponse:
    """Give back a seat in one session."""
    if request.method != "POST":
        return redirect("portal-week")
    done = do(request, give_back_seat, client=me(request), session=number(request.POST.get("session", "")))
    return go_on(request, done, _("Thank you for telling us. You are not expected there any more."), "portal-week")


def number(text: str) -> int:
    """The id that a form carries; of nothing when it carries none."""
    return int(text) if text.isdecimal() else 0


def to_make_up(missed: Iterable[makeup.Missed]) -> list[dict[str, Any]]:
    """What the client missed and where it is taught next, in their words."""
    return [
        {
            "topic": words.said(reading.topics().get(each.topic, each.topic)),
            "on": each.on,
            "again": [
                {
                    "session": chance.session_id,
                    "day": chance.start,
                    "at": clock(timezone.localtime(chance.start)),
                    "place": say("On video") if chance.telehealth else chance.site,
                }
                for chance in each.again
            ],
        }
        for each in missed
    ]
