"""A client who leaves or joins within a week that runs: what a repair does beyond that week's sessions. From the day on they are
in none of the groups, or in those the repair found for them; taken back, it is as it was.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from middleground.engines.timetabling.times import moment
from middleground.kernel.actions import Act
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.program.joining import coming, depart, enroll, memberships_of, seat
from middleground.program.models import Group, Membership
from middleground.program.telling import tell_week
from middleground.records.models import Client, Episode

from .changes import Change, number

Row = dict[str, Any]
WHY = "A repair of the week"
JOINS, LEAVES = "joins", "leaves"


def first_day(asked: Row) -> date:
    return timezone.localdate(datetime.fromisoformat(asked["start"]))


def come_or_gone(asked: Row) -> str:
    """The client who joins or leaves, as the engine names them; "" when nobody does."""
    return f"c{asked['who']}" if asked.get("sort") in (JOINS, LEAVES) else ""


def joining(asked: Row) -> str:
    """The client who joins, as the engine names them; "" when nobody does."""
    return f"c{asked['who']}" if asked.get("sort") == JOINS else ""


def leaving(asked: Row) -> int | None:
    """The id of the client who leaves: they are out of their groups themselves."""
    return asked["who"] if asked.get("sort") == LEAVES else None


def until_they_leave(asked: Row, standing: Row, answer: Row) -> Row:
    """The answer with whoever leaves in all they have before: the planner knows them in no part of the week any more."""
    if asked.get("sort") != LEAVES:
        return answer
    name, now, current = f"c{asked['who']}", moment(asked["now"]), standing["current"]
    sat = {row["id"] for row in current["groups"] if name in row["members"] and moment(row["start"]) < now}
    groups = [row | {"members": [*row["members"], name]} if row["id"] in sat else row for row in answer["groups"]]
    talks = [row for row in current["sessions"] if row["client"] == name and moment(row["start"]) < now]
    return answer | {"groups": groups, "sessions": [*answer["sessions"], *talks]}


def come_and_go(act: Act, asked: Row, wanted: Iterable[Change]) -> Row:
    """Within the repair, once its sessions are changed: `left`, memberships with the last day they had; `joined`, new ones."""
    if asked.get("sort") not in (JOINS, LEAVES):
        return {}
    client, since = Client.objects.get(pk=asked["who"]), first_day(asked)
    held = memberships_of(client, since)
    if asked["sort"] == LEAVES:
        left = [[m.pk, m.until and m.until.isoformat()] for m in held]
        depart(act, held, since - timedelta(days=1), WHY)
        tell_of(act, client, [m.group for m in held])
        return {"left": left}
    if held:
        raise Refused(f"{client.called}'s week was booked meanwhile. Look at it on their chart.")
    groups = Group.objects.select_related("room").filter(
        pk__in=[number(e.about) for e in wanted if joining(asked) in e.gained]
    )
    with everything("the episode of whoever joins"):
        episode = Episode.objects.filter(client=client, ended_on=None, admitted_on__lte=since).first()
    if episode is None:
        raise Refused(f"{client.called} is not in care on that day.")
    made = enroll(act, client, episode, list(groups), since)
    tell_of(act, client, groups)
    return {"joined": [m.pk for m in made]}


def as_before(act: Act, done: Row) -> list[Membership]:
    """Before the sessions are put back: who joined is out again; the memberships of who left go on."""
    with everything("who joined or left"):
        joined = list(Membership.objects.filter(pk__in=done.get("joined", ())).select_related("group", "client"))
        left = dict(done.get("left", ()))
        back = list(Membership.objects.filter(pk__in=left).select_related("group__room", "client"))
    for membership in joined:
        depart(act, [membership], membership.since - timedelta(days=1), WHY)
    for membership in back:
        until = left[membership.pk]
        membership.until, membership.why_left = until and date.fromisoformat(until), ""
        membership.save(update_fields=["until", "why_left"])
    return back


def seats_again(act: Act, memberships: Iterable[Membership], done: Row, since: date) -> None:
    """For who comes back: seats in the sessions that the repair itself did not change."""
    for membership in memberships:
        sessions = coming(act, [membership.group], max(since, membership.since), membership.until)
        seat(act, membership.client, [s for s in sessions if str(s.pk) not in done["after"]])
        tell_of(act, membership.client, [membership.group])


def tell_of(act: Act, client: Client, groups: Iterable[Group]) -> None:
    tell_week(act, [client], [user for group in groups for user in (group.leader_id, group.co_leader_id)])
