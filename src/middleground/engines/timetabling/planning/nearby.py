"""Which part of the week to plan anew next: a handful of clients who meet, and groups whose people and rooms may change."""

from collections import defaultdict
from random import Random

from ..plan import Plan
from .frame import Frame, around
from .possible import Possible

LOOSE = 8  # groups near in time whose people and rooms may change too
HELPERS, OWN_VISITS, OTHER_VISITS = 3, 14, 5


class Nearby:
    """Draws frames of about `size` clients around something of the week. Deterministic for its `random`."""

    def __init__(self, possible: Possible, random: Random) -> None:
        self.possible, self.random = possible, random
        self.joinable: dict[str, list[str]] = {
            client: sorted({v.group for v in visits if v.group is not None})
            for client, visits in possible.visits.items()
        }
        self.eligible: dict[str, list[str]] = defaultdict(list)
        for client, groups in self.joinable.items():
            for group in groups:
                self.eligible[group].append(client)
        self.sessions = {c: [v for v in visits if v.group is None] for c, visits in possible.visits.items()}
        self.groups = [g for g in possible.clinic.groups if self.eligible[g]]
        self.clients = [c for c, visits in possible.visits.items() if visits]

    def pair(self, plan: Plan, size: int, needy: list[str]) -> list[Frame]:
        """Two frames that share no client."""
        one, two = self.draw(plan, size, needy), self.draw(plan, size, needy)
        others = [client for client in two.clients if client not in set(one.clients)]
        if len(others) < len(two.clients):
            two = around(self.possible, plan, others, two.loose)
            self.thin(two, plan)
        return [one, two]

    def draw(self, plan: Plan, size: int, needy: list[str]) -> Frame:
        """`needy`: those who could still gain."""
        changed = 6 if self.possible.clinic.repairs else 0
        ways = [self.of_a_change, self.of_a_group, self.of_somebody, self.of_a_series, self.of_a_clinician]
        way = self.random.choices([*ways, self.of_anybody], weights=(changed, 3, 5 if needy else 0, 3, 2, 1))[0]
        clients, loose = way(plan, size, needy)
        frame = around(self.possible, plan, clients, loose)
        self.thin(frame, plan)
        return frame

    def thin(self, frame: Frame, plan: Plan, with_own: int = OWN_VISITS, with_others: int = OTHER_VISITS) -> None:
        """Look at some of the 1:1 visits only: those booked, some with the own counselor, some with anybody."""
        clinic, chosen = self.possible.clinic, set(frame.clients)
        booked = {(row.client, row.kind, row.start) for row in plan.sessions}
        holding = {row.staff for row in plan.sessions if row.client in chosen}
        frame.helpers = frozenset({*holding, *self.some(sorted(clinic.staff), HELPERS)})
        frame.visits = {}
        for client in frame.clients:
            counselor = clinic.clients[client].counselor
            kept, own, others = [], [], []
            for visit in self.sessions[client]:
                if (client, visit.kind, visit.start) in booked:
                    kept.append(visit)
                elif counselor and self.possible.at_work(counselor, visit.start, visit.end, visit.place):
                    own.append(visit)
                else:
                    others.append(visit)
            frame.visits[client] = [
                *kept,
                *self.random.sample(own, min(len(own), with_own)),
                *self.random.sample(others, min(len(others), with_others)),
            ]

    def some(self, people: list[str], most: int) -> list[str]:
        return self.random.sample(people, min(len(people), most))

    def of_a_change(self, plan: Plan, size: int, needy: list[str]) -> tuple[set[str], set[str]]:
        """Those whose calendar differs from the plan in force, and what changed hands about the same time."""
        entries, moved = changes(self.possible.clinic.current or Plan(), plan)
        chosen = set(self.some(sorted(entries & set(self.clients)), size))
        if not chosen:
            return self.of_a_clinician(plan, size, needy)
        near = self.same_hours(plan, self.random.choice(sorted(moved))) if moved else set()
        return chosen, moved | near

    def of_a_group(self, plan: Plan, size: int, needy: list[str]) -> tuple[set[str], set[str]]:
        """Who sits in a group, and some who could."""
        if not self.groups:
            return set(self.some(self.clients, size)), set()
        group = self.random.choice(self.groups)
        sitting = [m for row in plan.groups if row.id == group for m in row.members]
        chosen = set(sitting)
        chosen |= set(self.some([c for c in self.eligible[group] if c not in chosen], max(2, size - len(chosen))))
        return chosen, self.same_hours(plan, group)

    def of_somebody(self, plan: Plan, size: int, needy: list[str]) -> tuple[set[str], set[str]]:
        """Somebody who could still gain, with those who sit where they could sit, and others who wait for the same."""
        client = self.random.choice(needy)
        groups = self.some(self.joinable[client], 3)
        rows = {row.id: row for row in plan.groups}
        chosen = {client}
        for group in groups:
            if group in rows:
                chosen |= set(self.some(list(rows[group].members), max(1, size // 4)))
            else:
                waiting = [c for c in self.eligible[group] if c in set(needy)]
                chosen |= set(self.some(waiting, size // 2))
                chosen |= set(self.some(self.eligible[group], size // 4))
        if len(chosen) < size:
            chosen |= set(self.some(needy, size - len(chosen)))
        return chosen, self.same_hours(plan, groups[0]) if groups else set()

    def of_a_series(self, plan: Plan, size: int, needy: list[str]) -> tuple[set[str], set[str]]:
        """The people of one track; its groups may get other leaders and rooms."""
        series = sorted({g.series for g in self.possible.clinic.groups.values() if g.series})
        if not series:
            return self.of_anybody(plan, size, needy)
        name = self.random.choice(series)
        own = [g.id for g in self.possible.clinic.groups.values() if g.series == name]
        sitting = sorted({m for row in plan.groups if row.id in own for m in row.members})
        chosen = set(self.some(sitting, size))
        waiting = sorted({c for group in own for c in self.eligible[group]} - chosen)
        chosen |= set(self.some(waiting, max(0, size - len(chosen))))
        return chosen, set(own)

    def of_a_clinician(self, plan: Plan, size: int, needy: list[str]) -> tuple[set[str], set[str]]:
        """The sessions of one clinician and one colleague; the groups of both may change hands."""
        staff = set(self.some(sorted(self.possible.clinic.staff), 2))
        seen = sorted({row.client for row in plan.sessions if row.staff in staff})
        own = {row.id for row in plan.groups if row.lead in staff or row.co in staff}
        chosen = set(self.some(seen, size))
        chosen |= set(self.some(needy or self.clients, max(0, size - len(chosen))))
        return chosen, own

    def of_anybody(self, plan: Plan, size: int, needy: list[str]) -> tuple[set[str], set[str]]:
        return set(self.some(self.clients, size)), set()

    def same_hours(self, plan: Plan, group: str) -> set[str]:
        """Some groups that run on the days and near the hours at which this one could."""
        starts = [opening.start for opening in self.possible.of_group[group]]
        near = [row.id for row in plan.groups if any(abs(row.start - start) <= 180 for start in starts)]
        return set(self.some(sorted(near), LOOSE))


def changes(before: Plan, after: Plan) -> tuple[set[str], set[str]]:
    """The clients whose entries differ, and the groups that were led, assisted or housed otherwise before."""
    was, now = calendar(before), calendar(after)
    rows = {row.id: row for row in before.groups}
    people = {entry[0] for entry in was ^ now}
    known = [row for row in after.groups if row.id in rows]
    hands = ((row, rows[row.id]) for row in known)
    return people, {new.id for new, old in hands if (new.lead, new.co, new.room) != (old.lead, old.co, old.room)}


def calendar(plan: Plan) -> set[tuple[str, str, int, str]]:
    seats = {(member, row.id, row.start, "") for row in plan.groups for member in row.members}
    return seats | {(row.client, row.kind, row.start, row.staff) for row in plan.sessions}
