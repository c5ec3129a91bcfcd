"""Taking the move of a weekly group back: the group and its coming sessions as they were, while nobody changed them since."""

from typing import Any

from django.utils import timezone

from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.program.joining import let_former_leaders_go
from middleground.program.models import Group, Membership, Session
from middleground.program.scheduling import people_expected, rebook
from middleground.program.sheets import day_of
from middleground.records.actions import put_on_team
from middleground.records.models import Client

from .going_along import HOLIDAY
from .instance import state_of
from .kept import check_site
from .moving import (
    GroupMoved,
    come_along,
    moved_meanwhile,
    place_of,
    put_at,
    seat_all,
    stands,
    tell_of,
    whole_group,
)
from .planning import PLANNERS
from .proposed import MOVE, Proposal
from .repairing import decide, give_back, locked, restore, words_of

Row = dict[str, Any]


@action("Take back the move of a group", by=PLANNERS, purpose="operations")
def undo_move(act: Act, move: Proposal) -> Proposal:
    """Put the group and its coming sessions back as they were, while nothing of them was changed since.

    Raises `GroupMoved` when something was, `Taken` when the old place was booked meanwhile, `SiteClosed` when the site is
    not open there any more, `Refused` if it is taken back. Who led before leads again, also on a day they are away by now.
    """
    back = MovingBack(act, move)
    back.lift()
    back.put()
    back.book()
    back.settle()
    act.says(f"Took back the move of {back.group.title}: it is on {stands(whole_group(back.group))} again")
    return move


class MovingBack:
    """One moved group on its way back. One step after the other, so that several may go back together."""

    def __init__(self, act: Act, move: Proposal) -> None:
        if move.question != MOVE or move.status != Proposal.Status.APPLIED:
            raise Refused("This move was taken back already.")
        self.act, self.move, self.group = act, move, whole_group(Group(pk=move.asked["group"]))
        if place_of(self.group) != move.done["after"]:
            raise GroupMoved(moved_meanwhile(self.group))
        found = locked(map(int, move.done["sessions"])).values()
        self.sessions = [s for s in found if s.start > act.now]
        self._still_as_moved()
        self.led = [self.group.leader_id, self.group.co_leader_id]
        self.people: set[Client] = set()
        self.held: list[Session] = []

    def _still_as_moved(self) -> None:
        changed = [s for s in self.sessions if state_of(s) != self.move.done["sessions"][str(s.pk)]]
        if changed:
            raise GroupMoved(
                f"Somebody changed a session since the move: {words_of(changed[0])} Move the group by hand."
            )

    def lift(self) -> None:
        had = people_expected(self.sessions)
        for session in self.sessions:
            give_back(self.act, session, had[session.pk])
        self.people |= {c for each in had.values() for c in each}

    def put(self) -> None:
        put_at(self.act, self.group, self.move.standing)
        with everything("guests of the sessions"):
            guests = list(Membership.objects.filter(session__in=self.sessions))
        for session in self.sessions:
            session.group, moved, before = self.group, state_of(session), self.move.done["before"][str(session.pk)]
            restore(session, before)
            if before[4] == Session.Status.NOT_HELD:
                closed_again(self.act, session)
            else:
                check_site(session, moved)
                hold(self.act, session)
                self.held.append(session)
            for guest in (each for each in guests if each.session_id == session.pk):
                come_along(self.act, guest, day_of(session))

    def book(self) -> None:
        for session in self.held:
            rebook(self.act, session)

    def settle(self) -> None:
        """Seats, care relations and the notices, for everybody who was expected or is now."""
        seat_all(self.act, self.held)
        self.people |= {c for each in people_expected(self.sessions).values() for c in each}
        self._relate()
        decide(self.act, self.move, Proposal.Status.UNDONE)
        first = min((s.start for s in self.held), default=None)
        told = [self.move.standing["leader"], self.move.done["after"]["leader"], self.group.co_leader_id]
        tell_of(self.act, self.people, told, first.isoformat() if first else None)
        self.act.about(*self.people)

    def _relate(self) -> None:
        """Whoever leads it again knows its people again; who led it meanwhile does no longer."""
        for user_id in sorted({u for u in (self.group.leader_id, self.group.co_leader_id) if u} - set(self.led)):
            for client in sorted(self.people, key=lambda each: each.pk):
                put_on_team(self.act, client, user_id, "group-leader", timezone.localdate(self.act.now))
        let_former_leaders_go(self.act, self.group, self.led)


def closed_again(act: Act, session: Session) -> None:
    """A week that the move had held again is closed once more: nothing of it is booked."""
    session.status, session.status_reason = Session.Status.NOT_HELD, HOLIDAY
    session.save()


def hold(act: Act, session: Session) -> None:
    session.status, session.status_reason = Session.Status.SCHEDULED, ""
    session.save()
