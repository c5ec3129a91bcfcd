"""Who comes: for every seat of every track one person after the other, with waits, stays and ends drawn from the shape."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle
from typing import Any

from middleground.program.models import Track

from . import shape as figures
from .names import names
from .shape import Size
from .staffing import House

SUBSTANCES = (
    "alcohol",
    "alcohol",
    "alcohol",
    "opioid-short",
    "fentanyl",
    "methamphetamine",
    "cocaine",
    "cannabis",
    "benzodiazepine",
)
PATHWAYS = (("first-line", 55), ("after-withdrawal", 25), ("step-down", 20))
SOURCES = (("self", 40), ("sud-provider", 20), ("health-care", 16), ("court", 14), ("employer", 5), ("community", 5))


@dataclass
class Person:
    """One invented client: the plan of their way through the program, and what has come of it so far."""

    first: str
    last: str
    track: Track
    number: int
    asked_on: date
    assessed_on: date
    admitted_on: date
    leaves_on: date | None
    reason: str
    pathway: str
    source: str
    substance: str
    absence: float
    language: str
    before: bool  # in care, or gone, before the clinic began with Middleground
    born_on: date
    phq: int
    craving: int
    returns: bool
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass
class Visitor:
    """Somebody who asked and was lost on the way."""

    first: str
    last: str
    asked_on: date
    assessed: bool
    source: str
    site: int


def plan(size: Size, house: House, first: date, today: date, chance: random.Random) -> list[Person]:
    """Everybody who is or was in a seat since the first day, in order of admission."""
    begins = figures.back(today, size.live_weeks)
    pool = iter(names(chance))
    found = []
    for track in house.tracks:
        for _ in range(size.seats):
            day = first + timedelta(days=chance.randint(0, 18))
            while day <= today:
                days = figures.stay(chance)
                if day <= first + timedelta(days=18):
                    days = max(10, int(days * chance.uniform(0.4, 1)))
                found.append(_person(track, day, days, today, begins, chance, next(pool)))
                day += timedelta(days=days + chance.randint(1, 5))
    return sorted(found, key=lambda p: (p.admitted_on, p.name))


def _person(
    track: Track, day: date, days: int, today: date, begins: date, chance: random.Random, called: tuple[str, str]
) -> Person:
    assessed = day - timedelta(days=figures.wait(chance, 8))
    leaves = day + timedelta(days=days)
    gone = leaves < today
    return Person(
        first=called[0],
        last=called[1],
        track=track,
        number=chance.randint(0, 10**6),
        asked_on=assessed - timedelta(days=figures.wait(chance, 6)),
        assessed_on=assessed,
        admitted_on=day,
        leaves_on=leaves if gone else None,
        reason=figures.reason(chance, days),
        pathway=chance.choices(*zip(*PATHWAYS, strict=True))[0],
        source=chance.choices(*zip(*SOURCES, strict=True))[0],
        substance=chance.choice(SUBSTANCES),
        absence=min(0.7, chance.betavariate(1.5, 8.5)),
        language="es" if chance.random() < 0.12 else "en",
        before=day < begins,
        born_on=date(today.year - chance.randint(19, 66), chance.randint(1, 12), chance.randint(1, 28)),
        phq=chance.randint(7, 20),
        craving=chance.randint(3, 8),
        returns=chance.random() < 0.25,
    )


def visitors(size: Size, house: House, clients: list[Person], today: date, chance: random.Random) -> list[Visitor]:
    """Those lost on the way: for each admission as many as the published losses say."""
    pool = cycle(names(random.Random(chance.random())))  # noqa: S311
    per_admission = 1 / ((1 - figures.LOST_BEFORE_ASSESSMENT) * (1 - figures.LOST_AFTER)) - 1
    lost = []
    for index, person in enumerate(clients):
        for _ in range(int(per_admission) + (chance.random() < per_admission % 1)):
            called = next(pool)
            asked = person.asked_on + timedelta(days=chance.randint(-3, 3))
            after = chance.random() < 0.28
            if asked < today - timedelta(days=12):
                lost.append(
                    Visitor(
                        called[0],
                        called[1],
                        asked,
                        after,
                        chance.choices(*zip(*SOURCES, strict=True))[0],
                        index % size.sites,
                    )
                )
    return lost
