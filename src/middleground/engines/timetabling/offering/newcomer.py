"""What one person could book in the frozen timetable: seats in groups and 1:1 slots, each alone within the rules."""

from dataclasses import dataclass
from functools import cached_property

from ..clinic import Client, Staff
from ..times import CELL, DAY, TELEHEALTH
from ..until import NEVER, Until
from .cells import ALL, DAY_CELLS, bits, clear_of, held, inside, ones, same_day
from .packing import Packing
from .timetable import Frozen, Seat


@dataclass(frozen=True, slots=True)
class Candidate:
    """A seat with what it costs and adds; `topic` and `series` are one bit each, or 0."""

    id: str
    start: int
    end: int
    minutes: int
    place: str
    adds: int
    topic: int
    series: int
    cost: int


class Newcomer:
    """One person before one timetable. `counselors` None: no booking is possible at all."""

    def __init__(self, frozen: Frozen, client: Client, until: Until = NEVER) -> None:
        self.frozen, self.client, self.until = frozen, client, until
        self.clinic = frozen.clinic
        self.packing = Packing(client)
        self.wishes = self.packing.wishes
        self.counselors = frozen.counselors(client)
        self.apart = frozen.apart_from(client.id)
        self.come: dict[tuple[str, int], int] = {}
        self.costly = self.cost_masks()
        self.gaps: dict[tuple[str, str], int] = {}
        self.series: dict[str, int] = {}
        self.topics: dict[str, int] = {}
        self.groups = self.candidates()
        self.cost_at: dict[tuple[int, int], int] = {}
        self.places = self.session_places()
        self.may_hold: dict[int, list[Staff]] = {}
        self.own: dict[tuple[int, str], int] = {}
        self.other: dict[tuple[int, str], int] = {}
        for index in range(len(self.wishes)):
            for place in self.places:
                self.find_slots(index, place)

    def cost_masks(self) -> list[tuple[int, int]]:
        """For each cost above 0 the quarter hours that have it. Intervals don't overlap."""
        masks: dict[int, int] = {}
        for start, end, cost in self.client.costs:
            if cost:
                masks[cost] = masks.get(cost, 0) | held(((start, end),))
        return list(masks.items())

    def may_come(self, place: str, cells: int) -> int:
        """The starts at which the client is free, travel included (H9), and meets nobody they must not (H15)."""
        key = (place, cells)
        if key not in self.come:
            margin = 0 if place == TELEHEALTH else self.client.travel.get(place)
            self.come[key] = 0 if margin is None else self.free_starts(place, cells * CELL, margin)
        return self.come[key]

    def free_starts(self, place: str, takes: int, margin: int) -> int:
        mask = inside(self.client.free, takes, margin) & clear_of(self.client.busy, takes, margin)
        meetings = [(start, end) for start, end, site in self.apart.meetings if site == place]
        return mask & clear_of(meetings, takes, CELL) if meetings else mask

    def cost(self, cell: int, cells: int) -> int:
        """Level 6 of something from this quarter hour on."""
        key = (cell, cells)
        if key not in self.cost_at:
            block = ones(cell, cell + cells - 1)
            self.cost_at[key] = sum(cost * (block & mask).bit_count() for cost, mask in self.costly)
        return self.cost_at[key]

    def between(self, one: str, two: str) -> int:
        """H10."""
        if (one, two) not in self.gaps:
            self.gaps[one, two] = self.clinic.between(self.client, one, two)
        return self.gaps[one, two]

    def candidates(self) -> list[Candidate]:
        """The seats this client may take, by start and id."""
        seats = [seat for seat in self.frozen.seats if self.may_sit(seat)]
        return [self.candidate(seat) for seat in sorted(seats, key=lambda seat: (seat.start, seat.group.id))]

    def may_sit(self, seat: Seat) -> bool:
        cells = (seat.end - seat.start) // CELL
        if not self.may_come(seat.group.place, cells) >> seat.start // CELL & 1:
            return False
        return self.client.may_join(seat.group) and not self.apart.bars(seat)

    def candidate(self, seat: Seat) -> Candidate:
        group = seat.group
        series = 1 << self.series.setdefault(group.series, len(self.series)) if group.series else 0
        topic = 1 << self.topics.setdefault(group.kind, len(self.topics)) if "/" in group.kind else 0
        block = held(((seat.start, seat.end),))
        cost = sum(cost * (block & mask).bit_count() for cost, mask in self.costly)
        adds = self.packing.group(group.kind, group.minutes, group.place)
        return Candidate(group.id, seat.start, seat.end, group.minutes, group.place, adds, topic, series, cost)

    def session_places(self) -> list[str]:
        sites = [site for site in self.clinic.sites if site in self.client.travel]
        return [*sites, TELEHEALTH] if self.client.telehealth_max else sites

    @cached_property
    def clinicians(self) -> list[Staff]:
        """Everyone who could hold a session for this client, by id."""
        everyone = self.clinic.staff.values()
        able = [s for s in everyone if s.languages & self.client.languages and s.id not in self.apart.staff]
        return sorted(able, key=lambda s: s.id)

    def holders(self, index: int) -> list[Staff]:
        """Everyone who could hold a wished kind for this client, by id."""
        if index not in self.may_hold:
            self.may_hold[index] = [staff for staff in self.clinicians if staff.holds(self.wishes[index].kind)]
        return self.may_hold[index]

    def find_slots(self, index: int, place: str) -> None:
        """The starts of a wished kind at a place, with the counselor and with anyone else."""
        starts = self.slot_starts(index, place)
        own = other = 0
        if starts:
            cells = self.cells(index)
            for number, staff in enumerate(self.holders(index)):
                if not number & 15:
                    self.until.ask()
                found = starts & self.frozen.staff_starts(staff, place, cells)
                if self.counselors and staff.id in self.counselors:
                    own |= found
                else:
                    other |= found
        self.own[index, place], self.other[index, place] = own, other & ~own

    def slot_starts(self, index: int, place: str) -> int:
        """Where the client, the hours asked for (H13) and an office allow it, clinicians aside."""
        cells, wish = self.cells(index), self.wishes[index]
        starts = self.may_come(place, cells) & self.frozen.steps & same_day(cells) & ALL
        if wish.when is not None:
            starts &= inside(wish.when, wish.takes, 0)
        return starts if place == TELEHEALTH else starts & self.frozen.office_starts(place, cells)

    def cells(self, index: int) -> int:
        return self.wishes[index].takes // CELL

    def days(self) -> list[int]:
        """The days on which anything could be booked."""
        found = {group.start // DAY for group in self.groups}
        for mask in (*self.own.values(), *self.other.values()):
            found |= {cell // DAY_CELLS for cell in bits(mask)}
        return sorted(found)
