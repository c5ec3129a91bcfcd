"""What keeps one person out of each running group that is not in a week of theirs: the first thing, without any solving."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...knowing import load
from ..clinic import Client, Clinic, Group, covers, touches
from ..offering.timetable import Frozen
from ..plan import GroupRow
from ..times import CELL, DAY, TELEHEALTH

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`why`: not-free, travel, full, language, population, topic, clash or limit (the words: knowledge/timetabling/reasons)."""

    group: str
    why: str


def left_out(clinic: Clinic, client: Client, week: Iterable[str]) -> list[LeftOut]:
    """For each running group that is not in this week of the client, by id, the first thing that keeps them out.

    A group kept from somebody because of who else is there counts as full. Raises `BadLine` ("bad-current") when the
    clinic has no timetable in force.
    """
    return list(Week(clinic, client, frozenset(week)).left_out())


class Week:
    """One chosen week of one client in the timetable as it is."""

    def __init__(self, clinic: Clinic, client: Client, chosen: frozenset[str]) -> None:
        self.clinic, self.client, self.chosen = clinic, client, chosen
        self.frozen = Frozen(clinic, without=client.id)
        self.apart = self.frozen.apart_from(client.id)
        self.open = {seat.group.id for seat in self.frozen.seats if not self.apart.bars(seat)}
        held = [row for row in self.frozen.plan.groups if row.id in chosen]
        self.spans = [self.span(row) for row in held]
        self.topics = {kind for row in held if "/" in (kind := clinic.groups[row.id].kind)}

    def left_out(self) -> Iterator[LeftOut]:
        for row in sorted(self.frozen.plan.groups, key=lambda each: each.id):
            if row.id not in self.chosen:
                yield LeftOut(row.id, self.why(row))

    def span(self, row: GroupRow) -> Span:
        group = self.clinic.groups[row.id]
        return row.start, row.start + group.takes, group.place

    def why(self, row: GroupRow) -> str:
        group, span = self.clinic.groups[row.id], self.span(row)
        found = self.barred(group) or self.hindered(*span) or ("full" if self.meets(*span) else None)
        if found is not None:
            return found
        if any(self.clash(span, other) for other in self.spans):
            return "clash"
        return "topic" if group.kind in self.topics else "limit"

    def barred(self, group: Group) -> str | None:
        """What no free time would change (H8, H11)."""
        if group.language not in self.client.languages:
            return "language"
        if not group.only <= self.client.tags:
            return "population"
        if group.kind in self.client.done:
            return "topic"
        return None if group.id in self.open else "full"

    def hindered(self, start: int, end: int, place: str) -> str | None:
        """Whether the client is not free then, or not for the way there and back (H9)."""
        if place != TELEHEALTH and place not in self.client.travel:
            return "travel"
        if end > (start // DAY + 1) * DAY or not covers(self.client.free, start, end):
            return "not-free"
        if touches(self.client.busy, start, end):
            return "not-free"
        return None if self.client.can_come(start, end, place) else "travel"

    def meets(self, start: int, end: int, place: str) -> bool:
        """Whether somebody they must not meet is on the site then (H15)."""
        return touches([(a - CELL, z + CELL) for a, z, site in self.apart.meetings if site == place], start, end)

    def clash(self, one: Span, other: Span) -> bool:
        """Whether there is no time for both on one day (H10)."""
        first, second = sorted((one, other))
        if first[0] // DAY != second[0] // DAY:
            return False
        return second[0] < first[1] + self.clinic.between(self.client, first[2], second[2])


def why_words(why: str, language: str = "en") -> str:
    """The plain words for what keeps someone out of a group."""
    return str(load("timetabling")["reasons"]["left_out"][why][language])
