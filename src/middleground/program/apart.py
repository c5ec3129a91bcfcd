"""No booking brings two people together who are kept apart, whichever action books: looked at before an action stands.

What an action books newly is looked at, not what stood before it: who came to be kept apart while they sit in one group keeps
their seat until somebody changes it. The refusals say no more than those for a full group (timetabling contract, section 7).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        sessions = list(rows)
        return cls.expected(sessions, rosters(sessions))

    @classmethod
    def expected(cls, rows: Iterable[Session], expected: Mapping[int, Iterable[int]]) -> "People":
        """`expected`: the clients by session, as `rosters` gives them."""
        sessions = {s.pk: s for s in rows}
        there = {pk: {f"client:{c}" for c in expected[pk]} for pk in sessions}
        for pk, s in sessions.items():
            there[pk] |= {f"staff:{user}" for user in (s.leader_id, s.co_leader_id) if user}
        return cls(sessions, there)

    @property
    def everybody(self) -> set[str]:
        return set().union(*self.there.values())

    def beside(self, sessions: Iterable[Session], person: str) -> list[Session]:
        """Those of `sessions` on whose site this person is, at one of these, at the same time or with less than a quarter hour
        between."""
        theirs = [self.sessions[pk] for pk, there in self.there.items() if person in there]
        return [s for s in sessions if any(beside(s, each) for each in theirs)]


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
        by_site = [pair for pair in known if pair.site]
        for about in sorted({" ".join(sorted((pair.one, pair.two))) for pair in by_site}):
            ledger.one_at_a_time(act, about)
        others = around(met.sessions[pk] for pk in moved if pk in met.sessions) if by_site else People()
        for session, who in clashes(met, others, known, arrived, moved):
            raise refusal(session, who, arrived.get(session.pk, set()))


def clashes(
    met: People, others: People, known: Iterable[Pair], arrived: Mapping[int, set[str]], moved: Mapping[int, set[str]]
) -> Iterator[tuple[Session, set[str]]]:
    """The sessions of `met` in which two who are kept apart would come together, and whom of them that is new to. `others`: what
    else is held on the same site around them. `arrived`, `moved`: by session as `arrivals` gives them."""
    for pair in known:
        for pk, there in met.there.items():
            new = {pair.one, pair.two} & arrived.get(pk, set())
            if new and {pair.one, pair.two} <= there:
                yield met.sessions[pk], new
    for pair in (each for each in known if each.site):
        for one, two in ((pair.one, pair.two), (pair.two, pair.one)):
            mine = [met.sessions[pk] for pk, who in moved.items() if one in who and pk in met.sessions]
            for session in others.beside(mine, two):
                yield session, {one}


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


def around(sessions: Iterable[Session]) -> People:
    """Who is at what is held on the sites of these sessions from the first of them to the last."""
    on_site = [s for s in sessions if s.modality != Modality.TELEHEALTH]
    if not on_site:
        return People()
    first, last = min(s.start for s in on_site) - BETWEEN, max(s.end for s in on_site) + BETWEEN
    others = Session.objects.filter(site__in={s.site_id for s in on_site}, start__lt=last, end__gt=first)
    return People.of(others.exclude(modality=Modality.TELEHEALTH).exclude(status=Session.Status.NOT_HELD))


def beside(one: Session, other: Session) -> bool:
    return (
        one.pk != other.pk
        and Modality.TELEHEALTH not in (one.modality, other.modality)
        and one.site_id == other.site_id
        and one.start < other.end + BETWEEN
        and other.start < one.end + BETWEEN
    )


def refusal(session: Session, who: set[str], arrived: set[str]) -> Refused:
    """In the words for a full group, where a client comes to it newly, and for somebody who has something else then: nothing of
    it says that there is a pair."""
    clients = {each for each in who if each.startswith("client:")}
    if session.group_id is not None and clients & arrived:
        return Taken(f"{session.title} on {when(session.start)} has no free seat.")
    if session.group_id is not None and clients:
        return Taken(f"A member of {session.title} has something else on {when(session.start)}.")
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
        by_site = [pair for pair in own if pair.site]
        others = around(met.sessions.values()) if by_site else People()
        for pair in by_site:
            found |= {s.pk for s in others.beside(met.sessions.values(), pair.two)}
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
        by_site = [pair for pair in own if pair.site]
        others = around(met.sessions[pk] for pk in mine) if by_site else People()
        for pair in by_site:
            found |= {s.pk for s in others.beside([met.sessions[pk] for pk in mine], pair.two)}
    return [met.sessions[pk] for pk in met.sessions if pk in found]
