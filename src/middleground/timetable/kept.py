"""What a change of dated sessions must keep to: when the site is open, and who is away. Only what the change brings about is
held against it: a session that stood outside the opening hours already, or whose leader was away already, may change its room.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from middleground.program.keeping import StaffAway, away_from, away_words, check_site_open
from middleground.program.models import Session
from middleground.program.sheets import day_of

State = Sequence[Any]  # as `instance.state_of` gives it: start, room, leader, co-leader, status


def changed_time(session: Session, before: State) -> bool:
    return datetime.fromisoformat(before[0]) != session.start


def newly_placed(session: Session, before: State) -> bool:
    """Whether it is held at another time, in a room for the first time, or again after it was called off."""
    into_room = before[1] is None and session.room_id is not None
    return into_room or changed_time(session, before) or before[4] == Session.Status.NOT_HELD


def newly_asked(session: Session, before: State) -> set[int | None]:
    """Whom the change asks to be there: everybody who leads it on another day, else those who did not lead it before."""
    leads = {session.leader_id, session.co_leader_id}
    was = Session(start=datetime.fromisoformat(before[0]))
    return leads if day_of(was) != day_of(session) else leads - {before[2], before[3]}


def check_site(session: Session, before: State) -> None:
    """Raises `SiteClosed`."""
    if newly_placed(session, before):
        check_site_open(session.site, session.room, session.start, session.end, None)


def check_leaders(sessions: Sequence[Session], before: dict[int, State]) -> None:
    """Raises `StaffAway` naming everybody who is away and their first days."""
    found = [
        each for each in away_from(sessions) if each.person.pk in newly_asked(each.session, before[each.session.pk])
    ]
    if found:
        raise StaffAway(f"{away_words(found)}.")
