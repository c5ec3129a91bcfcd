"""Saying when a client can come: the one way to change it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext

from middleground.clinic import queries as clinic
from middleground.engines.errors import BadLine
from middleground.engines.timetabling import interval, interval_text
from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.desk import notify
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.models import Client

from . import words
from .models import Availability
from .outside_times import Outside
from .queries import Seen
from .wishing import counselor_of

COSTS = range(4)  # 0 good .. 3 disliked: the scale of the timetabling contract
MOST_TRAVEL = words.DAY


class BadInterval(Refused):
    """A stretch of the week that can't be used. `row` is its place in the list, from 0."""

    def __init__(self, row: int, message: str) -> None:
        self.row = row
        super().__init__(message, "intervals")


@action(
    "Set when a client can come",
    by=role("intake-coordinator", "counselor", "case-manager", "program-director", "client"),
)
def set_availability(act: Act, client: Client, intervals: list, travel: dict | None = None) -> Availability:
    """Say when a client is free in a week, in place of what was said before.

    `intervals`: [{"at": "mon 18:00-21:15", "cost": 0..3}], on quarter hours; touching ones are fine, overlapping ones
    not. `travel`: minutes to each site by the site's id; None keeps what is known. Raises `BadInterval`, `Refused`.
    """
    known = _current(client)
    week = _week(intervals)
    ways = _travel(travel) if travel is not None else dict(known.travel) if known else {}
    if known:
        _supersede(act, known)
    made = Availability.objects.create(
        client=client, intervals=week, travel=ways, since=clock.today(), given_at=act.now, given_by_id=act.user_id
    )
    if "client" in act.actor.roles:
        notify(act, counselor_of(client), _news(client), f"/clients/{client.pk}/week/")
    act.says(f"Set when the client can come: {len(week)} times a week")
    return made


def _news(client: Client) -> str:
    """Fit for a lock screen."""
    with everything("what is booked outside the new times"):
        booked = len(Outside(Seen(client)).rows)
    more = f" {booked} of their bookings {'is' if booked == 1 else 'are'} outside them." if booked else ""
    return f"Somebody changed when they can come.{more}"


def _current(client: Client) -> Availability | None:
    with everything("the availability in force"):
        return Availability.objects.filter(client=client, until=None).first()


def _supersede(act: Act, known: Availability) -> None:
    known.until = max(known.since, clock.today() - timedelta(days=1))
    known.save(update_fields=["until"])


def _week(intervals: list[Any]) -> list[dict[str, Any]]:
    spans = sorted((_span(row, given), row, _cost(row, given)) for row, given in enumerate(intervals))
    for (before, _, _), (after, row, _) in zip(spans, spans[1:], strict=False):
        if after[0] < before[1]:
            said = gettext("%(time)s overlaps another time. Change one of them.")
            raise BadInterval(row, said % {"time": words.said(interval_text(after))})
    return [{"at": interval_text(span), "cost": cost} for span, _, cost in spans]


def _span(row: int, given: Any) -> tuple[int, int]:
    try:
        return interval(given["at"])
    except (BadLine, KeyError, TypeError):
        raise BadInterval(row, gettext("Give a day, and a start before its end, both on a quarter hour.")) from None


def _cost(row: int, given: Mapping[str, Any]) -> int:
    cost = given.get("cost", 0)
    if cost not in COSTS:
        raise BadInterval(row, gettext("Say how much they like this time."))
    return int(cost)


def _travel(travel: Mapping[Any, Any]) -> dict[str, int]:
    sites = {str(site.pk) for site in clinic.sites()}
    for site, minutes in travel.items():
        if str(site) not in sites:
            raise Refused(gettext("One of these sites is not open."), "travel")
        if not isinstance(minutes, int) or not 0 <= minutes < MOST_TRAVEL:
            raise Refused(gettext("Travel time is whole minutes, 0 or more."), "travel")
    return {str(site): minutes for site, minutes in travel.items()}
