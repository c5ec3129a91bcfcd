"""The best plan of a very small clinic, found by trying every plan there is."""

from collections.abc import Iterator
from itertools import combinations, product
from math import prod

from .rulebook import HOME, Entries, Entry, Row, Rulebook, minute, said
from .worths import Vector, Worths


class TooMany(Exception):
    """More plans than a test should try."""


class Tried:
    """`slots`: for each group the ways it can run (or not), for each prescribed 1:1 kind the ways it can be held."""

    def __init__(self, data: Row, most: int = 400_000) -> None:
        self.book = Rulebook(data)
        self.worths = Worths(self.book)
        self.most, self.steps = most, 0
        self.slots = [self.group_ways(g) for g in self.book.groups]
        self.slots += [self.session_ways(c, wish) for c, row in self.book.clients.items() for wish in row["sessions"]]
        self.choices = list(self.counselors())

    @property
    def size(self) -> int:
        """At most so many plans."""
        return prod(len(slot) for slot in self.slots)

    def group_ways(self, group: str) -> list[Entries]:
        book, row = self.book, self.book.groups[group]
        rooms = [None] if row["place"] == HOME else [r for r, at in book.rooms.items() if at["site"] == row["place"]]
        ways: list[Entries] = [()]
        leaders = [(s, None) for s in book.staff] + [(a, b) for a in book.staff for b in book.staff if a != b]
        for start, room, staff in product(dict.fromkeys(row["starts"]), rooms, leaders):
            for n in range(len(book.clients) + 1):
                for members in combinations(book.clients, n):
                    entry = book.group_entry(group, minute(start), room, staff, members)
                    if book.possible(entry):
                        ways.append((entry,))
        return ways

    def session_ways(self, client: str, wish: Row) -> list[Entries]:
        book, step = self.book, self.book.data.get("step", 30)
        entries = [
            entry
            for start in range(0, 7 * 1440, step)
            for room in (None, *book.rooms)
            for staff in book.staff
            if book.possible(entry := book.session_entry(client, wish, start, staff, room))
        ]
        return [way for n in range(wish["count"] + 1) for way in combinations(entries, n)]

    def counselors(self) -> Iterator[dict[str, str]]:
        """Every way to choose counselors."""
        asking = [c for c, row in self.book.clients.items() if row["counselor"] is None]
        for choice in product((None, *self.book.staff), repeat=len(asking)):
            chosen = {c: s for c, s in zip(asking, choice, strict=True) if s is not None}
            if self.book.may_counsel(chosen):
                yield chosen

    def plans(self) -> Iterator[Entries]:
        """Every plan that breaks no rule; raises `TooMany`."""
        stack: list[tuple[int, Entries]] = [(0, ())]
        while stack:
            at, plan = stack.pop()
            self.steps += 1
            if self.steps > self.most:
                raise TooMany
            if at == len(self.slots):
                if self.book.whole(plan):
                    yield plan
                continue
            for way in self.slots[at]:
                if self.joins(plan, way):
                    stack.append((at + 1, plan + way))

    def joins(self, plan: Entries, way: Entries) -> bool:
        """Whether what is added breaks nothing that no later addition could mend."""
        book = self.book
        if not all(book.together(a, b) for b in way for a in plan) or not all(
            book.together(*p) for p in combinations(way, 2)
        ):
            return False
        clients, staff = {c for e in way for c in e.clients}, {s for e in way for s in e.staff}
        more = plan + way
        return all(book.week(c, book.of(c, more), False) for c in clients) and all(
            book.bears(s, tuple(e for e in more if s in e.staff)) for s in staff
        )

    def best(self, order: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7)) -> tuple[Vector, Row] | None:
        """The best vector and a plan that has it; None where the pins or the past leave no plan."""
        found: tuple[Vector, Vector, Entries, dict[str, str]] | None = None
        for plan in self.plans():
            chosen = self.friendliest(plan)
            vector = self.worths.vector(plan, chosen)
            rank = tuple(vector[i] for i in order)
            if found is None or rank < found[0]:
                found = rank, vector, plan, chosen
        return None if found is None else (found[1], self.answer(found[2], found[3]))

    def friendliest(self, plan: Entries) -> dict[str, str]:
        """The counselors by whom the fewest sessions are with somebody else; nothing else depends on them."""
        if len(self.choices) == 1:
            return self.choices[0]
        own = {c: self.book.of(c, plan) for c in self.book.clients}
        worths = self.worths
        return min(
            self.choices, key=lambda chosen: sum(worths.faces(c, own[c], worths.counselor(c, chosen)) for c in own)
        )

    @staticmethod
    def answer(plan: Entries, counselors: dict[str, str]) -> Row:
        """The plan as JSON rows."""
        return {
            "groups": sorted((group_row(e) for e in plan if e.group), key=lambda row: row["id"]),
            "sessions": [
                session_row(e) for e in sorted(plan, key=lambda e: (e.clients, e.kind, e.start)) if not e.group
            ],
            "counselors": dict(sorted(counselors.items())),
        }


def group_row(e: Entry) -> Row:
    co = e.staff[1] if len(e.staff) > 1 else None
    members = sorted(e.clients)
    return {"id": e.group, "start": said(e.start), "room": e.room, "lead": e.staff[0], "co": co, "members": members}


def session_row(e: Entry) -> Row:
    return {"client": e.clients[0], "kind": e.kind, "start": said(e.start), "staff": e.staff[0], "room": e.room}
