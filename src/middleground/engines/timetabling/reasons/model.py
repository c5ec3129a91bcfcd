"""One client's week as a small 0-1 model with one literal for each constraint that can be lifted (CP-SAT, one worker)."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Any, TypedDict, Unpack

from ..clinic import within
from ..offering.cells import bits
from ..offering.packing import wishes
from ..times import CELL, DAY, TELEHEALTH
from ..until import TimeUp
from .constraints import family, in_order
from .possible import Bookable, Possible

MUCH = 10 * DAY  # more minutes than any week
MUCH_TIME = 1e6  # seconds, no end
HEARING = 0.05  # seconds between two looks at the clock


@dataclass(frozen=True, slots=True)
class Found:
    """An answer of the model: its minutes, what is lifted, the bookings."""

    minutes: int
    lifted: frozenset[str]
    booked: tuple[Possible, ...]


class Asked(TypedDict, total=False):
    """`target`: least minutes. `most`: at most one constraint lifted; `lifted`: at most so many. What is best: the most
    `minutes`, the most `worth` lifted, the `first` of these lifted as early as can be, or the fewest `families` lifted."""

    target: int
    most: bool
    lifted: int
    minutes: bool
    worth: Mapping[str, int]
    first: list[str]
    families: bool


class WeekModel:
    """`solve` asks it; every question is exact. Literals of constraints that change nothing are left out."""

    def __init__(self, bookable: Bookable) -> None:
        from ortools.sat.python import cp_model

        self.cp = cp_model
        self.bookable, self.client, self.until = bookable, bookable.client, bookable.until
        self.best: Found | None = None
        self.model = cp_model.CpModel()
        self.possible = bookable.all
        self.taken = [self.model.new_bool_var("") for _ in self.possible]
        general = ("telehealth", "days", "day:min", "day:max", "week", "topics")
        names = {name for each in self.possible for clause in each.needs for name in clause}
        ways = {f"travel:{site}" for site, minutes in self.client.travel.items() if minutes}
        self.names = in_order(names | ways | set(general))
        self.lits = {name: self.model.new_bool_var("") for name in self.names}
        self.days = [self.model.new_bool_var("") for _ in range(7)]
        self.sums = Sums(bookable)
        self.minutes = sum(each.minutes * x for each, x in self.pairs())
        self.needs()
        self.one_at_a_time()
        self.ways()
        self.amounts()
        self.kinds()

    def pairs(self) -> Iterable[tuple[Possible, Any]]:
        return zip(self.possible, self.taken, strict=True)

    def needs(self) -> None:
        for each, x in self.pairs():
            self.until.ask()
            for clause in each.needs:
                self.model.add_bool_or([x.negated(), *(self.lits[name] for name in clause)])
            self.model.add_implication(x, self.days[each.day])

    def one_at_a_time(self) -> None:
        """No two things in one quarter hour, and a group at one of its starts."""
        cells: dict[int, list[Any]] = defaultdict(list)
        groups: dict[str, list[Any]] = defaultdict(list)
        for each, x in self.pairs():
            for cell in range(each.start // CELL, each.end // CELL):
                cells[cell].append(x)
            if each.group is not None:
                groups[each.group].append(x)
        for several in (*cells.values(), *groups.values()):
            if len(several) > 1:
                self.model.add_at_most_one(several)

    def ways(self) -> None:
        """H10 between places: a day at one of two that can't be combined, or time enough between bookings."""
        by_day: dict[tuple[int, str], list[int]] = defaultdict(list)
        for i, each in enumerate(self.possible):
            by_day[each.day, each.place].append(i)
        there = {key: self.model.new_bool_var("") for key in by_day}
        for key, several in by_day.items():
            for i in several:
                self.model.add_implication(self.taken[i], there[key])
        for (day, one), first in by_day.items():
            for (other, two), second in by_day.items():
                if day != other or one >= two:
                    continue
                gap = self.bookable.clinic.between(self.client, one, two)
                if gap >= DAY:
                    self.model.add_at_most_one(there[day, one], there[day, two])
                elif gap:
                    self.until.ask()
                    self.apart_by(gap, first, second, self.way(one, two))

    def way(self, one: str, two: str) -> list[Any]:
        """The literal that makes the way between home and a site none."""
        site = one if two == TELEHEALTH else two if one == TELEHEALTH else None
        lit = self.lits.get(f"travel:{site}")
        return [] if lit is None else [lit]

    def apart_by(self, gap: int, first: list[int], second: list[int], unless: list[Any]) -> None:
        for i in first:
            self.until.ask()
            a = self.possible[i]
            for j in second:
                b = self.possible[j]
                near = a.start < b.end + gap and b.start < a.end + gap
                if near and not (a.start < b.end and b.start < a.end):
                    self.model.add_bool_or([self.taken[i].negated(), self.taken[j].negated(), *unless])

    def amounts(self) -> None:
        """H12."""
        client, lits = self.client, self.lits
        for day in range(7):
            minutes = sum(each.minutes * x for each, x in self.pairs() if each.day == day)
            self.model.add(minutes >= client.day_least * self.days[day] - MUCH * lits["day:min"])
            self.model.add(minutes <= self.sums.down(client.day_most) + MUCH * lits["day:max"])
        self.model.add(sum(self.days) <= client.days_max + 7 * lits["days"])
        self.model.add(self.minutes <= self.sums.down(client.max_week) + MUCH * lits["week"])
        home = sum(each.minutes * x for each, x in self.pairs() if each.place == TELEHEALTH)
        self.model.add(home <= client.telehealth_max + MUCH * lits["telehealth"])

    def kinds(self) -> None:
        """H11's one topic once, and H13."""
        topics: dict[str, list[Any]] = defaultdict(list)
        for each, x in self.pairs():
            if each.group is not None and "/" in each.kind:
                topics[each.kind].append(x)
        for several in topics.values():
            if len(several) > 1:
                self.model.add(sum(several) <= 1 + MUCH * self.lits["topics"])
        for rule in self.client.mix:
            if rule.most is not None:
                of_kind = [x for each, x in self.pairs() if each.group is not None and within(each.kind, rule.kind)]
                self.model.add(sum(of_kind) <= rule.most + MUCH * self.lits["topics"])
        for wish in wishes(self.client):
            slots = [x for each, x in self.pairs() if each.group is None and each.kind == wish.kind]
            self.model.add(sum(slots) <= wish.count)

    # ------------------------------------------------------------ asking
    def solve(self, fixed: Mapping[str, bool], **asked: Unpack[Asked]) -> Found | None:
        """The best answer to a question, with `fixed` lifted (True) or enforced (False); None when there is none.

        Raises `TimeUp` when it is not known in time; `best` is then the best answer found, None without any.
        """
        self.best = None
        while True:
            self.until.ask()
            found = self.ask(fixed, asked)
            if found is None or not self.cut(found):
                return found

    def ask(self, fixed: Mapping[str, bool], asked: Asked) -> Found | None:
        model = self.model.clone()
        var = model.get_bool_var_from_proto_index
        lits = {name: var(lit.index) for name, lit in self.lits.items()}
        for name, lifted in fixed.items():
            model.add(lits[name] == int(lifted))
        total = sum(each.minutes * var(x.index) for each, x in self.pairs())
        if "target" in asked:
            model.add(total >= self.sums.up(asked["target"]))
        if asked.get("most"):
            model.add_at_most_one(lits.values())
        if "lifted" in asked:
            model.add(sum(lits.values()) <= asked["lifted"])
        if asked.get("minutes"):
            model.maximize(total)
        elif "worth" in asked:
            model.maximize(sum(weight * lits[name] for name, weight in asked["worth"].items()))
        elif "first" in asked:
            ahead = [lits[name] for name in asked["first"]]
            model.minimize(sum(i * lit for i, lit in enumerate(ahead)) if asked.get("most") else earliest(model, ahead))
        elif asked.get("families"):
            model.minimize(whole_families(model, lits))
        return self.answer(model, lits)

    def answer(self, model: Any, lits: dict[str, Any]) -> Found | None:
        solver = self.cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.linearization_level = 2  # days as knapsacks: far quicker proofs
        status = self.in_time(solver, model)
        if status == self.cp.INFEASIBLE:
            return None
        if status == self.cp.UNKNOWN:
            raise TimeUp
        var = model.get_bool_var_from_proto_index
        booked = tuple(each for each, x in self.pairs() if solver.boolean_value(var(x.index)))
        lifted = frozenset(name for name, lit in lits.items() if solver.boolean_value(lit))
        found = Found(sum(each.minutes for each in booked), lifted, booked)
        if status == self.cp.FEASIBLE:
            self.best = found if self.stands(found) else None
            raise TimeUp
        return found

    def in_time(self, solver: Any, model: Any) -> Any:
        """Solve; somebody who asks to stop is heard meanwhile."""
        if self.until.endless:
            return solver.solve(model)
        solver.parameters.max_time_in_seconds = min(MUCH_TIME, self.until.seconds)
        if self.until.work is not None:
            solver.parameters.max_deterministic_time = self.until.left
        solver.parameters.catch_sigint_signal = False
        status: list[Any] = []
        solving = Thread(target=lambda: status.append(solver.solve(model)), daemon=True)
        solving.start()
        while solving.is_alive():
            solving.join(HEARING)
            if self.until.due:
                solver.stop_search()
        cut = status[0] not in (self.cp.OPTIMAL, self.cp.INFEASIBLE)
        self.until.spend(solver.response_proto.deterministic_time, cut)
        return status[0]

    def stands(self, found: Found) -> bool:
        """Whether clinicians can be found for the sessions, as far as that is quickly known."""
        slots = [each for each in found.booked if each.group is None]
        try:
            return self.bookable.can_be_held(slots, found.lifted)
        except TimeUp:
            return False

    def cut(self, found: Found) -> bool:
        """Whether the sessions are too much for those who would hold them (H6); then this set is ruled out."""
        slots = [each for each in found.booked if each.group is None]
        if len(slots) < 2 or self.bookable.can_be_held(slots, found.lifted):
            return False
        taken = [x for each, x in self.pairs() if each in slots]
        unless = [
            self.lits[name] for name in ("language", "counselor") if name in self.lits and name not in found.lifted
        ]
        self.model.add_bool_or([*(x.negated() for x in taken), *unless])
        return True


