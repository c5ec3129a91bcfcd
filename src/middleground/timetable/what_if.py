"""What if: a track is opened, a counselor is lost, Saturday is longer. The change of the instance, and what it does in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from middleground.engines.timetabling.times import DAY, interval
from middleground.kernel.context import Actor
from middleground.kernel.errors import Refused

from . import runs, words
from .instance import ClinicWeek, knowledge
from .promising import Promise
from .proposed import Proposal
from .runs import Part
from .solves import begin
from .spans import texts
from .waiting import look_at_waiting

Row = dict[str, Any]
TRACK, LOSE, SATURDAY = "track", "lose", "saturday"
NEW_STAFF = "st0"
WHOLE_WEEK = [f"{day} 00:00-24:00" for day in words.DAY_CODES]


def begin_what_if(actor: Actor, site_id: int, asked: Row) -> str:
    """Plan today's week with everybody who waits, as it is and with the change. `asked`: {"change": "track", "days": ["mon"],
    "part": "evening", "staff": bool}, {"change": "lose", "who": user id} or {"change": "saturday", "who", "from", "to"}.

    Returns the run's token. Raises `Refused`.
    """
    made = look_at_waiting.run(actor, site_id=site_id)
    waiting = [ask["client"] for ask in made.data["asks"]]
    instance = as_it_is(made)
    seconds = knowledge()["what_if"]["seconds"]
    part = Part("what-if", ["what-if", "-", "--change", runs.PATCH, "--time-limit", str(seconds), "--progress"])
    prescribed = {row["id"]: row["prescribed"] for row in instance["clients"]}
    prescribed |= {name: beside.prescribed for name, beside in made.beside.items()}
    had = {name: beside.minutes for name, beside in made.beside.items()}
    told = asked | {"waiting": waiting, "prescribed": prescribed, "had": had, "lengths": lengths(instance, asked)}
    return begin(actor, "what-if", site_id, made, [part], told, seconds, instance, change_of(instance, site_id, asked))


def as_it_is(made: ClinicWeek) -> Row:
    """Today's week to plan: the groups that run keep their hours, so that both plans are proved soon."""
    start = {row["id"]: row["start"] for row in made.current["groups"]}
    groups = [{**row, "starts": [start[row["id"]]]} for row in made.data["groups"] if row["id"] in start]
    left = {key: value for key, value in made.data.items() if key not in ("asks", "question")}
    return {**left, "groups": groups, "question": "plan"}


def lengths(instance: Row, asked: Row) -> Row:
    """Minutes of every group, the new ones too, and of each client's talks."""
    new = {row["id"]: row["minutes"] for row in new_groups(0, asked)}
    talks = {f"{row['id']} {wish['kind']}": wish["minutes"] for row in instance["clients"] for wish in row["sessions"]}
    return {row["id"]: row["minutes"] for row in instance["groups"]} | new | talks


def change_of(instance: Row, site_id: int, asked: Row) -> Row:
    """The merge patch. Raises `Refused` for what can't be."""
    if asked["change"] == TRACK:
        return track(instance, site_id, asked)
    if asked["change"] == LOSE:
        return lose(instance, f"st{asked['who']}")
    return saturday(instance, site_id, asked)


def new_groups(site_id: int, asked: Row) -> list[Row]:
    rule, least = knowledge()["waiting"], knowledge()["groups"]["min"]
    if asked["change"] == LOSE:
        return []
    starts = (
        dict.fromkeys(asked["days"], rule["parts"][asked["part"]])
        if asked["change"] == TRACK
        else {"sat": asked["from"]}
    )
    return [
        {
            "id": f"g0-{day}",
            "series": "t0",
            "kind": "group",
            "minutes": rule["minutes"],
            "starts": [f"{day} {at}"],
            "place": f"s{site_id}",
            "min": least,
            "max": 12,
            "co_above": 12,
            "credentials": [],
            "language": "en",
        }
        for day, at in starts.items()
    ]


def track(instance: Row, site_id: int, asked: Row) -> Row:
    """Its groups, on these days; `staff`: with a new counselor, else led by whoever is there."""
    patch: Row = {"groups": new_groups(site_id, asked)}
    if asked.get("staff"):
        rule = knowledge()
        site = next(row for row in instance["sites"] if row["id"] == f"s{site_id}")
        patch["staff"] = [
            {
                "id": NEW_STAFF,
                "leads": rule["leads"]["counselor"],
                "credentials": [],
                "languages": rule["languages"],
                "works": [{"at": at, "site": site["id"]} for at in site["open"]],
                **rule_of_staff(rule),
            }
        ]
    return patch


