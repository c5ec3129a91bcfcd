"""One client's week inside the model: the rules of H10 to H13 and the client's share of the levels."""

from collections import defaultdict
from typing import Any

from ortools.sat.python import cp_model

from ..clinic import Client, Clinic, Mix, within
from ..times import CELL, DAY, TELEHEALTH
from ..worth import SPLIT
from .possible import Visit

Literal = Any
Booked = list[tuple[Visit, Literal]]


class ClientWeek:
    """`met`, `minutes`, `days` and `lacking` as expressions over the client's visits; `day` by weekday."""

    def __init__(self, cp: cp_model.CpModel, clinic: Clinic, client: Client, visits: Booked) -> None:
        self.cp, self.clinic, self.client, self.visits = cp, clinic, client, visits
        self.groups = [(v, lit) for v, lit in visits if v.group is not None]
        self.sessions = [(v, lit) for v, lit in visits if v.group is None]
        self.day: dict[int, Literal] = {}
        self.minutes = sum(v.minutes * lit for v, lit in visits)
        self.one_place_at_a_time()
        for day in sorted({v.day for v, _ in visits}):
            self.a_day(day, [(v, lit) for v, lit in visits if v.day == day])
        self.days = sum(self.day.values())
        self.a_week()
        self.kinds()

    def one_place_at_a_time(self) -> None:
        for at in sorted({v.start for v, _ in self.visits}):
            now = [lit for v, lit in self.visits if v.start <= at < v.end]
            if len(now) > 1:
                self.cp.add_at_most_one(now)

    def a_day(self, day: int, visits: Booked) -> None:
        """H12 for a day, and H10."""
        client, cp = self.client, self.cp
        on = self.day[day] = cp.new_bool_var("")
        lits = [lit for _, lit in visits]
        for lit in lits:
            cp.add_implication(lit, on)
        cp.add_bool_or([*lits, ~on])
        minutes = sum(v.minutes * lit for v, lit in visits)
        least, shortest = 0 if self.clinic.repairs else client.day_least, min(v.minutes for v, _ in visits)
        cp.add(minutes <= client.day_most * on)
        if least > shortest:
            cp.add(minutes >= least * on)
        cp.add(sum(lits) <= client.day_most // shortest * on)
        groups = [(v.minutes, lit) for v, lit in visits if v.group is not None]
        if groups:
            most = client.day_most // min(minutes for minutes, _ in groups)
            cp.add(sum(lit for _, lit in groups) <= most * on)
        self.on_the_way(visits)

    def on_the_way(self, visits: Booked) -> None:
        """H10: time to get from one place to the other."""
        places: dict[str, Booked] = defaultdict(list)
        for visit, lit in visits:
            places[visit.place].append((visit, lit))
        names = sorted(places)
        for i, one in enumerate(names):
            for two in names[i + 1 :]:
                way = self.clinic.between(self.client, one, two)
                if way >= DAY:
                    self.not_both(places[one], places[two])
                elif way:
                    self.apart_by(way, places[one], places[two])

    def not_both(self, one: Booked, two: Booked) -> None:
        which = self.cp.new_bool_var("")
        for _, lit in one:
            self.cp.add_implication(lit, which)
        for _, lit in two:
            self.cp.add_implication(lit, ~which)

    def apart_by(self, way: int, one: Booked, two: Booked) -> None:
        for a, lit in one:
            for b, other in two:
                overlap = a.start < b.end and b.start < a.end
                if not overlap and b.start < a.end + way and a.start < b.end + way:
                    self.cp.add_bool_or(~lit, ~other)

    def a_week(self) -> None:
        """H12 for the week."""
        client, cp = self.client, self.cp
        if not self.visits:
            return
        cp.add(self.days <= client.days_max)
        cp.add(self.minutes <= client.max_week)
        distant = [(v.minutes, lit) for v, lit in self.visits if v.place == TELEHEALTH]
        if sum(minutes for minutes, _ in distant) > client.telehealth_max:
            cp.add(sum(minutes * lit for minutes, lit in distant) <= client.telehealth_max)
            shortest = min(minutes for minutes, _ in distant)
            cp.add(sum(lit for _, lit in distant) <= client.telehealth_max // shortest)

    def kinds(self) -> None:
        """H11 for topics, H13, and what is missing of the mix and of the required sessions (level 3)."""
        topics: dict[str, list[Literal]] = defaultdict(list)
        for visit, lit in self.groups:
            if "/" in visit.kind:
                topics[visit.kind].append(lit)
        for lits in topics.values():
            if len(lits) > 1:
                self.cp.add_at_most_one(lits)
        self.missing = [gap for rule in self.client.mix if (gap := self.mix(rule)) is not None]
        for wish in self.client.sessions:
            lits = [lit for v, lit in self.sessions if v.kind == wish.kind]
            if len(lits) > wish.count:
                self.cp.add(sum(lits) <= wish.count)
            if wish.required and wish.count:
                self.missing.append(self.short_of(wish.count, lits))
        self.lacking: Any = sum(self.missing)

    def mix(self, rule: Mix) -> Any | None:
        lits = [lit for v, lit in self.groups if within(v.kind, rule.kind)]
        if rule.most is not None and len(lits) > rule.most:
            self.cp.add(sum(lits) <= rule.most)
        return self.short_of(rule.least, lits) if rule.least else None

    def short_of(self, wanted: int, lits: list[Literal]) -> Any:
        gap = self.cp.new_int_var(0, wanted, "")
        self.cp.add(gap >= wanted - sum(lits))
        return gap

    def meets(self) -> Literal:
        """A literal that may be true only in a week that the payer's rule accepts (level 1)."""
        met = self.cp.new_bool_var("")
        self.cp.add(self.minutes >= self.client.payer_minutes * met)
        self.cp.add(self.days >= self.client.payer_days * met)
        self.cp.add(self.minutes >= self.reachable(self.client.payer_minutes) * met)
        return met

    def reachable(self, minutes: int) -> int:
        """The smallest sum of whole groups and sessions that is at least `minutes` (a lift of the payer's rule)."""
        lengths = {v.minutes for v, _ in self.visits if v.minutes}
        most = min(self.client.max_week, minutes + max(lengths, default=0), sum(v.minutes for v, _ in self.visits))
        sums = 1  # bit n: n minutes can be had
        for length in lengths:
            step = length
            while step <= most:
                sums |= sums << step
                step *= 2
            sums &= (1 << most + 1) - 1
        beyond = sums >> minutes
        return minutes + (beyond & -beyond).bit_length() - 1 if beyond else minutes

    def short(self, prescribed: int) -> Any:
        """Minutes short of what is prescribed (level 2)."""
        gap = self.cp.new_int_var(0, max(0, prescribed), "")
        self.cp.add(gap >= prescribed - self.minutes)
        return gap

    def waits(self, *, as_ways: bool = False) -> list[Any]:
        """The idle quarter hours of each day, 8 more when they are 8 or more (level 7). `as_ways`: with a literal for each
        booking after another, which is larger and gives a better bound."""
        found = []
        for day, on in self.day.items():
            visits = [(v, lit) for v, lit in self.visits if v.day == day]
            if len(visits) > 1:
                found.append(self.way(visits, on) if as_ways else self.wait(visits, on))
        return found

    def way(self, visits: Booked, on: Literal) -> Any:
        """A day as a way from its first booking to its last."""
        cp = self.cp
        ins: list[list[Literal]] = [[cp.new_bool_var("")] for _ in visits]
        outs: list[list[Literal]] = [[cp.new_bool_var("")] for _ in visits]
        cp.add(sum(each[0] for each in ins) == on)
        gap: Any = 0
        longest, split = 0, cp.new_bool_var("")
        for i, (one, _) in enumerate(visits):
            for j, (two, _) in enumerate(visits):
                if one.end > two.start:
                    continue
                step, cells = cp.new_bool_var(""), (two.start - one.end) // CELL
                outs[i].append(step)
                ins[j].append(step)
                gap += cells * step
                longest += cells
                if cells >= SPLIT:
                    cp.add_implication(step, split)
        for (_, lit), into, out in zip(visits, ins, outs, strict=True):
            cp.add(sum(into) == lit)
            cp.add(sum(out) == lit)
        if longest >= SPLIT:
            cp.add(gap <= SPLIT - 1 + longest * split)
        return gap + SPLIT * split

    def wait(self, visits: Booked, on: Literal) -> Any:
        cp, low = self.cp, min(v.start for v, _ in visits) // CELL
        high = max(v.end for v, _ in visits) // CELL
        first, last = cp.new_int_var(low, high, ""), cp.new_int_var(low, high, "")
        gap, split = cp.new_int_var(0, high - low, ""), cp.new_bool_var("")
        for visit, lit in visits:
            cp.add(first <= visit.start // CELL).only_enforce_if(lit)
            cp.add(last >= visit.end // CELL).only_enforce_if(lit)
        cp.add(gap >= last - first - sum((v.end - v.start) // CELL * lit for v, lit in visits))
        cp.add(gap <= SPLIT - 1 + (high - low) * split)
        return gap + SPLIT * split