class Sums:
    """The minutes that groups and wished sessions can add up to: limits between two sums are as good as the sum."""

    def __init__(self, bookable: Bookable) -> None:
        found, week = 1, (1 << MUCH) - 1  # a bit for each sum
        for wish in wishes(bookable.client):
            for _ in range(min(wish.count, MUCH // wish.minutes)):
                found |= (found & week) << wish.minutes
        for minutes in {each.minutes for each in bookable.all if each.group is not None}:
            reach = minutes
            while reach < MUCH:
                found |= (found & week) << reach
                reach *= 2
        self.sorted = list(bits(found))

    def down(self, minutes: int) -> int:
        """The largest sum up to so many minutes."""
        return self.sorted[max(0, bisect_right(self.sorted, minutes) - 1)]

    def up(self, minutes: int) -> int:
        """The smallest sum of at least so many minutes."""
        at = bisect_left(self.sorted, minutes)
        return self.sorted[at] if at < len(self.sorted) else minutes


def earliest(model: Any, lits: list[Any]) -> Any:
    """The place of one lifted literal; made small it is that of the first."""
    picked = [model.new_bool_var("") for _ in lits]
    for one, lit in zip(picked, lits, strict=True):
        model.add_implication(one, lit)
    model.add_exactly_one(picked)
    return sum(i * one for i, one in enumerate(picked))


def whole_families(model: Any, lits: dict[str, Any]) -> Any:
    """How many families have anything lifted."""
    found: dict[str, Any] = {}
    for name, lit in lits.items():
        kin = (
            found.setdefault(family(name), model.new_bool_var("")) if family(name) not in found else found[family(name)]
        )
        model.add_implication(lit, kin)
    return sum(found.values())
