"""What the companion reads from the other rooms, in one place and in the companion's own shapes. Everything passes the gate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as say
from django.utils.translation import ngettext, pgettext

from middleground.careplan import queries as careplan
from middleground.careplan.models import Plan
from middleground.engines import disclosure
from middleground.engines.knowing import load
from middleground.faces.ui import moments
from middleground.family import queries as families
from middleground.kernel import clock
from middleground.kernel.context import required
from middleground.kernel.models import AuditAbout, AuditEntry
from middleground.medical import queries as medical
from middleground.program import queries as program
from middleground.program.models import Attendance, Modality, Session
from middleground.records.models import Client, Episode
from middleground.recovery import queries as recovery
from middleground.recovery import words
from middleground.timetable import queries as timetable
from middleground.timetable.outside_times import Booked

MOST, MANY = 3, 12


@dataclass(frozen=True)
class Meeting:
    """A session as a client sees it. `mark` is "" until attendance is recorded; `seat`: the session's id while they can still say
    that they can't come, where they sit in once."""

    start: datetime
    end: datetime
    title: str
    topic: str
    place: str
    leader: str
    mark: str = ""
    seat: int | None = None

    @property
    def missed(self) -> bool:
        """Said in neutral words: a missed group is a reason to reach out, not a mark against somebody."""
        return self.mark == "no-show"

    @property
    def on(self) -> date:
        return timezone.localdate(self.start)


def meetings(
    client: Client, first: date, last: date, rows: Iterable[Attendance], booked: Iterable[Session]
) -> list[Meeting]:
    """A client's sessions on these days: those that were, with their mark, and those booked. Others of the rows are left out."""
    past = [_meeting(row.session, mark=row.mark) for row in rows]
    seen = {m.start for m in past}
    ahead = _ahead(client, [s for s in booked if first <= timezone.localdate(s.start) <= last and s.start not in seen])
    return sorted([*(m for m in past if first <= m.on <= last), *ahead], key=lambda m: m.start)


def coming(client: Client, days: int = 7) -> list[Meeting]:
    """What is booked from now on, by time."""
    return _ahead(client, program.upcoming(client, days=days))


def _ahead(client: Client, sessions: Sequence[Session]) -> list[Meeting]:
    """Each says its site as well when one of them is elsewhere than at the client's own: rooms are named by each site for itself."""
    elsewhere = any(s.site_id != client.site_id for s in sessions if s.modality != Modality.TELEHEALTH)
    return [_meeting(s, s.site.name if elsewhere else "") for s in sessions]


def _meeting(session: Session, site: str = "", mark: str = "") -> Meeting:
    room = session.room if session.room_id and "room" in session._state.fields_cache else None
    named = ", ".join(filter(None, [site, room.name if room else ""]))
    place = say("On video") if session.modality == Modality.TELEHEALTH else named
    seat = session.pk if session.as_guest and session.start > clock.now() else None
    return Meeting(session.start, session.end, title(session), topic(session), place, session.leader.name, mark, seat)


def title(session: Session | Booked) -> str:
    """The name of the session: as the clinic gave it, or its kind in the reader's language when it was only called after that."""
    plain = words.labels("session-kinds", "en").get(session.sort)
    return words.labels("session-kinds")[session.sort] if session.title == plain else session.title


def topic(session: Session) -> str:
    """The session's topic in the reader's language, if it is one of a curriculum; else as the clinic wrote it.

    A group that the clinic named in English and that has no topic says in Spanish at least what kind it is.
    """
    kind = "" if words.language() == "en" else words.labels("session-kinds").get(session.sort, "")
    said = words.said(topics().get(session.topic_title, session.topic_title))
    return said or (kind if kind != title(session) else "")


@cache
def topics() -> dict[str, dict[str, str]]:
    """English title of each topic of the curricula -> its title in both languages."""
    return {
        each["title"]["en"]: each["title"] for file in load("curricula").values() for each in file.get("topics", [])
    }


