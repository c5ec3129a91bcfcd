"""What came from an earlier system on the day the clinic began with Middleground: people, their groups, the requests that came to nothing."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from middleground.kernel import gate
from middleground.program import actions as program
from middleground.records.models import Client, Episode

from .calendar import Calendar
from .people import Visitor
from .staffing import House

if TYPE_CHECKING:
    from .living import Way

LOT = 80
REASONS = ("could-not-reach", "waited-too-long", "schedule", "transport", "childcare", "not-now", "chose-other-care")


def enter(calendar: Calendar, house: House, ways: list["Way"], lost: list[Visitor], begins: date) -> None:
    """At six in the morning everybody is brought in; those in care go on from there."""
    for start in range(0, len(ways), LOT):
        calendar.enter(begins, 6, lambda lot=ways[start : start + LOT]: _bring(house, lot, begins))  # type: ignore[misc]
    for start in range(0, len(lost), 500):
        calendar.enter(begins, 6, lambda lot=lost[start : start + 500]: _bring_lost(house, lot))  # type: ignore[misc]
    for way in ways:
        if way.person.leaves_on is None or way.person.leaves_on >= begins:
            calendar.enter(begins, 8, way.plan_care, way.person.number % 60)
            way.enter_care(begins)


def _bring(house: House, ways: list["Way"], begins: date) -> None:
    program.bring_in.run(house.actor("program-director"), people=[_row(house, way, begins) for way in ways])
    with gate.everything("demo"):
        found = {(c.first_name, c.last_name): c for c in Client.objects.order_by("-pk")[: len(ways)]}
        episodes = {e.client_id: e for e in Episode.objects.filter(client__in=found.values())}
    for way in ways:
        client = found[way.person.first, way.person.last]
        way.person.made |= {"client": client, "episode": episodes[client.pk]}


def _row(house: House, way: "Way", begins: date) -> dict[str, Any]:
    person = way.person
    ended = person.leaves_on if person.leaves_on and person.leaves_on < begins else None
    return {
        "first_name": person.first,
        "last_name": person.last,
        "site": way.site.pk,
        "born_on": person.born_on,
        "language": person.language,
        "phone": f"555-01{person.number % 100:02}",
        "asked_on": person.asked_on,
        "assessed_on": person.assessed_on,
        "admitted_on": person.admitted_on,
        "ended_on": ended,
        "reason": person.reason if ended else "",
        "pathway": person.pathway,
        "referral_source": person.source,
        "counselor": way.counselor.pk,
        "prescriber": way.prescriber.pk,
        "case_manager": way.manager.pk,
        "groups": [group.pk for group in house.groups[person.track.pk]],
    }


def _bring_lost(house: House, lost: list[Visitor]) -> None:
    rows = [
        {
            "first_name": one.first,
            "last_name": one.last,
            "site": house.sites[one.site].pk,
            "asked_on": one.asked_on,
            "reason": REASONS[n % len(REASONS)],
            "closed_on": one.asked_on + timedelta(days=3 + n % 8),
            "referral_source": one.source,
        }
        for n, one in enumerate(lost)
    ]
    program.bring_in.run(house.actor("program-director"), people=[], lost=rows)
