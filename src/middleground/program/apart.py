"""No booking brings two people together who are kept apart, whichever action books: looked at before an action stands.

What an action books newly is looked at, not what stood before it: who came to be kept apart while they sit in one group keeps
their seat until somebody changes it. The refusals say no more than those for a full group (timetabling contract, section 7).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from middleground.kernel import clock, ledger
from middleground.kernel.act import Act
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.records.apart import Pair, pairs

from .asking import Taken
from .models import Modality, Session
from .opening import when
from .sheets import rosters

BETWEEN = timedelta(minutes=15)  # the least between the two at one site (timetabling contract, H15)
PEOPLE = ("client:", "staff:")


@dataclass
class People:
    """Who is at each session: clients expected and who leads, as the ledger knows them."""

    sessions: dict[int, Session] = field(default_factory=dict)
    there: dict[int, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Session]) -> "People":
        sessions = {s.pk: s for s in rows}
        there = {pk: {f"client:{c}" for c in found} for pk, found in rosters(sessions.values()).items()}
        for pk, s in sessions.items():
            there[pk] |= {f"staff:{user}" for user in (s.leader_id, s.co_leader_id) if user}
        return cls(sessions, there)

    @property
    def everybody(self) -> set[str]:
        return set().union(*self.there.values())


def ids(people: Iterable[str], sort: str) -> list[int]:
    return [int(each.removeprefix(sort)) for each in sorted(people) if each.startswith(sort)]


def sure_apart(act: Act) -> None:
    """Raises `Taken` or `Refused` when what `act` booked brings together two who are kept apart."""
    arrived, moved = arrivals(act)
    if not arrived and not moved:
        return
    with everything("who is kept apart"):
        wanted = Session.objects.filter(pk__in={*arrived, *moved}).exclude(status=Session.Status.NOT_HELD)
        met = People.of(wanted.select_related("leader"))
        known = pairs(ids(met.everybody, "client:"), ids(met.everybody, "staff:"))
        for pair in known:
            for pk, there in met.there.items():
                if {pair.one, pair.two} <= there and {pair.one, pair.two} & arrived.get(pk, set()):
                    raise refusal(met.sessions[pk], {pair.one, pair.two} & arrived[pk])
        for pair in (each for each in known if each.site):
            ledger.one_at_a_time(act, " ".join(sorted((pair.one, pair.two))))
            for one, two in ((pair.one, pair.two), (pair.two, pair.one)):
                mine = [met.sessions[pk] for pk, who in moved.items() if one in who and pk in met.sessions]
                if beside := near(mine, two):
                    raise refusal(beside[0], {one})


def arrivals(act: Act) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Session -> who is new in it, and session -> who is there at a time at which they were not."""
    back = [each for each in act.booked if each.given_back]
    was, stood = {each[:2] for each in back}, {each[:3] for each in back}
    arrived: dict[int, set[str]] = {}
    moved: dict[int, set[str]] = {}
    for each in act.booked:
        subject = each.subject.partition("|")[0]
        if (
            each.given_back
            or each.goes_on
            or not subject.startswith("session:")
            or not each.resource.startswith(PEOPLE)
        ):
            continue
        session = int(subject.removeprefix("session:"))
        if (subject, each.resource) not in was:
            arrived.setdefault(session, set()).add(each.resource)
        if (subject, each.resource, each.start) not in stood:
            moved.setdefault(session, set()).add(each.resource)
    return arrived, moved


def near(sessions: Iterable[Session], person: str) -> list[Session]:
    """Those of the sessions on whose site somebody else is at the same time, or with less than a quarter hour between."""
    on_site = [s for s in sessions if s.modality != Modality.TELEHEALTH]
    if not on_site:
        return []
    first, last = min(s.start for s in on_site) - BETWEEN, max(s.end for s in on_site) + BETWEEN
    others = Session.objects.filter(site__in={s.site_id for s in on_site}, start__lt=last, end__gt=first)
    met = People.of(others.exclude(modality=Modality.TELEHEALTH).exclude(status=Session.Status.NOT_HELD))
    theirs = [met.sessions[pk] for pk, there in met.there.items() if person in there]
    return [s for s in on_site if any(beside(s, each) for each in theirs)]


def beside(one: Session, other: Session) -> bool:
    return (
        one.pk != other.pk
        and one.site_id == other.site_id
        and one.start < other.end + BETWEEN
        and other.start < one.end + BETWEEN
    )


def refusal(session: Session, new: set[str]) -> Refused:
    """In the words for a full group and for somebody who has something else then: nothing of it says that there is a pair."""
    if session.group_id is not None and any(each.startswith("client:") for each in new):
        return Taken(f"{session.title} on {when(session.start)} has no free seat.")
    return Taken(f"{session.leader.name} is taken on {when(session.start)}.")


def closed_to(client_id: int, sessions: Iterable[Session]) -> set[int]:
    """Those of the sessions in which the client can have no seat because of who is there; few questions where nobody is kept
    apart from them. Inside actions, or where the answer only says "no seat"."""
    own = pairs([client_id])
    if not own:
        return set()
    with everything("where a client can have a seat"):
        met = People.of(sessions)
        barred = {pair.two for pair in own}
        found = {pk for pk, there in met.there.items() if there & barred}
        for pair in (each for each in own if each.site):
            found |= {s.pk for s in near(met.sessions.values(), pair.two)}
    return found


def together(client_id: int, own: Sequence[Pair], days: int = 28) -> list[Session]:
    """Sessions ahead in which the client meets one of `own`, whom they are kept apart from: booked before that was known."""
    if not own:
        return []
    now, barred = clock.now(), {pair.two for pair in own}
    with everything("where two meet who are kept apart"):
        ahead = Session.objects.filter(start__gte=now, start__lt=now + timedelta(days=days))
        met = People.of(ahead.filter(status=Session.Status.SCHEDULED).order_by("start"))
        mine = {pk for pk, there in met.there.items() if f"client:{client_id}" in there}
        found = {pk for pk in mine if met.there[pk] & barred}
        for pair in (each for each in own if each.site):
            found |= {s.pk for s in near([met.sessions[pk] for pk in mine], pair.two)}
    return [met.sessions[pk] for pk in met.sessions if pk in found]