@dataclass(frozen=True)
class Hours:
    """Hours of one week: what the plan asks for, what is laid out, what the client came for, what can still be reached, the most
    there can be with make-up sessions, and what was held of which nobody has said yet who came."""

    prescribed: float
    planned: float
    came: float
    reachable: float
    most: float
    unmarked: float

    @classmethod
    def of(cls, *minutes: int) -> "Hours":
        """From minutes, to a tenth of an hour; whole hours without a decimal."""
        return cls(*(each // 60 if each % 60 == 0 else round(each / 60, 1) for each in minutes))

    @property
    def short(self) -> float:
        return max(0, round(self.prescribed - self.reachable, 1))


def dose(
    episode: Episode | None, monday: date, sessions: Iterable[Session], rows: Sequence[Attendance], make_up: int = 0
) -> Hours | None:
    """The hours of the week of these sessions and of what was marked in it; `make_up`: minutes that make-up sessions can still
    add. None without an open episode."""
    if episode is None:
        return None
    sessions, marked = list(sessions), {row.session_id for row in rows}
    found = timetable.own_dose(episode, monday, sessions, rows)
    over = [s for s in sessions if s.end <= clock.now() and s.status != Session.Status.NOT_HELD]
    unmarked = sum(s.minutes for s in over if s.pk not in marked)
    most = found.reachable + make_up
    return Hours.of(episode.prescribed_minutes, found.planned, found.delivered, found.reachable, most, unmarked)


def plan_to_sign(client: Client) -> bool:
    """Whether a plan in force still waits for the client's own signature."""
    plan = careplan.plan_in_force(client)
    return plan is not None and plan.client_signed_at is None


def plan_of_care(client: Client) -> tuple[Plan, list[Any]] | None:
    """The plan in force with its problems, goals and steps."""
    plan = careplan.plan_in_force(client)
    return (plan, careplan.whole(plan)) if plan else None


# ---- what a consent shows ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One kind of record: its plain name, whether it is shared, and what is in it now (a few lines)."""

    kind: str
    name: str
    shared: bool
    lines: list[str]
    elsewhere: bool = False


def shown(
    client_id: int, kinds: Iterable[str], among: Iterable[tuple[str, str]], apart: Iterable[str] = ()
) -> list[Shown]:
    """What somebody with these kinds sees of a client now. The gate narrows every read to whoever is asking.

    Kinds `apart` are read on a page of their own, so that no page reads everything at once.
    """
    person, given, later, named = Client(pk=client_id), set(kinds), set(apart), list(among)
    read = {kind for kind, _name in named if kind in given - later and kind in LINES}
    if read:  # counts and times carry no client: say to the access log whose record this was
        required().seen[client_id].update(read)
    return [
        Shown(
            kind,
            name,
            kind in given,
            LINES[kind](person) if kind in read else [],
            kind in given & later,
        )
        for kind, name in named
    ]


def day_words(day: date) -> str:
    """Month and day, short, in the reader's language."""
    return date_format(day, say("M j"))


def _schedule(client: Client) -> list[str]:
    return [f"{day_words(m.on)}, {moments.clock(moments.local(m.start))}: {m.title}" for m in coming(client)[:MOST]]


def _attendance(client: Client) -> list[str]:
    came = program.attendance_of(client, clock.today() - timedelta(days=30)).filter(counts=True).count()
    return [
        ngettext("Came to %(n)s session in the last 30 days", "Came to %(n)s sessions in the last 30 days", came)
        % {"n": came}
    ]


def _plan(client: Client) -> list[str]:
    from middleground.careplan.models import Goal

    goals = Goal.objects.filter(
        client=client, removed_at=None, problem__plan__status=Plan.Status.ACTIVE, problem__removed_at=None
    )
    return [goal.words for goal in goals.order_by("pk")[:MOST]]


def _check_ins(client: Client) -> list[str]:
    rows = recovery.check_ins(client)[:MOST]
    return [
        say("%(day)s: craving %(n)s of 10") % {"day": day_words(timezone.localdate(row.at)), "n": row.craving}
        for row in rows
    ]


def _events(client: Client) -> list[str]:
    return [f"{day_words(on)}: {words_ or say('A return to use')}" for on, words_ in recovery.events(client, MOST)]


def _medical(client: Client) -> list[str]:
    return [str(row.name) for row in medical.medications(client)[:MANY]]


def _family(client: Client) -> list[str]:
    return [member.name for member in families.current(client)[:MANY]]


LINES = {
    "schedule": _schedule,
    "attendance": _attendance,
    "plan": _plan,
    "check-in": _check_ins,
    "event": _events,
    "medical": _medical,
    "family": _family,
}
APART = ("medical", "family", "plan")


# ---- who looked at my record ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """One entry of the access log about a client, in plain words."""

    at: datetime
    who: str
    role: str
    what: str


def looks(client: Client, own_user: int | None, page: int, size: int = 50) -> tuple[list[Look], bool]:
    """Who else read or changed this client's record, the latest first, and whether there is more."""
    about = AuditAbout.objects.filter(client_id=client.pk).values("entry_id")
    found = (
        AuditEntry.objects.filter(Q(client_id=client.pk) | Q(pk__in=about)).exclude(actor_id=own_user).order_by("-seq")
    )
    rows = list(found[(page - 1) * size : page * size + 1])
    return [_look(entry) for entry in rows[:size]], len(rows) > size


def _look(entry: AuditEntry) -> Look:
    roles = [disclosure.role_words(r, words.language()) for r in entry.roles.split(",") if r in disclosure.ROLES]
    kinds = [disclosure.kind_words(k, words.language()) for k in entry.facts.get("kinds", []) if k in disclosure.KINDS]
    named = entry.verb == "Read" and kinds
    what = say("looked at: %(what)s") % {"what": ", ".join(kinds)} if named else pgettext("done", entry.verb)
    return Look(entry.at, entry.actor_name, ", ".join(roles), what)