def rule_of_staff(rule: Row) -> Row:
    least = {key: rule["staff"][key] for key in ("max_day", "max_week")}
    return {**least, "caseload": 20, "break": {key: rule["break"][key] for key in ("every", "minutes")}}


def lose(instance: Row, who: str) -> Row:
    """Away all week; what they hold no longer stands, and may be held by others."""
    if who not in {row["id"] for row in instance["staff"]}:
        raise Refused("Choose somebody who leads at this site.", "who")
    current = instance["current"]
    gone = {row["id"]: None for row in current["groups"] if who in (row["lead"], row["co"])}
    talks = [row for row in current["sessions"] if row["staff"] != who]
    return {"staff": {who: {"off": WHOLE_WEEK}}, "current": {"groups": gone or [], "sessions": talks}}


def saturday(instance: Row, site_id: int, asked: Row) -> Row:
    """The site is open and one clinician works in these hours, with one group more at their beginning."""
    who, at = f"st{asked['who']}", f"sat {asked['from']}-{asked['to']}"
    row = next((row for row in instance["staff"] if row["id"] == who), None)
    if row is None:
        raise Refused("Choose somebody who leads at this site.", "who")
    minutes = interval(at)[1] - interval(at)[0]
    if minutes < knowledge()["waiting"]["minutes"] or interval(at)[0] // DAY != 5:
        raise Refused("Saturday needs at least three hours more.", "ends")
    site = next(each for each in instance["sites"] if each["id"] == f"s{site_id}")
    works = [*row["works"], {"at": at, "site": site["id"]}]
    opening = texts(map(interval, [*site["open"], at]))
    return {
        "sites": {site["id"]: {"open": opening}},
        "staff": {who: {"works": works}},
        "groups": new_groups(site_id, asked),
    }


# ---- what came of it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """One line of before and after. `sure` False: the difference is smaller than what is not proved."""

    label: str
    before: str
    after: str
    sure: bool


def figures(proposal: Proposal) -> list[Figure]:
    answer, asked = proposal.answers["what-if"], proposal.asked
    before, after, difference = answer["before"], answer["after"], answer["difference"]
    doubtful = set(difference["not_proved"])
    waits = [still_waiting(plan, asked) for plan in (before, after)]
    hours = [sum(reached(plan, asked).values()) for plan in (before, after)]
    below = [level(plan, "below_payer") for plan in (before, after)]
    loads = [level(plan, "load") for plan in (before, after)]
    sure = "short_minutes" not in doubtful
    return [
        Figure("People who still wait for all their hours", str(waits[0]), str(waits[1]), sure),
        Figure(
            "Hours of the prescribed that people get",
            words.length(hours[0]),
            words.length(hours[1]),
            "minutes" not in doubtful,
        ),
        Figure("People below the payer's hours", str(below[0]), str(below[1]), "below_payer" not in doubtful),
        Figure("The fullest clinician's week", f"{loads[0]}%", f"{loads[1]}%", "load" not in doubtful),
    ]


def level(plan: Mapping[str, Any], name: str) -> int:
    return int(next(each["value"] for each in plan["levels"] if each["name"] == name))


def reached(plan: Mapping[str, Any], asked: Row) -> dict[str, int]:
    """Minutes of the prescription that each gets, with those beside the plan."""
    found = dict.fromkeys(asked["prescribed"], 0) | asked.get("had", {})
    for row in plan["groups"]:
        for name in row["members"]:
            found[name] += asked["lengths"].get(row["id"], 0)
    for row in plan["sessions"]:
        found[row["client"]] += asked["lengths"].get(f"{row['client']} {row['kind']}", 0)
    return {name: min(minutes, asked["prescribed"][name]) for name, minutes in found.items()}


def still_waiting(plan: Mapping[str, Any], asked: Row) -> int:
    got = reached(plan, asked)
    return sum(got[name] < asked["prescribed"][name] for name in asked["prescribed"])


def fewer_ahead(proposal: Proposal) -> int:
    """How many fewer would be ahead of the next person."""
    answer = proposal.answers["what-if"]
    return still_waiting(answer["before"], proposal.asked) - still_waiting(answer["after"], proposal.asked)


def promised_after(proposal: Proposal, promise: Promise) -> Any:
    return promise.with_ahead(promise.ahead - fewer_ahead(proposal))
