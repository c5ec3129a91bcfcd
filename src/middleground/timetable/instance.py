"""The clinic's own timetabling instance, from its records: the timetabling contract's section 2 as a dict ready for JSON.

What the records do not hold comes from knowledge/timetabling/clinic.yaml. What people really do this week is taken as
possible, even where hours or languages on file say otherwise: a plan in force that is held breaks no rule by being held.
What still can't be said as a plan is left out of `current`, kept free around, and told in `warnings`.
Ids: s3 a site, r3 a room, st3 a person on staff, g3 a group, c3 a client. Names are never in it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from middleground.engines.knowing import load
from middleground.engines.timetabling.times import (
    CELL,
    DAY,
    TELEHEALTH,
    Span,
    interval,
    interval_text,
    moment_text,
)
from middleground.program.models import Group, Modality, Session

from .client_rows import ClientRows
from .honest import make_honest
from .other_starts import add_starts
from .pairs_of_the_week import apart_rows
from .spans import texts
from .standing import Standing, span_of, standing
from .taken import Beside, Taken, length, lessen, taken

FORMAT = "middleground-timetable/1"
COUNSELOR = "counselor"  # the role of those who may become somebody's primary counselor
Row = dict[str, Any]


def knowledge() -> Row:
    found: Row = load("timetabling")["clinic"]
    return found


@dataclass
class ClinicWeek:
    """The instance `data`, what could not be said in it (`warnings`, without names), and which dated session is behind a row
    of the plan: `session_of` maps "g3" and "c3 individual tue 09:30" to its id, `seen` a session's id to its state. `talks`:
    how long a talk is ("c3 individual"); `beside`: how much clients ("c3") have beside the plan."""

    monday: date
    data: Row
    warnings: list[str] = field(default_factory=list)
    session_of: dict[str, int] = field(default_factory=dict)
    seen: dict[int, list[Any]] = field(default_factory=dict)
    talks: dict[str, int] = field(default_factory=dict)
    beside: dict[str, Beside] = field(default_factory=dict)

    @property
    def current(self) -> Row:
        found: Row = self.data["current"]
        return found

    @property
    def standing(self) -> Row:
        """What a proposal must remember of it."""
        seen = {str(pk): state for pk, state in self.seen.items()}
        beside = {name: found.groups for name, found in self.beside.items() if found.groups}
        told = {"session_of": self.session_of, "seen": seen, "talks": self.talks, "beside": beside}
        return {"current": self.current, **told}


def clinic_week(
    week: date, site_ids: frozenset[int] | None = None, *, question: str = "plan", events: Iterable[Row] = ()
) -> ClinicWeek:
    """The instance of the week that holds a day. `question` repair keeps who is away on the books as events."""
    facts = standing(week, site_ids)
    building = Building(facts)
    made = building.week(question)
    if question == "repair":
        made.data["events"] = [*absences(facts, made.data), *events]
        made.data["question"] = "repair"
    make_honest(made.data, made.warnings, building.taken)
    made.beside = lessen(made.data, building.taken)
    return made


def absences(facts: Standing, data: Row) -> list[Row]:
    """Who is away though they still lead, and rooms shut though something is held there: what a repair is for."""
    found = []
    for row in data["staff"]:
        found += [{"event": "staff-off", "staff": row["id"], "at": at} for at in row.pop("off_now", [])]
    for row in data["rooms"]:
        found += [{"event": "room-closed", "room": row["id"], "at": at} for at in row.pop("closed_now", [])]
    return found


def state_of(session: Session) -> list[Any]:
    """What a change of the week would change of a session."""
    start = session.start.astimezone(UTC).isoformat()
    return [start, session.room_id, session.leader_id, session.co_leader_id, session.status]


def whole_day(day: int) -> str:
    return interval_text((day * DAY, (day + 1) * DAY))


class Building:
    """One week's instance in the making; every session of the week is one row of the plan in force."""

    def __init__(self, facts: Standing) -> None:
        self.facts, self.known = facts, knowledge()
        self.warnings: list[str] = []
        self.spans = {s.pk: span_of(s.start, s.end) for s in facts.sessions}
        self.busy_staff: dict[int, set[Span]] = defaultdict(set)
        self.busy_rooms: dict[int, set[Span]] = defaultdict(set)
        self.taken: dict[str, list[Taken]] = defaultdict(list)
        self.group_sessions: dict[int, Session] = {}
        self.talks: list[Session] = []
        self.clients = dict(sorted(facts.episodes.items()))
        self.of_client: dict[int, list[Session]] = defaultdict(list)
        self.of_staff: dict[int, list[Session]] = defaultdict(list)
        self.sort_out()

    def sort_out(self) -> None:
        """Sessions that can be rows, and time that is only taken."""
        for session in self.facts.sessions:
            if session.group_id and session.group_id not in self.group_sessions:
                self.group_sessions[session.group_id] = session
            elif session.client_id in self.clients:
                self.talks.append(session)
            else:
                self.take(session, "is held a second time this week or for somebody no longer in care")
                continue
            for user in filter(None, (session.leader_id, session.co_leader_id)):
                self.of_staff[user].append(session)
            for client in self.facts.rosters[session.pk]:
                self.of_client[client].append(session)
        for session in self.facts.elsewhere:
            self.take(session, "")

    def take(self, session: Session, why: str) -> None:
        """Its time is gone, without a row; to clients it counts as time they have."""
        span = span_of(session.start, session.end)
        for user in filter(None, (session.leader_id, session.co_leader_id)):
            self.busy_staff[user].add(span)
        if session.room_id:
            self.busy_rooms[session.room_id].add(span)
        for client in self.facts.rosters[session.pk]:
            self.taken[f"c{client}"].append(taken(session, span))
        if why:
            self.warnings.append(f"session {session.pk} {why}: its time is kept free around, it is no row of the plan")

    def week(self, question: str) -> ClinicWeek:
        kinds = self.kinds()
        groups = {pk: self.group(s, kinds[pk]) for pk, s in sorted(self.group_sessions.items())}
        data: Row = {
            "format": FORMAT,
            "id": f"clinic-{self.facts.monday}",
            "step": self.step(),
            "sites": [{"id": f"s{s.pk}", "open": self.open(s.pk, s.hours)} for s in self.facts.sites],
            "travel": [],
            "rooms": [self.room(room, question) for room in self.facts.rooms],
            "staff": [self.person(user, question) for user in self.facts.staff],
            "clients": self.client_rows(),
        }
        data["groups"] = list(groups.values())
        add_starts(data, self.facts, self.group_sessions, self.of_staff, self.spans)
        data["current"] = self.current()
        data["apart"] = apart_rows(self.facts.apart, data)
        made = ClinicWeek(self.facts.monday, data, self.warnings)
        made.session_of = {f"g{pk}": s.pk for pk, s in self.group_sessions.items()}
        made.session_of |= {f"c{s.client_id} {s.session_kind} {moment_text(self.at(s)[0])}": s.pk for s in self.talks}
        made.seen = {s.pk: state_of(s) for s in self.facts.sessions}
        made.talks = {f"{row['id']} {w['kind']}": w["minutes"] for row in data["clients"] for w in row["sessions"]}
        return made

    # ---- what there is -------------------------------------------------------------------------------------------

    def at(self, session: Session) -> Span:
        return self.spans[session.pk]

    def length(self, session: Session) -> int:
        return length(session, self.at(session))

    def step(self) -> int:
        step: int = self.known["step"]
        return step if all(self.at(s)[0] % step == 0 for s in self.talks) else CELL

    def client_rows(self) -> list[Row]:
        by_video = any(s.room_id is None for s in self.group_sessions.values())
        rows = ClientRows(self.facts, self.known, self.spans, self.of_client, self.taken, by_video, self.warnings)
        return [rows.row(pk) for pk in self.clients]

    def open(self, site: int, hours: Iterable[str]) -> list[str]:
        """The site's hours, and whatever is held there."""
        held = [self.at(s) for s in self.facts.sessions if s.site_id == site]
        return texts([*map(interval, hours), *held])

    def room(self, room: Any, question: str) -> Row:
        taken = self.busy_rooms[room.pk] | self.facts.held[f"room:{room.pk}"]
        row = {"id": f"r{room.pk}", "site": f"s{room.site_id}", "kind": room.use, "seats": self.seats(room)}
        held_on = {self.at(s)[0] // DAY for s in self.facts.sessions if s.room_id == room.pk}
        return self.with_days(row, "closed", taken, self.facts.shut[room.site_id], held_on, question)

    def with_days(
        self, row: Row, key: str, taken: Iterable[Span], days: set[int], held_on: set[int], question: str
    ) -> Row:
        """Days off on which something is held are news for a repair and simply taken for a plan."""
        news = sorted(days & held_on) if question == "repair" else []
        row[key] = texts([*taken, *(interval(whole_day(day)) for day in days if day not in news)])
        if news:
            row[f"{key}_now"] = [whole_day(day) for day in news]
        return row

    def seats(self, room: Any) -> int:
        held = [len(self.facts.rosters[s.pk]) for s in self.group_sessions.values() if s.room_id == room.pk]
        return max([room.seats, *held])

    def person(self, user: Any, question: str) -> Row:
        own = self.of_staff[user.pk]
        leads = {kind for role in user.roles for kind in self.known["leads"].get(role, ())}
        held_on = {self.at(s)[0] // DAY for s in own}
        row = {
            "id": f"st{user.pk}",
            "leads": sorted(leads | {s.session_kind for s in own}),
            "credentials": sorted(map(str, user.credentials)),
            "languages": sorted({*(user.languages or self.known["languages"]), *self.spoken(own)}),
            "works": self.works(user, own),
            "max_day": self.known["staff"]["max_day"],
            "max_week": self.known["staff"]["max_week"],
            "caseload": user.caseload if COUNSELOR in user.roles else 0,
            "break": {"every": self.known["break"]["every"], "minutes": self.known["break"]["minutes"]},
        }
        taken = self.busy_staff[user.pk] | self.facts.held[f"staff:{user.pk}"]
        return self.with_days(row, "off", taken, self.facts.away[user.pk], held_on, question)

    def spoken(self, own: Iterable[Session]) -> set[str]:
        groups = {s.group.language for s in own if s.group is not None}
        return groups | {self.clients[s.client_id].client.language for s in own if s.client_id in self.clients}

    def works(self, user: Any, own: Iterable[Session]) -> list[Row]:
        """Working hours at each of their sites; a site's hours when none are on file; and what they hold."""
        found: list[Row] = []
        for site in self.facts.sites:
            if user.site_ids is None or site.pk in user.site_ids:
                shifts = list(map(interval, user.works or site.hours))
            else:
                shifts = []
            shifts += [self.at(s) for s in own if s.site_id == site.pk]
            found += [{"at": at, "site": f"s{site.pk}"} for at in texts(shifts)]
        return found

    # ---- groups --------------------------------------------------------------------------------------------------

    def kinds(self) -> dict[int, str]:
        """A group's kind with the topic of this week. No topic where somebody would have it twice: it can't be a rule then."""
        full = {
            pk: f"{s.session_kind}/{s.topic_kind}" if s.topic_kind else s.session_kind
            for pk, s in self.group_sessions.items()
        }
        twice: set[str] = set()
        for own in self.of_client.values():
            counted = Counter(full[s.group_id] for s in own if s.group_id)
            twice |= {kind for kind, count in counted.items() if count > 1 and "/" in kind}
        if twice:
            self.warnings.append(f"{len(twice)} topics come twice for somebody: their groups stand without a topic")
        return {pk: self.group_sessions[pk].session_kind if kind in twice else kind for pk, kind in full.items()}

    def group(self, session: Session, kind: str) -> Row:
        group: Group = session.group  # type: ignore[assignment]
        members = len(self.facts.rosters[session.pk])
        most = max(group.capacity, members)
        remote = session.modality == Modality.TELEHEALTH or session.room_id is None
        return {
            "id": f"g{group.pk}",
            "series": f"t{group.track_id}",
            "kind": kind,
            "minutes": self.length(session),
            "starts": [moment_text(self.at(session)[0])],
            "place": TELEHEALTH if remote else f"s{session.site_id}",
            "min": min(self.known["groups"]["min"], members),
            "max": most,
            "co_above": self.co_above(session, group, most),
            "credentials": self.credentials(session, group),
            "language": group.language,
            "only": sorted(group.only),
        }

    def co_above(self, session: Session, group: Group, most: int) -> int:
        """As the group's page says, never below what one person leads now."""
        alone = 0 if session.co_leader_id else len(self.facts.rosters[session.pk])
        return max(alone, min(most, group.co_leader_above or most))

    def credentials(self, session: Session, group: Group) -> list[str]:
        """One of which its leader has; none where whoever covers it this week has none."""
        leader = next((user for user in self.facts.staff if user.pk == session.leader_id), None)
        return sorted(group.credentials) if leader and set(group.credentials) & set(leader.credentials) else []

    # ---- the plan in force -----------------------------------------------------------------------------------------

    def current(self) -> Row:
        groups = [
            {
                "id": f"g{pk}",
                "start": moment_text(self.at(s)[0]),
                "room": f"r{s.room_id}" if s.room_id else None,
                "lead": f"st{s.leader_id}",
                "co": f"st{s.co_leader_id}" if s.co_leader_id else None,
                "members": [f"c{c}" for c in sorted(self.facts.rosters[s.pk]) if c in self.clients],
            }
            for pk, s in sorted(self.group_sessions.items())
        ]
        sessions = [
            {
                "client": f"c{s.client_id}",
                "kind": s.session_kind,
                "start": moment_text(self.at(s)[0]),
                "staff": f"st{s.leader_id}",
                "room": f"r{s.room_id}" if s.room_id else None,
            }
            for s in sorted(self.talks, key=lambda s: (s.client_id or 0, s.session_kind, s.start))
        ]
        return {"groups": groups, "sessions": sessions, "counselors": {}}
