"""What the planner's pages ask the solver, and keeping what came back as a proposal."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q
from django.utils import timezone

from middleground.engines.timetabling.times import CELL, DAY, interval, interval_text, moment, moment_text, occupied
from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.context import Actor
from middleground.kernel.errors import Refused
from middleground.program.models import Membership
from middleground.records.models import Client

from . import runs
from .coming_going import JOINS, LEAVES, until_they_leave
from .instance import ClinicWeek, knowledge
from .outside_times import Outside
from .planning import PLANNERS, look_at_week
from .proposed import MOVE, Proposal
from .queries import Seen
from .runs import Busy, Part, State, is_answer
from .standing import moment_of, monday_of, span_of

Row = dict[str, Any]
EVENTS = {
    "staff": ("staff-off", "staff", "st"),
    "room": ("room-closed", "room", "r"),
    "client": ("client-busy", "client", "c"),
}
BUSY = "The planner is at work on several questions already. Try again in a minute."


def begin_repair(actor: Actor, *, site: int, sort: str, who: int, start: datetime, end: datetime) -> str:
    """Somebody (`sort` staff or client) or a room is not there from `start` to `end` of one day; or a client `leaves` or `joins`
    with the day of `start`: the fewest changes, and the most hours kept, each in a process of its own. Returns the run's token.
    Raises `Refused`."""
    day = timezone.localdate(start)
    if end <= clock.now():
        raise Refused("These hours are over.", "ends")
    if sort in (JOINS, LEAVES):
        made = look_at_week.run(actor, site_id=site, week=day, question="repair")
        comes_or_goes(made, sort, f"c{who}", day)
        return ask_repair(
            actor,
            site,
            made,
            {"sort": sort, "who": who, "start": start.isoformat(), "end": end.isoformat(), "now": made.data["now"]},
        )
    event = event_of(sort, who, start, end)
    made = look_at_week.run(actor, site_id=site, week=day, question="repair", events=[event])
    if event[EVENTS[sort][1]] not in {row["id"] for row in made.data[f"{sort}s" if sort != "staff" else sort]}:
        raise Refused("Nothing of theirs is at this site this week.", "who")
    if monday_of(clock.today()) == made.monday:
        made.data["now"] = next_quarter(clock.now())
        made.data["events"] = still_to_come(made)
    return ask_repair(actor, site, made, {"sort": sort, "who": who, "start": start.isoformat(), "end": end.isoformat()})


def begin_other_times(actor: Actor, client: Client, *, site: int, week: date) -> str:
    """A client can't come any more to what they have at a site in the week that holds a day: a repair of that week, which takes
    just the hours they are booked in outside their times. Returns the run's token. Raises `Refused`."""
    monday = monday_of(week)
    hours = Outside(Seen(client)).hours(monday, site)
    if not hours:
        raise Refused("Nothing of that week is outside their times any more.", "week")
    events = [{"event": "client-busy", "client": f"c{client.pk}", "at": at} for at in hours]
    made = look_at_week.run(actor, site_id=site, week=monday, question="repair", events=events)
    if monday_of(clock.today()) == monday:
        made.data["now"] = next_quarter(clock.now())
        made.data["events"] = still_to_come(made)
    first, last = (moment_of(monday, at) for at in (interval(hours[0])[0], interval(hours[-1])[1]))
    asked = {"sort": "client", "who": client.pk, "start": first.isoformat(), "end": last.isoformat(), "hours": hours}
    return ask_repair(actor, site, made, asked)


def comes_or_goes(made: ClinicWeek, sort: str, name: str, day: date) -> None:
    """The event of a client who joins or leaves with a day: what is before it stands as it is."""
    row = next((row for row in made.data["clients"] if row["id"] == name), None)
    if row is None:
        raise Refused("Nothing of theirs is at this site this week.", "who")
    rows = [*made.current["groups"], *made.current["sessions"]]
    if sort == JOINS:
        if any(name in held_by(each) for each in rows):
            raise Refused("Their week is booked already. Change it on their chart.", "who")
        if not row["free"]:
            raise Refused("Nobody asked when they can come. Note it on their chart first.", "who")
        made.data["clients"] = [each for each in made.data["clients"] if each is not row]
    this_week = monday_of(clock.today()) == made.monday
    now = max(moment(next_quarter(clock.now())) if this_week else 0, day.weekday() * DAY)
    made.data["now"] = moment_text(now)
    event = {"event": "client-joins", "client": row} if sort == JOINS else {"event": "client-leaves", "client": name}
    made.data["events"] = [*still_to_come(made), event]


def ask_repair(actor: Actor, site: int, made: ClinicWeek, asked: Row) -> str:
    seconds = knowledge()["repair"]["seconds"]
    words = ["repair", "-", "--time-limit", str(seconds), "--progress"]
    parts = [Part("hours", words), Part("changes", [*words, "--first", "changes"])]
    return begin(actor, "repair", site, made, parts, asked, seconds)


def event_of(sort: str, who: int, start: datetime, end: datetime) -> Row:
    name, key, letters = EVENTS[sort]
    return {"event": name, key: f"{letters}{who}", "at": interval_text(span_of(start, end))}


