"""What booking a planned week as a whole would do, group by group and person by person, and what of it can't be said.

A plan is about one week, a weekly group about every week from then on. Where a group stands elsewhere in the planned week than
it always does, what the plan says of that is left alone and told, or keeps the plan from being booked.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from middleground.clinic.models import User
from middleground.engines.timetabling.times import CELL, DAY, moment
from middleground.program.models import Group

from .changes import Change, number
from .moving import place_of
from .plan_facts import PlanFacts
from .proposed import Proposal

Row = dict[str, Any]
PARTS = {"room": "its room", "lead": "who leads it", "co": "who co-leads it"}
FIELDS = {"room": "room", "lead": "leader", "co": "co_leader"}


@dataclass
class Whole:
    """`moves`: group -> the place it goes to (weekday, start, room, leader, co_leader). `stops`: groups held no more. `joins` and
    `leaves`: client -> groups. `talks`: appointments of the planned week. `stays`: parts of the plan that are left as they are,
    in words; `blocked`: what keeps it from being booked. `along`: who goes with a moved group; `kept`: whoever is in a group then,
    of the plan or beside it. `counselors`: client -> who becomes their primary counselor."""

    groups: dict[int, Group]
    moves: dict[int, Row] = field(default_factory=dict)
    stops: list[int] = field(default_factory=list)
    joins: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    leaves: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    talks: list[Change] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    along: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    counselors: dict[int, User] = field(default_factory=dict)

    @property
    def people(self) -> set[int]:
        """Clients whose groups or appointments are others then, beside those who go `along` with a group."""
        return {*self.joins, *self.leaves, *(number(each.client) or 0 for each in self.talks)}

    @property
    def touched(self) -> set[int]:
        """Everybody whose calendar changes."""
        return self.people | self.along

    @property
    def changed_groups(self) -> set[int]:
        return {
            *self.moves,
            *self.stops,
            *(pk for of in (self.joins, self.leaves) for held in of.values() for pk in held),
        }

    @property
    def without(self) -> int:
        """How many lose groups and are given none instead."""
        return sum(pk not in self.joins and pk not in self.kept for pk in self.leaves)

    @property
    def anything(self) -> bool:
        return bool(self.changed_groups or self.talks or self.counselors)


def whole(proposal: Proposal, facts: PlanFacts | None = None) -> Whole:
    """From the proposal and what stands now (`facts`, where they are read already)."""
    booked, facts = set(proposal.done.get("booked", ())), facts or PlanFacts(proposal)
    answer, current = facts.answer, facts.current
    made = Whole(facts.groups)
    made.kept = {*facts.beside, *(number(name) or 0 for row in answer["groups"] for name in row["members"])}
    made.counselors = {client: user for client, user in facts.to_give.items() if client not in booked}
    for each in facts.changes:
        if each.client is None:
            of_group(made, each, proposal, booked)
        elif number(each.client) not in booked:
            made.talks.append(each)
    held = {row["id"] for row in current["groups"]}
    for row in answer["groups"]:
        if row["id"] not in held:
            made.blocked.append(
                "The plan opens a group that isn't held that week. Open it on the groups page, then plan again."
            )
    return made


def of_group(made: Whole, each: Change, proposal: Proposal, booked: set[int]) -> None:
    pk = number(each.about) or 0
    group = made.groups.get(pk)
    if group is None or not group.track.active or (group.ends_on and group.ends_on < proposal.monday):
        made.blocked.append(f"{group.title if group else 'A group'} no longer runs. Plan the week again.")
        return
    if each.off:
        made.stops.append(pk)
    else:
        place(made, each, group)
    for name in each.gained:
        note(made.joins, name, pk, booked)
    for name in (*each.lost, *(each.stay if each.off else ())):
        note(made.leaves, name, pk, booked)
    if pk in made.moves:
        made.along |= {number(name) or 0 for name in each.stay}


def note(of: dict[int, list[int]], name: str, group: int, booked: Iterable[int]) -> None:
    client = number(name) or 0
    if client not in booked:
        of[client].append(group)


def place(made: Whole, each: Change, group: Group) -> None:
    """Where the group goes, as far as the plan is about where it always is."""
    was, now = each.was or {}, each.now or {}
    stands = {**place_of(group), "co_leader": group.co_leader_id}
    wanted = dict(stands)
    usual = moment(was["start"]) == group.weekday * DAY + quarter(group)
    if each.moved and not usual:
        made.blocked.append(
            f"{group.title} was moved on its own in that week, so its weekly time can't be planned from it. "
            "Plan another week, or move the group on the week board."
        )
        return
    if not usual and (each.gained or each.lost):
        made.stays.append(
            f"{group.title} is held at another time in that week; whoever joins comes at its usual time after it."
        )
    if each.moved:
        start = moment(now["start"])
        wanted |= {"weekday": start // DAY, "start": f"{start % DAY // 60:02d}:{start % 60:02d}"}
    for key, name in FIELDS.items():
        if not each.differs(key):
            continue
        if number(was[key]) != stands[name]:
            made.stays.append(f"{group.title}: {PARTS[key]} is another in that week only; that stays as it is.")
        else:
            wanted[name] = number(now[key])
    if wanted != stands:
        made.moves[group.pk] = wanted


def quarter(group: Group) -> int:
    """The quarter hour in which it begins, as the plan knows it."""
    return (group.start_time.hour * 60 + group.start_time.minute) // CELL * CELL
