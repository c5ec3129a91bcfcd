"""The eight levels of the contract, as plainly as they can be put. Nothing of the engine is used."""

from collections import defaultdict
from functools import cache, cached_property

from .rulebook import QUARTER, Entries, Entry, Row, Rulebook, covers, quarters

Vector = tuple[int, ...]


class Worths:
    def __init__(self, book: Rulebook) -> None:
        self.book = book
        for asked_often in (self.part, self.faces):
            setattr(self, asked_often.__name__, cache(asked_often))

    def vector(self, entries: Entries, counselors: dict[str, str]) -> Vector:
        book = self.book
        parts = [self.part(c, book.of(c, entries)) for c in book.clients]
        below, short, missing, wish, idle = (sum(part[i] for part in parts) for i in range(5))
        faces = sum(self.faces(c, book.of(c, entries), self.counselor(c, counselors)) for c in book.clients)
        leads = sum(2 * (len(found) - 1) for found in self.leaders(entries).values())
        return below, short, missing, self.changes(entries), faces + leads, wish, idle, self.load(entries)

    def counselor(self, client: str, chosen: dict[str, str]) -> str | None:
        return self.book.clients[client]["counselor"] or chosen.get(client)

    def part(self, client: str, own: Entries) -> Vector:
        """Levels 1, 2, 3, 6 and 7 of one client; in a repair only what the event took away counts of the first three."""
        row, book = self.book.clients[client], self.book
        target, lacked, owed = row["prescribed"], 0, True
        if book.repair and book.current and client not in book.joined:
            had = book.of(client, book.before)
            target = min(target, sum(e.minutes for e in had))
            lacked, owed = self.missing(row, had), self.billable(row, had)
        short = max(0, target - sum(e.minutes for e in own))
        below = int(owed and not self.billable(row, own))
        return below, short, max(0, self.missing(row, own) - lacked), self.cost(row, own), self.idle(own)

    @staticmethod
    def billable(row: Row, own: Entries) -> bool:
        payer = row["payer"]
        return sum(e.minutes for e in own) >= payer["minutes"] and len({e.day for e in own}) >= payer["days"]

    @staticmethod
    def missing(row: Row, own: Entries) -> int:
        groups = [e.kind for e in own if e.group]
        lack = sum(max(0, m.get("min", 0) - sum(covers(m["kind"], k) for k in groups)) for m in row["mix"])
        for wish in row["sessions"]:
            placed = sum(e.kind == wish["kind"] and not e.group for e in own)
            lack += max(0, wish["count"] - placed) if wish["required"] else 0
        return lack

    @staticmethod
    def cost(row: Row, own: Entries) -> int:
        held = [q for e in own for q in e.held]
        return sum(f.get("cost", 0) * len(quarters([f["at"]]) & set(held)) for f in row["free"])

    @staticmethod
    def idle(own: Entries) -> int:
        total = 0
        for day in {e.day for e in own}:
            held = {q for e in own if e.day == day for q in e.held}
            waiting = max(held) - min(held) + 1 - len(held)
            total += waiting + 8 * (waiting >= 8)
        return total

    def faces(self, client: str, own: Entries, counselor: str | None) -> int:
        """The client's part of level 5."""
        others = sum(counselor not in e.staff for e in own if not e.group)
        series = {self.book.groups[e.group].get("series") for e in own if e.group} - {None}
        return 3 * others + (5 if own and counselor is None else 0) + max(0, len(series) - 1)

    def leaders(self, entries: Entries) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for e in entries:
            if e.group and self.book.groups[e.group].get("series"):
                found[self.book.groups[e.group]["series"]].add(e.staff[0])
        return found

    @cached_property
    def had(self) -> dict[tuple[str, str, int], Entry]:
        return {(c, e.key, e.start): e for e in self.book.before for c in e.clients}

    def changes(self, entries: Entries) -> int:
        """Level 4."""
        if not self.book.current:
            return 0
        people = {client for client, _, _ in self.had}
        now = {(c, e.key, e.start): e for e in entries for c in e.clients if c in people}
        total = sum(4 for key in self.had if key not in now) + sum(1 for key in now if key not in self.had)
        for key, was in self.had.items():
            if key in now and not was.group:
                total += 2 * (now[key].staff != was.staff) + (now[key].room != was.room)
        for was in (e for e in self.book.before if e.group):
            for e in entries:
                if (e.group, e.start) == (was.group, was.start):
                    total += 2 * (e.staff[0] != was.staff[0]) + (e.staff[1:] != was.staff[1:]) + (e.room != was.room)
        return total

    def load(self, entries: Entries) -> int:
        shares = [
            -(-100 * QUARTER * sum(len(e.held) for e in entries if s in e.staff) // row["max_week"])
            for s, row in self.book.staff.items()
        ]
        return max(shares, default=0)
