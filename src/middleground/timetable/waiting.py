"""Why people wait: the engine's reasons for one client, and for all who wait what one more group would do."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from middleground.admissions.models import Inquiry
from middleground.engines.timetabling import reasons
from middleground.engines.timetabling.clinic import Spans
from middleground.engines.timetabling.reasons.telling import cut_short
from middleground.engines.timetabling.times import CELL, interval, moment
from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.context import Actor, everything
from middleground.kernel.errors import Refused
from middleground.program.models import Group
from middleground.records.models import Client

from . import queries, words
from .changes import number
from .fitting import telehealth_max, week_limits
from .instance import ClinicWeek, clinic_week, knowledge
from .planning import PLANNERS, look_at_reasons, reach
from .runs import Part, State
from .solves import begin

Row = dict[str, Any]
TOGETHER = "middleground.cli.engine_together"
NEW = "new"


def begin_reasons(actor: Actor, client: Client) -> str:
    """Ask why a client can't reach what is prescribed and what the payer asks for; the run's token. Raises `Refused`."""
    made = look_at_reasons.run(actor, client=client)
    name = f"c{client.pk}"
    if name not in {row["id"] for row in made.data["clients"]}:
        raise Refused("Reasons can be looked for once the client is admitted.")
    as_they_said(made, client)
    asks = [{"client": name, "target": target} for target in ("prescribed", "payer")]
    busy = next(row["busy"] for row in made.data["clients"] if row["id"] == name)
    asked: Row = {"client": client.pk, "busy": [each["at"] for each in busy]}
    if beside := made.beside.get(name):
        asked |= {"had": beside.minutes, "targets": [beside.prescribed, beside.payer]}
    seconds = knowledge()["explain"]["seconds"]
    part = Part("explain", ["explain", "-", "--time-limit", str(seconds), "--progress"])
    instance = {**made.data, "question": "explain", "asks": asks}
    return begin(actor, "explain", client.site_id, made, [part], asked, seconds, instance)


def as_they_said(made: ClinicWeek, client: Client) -> None:
    """Reasons are about the hours they gave, not those in which they are booked anyway; their own bookings are lifted."""
    name = f"c{client.pk}"
    row = next(row for row in made.data["clients"] if row["id"] == name)
    if given := queries.free_times(client, queries.availability(client)):
        row["free"] = [dict(each) for each in given]
    for group in made.current["groups"]:
        group["members"] = [member for member in group["members"] if member != name]
    made.current["sessions"] = [each for each in made.current["sessions"] if each["client"] != name]


@dataclass(frozen=True)
class Reason:
    """The answer to one target in words. `change` names the one change that helps most, with its group where it has one.
    `to_client` is in the client's `language`. `cut`: found before the search ended early; `reach` "" when not even that was known."""

    target: str
    reach: str
    reached: bool
    says: list[str]
    change: str
    to_client: list[str]
    language: str
    cut: bool = False


def reasons_of(answer: Mapping[str, Any], asked: Mapping[str, Any], language: str) -> list[Reason]:
    """An explain answer as the chart shows it; a payer's target that is the program's own is said once. `asked`: what it was
    asked with; `language`: the client's."""
    seen, found, spans, language = set(), [], tuple(map(interval, asked["busy"])), reasons.language_of(language)
    for told in whole(answer["explanations"], spans, asked):
        if told["target"] in seen:
            continue
        seen.add(told["target"])
        best = told["best"]
        lifted = change_of(best["change"]) if best else ""
        says, to_client = reasons.by_reader(told, spans, language)
        cut = cut_short(told["text"])
        found.append(
            Reason(
                words.length(told["target"]),
                words.length(told["reach"]) if told["reach"] or not cut else "",
                told["reach"] >= told["target"],
                says,
                f"{lifted}, then {words.length(best['reach'])}" if lifted else "",
                to_client,
                language,
                cut,
            )
        )
    return found


def whole(explanations: Iterable[Row], busy: Spans, asked: Mapping[str, Any]) -> Iterable[Row]:
    """With the hours they have beside the plan: only what is lacking was asked for."""
    if "had" not in asked:
        return explanations
    rows = zip(explanations, asked["targets"], strict=False)  # fewer when the search ended early
    return [reasons.counted(told, busy, target, asked["had"]) for told, target in rows]


def change_of(change: str) -> str:
    """ "place:g5" as a seat in the group's own name; other changes the engine says itself."""
    family, _, name = change.partition(":")
    if family not in ("place", "running"):
        return ""
    group = Group.objects.filter(pk=number(name) or 0).first()
    return f"A place in {group.title} on {words.DAYS[group.weekday]}" if group else ""


def far_so_far(state: State) -> str:
    """How far a run of reasons or of all who wait is, in words; "" before anything is known."""
    told = next(iter(state.progress.values()), {})
    if "done" in told:
        return f"Looked at {told['done']} of {told['of']} people who wait."
    if "target" in told:
        had = state.told.get("asked", {}).get("had", 0)
        reach, target = (had + minutes for minutes in (told["target"] - told["objective"][0], told["target"]))
        return f"{words.length(reach)} of {words.length(target)} fit. Now the reasons are looked for."
    return ""


# ---- all who wait ---------------------------------------------------------------------------------------------------


