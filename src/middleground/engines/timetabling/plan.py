"""A plan as its rows: which groups run, when, where, with whom; the 1:1 sessions; counselors chosen. Times are minutes of the week."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .times import moment, moment_text


@dataclass(slots=True, frozen=True)
class GroupRow:
    """`room` None is telehealth; `members` sorted client ids."""

    id: str
    start: int
    room: str | None
    lead: str
    co: str | None
    members: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class SessionRow:
    """One 1:1 session; `room` None is telehealth."""

    client: str
    kind: str
    start: int
    staff: str
    room: str | None


@dataclass(slots=True)
class Plan:
    groups: tuple[GroupRow, ...] = ()
    sessions: tuple[SessionRow, ...] = ()
    counselors: dict[str, str] = field(default_factory=dict)

    def rows(self) -> dict[str, Any]:
        """The plan's part of an answer, sorted as the contract says."""
        return {
            "groups": [group_text(row) for row in sorted(self.groups, key=lambda row: row.id)],
            "sessions": [
                session_text(row) for row in sorted(self.sessions, key=lambda row: (row.client, row.kind, row.start))
            ],
            "counselors": dict(sorted(self.counselors.items())),
        }


def group_text(row: GroupRow) -> dict[str, Any]:
    where = {"id": row.id, "start": moment_text(row.start), "room": row.room, "lead": row.lead, "co": row.co}
    return {**where, "members": sorted(row.members)}


def session_text(row: SessionRow) -> dict[str, Any]:
    start = moment_text(row.start)
    return {"client": row.client, "kind": row.kind, "start": start, "staff": row.staff, "room": row.room}


def plan_of(data: Mapping[str, Any]) -> Plan:
    """The plan in a section 3 object."""
    groups = tuple(
        GroupRow(
            row["id"], moment(row["start"]), row.get("room"), row["lead"], row.get("co"), tuple(sorted(row["members"]))
        )
        for row in data.get("groups", ())
    )
    sessions = tuple(
        SessionRow(row["client"], row["kind"], moment(row["start"]), row["staff"], row.get("room"))
        for row in data.get("sessions", ())
    )
    return Plan(groups, sessions, dict(data.get("counselors", {})))