def next_quarter(now: datetime) -> str:
    """What starts before it has begun."""
    local = timezone.localtime(now)
    minutes = local.weekday() * DAY + -(-(local.hour * 60 + local.minute) // CELL) * CELL
    return moment_text(min(minutes, 7 * DAY - CELL))


def still_to_come(made: ClinicWeek) -> list[Row]:
    """Events from now on: what has begun goes on to its end, or there would be no plan at all."""
    now, minutes = moment(made.data["now"]), lengths(made)
    rows = [*made.current["groups"], *made.current["sessions"]]
    found = []
    for event in made.data["events"]:
        who = event.get("staff") or event.get("room") or event.get("client")
        start, end = interval(event["at"])
        for row in rows:
            begins = moment(row["start"])
            if begins < now and who in held_by(row):
                start = max(start, begins + minutes(row))
        start = max(start, now)
        if start < end:
            found.append({**event, "at": interval_text((start, end))})
    return found


def held_by(row: Row) -> set[str | None]:
    """Everybody and everything a row of the plan holds."""
    return {row["room"], *map(row.get, ("lead", "co", "staff", "client")), *row.get("members", ())}


def lengths(made: ClinicWeek) -> Callable[[Row], int]:
    """How long a row of the plan in force holds what it holds."""
    groups = {row["id"]: row["minutes"] for row in made.data["groups"]}
    wishes = {(row["id"], wish["kind"]): wish["minutes"] for row in made.data["clients"] for wish in row["sessions"]}
    return lambda row: occupied(groups[row["id"]] if "id" in row else wishes[row["client"], row["kind"]])


def begin_plan(actor: Actor, *, site: int, week: date, keep: str) -> str:
    """Plan a coming week. `keep`: "groups" (they stay as they are, clients' weeks change: can be booked one by one), "week" (groups
    may move, few changes) or "nothing" (from nothing: what could be). Returns the token. Raises `Refused`."""
    if monday_of(week) <= clock.today():
        raise Refused("Plan a week that has not begun.", "week")
    made = look_at_week.run(actor, site_id=site, week=week, question="plan")
    instance = dict(made.data)
    if keep == "nothing":
        instance.pop("current")
    if keep == "groups":
        instance |= groups_kept(made)
    seconds = knowledge()["plan"]["seconds"]
    part = Part("plan", ["plan", "-", "--time-limit", str(seconds), "--progress"])
    return begin(actor, "plan", site, made, [part], {"keep": keep}, seconds, instance)


def groups_kept(made: ClinicWeek) -> Row:
    """Every group that runs keeps its time, room and people."""
    rows = made.current["groups"]
    start = {row["id"]: row["start"] for row in rows}
    groups = [{**row, "starts": [start.get(row["id"], row["starts"][0])], "min": 0} for row in made.data["groups"]]
    return {
        "groups": groups,
        "pins": [{key: row[key] for key in ("id", "start", "room", "lead", "co")} for row in rows],
    }


def begin(
    actor: Actor,
    question: str,
    site: int,
    made: ClinicWeek,
    parts: Sequence[Part],
    asked: Row,
    seconds: int,
    instance: Row | None = None,
    change: Any = None,
) -> str:
    told = {
        "by": actor.user_id,
        "question": question,
        "site": site,
        "monday": made.monday.isoformat(),
        "asked": asked,
        "standing": made.standing,
        "limit": seconds,
    }
    try:
        return runs.begin(instance or made.data, parts, told, change)
    except Busy:
        raise Refused(BUSY) from None


@action("Keep what the planner found", by=PLANNERS, purpose="operations")
def keep_proposal(act: Act, token: str) -> Proposal:
    """A finished run becomes a proposal; the run's own files go. Raises `Refused` when there is no answer to keep."""
    state = runs.state(token, act.user_id)
    if state is None or state.running or state.failed:
        raise Refused("The planner ended without an answer. Nothing has changed. Ask again.")
    made = proposal_of(state)
    made.made_at, made.made_by_id = act.now, act.user_id
    made.save()
    act.says(f"Kept what the planner found for the week of {made.monday}")
    return made


def proposal_of(state: State) -> Proposal:
    told = state.told
    return Proposal(
        site_id=told["site"],
        question=told["question"],
        monday=date.fromisoformat(told["monday"]),
        asked=told["asked"],
        standing=told["standing"],
        answers={
            end: until_they_leave(told["asked"], told["standing"], answer)
            for end, answer in state.answers.items()
            if is_answer(answer)
        },
    )


@action("Put a proposal aside", by=PLANNERS, purpose="operations")
def drop_proposal(act: Act, proposal: Proposal) -> Proposal:
    """It is no longer offered; nothing changes."""
    if proposal.is_open:
        proposal.status, proposal.decided_at, proposal.decided_by_id = Proposal.Status.DROPPED, act.now, act.user_id
        proposal.save()
    return proposal


def proposals(site_ids: frozenset[int] | None, days: int = 14) -> Any:
    """The newest proposals of the actor's sites, through the gate."""
    found = Proposal.objects.filter(made_at__gte=clock.now() - timedelta(days=days)).select_related("site", "made_by")
    found = found.exclude(question=MOVE)  # a moved group is taken back on the week board
    return found.defer("answers", "standing", "done")


def proposal(proposal_id: int) -> Proposal | None:
    found: Proposal | None = (
        Proposal.objects.filter(pk=proposal_id)
        .exclude(question=MOVE)
        .select_related("site", "made_by", "decided_by")
        .first()
    )
    return found


def memberships_in_force() -> Any:
    """Of the client of an outer episode, from today on."""
    held = Membership.objects.filter(client=OuterRef("client"), session=None)
    return held.filter(Q(until=None) | Q(until__gte=clock.today()))
