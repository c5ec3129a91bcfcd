"""Which dated sessions go along when a weekly group moves to another place in the week.

Those that stand where the group stands; and where its day is closed and the new one is not, the week is held again: with the
session that was called off for it, or a new one if the day was closed before the week was laid out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from middleground.program.models import Group, Session
from middleground.program.opening import session_on
from middleground.program.sheets import day_of

from .standing import WEEK, monday_of

HOLIDAY = "holiday"  # vocabulary/program-cancellation-reasons


def regular(session: Session, place: Mapping[str, Any]) -> bool:
    """Whether it is to come and stands where the group stands: one that was moved on its own stays where it was put."""
    at = timezone.localtime(session.start)
    stands = (at.weekday(), f"{at:%H:%M}") == (place["weekday"], place["start"])
    return stands and session.status == Session.Status.SCHEDULED


def not_held(
    group: Group, rows: Iterable[Session], since: date, weekday: int, closed: Collection[date]
) -> tuple[list[Session], list[date]]:
    """The weeks in which only its closed day stands in the way of `group`, as it is before it moves to `weekday`: the sessions
    that were called off, and the closed days of weeks that have none. `rows`: all its sessions from the Monday `since` on,
    whatever became of them; no week after the last of them is laid out."""
    by_week: dict[date, list[Session]] = {}
    for row in rows:
        by_week.setdefault(monday_of(day_of(row)), []).append(row)
    off, none = [], []
    for monday in mondays(since, max(by_week, default=None)):
        week, old, new = by_week.get(monday, ()), *(monday + timedelta(days=day) for day in (group.weekday, weekday))
        if new in closed:
            continue
        if len(week) == 1 and was_closed(week[0], closed):
            off.append(week[0])
        elif not week and old in closed and all(runs(group, day) for day in (old, new)):
            none.append(old)
    return off, none


def mondays(first: date, last: date | None) -> list[date]:
    return [first + WEEK * n for n in range((last - first) // WEEK + 1)] if last else []


def was_closed(session: Session, closed: Collection[date]) -> bool:
    off = session.status == Session.Status.NOT_HELD and session.status_reason == HOLIDAY
    return off and day_of(session) in closed


def runs(group: Group, day: date) -> bool:
    return group.starts_on <= day and (group.ends_on is None or day <= group.ends_on)


def closed_out(group: Group, day: date, titles: Sequence[dict], number: int) -> Session:
    """The session of a closed day, as if the week had been laid out before the day was closed. Not kept."""
    made = session_on(group, day, titles, number)
    made.status, made.status_reason = Session.Status.NOT_HELD, HOLIDAY
    return made


def like_every_week(session: Session, group: Group) -> None:
    """Held again it is where and with whom the group is by now: nobody kept what was called off up to date."""
    session.room_id, session.modality = group.room_id, group.modality
    session.leader_id, session.co_leader_id = group.leader_id, group.co_leader_id
