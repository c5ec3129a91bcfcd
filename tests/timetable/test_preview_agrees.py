"""What the week board says of a move before it is made is what the planner would say: when people can come, the way, the payer."""

from copy import deepcopy
from datetime import time, timedelta

import pytest

from middleground.admissions.models import Inquiry
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.times import DAY, moment_text
from middleground.kernel import clock, gate
from middleground.kernel.actions import action
from middleground.kernel.context import system
from middleground.kernel.who import system_only
from middleground.timetable import breaking, move_facts
from middleground.timetable.actions import look_at_week
from middleground.timetable.breaking import Held, Meeting, Member
from middleground.timetable.fitting import Payer
from middleground.timetable.honest import before_events
from middleground.timetable.move_facts import Target
from tests import builders
from tests.timetable.repairs import group_row
from tests.timetable.weeks import a_group, a_track, book, free


@action("Keep a request for a test", by=system_only())
def _asked(act, client: object, times: list) -> None:
    Inquiry.objects.create(site=client.site, client=client, availability=times, received_at=act.now)


def preview(clinic, group, weekday, hour):
    monday = clock.today() + timedelta(days=7)
    leader = next(u for u in move_facts.leaders_at(clinic.site.pk) if u.pk == clinic.people["counselor"].pk)
    row = move_facts.group_of(group.pk, None)
    with gate.access(clinic.actor("intake-coordinator"), "operations", "test"):
        return move_facts.preview(row, Target(weekday, time(hour), clinic.rooms[0], leader, monday)).broken


def engine_says_not_free(clinic, group, weekday, hour):
    """How many members the planner's own rule finds not free with the group at that start (H9)."""
    week = look_at_week.run(
        clinic.actor("program-director"), site_id=clinic.site.pk, week=clock.today() + timedelta(days=7)
    )
    data, start = deepcopy(week.data), moment_text(weekday * DAY + hour * 60)
    next(row for row in data["groups"] if row["id"] == f"g{group.pk}")["starts"] = [start]
    group_row(data["current"], group)["start"] = start
    found = faults(clinic_of(before_events(data), "repair"), plan_of(data["current"]))
    return any(fault.rule == "H9" for fault in found)


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.parametrize(
    ("weekday", "hour", "fits"), [(0, 18, True), (0, 17, False), (0, 19, False), (1, 18, False), (2, 18, True)]
)
def test_preview_and_engine_agree_who_is_free(clinic, wren, monday_morning, weekday, hour, fits):
    """Wren said nothing after the request, so the request counts; Lark has a way of half an hour."""
    lark = builders.a_client(clinic, "Lark", "Birch")
    _asked.run(system("test"), client=wren, times=["mon 18:00-21:00", "wed 17:00-22:00"])
    free(clinic, lark, "mon 17:00-22:00", "tue 17:00-22:00", "wed 17:00-22:00")
    group = a_group(clinic, a_track(clinic), "Recovery", 0)
    for client in (wren, lark):
        book(clinic, client, [group], since=clock.today())
    found = preview(clinic, group, weekday, hour)
    assert (not found.not_free, not engine_says_not_free(clinic, group, weekday, hour)) == (fits, fits)
    assert found.unknown == 0


def meeting(start, site="1", remote=False):
    return Meeting(1, 2, "Skills", start, 60, site, remote, "en", "group", 8, frozenset({1}))


@pytest.mark.parametrize(
    ("other", "fits"),
    [
        (meeting(10 * 60), True),  # the same site, back to back
        (meeting(10 * 60, site="2"), False),
        (meeting(9 * 60 + 30, site="2"), True),
        (meeting(10 * 60, remote=True), False),
        (meeting(9 * 60 + 30, remote=True), True),
        (meeting(DAY + 10 * 60, site="2"), True),  # another day
    ],
)
def test_the_way_between_two_sessions_of_a_day(other, fits):
    member = Member(1, "en", ((0, 7 * DAY),), {"1": 30, "2": 30}, Payer(540, 3))
    assert member.gets_there((11 * 60, 12 * 60), "1", False, [other]) is fits


def test_the_payers_rule_is_minutes_on_days_as_the_engine_counts():
    payer = Payer(540, 3)
    assert breaking._met(payer, [Held(0, 300), Held(1, 200), Held(2, 40)])
    assert not breaking._met(payer, [Held(0, 300), Held(1, 240)])
    assert not breaking._met(payer, [Held(0, 180), Held(1, 180), Held(2, 170)])
