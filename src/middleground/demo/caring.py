"""What goes on during treatment for the people told in every detail: measures, medicines, screens, check-ins, supports, reviews."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from middleground.assessment import actions as assessment
from middleground.careplan import actions as careplan
from middleground.careplan.terms import items
from middleground.clinic.models import User
from middleground.kernel import clock
from middleground.medical import actions as medical
from middleground.medical.words import rows
from middleground.records import actions as records
from middleground.recovery import actions as recovery
from middleground.timetable import actions as timetable

from . import answers

if TYPE_CHECKING:
    from .living import Way
    from .people import Person

MEDICINES = {
    "alcohol": ("naltrexone-oral", "50 mg", "oral"),
    "opioid-short": ("buprenorphine-sl", "16 mg", "sublingual"),
    "fentanyl": ("buprenorphine-sl", "24 mg", "sublingual"),
}
TRIGGERS = ("stress", "payday", "being-alone", "conflict", "boredom", "parties")
CHECK_IN_DAYS = 28


def enter(way: "Way", since: date) -> None:
    """Everything from `since` (the first day, or the clinic's first with Middleground) to the last day, or today."""
    person, chance = way.person, way.chance
    last = person.leaves_on or way.today
    stay = max(1, (last - person.admitted_on).days)
    gone = (since - person.admitted_on).days  # days of care before

    def on(day: int, hour: int, happen: Callable[[], None], minute: int) -> None:
        if day > gone:
            way.calendar.enter(person.admitted_on + timedelta(days=day), hour, happen, minute)

    way.calendar.enter(since, 12, lambda: _settle(way), 5)
    for week in range(2, stay // 7 + 1, 2):
        on(week * 7, 12, _measure(way, min(1.0, week / 8)), 10)
    for day in range(5, stay, 7):
        on(day, 15, lambda: _screen(way), person.number % 50)
    for day in range(stay):
        recent = person.admitted_on + timedelta(days=day) > way.today - timedelta(days=CHECK_IN_DAYS)
        if recent and chance.random() < 0.6:
            on(day, 20, _check_in(way, day / 60), person.number % 60)
    for day in (30, 56):
        if stay > day:
            on(day, 16, lambda day=day: _review(way, day), 20)  # type: ignore[misc]
    if person.returns and stay > 25:
        on(chance.randint(10, 24), 18, lambda: _return_to_use(way), 15)


def takes_medicine(person: "Person") -> bool:
    """Whether recovery medicine is part of this person's care: three of four with a substance that has one."""
    return person.substance in MEDICINES and bool(person.number % 4)


def _settle(way: "Way") -> None:
    """The first day's medicines, the client's own lists, their sign-in."""
    client, prescriber, person = way.person.made["client"], way.prescriber.actor(), way.person
    if takes_medicine(person):
        drug, dose, route = MEDICINES[person.substance]
        medical.list_medication.run(
            prescriber,
            client=client,
            drug=drug,
            dose=dose,
            route=route,
            frequency="once a day",
            indication="recovery",
            prescribed_here=True,
            started_on=clock.today(),
        )
    if person.phq > 13:
        medical.record_condition.run(
            prescriber, client=client, name="Depression", sort="mental-health", since="several years"
        )
    if person.number % 5:
        medical.give_naloxone.run(way.counselor.actor(), client=client, expires_on=clock.today() + timedelta(days=700))
    timetable.set_availability.run(
        way.counselor.actor(), client=client, intervals=_free(way), travel={way.site.pk: 15 + person.number % 25}
    )
    records.give_client_sign_in.run(way.counselor.actor(), client=client)
    person.made["user"] = User.objects.get(client_id=client.pk)
    _lists(way)


def _free(way: "Way") -> list[dict[str, Any]]:
    """The part of the day their track meets in, on most days; other days they like less."""
    begins = way.house.groups[way.person.track.pk][0].start_time.hour
    first, last = (8, 14) if begins < 12 else (12, 18) if begins < 17 else (16, 22)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return [
        {"at": f"{day} {first:02}:00-{last:02}:00", "cost": (n * 7 + way.person.number) % 3}
        for n, day in enumerate(days)
    ]


def _lists(way: "Way") -> None:
    client, own = way.person.made["client"], way.person.made["user"].actor()
    recovery.set_triggers.run(
        own,
        client=client,
        triggers=[
            {"what": w, "place": "external", "likelihood": way.chance.choice((30, 50, 80))}
            for w in _some_ids("triggers", way.chance)
        ],
    )
    recovery.set_coping_steps.run(own, client=client, steps=_some_ids("coping-steps", way.chance))
    recovery.set_support_people.run(
        own, client=client, people=[{"name": "My sister", "phone": "555-0177", "ok_to_call": True}]
    )


def _some_ids(vocabulary: str, chance: random.Random) -> list[str]:
    return chance.sample(sorted(items(vocabulary)), 4)


def _measure(way: "Way", progress: float) -> Any:
    def measure() -> None:
        for name in ("phq-9", "gad-7"):
            assessment.give_instrument.run(
                way.counselor.actor(),
                client=way.person.made["client"],
                instrument=name,
                answers=answers.to(name, way.person, progress, way.chance),
            )

    return measure


def _screen(way: "Way") -> None:
    client, counselor = way.person.made["client"], way.counselor.actor()
    screen = medical.order_drug_screen.run(counselor, client=client, reason="random")
    positive = way.chance.random() < 0.08
    panel = dict.fromkeys((row["id"] for row in rows("panel")), "negative")
    if takes_medicine(way.person) and MEDICINES[way.person.substance][0].startswith("buprenorphine"):
        panel["buprenorphine"] = "positive"  # the medicine itself, as it should be
    if positive:
        panel[way.chance.choice(sorted(panel))] = "positive"
    done = medical.record_drug_screen_result.run(counselor, screen=screen, panel=panel)
    if positive and clock.today() < way.today - timedelta(days=3):
        medical.discuss_drug_screen.run(
            counselor,
            screen=done,
            client_says="Told us before the result came.",
            note="Look at the weekend plan together.",
        )


def _check_in(way: "Way", progress: float) -> Any:
    def check_in() -> None:
        chance, person = way.chance, way.person
        craving = max(0, min(10, round(person.craving * (1 - 0.6 * min(1, progress)) + chance.uniform(-2, 2))))
        recovery.check_in.run(
            person.made["user"].actor(),
            client=person.made["client"],
            craving=craving,
            mood=max(0, min(10, 9 - craving + chance.randint(-1, 1))),
            sleep_hours=chance.choice((5, 6, 7, 7, 8)),
        )

    return check_in


def _review(way: "Way", day: int) -> None:
    """The continued-stay review: partly there at a month, mostly there at eight weeks."""
    person = way.person
    careplan.hold_review.run(
        way.counselor.actor(),
        client=person.made["client"],
        episode=person.made["episode"],
        decision="continue",
        progress="partly" if day < 50 else "yes",
        summary="Comes regularly, uses what was practiced, sleep is better. Weekends stay hard."
        if day < 50
        else "Cravings are rarer and shorter. Work is going well again.",
    )


def _return_to_use(way: "Way") -> None:
    on: date = clock.today() - timedelta(days=1)
    recovery.record_return_to_use.run(
        way.counselor.actor(),
        client=way.person.made["client"],
        on=on,
        substance=way.person.substance,
        context="After a hard day at work",
        learned="Call before, not after.",
    )
