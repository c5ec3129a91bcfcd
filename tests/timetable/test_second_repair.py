"""A repair that was applied is news for the next one: who is away, what is closed and when clients can't come, but for what they
still hold."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.rules import faults
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.timetable.actions import apply_repair, undo_repair
from middleground.timetable.instance import clinic_week
from tests import builders
from tests.timetable.repairs import answer_of, group_row, proposed, seen_week
from tests.timetable.weeks import a_group, a_track, another_site, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def groups(clinic, wren):
    """The counselor's eight o'clock and evening groups of Monday, Wren in both."""
    track = a_track(clinic)
    made = [a_group(clinic, track, "Early", 0, 8, minutes=60), a_group(clinic, track, "Evening", 0)]
    free(clinic, wren, "mon 06:00-23:00", "tue 06:00-23:00", travel=30)
    book(clinic, wren, made, since=clock.today())
    return made


@contextmanager
def at_twenty_to_nine():
    """The early group is under way."""
    with clock.at(clock.now().replace(hour=8, minute=40)) as now:
        yield now


def applied(clinic, sort, who, answer, week, begins=0, ends=24, **asked):
    day = clock.now().replace(hour=0, minute=0)
    start, end = (day + timedelta(hours=hours) for hours in (begins, ends))
    told = {"sort": sort, "who": who.pk, "start": start.isoformat(), "end": end.isoformat()} | asked
    proposal = proposed(clinic, week, answer, **told)
    return apply_repair.run(clinic.actor("program-director"), proposal=proposal, end="hours")


def led_by_the_director(clinic, group):
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, group)["lead"] = f"st{clinic.people['program-director'].pk}"
    return answer, week


def known(table, row, site, question="repair"):
    """One row of the site's week, in which nothing is left out of the plan in force."""
    with everything("test"):
        made = clinic_week(clock.today(), frozenset({site.pk}), question=question)
    assert faults(clinic_of(made.data, "repair"), plan_of(made.current)) == []
    assert not [each for each in made.warnings if "left out" in each]
    return next(each for each in made.data[table] if each["id"] == row)


@pytest.mark.parametrize("question", ["repair", "plan"])
def test_a_session_under_way_hides_nothing_of_who_is_away(clinic, groups, question):
    counselor = clinic.people["counselor"]
    with at_twenty_to_nine():
        done = applied(clinic, "staff", counselor, *led_by_the_director(clinic, groups[1]))
        off = known("staff", f"st{counselor.pk}", clinic.site, question)["off"]
        assert off == ["mon 00:00-08:00", "mon 09:00-24:00"]
        undo_repair.run(clinic.actor("program-director"), proposal=done)
        assert known("staff", f"st{counselor.pk}", clinic.site, question)["off"] == []


def test_a_session_under_way_hides_nothing_of_a_closed_room(clinic, groups):
    maple = clinic.rooms[0]
    with at_twenty_to_nine():
        week = seen_week(clinic)
        answer = answer_of(week)
        answer["groups"].remove(group_row(answer, groups[1]))
        applied(clinic, "room", maple, answer, week)
        assert known("rooms", f"r{maple.pk}", clinic.site)["closed"] == ["mon 00:00-08:00", "mon 09:00-24:00"]


def test_a_client_is_given_nothing_when_they_said_they_cant_come(clinic, wren, groups):
    """With the way home from the session under way."""
    with at_twenty_to_nine():
        week = seen_week(clinic)
        answer = answer_of(week)
        group_row(answer, groups[1])["members"] = []
        applied(clinic, "client", wren, answer, week)
        busy = known("clients", f"c{wren.pk}", clinic.site)["busy"]
    assert [each["at"] for each in busy] == ["mon 00:00-07:30", "mon 09:30-24:00"]


def test_all_hours_of_a_week_they_cant_come_are_known(clinic, wren, groups):
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, groups[1])["members"] = []
    applied(clinic, "client", wren, answer, week, 17, 30, hours=["mon 17:30-21:30", "tue 10:00-12:00"])
    busy = known("clients", f"c{wren.pk}", clinic.site)["busy"]
    assert [each["at"] for each in busy] == ["mon 17:30-21:30", "tue 10:00-12:00"]


def test_who_is_away_is_away_at_every_site(clinic, groups):
    south, dana = another_site(clinic), builders.a_second(clinic, "counselor", "dana")
    a_group(south, a_track(south, "Cedars"), "Cedars", 1, room=south.rooms[0], leader=dana)
    applied(clinic, "staff", dana, *led_by_the_director(clinic, groups[1]))
    assert known("staff", f"st{dana.pk}", south.site)["off"] == ["mon 00:00-24:00"]
