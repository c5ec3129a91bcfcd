"""Attendance: who was there and for how long. Unrecorded until somebody says so; a correction supersedes one row and no other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db.models import F
from django.utils import timezone

from middleground.admissions.actions import note_first_sessions
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import Invalid, Refused
from middleground.records.actions import ask_for, close_tasks
from middleground.records.models import Client
from middleground.records.queries import team

from .asking import LEADERS, NotHeld, NotOnRoster, SessionSigned
from .models import Attendance, Session
from .rules import UNRECORDED, call_due, is_followed_up, marks, opens_at, reasons
from .sheets import Sheet, day_of, sheet

BEFOREHAND = "excused"


@dataclass(frozen=True)
class Told:
    """One person's attendance as it was said, complete by the mark's rule."""

    client: int
    mark: str
    minutes: int = 0
    arrived: time | None = None
    left: time | None = None
    reason: str = ""
    reached: str = ""

    @property
    def rule(self) -> dict[str, Any]:
        return marks()[self.mark]

    def says_the_same_as(self, row: Attendance) -> bool:
        same = (row.mark, row.minutes, row.arrived, row.left, row.reason)
        return same == (self.mark, self.minutes, self.arrived, self.left, self.reason)


def as_time(value: Any) -> time | None:
    return time.fromisoformat(value) if isinstance(value, str) and value else value or None


def minutes_within(session: Session, arrived: time | None, left: time | None) -> int:
    """Minutes of the session between arriving and leaving (either may be unknown: its start, its end)."""
    start, end = timezone.localtime(session.start), timezone.localtime(session.end)
    came = start.replace(hour=arrived.hour, minute=arrived.minute) if arrived else start
    went = end.replace(hour=left.hour, minute=left.minute) if left else end
    return max(0, int((min(went, end) - max(came, start)).total_seconds()) // 60)


def read_mark(session: Session, said: dict[str, Any], now: datetime) -> Told:
    """One posted mark made complete. Raises `Refused` naming "mark", "minutes" or "reason".

    Minutes default from the mark's rule (knowledge/vocabulary/attendance-marks): all of them when present, none when away;
    coming late or leaving early needs minutes or a time.
    """
    name = said.get("mark") or UNRECORDED
    rule = marks().get(name)
    if rule is None:
        raise Refused("Choose a mark from the list.", "mark")
    if now < opens_at(session.start) and name not in (UNRECORDED, BEFOREHAND):
        raise Refused("This session has not begun yet.", "mark")
    reason = said.get("reason") or ""
    if reason and reason not in reasons():
        raise Refused("Choose a reason from the list.", "reason")
    if rule["needs_reason"] and not reason:
        raise Refused("Say why.", "reason")
    arrived, left = as_time(said.get("arrived")), as_time(said.get("left"))
    minutes = _minutes(session, rule, said.get("minutes"), arrived, left)
    if not rule["counts"]:
        arrived = left = None
    return Told(int(said["client"]), name, minutes, arrived, left, reason, str(said.get("reached") or "")[:200])


def _minutes(
    session: Session, rule: dict[str, Any], given: int | str | None, arrived: time | None, left: time | None
) -> int:
    if not rule["counts"]:
        return 0
    if given in (None, "") and (arrived or left):
        return minutes_within(session, arrived, left)
    if given in (None, ""):
        if rule.get("needs_minutes"):
            raise Refused("Say how many minutes, or when.", "minutes")
        return session.minutes
    minutes = int(given)  # type: ignore[arg-type]
    if not 0 < minutes <= session.minutes:
        raise Refused(f"Between 1 and {session.minutes} minutes.", "minutes")
    return minutes


def read_marks(kept: Sheet, said: Sequence[dict[str, Any]], now: datetime) -> list[Told]:
    """Every posted mark, or `Invalid` with all that is wrong ("minutes-8", "reason-12", ...)."""
    if kept.session.status == Session.Status.NOT_HELD:
        raise NotHeld()
    told, errors = [], {}
    for each in said:
        client = int(each["client"])
        if client not in kept.roster and client not in kept.marks:
            raise NotOnRoster()
        try:
            told.append(read_mark(kept.session, each, now))
        except Refused as no:
            errors[f"{no.field}-{client}"] = [no.message]
    if errors:
        raise Invalid(errors)
    return told


def attendance_row(act: Act, session: Session, told: Told, **more: Any) -> Attendance:
    return Attendance(
        client_id=told.client,
        session=session,
        on=day_of(session),
        mark=told.mark,
        counts=told.rule["counts"],
        minutes=told.minutes,
        arrived=told.arrived,
        left=told.left,
        reason=told.reason,
        reached=told.reached,
        recorded_by_id=act.user_id or session.leader_id,
        recorded_at=act.now,
        **more,
    )


def put_down(act: Act, told: Iterable[tuple[Sheet, Sequence[Told]]]) -> list[Attendance]:
    """Write marks for any number of sessions in a few statements; what says the same as before is left alone."""
    new, old, held = [], [], set()
    for kept, each in told:
        for one in each:
            before = kept.marks.get(one.client)
            if (before is None and one.mark == UNRECORDED) or (before and one.says_the_same_as(before)):
                continue
            row = attendance_row(act, kept.session, one, replaces=before)
            old += [before] if before else []
            new.append((kept, one, row))
            held |= {kept.session.pk} if one.rule["counts"] or one.rule.get("opens_follow_up") else set()
    supersede(act, old)
    Attendance.objects.bulk_create([row for _, _, row in new])
    hold(act, held)
    came = {one.client: kept.session.start for kept, one, _ in reversed(new) if one.rule["counts"]}
    if came:
        note_first_sessions(act, came)
    for kept, one, row in new:
        _follow_up(act, kept, one)
        kept.marks[one.client] = row
    return [row for _, _, row in new]


def supersede(act: Act, rows: Sequence[Attendance]) -> None:
    """Take rows out of force; they stay in the record."""
    if rows:
        with everything("rows of this session"):
            Attendance.objects.filter(pk__in=[r.pk for r in rows]).update(
                superseded_at=act.now, superseded_by=act.user_id
            )


def hold(act: Act, session_ids: set[int]) -> None:
    """Sessions somebody came to, or was waited for in, were held."""
    if session_ids:
        with everything("sessions being held"):
            Session.objects.filter(pk__in=session_ids, status=Session.Status.SCHEDULED).update(
                status=Session.Status.HELD, version=F("version") + 1
            )


def _follow_up(act: Act, kept: Sheet, told: Told) -> None:
    """A missed visit without word asks for a call; once the mark is corrected, it no longer does."""
    session, before = kept.session, kept.marks.get(told.client)
    key = f"absence:{session.pk}:{told.client}"
    if told.rule.get("opens_follow_up"):
        if not told.reached and is_followed_up(session.start, act.now):
            ask_for(
                act,
                "Call about a missed session",
                call_due(session.start, act.now),
                client=the_client(told.client),
                why=f"{session.title}, {day_of(session):%b %d}",
                key=key,
                owner=counselor_of(told.client) or session.leader_id,
            )
    elif before and marks()[before.mark].get("opens_follow_up"):
        close_tasks(act, key, "The attendance mark was corrected.")


def the_client(client_id: int) -> Client:
    with everything("whom a task is about"):
        return Client.objects.get(pk=client_id)


def counselor_of(client_id: int) -> int | None:
    """The user id of the client's primary counselor today."""
    with everything("care team"):
        on_team = [m for m in team(the_client(client_id)) if m.part == "primary-counselor"]
    return on_team[0].user_id if on_team else None


@action("Record attendance", by=LEADERS, fresh="session")
def record_attendance(act: Act, session: Session, marks: list) -> Session:
    """Say who was in the room and for how long.

    `marks`: dicts of client (id), mark, and perhaps minutes, arrived, left ("HH:MM"), reason, reached. Partial: whoever is
    not in it stays as they are. Raises `NotOnRoster`, `SessionSigned` (use "Correct attendance"), `Invalid` naming each field.
    """
    kept = sheet(session)
    if kept.signed:
        raise SessionSigned()
    changed = put_down(act, [(kept, read_marks(kept, marks, act.now))])
    session.refresh_from_db()
    session.save(update_fields=["status"])
    act.about(*changed)
    act.says(f"Recorded attendance of {len(changed)} in {session.title} on {day_of(session)}")
    return session