@action("Look at what would help all who wait", by=PLANNERS, purpose="operations", remembered=False)
def look_at_waiting(act: Act, site_id: int) -> ClinicWeek:
    """The instance of today's week with those who asked for care and gave times, and with groups that could be opened."""
    sites = reach(act.actor)
    if sites is not None and site_id not in sites:
        raise Refused("You don't plan the week of this site.", "site")
    made = clinic_week(clock.today(), frozenset({site_id}))
    with everything("the times of those who wait"):
        asked = Inquiry.objects.filter(site=site_id, client=None, closed_at=None).exclude(availability=[])
        asked = asked.exclude(status__in=(Inquiry.Status.LOST, Inquiry.Status.REFERRED, Inquiry.Status.ADMITTED))
        rows = list(asked.values_list("pk", "language", "availability"))
    made.data["clients"] += [newcomer(pk, language, times, site_id) for pk, language, times in rows]
    waiting = [*short_of_hours(made), *(f"q{pk}" for pk, *_ in rows)]
    made.data["asks"] = [{"client": name, "target": "prescribed"} for name in waiting]
    made.data["groups"] += could_be_opened(made, site_id, waiting)
    made.data["question"] = "explain"
    act.says(f"Looked at what would help {len(waiting)} people who wait", site=site_id)
    return made


def newcomer(pk: int, language: str, times: list[str], site_id: int) -> Row:
    """Somebody who asked for care, with the program's dose and the careful payer's rule."""
    need = queries.need(None)
    limits = week_limits(need.prescribed, {})
    return {
        "id": f"q{pk}",
        "languages": [language],
        "counselor": None,
        "travel": {f"s{site_id}": 0},
        "telehealth_max": telehealth_max(limits["max_week"]),
        "free": [{"at": at} for at in times],
        "prescribed": need.prescribed,
        "payer": {"minutes": need.payer.minutes, "days": need.payer.days},
        **limits,
        "mix": [],
        "sessions": [],
    }


def short_of_hours(made: ClinicWeek) -> list[str]:
    """Clients in care whose week has fewer minutes than prescribed, with what they have beside the plan."""
    minutes = {row["id"]: row["minutes"] for row in made.data["groups"]}
    planned = Counter[str]()
    for row in made.current["groups"]:
        for name in row["members"]:
            planned[name] += minutes[row["id"]]
    talks = {(row["id"], wish["kind"]): wish["minutes"] for row in made.data["clients"] for wish in row["sessions"]}
    for row in made.current["sessions"]:
        planned[row["client"]] += talks[row["client"], row["kind"]]
    return [row["id"] for row in made.data["clients"] if row["id"][0] == "c" and planned[row["id"]] < row["prescribed"]]


def could_be_opened(made: ClinicWeek, site_id: int, waiting: Iterable[str]) -> list[Row]:
    """One group for each day, part of the day and language spoken among those who wait."""
    rule = knowledge()["waiting"]
    names = set(waiting)
    spoken = sorted({lang for row in made.data["clients"] if row["id"] in names for lang in row["languages"]})
    shape = {"kind": "group", "minutes": rule["minutes"], "place": f"s{site_id}", "min": 0, "max": 12, "co_above": 12}
    return [
        {
            "id": f"{NEW}-{day}-{part}-{language}",
            "starts": [f"{day} {at}"],
            "credentials": [],
            "language": language,
            **shape,
        }
        for language in spoken
        for day in rule["days"]
        for part, at in rule["parts"].items()
        if moment(f"{day} {at}") % CELL == 0
    ]


def begin_waiting(actor: Actor, site_id: int) -> str:
    """Ask what would help all who wait; the run's token. Raises `Refused` when nobody waits."""
    made = look_at_waiting.run(actor, site_id=site_id)
    if not made.data["asks"]:
        raise Refused("Nobody waits: everybody in care has the hours prescribed, and nobody new has given times.")
    seconds = knowledge()["explain"]["seconds"]
    part = Part("together", [str(seconds)], TOGETHER)
    return begin(actor, "waiting", site_id, made, [part], {}, seconds)


@dataclass(frozen=True)
class OneMore:
    """A group that could be opened: how many it would place, how many it would help, the hours it would add."""

    name: str
    places: int
    helps: int
    hours: str


@dataclass(frozen=True)
class Together:
    """All who wait: how many of them were `looked` at before the search ended, how many of these are placed already, and the
    groups that would help most, best first."""

    waiting: int
    looked: int
    already: int
    none: int
    groups: list[OneMore]


def together_of(answer: Mapping[str, Any], most: int = 6) -> Together:
    rows = answer["waiting"]
    already = sum(row["reach"] >= row["target"] for row in rows)
    helped = [row for row in rows if row["reach"] < row["target"]]
    names = {name for row in helped for name in row["with"]}
    found = []
    for name in names:
        gains = [(row["with"][name], row) for row in helped if name in row["with"]]
        places = sum(minutes >= row["target"] for minutes, row in gains)
        found.append((places, sum(min(m, row["target"]) - row["reach"] for m, row in gains), len(gains), name))
    found.sort(key=lambda each: (-each[0], -each[1], each[3]))
    groups = [OneMore(new_group(name), places, helps, words.length(more)) for places, more, helps, name in found[:most]]
    return Together(answer["of"], len(rows), already, sum(not row["with"] for row in helped), groups)


def new_group(name: str) -> str:
    """ "new-tue-evening-en" as an evening group on Tuesday."""
    _, day, part, language = name.split("-")
    article = "An" if part[0] in "ae" else "A"
    spoken = {"en": "", "es": " in Spanish"}.get(language, f" in {language}")
    return f"{article} {part} group on {words.DAYS[words.DAY_CODES.index(day)]}{spoken}"
