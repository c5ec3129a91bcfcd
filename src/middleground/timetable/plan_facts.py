"""What stands beside a planned week by now: who has a counselor, and which groups people are in that are no part of the plan.

Read whole, each part once and when it is asked for, in three statements; names of clients pass the gate elsewhere.
"""

from collections import defaultdict
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import CharField, Q, QuerySet, Value

from middleground.clinic.models import User
from middleground.kernel.context import everything
from middleground.program.models import Group, Membership
from middleground.records.models import KeptApart

from .changes import Change, changes, number
from .instance import COUNSELOR
from .proposed import Proposal
from .standing import WEEK, counselors

GIVEN, SHUT, BESIDE = "counselor", "apart", "group"


class Chosen(NamedTuple):
    """The counselor a plan chooses for a client who had none. `theirs`: they are their primary counselor already."""

    user: User
    theirs: bool


class PlanFacts:
    """Of a proposal that is a planned week."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        self.answer, self.current = proposal.answers["plan"], proposal.standing["current"]
        self.changes = changes(proposal.standing, self.answer)

    @cached_property
    def wanted(self) -> dict[int, int]:
        """Client -> the counselor the plan chose, of those who have anything in its week."""
        there = {name for row in self.answer["groups"] for name in row["members"]}
        there |= {row["client"] for row in self.answer["sessions"]}
        given = self.answer.get("counselors", {})
        return {number(client) or 0: number(user) or 0 for client, user in sorted(given.items()) if client in there}

    @cached_property
    def changed(self) -> set[int]:
        """Clients with other groups or appointments."""
        names = {name for each in self.changes for name in (each.client, *each.gained, *each.lost)}
        names |= {name for each in self.changes if each.off for name in each.stay}
        return {number(name) or 0 for name in names if name}

    @cached_property
    def staff(self) -> dict[int, User]:
        names = {number(name) or 0 for each in self.changes for name in each.staff}
        return User.objects.in_bulk(names | set(self.wanted.values()))

    @cached_property
    def groups(self) -> dict[int, Group]:
        """Those of the plan, of the plan in force, and beside them."""
        ids = self.planned | {number(row["id"]) or 0 for row in self.answer["groups"]}
        ids |= {group for _, group in self.rows[BESIDE]}
        return Group.objects.select_related("track", "room", "leader", "co_leader").in_bulk(ids)

    @cached_property
    def planned(self) -> set[int]:
        return {number(row["id"]) or 0 for row in self.current["groups"]}

    @cached_property
    def rows(self) -> dict[str, list[tuple[int, int]]]:
        """Client and counselor, client and whom they must not meet, client and group beside the plan: by sort."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        if not (self.changed or self.wanted):
            return found
        first, after = self.proposal.monday, self.proposal.monday + WEEK
        with everything("what stands beside a plan"):
            inside = QuerySet(Membership).filter(client__in=self.changed | self.wanted.keys(), session=None)
            inside = inside.filter(Q(until=None) | Q(until__gte=after), since__lt=after).exclude(group__in=self.planned)
            inside = inside.filter(Q(group__ends_on=None) | Q(group__ends_on__gte=first))
            shut = QuerySet(KeptApart).filter(client__in=self.wanted, until=None).exclude(staff=None)
            given = counselors(self.wanted, first)
            three = told(given, GIVEN, "user").union(told(shut, SHUT, "staff"), told(inside, BESIDE, "group"), all=True)
            for sort, client, other, *_ in sorted(three, key=lambda row: row[3:]):
                found[sort].append((client, other))
        return found

    @cached_property
    def counselors(self) -> dict[int, Chosen]:
        """By client. Left out: who has somebody else by now, and a choice that can't be carried out (who no longer works as
        counselor, or must not meet the client)."""
        has, shut = dict(self.rows[GIVEN]), set(self.rows[SHUT])
        return {
            client: Chosen(self.staff[user], client in has)
            for client, user in self.wanted.items()
            if has.get(client, user) == user and (client, user) not in shut and counsels(self.staff.get(user))
        }

    @property
    def to_give(self) -> dict[int, User]:
        """Client -> who becomes their primary counselor when their week is booked."""
        return {client: each.user for client, each in self.counselors.items() if not each.theirs}

    @cached_property
    def beside(self) -> dict[int, list[Group]]:
        """Client -> groups they stay in that are no part of the plan: of other sites, not held that week, or left out of it (their
        leader is away, say)."""
        found: dict[int, list[Group]] = defaultdict(list)
        for client, group in self.rows[BESIDE]:
            found[client].append(self.groups[group])
        return found

    def bookable(self, client: int) -> bool:
        """Whether there is a week to book: they are in a group with it, of the plan or beside it, or had none and get something."""
        had, has = (any(f"c{client}" in row["members"] for row in of["groups"]) for of in (self.current, self.answer))
        return has or client in self.beside or (not had and client in self.changed | self.to_give.keys())

    def talks_of(self, client: int) -> list[Change]:
        """The appointments that change."""
        return [each for each in self.changes if each.client == f"c{client}"]


def told(rows: QuerySet[Any], sort: str, other: str) -> QuerySet[Any, Any]:
    return rows.order_by().values_list(Value(sort, CharField()), "client_id", f"{other}_id", "since", "pk")


def counsels(user: User | None) -> bool:
    return user is not None and user.is_active and COUNSELOR in user.roles
