"""What a proposed week means, in a coordinator's words. Names come through the record gate: who may not be seen is counted."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from middleground.clinic.models import Room, User
from middleground.engines.timetabling.times import DAY, moment
from middleground.program.models import Group
from middleground.program.rules import vocabulary
from middleground.records.models import Client

from . import words
from .changes import Change, changes, number
from .coming_going import come_or_gone
from .plan_facts import PlanFacts
from .proposed import Proposal

Row = Mapping[str, Any]
FIRST = 4  # levels up to the changes: hours and changes are what people choose between
ENDS = {
    "hours": ("Most hours kept", "Nobody loses hours that can be kept, even if more people have to change."),
    "changes": ("Fewest changes", "As few people as possible have to change, even if some hours are lost."),
}


def moment_words(text: str) -> str:
    """ "tue 09:30" as Tuesday 9:30 am."""
    minutes = moment(text)
    return f"{words.DAYS[minutes // DAY]} {words.clock(minutes % DAY)}"


@dataclass
class Named:
    """Names of everything in some changes: four statements, each when it is needed. `people`: staff named besides."""

    of: list[Change]
    people: set[int] = field(default_factory=set)

    @cached_property
    def staff(self) -> dict[int, str]:
        ids = {number(name) or 0 for each in self.of for name in each.staff} | self.people
        return dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))

    @cached_property
    def rooms(self) -> dict[int, str]:
        ids = {number(row["room"]) or 0 for each in self.of for row in (each.was, each.now) if row and row["room"]}
        return dict(Room.objects.filter(pk__in=ids).values_list("pk", "name"))

    @cached_property
    def groups(self) -> dict[int, tuple[str, int]]:
        """Title and minutes."""
        return self.titles(self.group_ids)

    @property
    def group_ids(self) -> set[int]:
        return {number(each.about) or 0 for each in self.of if each.client is None}

    @staticmethod
    def titles(ids: set[int]) -> dict[int, tuple[str, int]]:
        return {pk: told for pk, *told in Group.objects.filter(pk__in=ids).values_list("pk", "title", "minutes")}  # type: ignore[misc]

    @cached_property
    def clients(self) -> dict[int, Client]:
        return Client.objects.in_bulk({number(name) for each in self.of for name in each.people})

    def person(self, name: str | None) -> str:
        return self.staff.get(number(name) or 0, "somebody") if name else "nobody"

    def room(self, name: str | None) -> str:
        return self.rooms.get(number(name) or 0, "another room") if name else "video"

    def client(self, name: str) -> str:
        found = self.clients.get(number(name) or 0)
        return found.short if found else "a client"

    def title(self, each: Change) -> str:
        if each.client is None:
            return self.groups.get(number(each.about) or 0, ("Group", 0))[0]
        kind = vocabulary("session-kinds").get(each.about, {}).get("label", {}).get("en", "Appointment")
        return f"{kind} with {self.client(each.client)}"

    def clients_words(self, names: Iterable[str]) -> str:
        return listed(map(self.client, names))


@dataclass
class Counted(Named):
    """For a board many may look at: clients are counted, not named. What the board shows anyhow is `known`: rooms and groups."""

    rooms: dict[int, str] = field(default_factory=dict)  # type: ignore[assignment]
    known: dict[int, tuple[str, int]] = field(default_factory=dict)
    clients: ClassVar[dict[int, Client]] = {}  # type: ignore[misc]

    @cached_property
    def groups(self) -> dict[int, tuple[str, int]]:
        return self.known | self.titles(self.group_ids - self.known.keys())

    def clients_words(self, names: Iterable[str]) -> str:
        number_of = len(list(names))
        return f"{number_of} client{'s' if number_of > 1 else ''}."


class Planned(Named):
    """For a planned week: what is named is read with the rest of its facts."""

    def __init__(self, facts: PlanFacts) -> None:
        super().__init__(facts.changes)
        self.facts = facts

    @cached_property
    def staff(self) -> dict[int, str]:
        return {pk: user.name for pk, user in self.facts.staff.items()}

    @cached_property
    def groups(self) -> dict[int, tuple[str, int]]:
        return {pk: (group.title, group.minutes) for pk, group in self.facts.groups.items()}

    @cached_property
    def clients(self) -> dict[int, Client]:
        concerned = {number(name) for each in self.of for name in each.people}
        return Client.objects.in_bulk(concerned | self.facts.counselors.keys())


@dataclass
class Told:
    """One change as a page says it. `staff` and `clients` are those to tell; `session` and `days` (0 is Monday) say where it
    stands on a board."""

    title: str
    when: str
    says: list[str]
    staff: list[str]
    clients: list[str]
    off: bool
    session: int | None
    days: set[int]


def told(each: Change, named: Named, for_good: str = "") -> Told:
    """`for_good`: the client who joins or leaves."""
    first = each.was or each.now or {}
    clients = sorted(named.client(name) for name in each.people)
    staff = [named.person(name) for name in each.staff]
    said = list(says(each, named, for_good))
    return Told(
        named.title(each), moment_words(first["start"]), said, staff, clients, each.off, each.session, each.days
    )


def says(each: Change, named: Named, for_good: str = "") -> Iterable[str]:
    was, now = each.was, each.now
    if was is None and now is not None:
        yield f"New, with {named.person(now['lead'])} in {named.room(now['room'])}."
        return
    if now is None or was is None:
        yield "Does not happen this week."
        return
    if each.moved:
        yield f"Moves to {moment_words(now['start'])}."
    if each.differs("lead"):
        yield f"{named.person(now['lead'])} leads instead of {named.person(was['lead'])}."
    if each.differs("co"):
        yield f"{named.person(now['co']).capitalize() if now['co'] is None else named.person(now['co'])} co-leads."
    if each.differs("room"):
        yield f"In {named.room(now['room'])} instead of {named.room(was['room'])}."
    if each.gained:
        what = "Joins" if each.gained == (for_good,) else "Sits in this once"
        yield f"{what}: {named.clients_words(each.gained)}"
    if each.lost:
        what = "Leaves" if each.lost == (for_good,) else "Not expected this once"
        yield f"{what}: {named.clients_words(each.lost)}"


def listed(names: Iterable[str]) -> str:
    """Names that end a sentence: one full stop, also after "Wren A."."""
    return f"{', '.join(sorted(names)).rstrip('.')}."


@dataclass
class Way:
    """One end of a repair on the page."""

    end: str
    title: str
    lead: str
    told: list[Told]
    people: int
    levels: list["LevelWords"]
    proved: bool
    same: bool = False


@dataclass
class LevelWords:
    label: str
    value: str
    proof: str
    proved: bool = field(default=False)


def changes_of(proposal: Proposal) -> dict[str, list[Change]]:
    """What each end of a repair changes."""
    return {end: changes(proposal.standing, proposal.answers[end]) for end in ENDS if end in proposal.answers}


def ways(proposal: Proposal, named: Named | None = None) -> list[Way]:
    """The ends of a repair, each with its changes in words; the second is left out when it is the first again. `named` holds
    the names when several are shown at once."""
    found, for_good = changes_of(proposal), come_or_gone(proposal.asked)
    named = named or Named([each for every in found.values() for each in every])
    made: list[Way] = []
    for end, wanted in found.items():
        if any(as_good(proposal, end, before.end) for before in made):
            continue
        title, lead = ENDS[end]
        answer = proposal.answers[end]
        people = len({name for each in wanted for name in (*each.people, *each.staff)})
        told_of = [told(each, named, for_good) for each in wanted]
        proved = all(level["proved"] for level in answer["levels"][:FIRST])
        made.append(Way(end, title, lead, told_of, people, level_words(answer), proved))
    if len(made) == 1 and len(found) > 1:
        made[0].title, made[0].lead = "The best way", "Most hours kept and fewest changes are the same here."
    return made


def as_good(proposal: Proposal, one: str, other: str) -> bool:
    """Whether two ends lose the same hours and change as much: then there is nothing to choose between."""
    values = [[level["value"] for level in proposal.answers[end]["levels"][:FIRST]] for end in (one, other)]
    return values[0] == values[1]


LEVELS = {
    "below_payer": "People below the payer's hours",
    "short_minutes": "Short of what is prescribed, all together",
    "missing": "Prescribed sessions missing",
    "changes": "Changes to people's calendars (weighed)",
    "continuity": "Other faces than usual (weighed)",
    "preference": "Quarter hours people like less (weighed)",
    "idle": "Quarter hours of waiting",
    "load": "The fullest clinician's week",
}


FROM_NOTHING = tuple(
    name for name in LEVELS if name not in ("changes", "continuity")
)  # it compares with no week before


def level_words(answer: Row, names: Iterable[str] = tuple(LEVELS)) -> list[LevelWords]:
    rows = {level["name"]: level for level in answer["levels"]}
    return [LevelWords(LEVELS[n], amount(n, rows[n]["value"]), proof(rows[n]), rows[n]["proved"]) for n in names]


def amount(name: str, value: int) -> str:
    if name == "short_minutes":
        return words.length(value) if value else "nothing"
    return f"{value}%" if name == "load" else str(value)


def proof(level: Row) -> str:
    """How sure it is that nothing better exists."""
    if level["proved"]:
        return "proved best"
    if level["bound"] <= 0:
        return f"may be better still (at best {amount(level['name'], max(0, level['bound']))})"
    return f"within {math.ceil(100 * level['gap'])}% of the best there can be"


def progress_words(progress: Row, names: Iterable[str] = tuple(LEVELS)) -> list[LevelWords]:
    """The best so far, from a line of progress."""
    found = []
    for name, value, bound in zip(names, progress["objective"], progress["bounds"], strict=False):
        level = {"name": name, "value": value, "bound": bound, "gap": (value - bound) / max(1, value)}
        found.append(LevelWords(LEVELS[name], amount(name, value), proof({**level, "proved": value == bound})))
    return found[:4]


@dataclass
class ClientWeek:
    """What a planned week changes for one client. `stays`: groups that are no part of it; `counselor`: who becomes theirs;
    `booked`: already taken out of this plan."""

    client_id: int
    name: str
    joins: list[str]
    leaves: list[str]
    talks: list[str]
    stays: list[str]
    counselor: str
    before: str
    after: str
    booked: bool
    possible: bool


def client_weeks(named: Planned) -> list[ClientWeek]:
    """Whose week changes and how, by name; whoever may not be seen is left out."""
    people = sorted(named.clients.values(), key=lambda client: client.short)
    found = [client_week(named, client) for client in people]
    return [each for each in found if each.joins or each.leaves or each.talks or each.counselor]


def client_week(named: Planned, client: Client) -> ClientWeek:
    facts, pk, name = named.facts, client.pk, f"c{client.pk}"
    beside = facts.proposal.standing.get("beside", {}).get(name, 0)
    was, now = (beside + seat_minutes(plan, name, named) for plan in (facts.current, facts.answer))
    chosen = facts.counselors.get(pk)
    return ClientWeek(
        pk,
        client.short,
        [session_words(each, named) for each in named.of if name in each.gained],
        [session_words(each, named) for each in named.of if name in each.lost or (each.off and name in each.stay)],
        [f"{named.title(each).partition(' with ')[0]}: {' '.join(says(each, named))}" for each in facts.talks_of(pk)],
        [f"{g.title}, {words.DAYS[g.weekday]} {words.time_of(g.start_time)}" for g in facts.beside.get(pk, ())],
        chosen.user.name if chosen else "",
        words.length(was),
        words.length(now),
        pk in facts.proposal.done.get("booked", ()),
        facts.bookable(pk),
    )


def go_along(named: Named) -> int:
    """How many keep their groups and appointments, but go along with a group to another time, room or leader."""
    own = {name for each in named.of for name in (each.client, *each.gained, *each.lost) if name}
    own |= {name for each in named.of if each.off for name in each.stay}
    return len({name for each in named.of for name in each.people} - own)


def session_words(each: Change, named: Named) -> str:
    return f"{named.title(each)}, {moment_words((each.now or each.was or {})['start'])}"


def seat_minutes(plan: Row, client: str, named: Named) -> int:
    own = (number(row["id"]) or 0 for row in plan["groups"] if client in row["members"])
    return sum(named.groups.get(pk, ("", 0))[1] for pk in own)


def moved_groups(named: Named) -> list[Told]:
    """Groups that the plan puts elsewhere, gives to others, or does not run."""
    wanted = [each for each in named.of if each.client is None]
    wanted = [each for each in wanted if each.off or any(each.differs(key) for key in ("start", "room", "lead", "co"))]
    return [told(replace(each, gained=(), lost=()), named) for each in wanted]
