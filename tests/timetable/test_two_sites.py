"""Whoever has hours beside the plan, at another site or in a group left out of it: only what is lacking is planned, they wait for
no more than that, and what a plan books for them at this site is booked."""

import json
from datetime import timedelta

import pytest

from middleground.cli import engine
from middleground.clinic import actions as clinic_actions
from middleground.engines.knowing import load
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.reading import read
from middleground.engines.timetabling.rules import faults
from middleground.kernel import clock
from middleground.kernel.context import everything, system
from middleground.kernel.errors import Refused
from middleground.program import actions as program
from middleground.program.models import Membership, Session
from middleground.timetable import runs, waiting, what_if
from middleground.timetable.actions import book_planned_week, book_whole_plan
from middleground.timetable.instance import clinic_week
from middleground.timetable.models import WeekPlan
from middleground.timetable.plan_facts import PlanFacts
from middleground.timetable.plan_words import Planned, client_weeks
from middleground.timetable.waiting import look_at_waiting
from middleground.timetable.whole_plan import whole
from tests import builders
from tests.timetable.repairs import group_row, next_week, proposed
from tests.timetable.test_runs import ended
from tests.timetable.weeks import a_group, a_track, an_evening, another_site, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]
TIMES = ("mon 08:00-22:00", "tue 08:00-22:00", "wed 08:00-22:00", "thu 08:00-22:00", "fri 08:00-22:00")


@pytest.fixture
def south(clinic):
    return another_site(clinic)


@pytest.fixture
def evening(clinic):
    """Monday, Wednesday and Thursday from six to nine in the North."""
    return an_evening(clinic)


def in_the_south(south, title, weekday, hour=18, **facts):
    return a_group(south, a_track(south, title), title, weekday, hour, room=south.rooms[0], **facts)


def sits(clinic, south, client, groups):
    free(clinic, client, *TIMES)
    book(south, client, groups, role="program-director", since=clock.today())


def row(client, site, **facts):
    """The client's row in the week of one site, which every question accepts."""
    with everything("test"):
        made = clinic_week(clock.today(), frozenset({site.pk}), **facts)
    read(made.data, "plan")
    assert faults(clinic_of(made.data, "repair"), plan_of(made.current)) == []
    return next(each for each in made.data["clients"] if each["id"] == f"c{client.pk}")


def needs(found):
    return found["prescribed"], found["payer"], found["max_week"], found["days_max"]


def test_hours_at_another_site_are_lacking_no_more(clinic, south, wren, evening):
    sits(clinic, south, wren, evening)
    before = row(wren, clinic.site)
    clients = [wren, builders.a_client(clinic, "Lark", "Birch")]
    sits(clinic, south, clients[1], [*evening[:2], in_the_south(south, "Cedars", 4)])
    after = row(clients[1], clinic.site)
    assert needs(before) == (540, {"minutes": 540, "days": 3}, 1140, 5)
    assert needs(after) == (360, {"minutes": 360, "days": 2}, 960, 4)


def test_a_day_at_both_sites_counts_once(clinic, south, wren, evening):
    sits(clinic, south, wren, [*evening[:2], in_the_south(south, "Cedars", 0, 9)])
    found = row(wren, clinic.site)
    assert needs(found) == (360, {"minutes": 360, "days": 3}, 960, 5)
    assert found["day"]["max"] == 300


def test_a_day_that_is_full_elsewhere_is_taken_as_a_whole(clinic, south, wren, evening):
    sits(clinic, south, wren, [evening[1], in_the_south(south, "Cedars", 0, 9, minutes=270)])
    lark = builders.a_client(clinic, "Lark", "Birch")
    sits(clinic, south, lark, [evening[1], in_the_south(south, "Firs", 0, 14)])
    assert "mon 00:00-24:00" in [each["at"] for each in row(wren, clinic.site)["busy"]]
    assert "mon 00:00-24:00" not in [each["at"] for each in row(lark, clinic.site)["busy"]]


def test_video_elsewhere_is_video_they_have(clinic, south, wren, monkeypatch):
    monkeypatch.setitem(load("timetabling")["clinic"]["client"], "telehealth_max", 400)
    here = a_group(clinic, a_track(clinic, "Video"), "Screen", 4, room=None)
    there = a_group(south, a_track(south, "Far"), "Far", 1, room=None)
    sits(clinic, south, wren, [here, there])
    lark = builders.a_client(clinic, "Lark", "Birch")
    sits(clinic, south, lark, [here])
    assert [row(each, clinic.site)["telehealth_max"] for each in (wren, lark)] == [220, 400]


def talk(south, client, **facts):
    """An appointment in the South with somebody of the North."""
    at = clock.now() + timedelta(hours=30)
    told = {"sort": "individual", "leader": south.people["counselor"], "start": at, "room": south.rooms[1]} | facts
    return program.schedule_session.run(south.actor("program-director"), client=client, **told)


def test_a_talk_and_a_kind_of_group_elsewhere_count(clinic, south, wren, evening, monkeypatch):
    rules = [{"kind": "group", "min": 2, "max": 3}, {"kind": "education", "min": 1}]
    monkeypatch.setitem(load("timetabling")["clinic"], "mix", {"default": rules})
    sits(clinic, south, wren, [evening[0], in_the_south(south, "Cedars", 2)])
    found = row(wren, clinic.site)
    assert (found["mix"], found["sessions"][0]["count"]) == ([{**rules[0], "min": 1, "max": 2}, rules[1]], 1)
    talk(south, wren, site=south.site)
    found = row(wren, clinic.site)
    assert (found["sessions"][0]["count"], found["prescribed"]) == (0, 310)


def test_what_is_left_out_of_the_plan_in_force_counts(clinic, south, wren, evening):
    """Its leader is away that day: the group stays booked, and nobody gets another one besides."""
    sits(clinic, south, wren, evening)
    today = clock.today()
    clinic_actions.record_staff_absence.run(system("test"), user=clinic.people["counselor"], first=today, last=today)
    assert needs(row(wren, clinic.site)) == (360, {"minutes": 360, "days": 2}, 960, 4)


def test_a_plan_gives_nobody_hours_they_have_elsewhere(clinic, south, wren, evening, tmp_path, capfdbinary):
    sits(clinic, south, wren, [*evening[:2], in_the_south(south, "Cedars", 4, 9)])
    file = tmp_path / "week.json"
    assert engine.main(["timetable", "export", "--site", "North", f"--week={clock.today()}", str(file)]) == 0
    assert engine.main(["timetable", "plan", str(file), "--time-limit", "5"]) == 0
    answer = json.loads(capfdbinary.readouterr().out)
    members = {each["id"]: each["members"] for each in answer["groups"]}
    assert answer["objective"][:2] == [0, 0]
    assert [f"c{wren.pk}" in members.get(f"g{each.pk}", ()) for each in evening] == [True, True, False]


# ---- who waits, and why ---------------------------------------------------------------------------------------------


def test_who_has_all_hours_elsewhere_does_not_wait(clinic, south, wren, evening):
    lark = builders.a_client(clinic, "Lark", "Birch")
    far = [in_the_south(south, f"Cedars {day}", day, 9) for day in (0, 1, 2)]
    sits(clinic, south, wren, far)
    sits(clinic, south, lark, far[:2])
    made = look_at_waiting.run(clinic.actor("program-director"), site_id=clinic.site.pk)
    assert made.data["asks"] == [{"client": f"c{lark.pk}", "target": "prescribed"}]


def test_reasons_count_what_they_have_elsewhere(clinic, south, wren, evening):
    """Six hours in the South; of three evenings in the North they are free on one."""
    sits(clinic, south, wren, [evening[0], *(in_the_south(south, f"Cedars {day}", day, 9) for day in (1, 4))])
    free(clinic, wren, "mon 17:00-22:00", "tue 08:00-13:00", "fri 08:00-13:00")
    (reason,), _ = why(clinic, wren)
    assert (reason.target, reason.reach, reason.reached) == ("9 h", "9 h", True)
    free(clinic, wren, "tue 08:00-13:00", "fri 08:00-13:00")
    (reason,), on_the_way = why(clinic, wren)
    assert on_the_way.startswith("6 h of 9 h fit.")
    assert (reason.target, reason.reach, reason.reached) == ("9 h", "6 h", False)
    assert reason.says[0] == "Today's timetable gives 360 of 540 minutes a week."
    assert reason.to_client[0] == "Right now we can plan 360 of your 540 minutes a week."


def why(clinic, client):
    actor = clinic.actor("program-director")
    with clinic.seen_by("program-director", "operations"):
        token = waiting.begin_reasons(actor, client)
    state = ended(token, actor)
    runs.forget(token, actor.user_id)
    return waiting.reasons_of(state.answers["explain"], state.told["asked"], "en"), waiting.far_so_far(state)


def test_what_if_counts_what_they_have_elsewhere(clinic, south, wren, evening):
    sits(clinic, south, wren, [evening[0], in_the_south(south, "Cedars", 4, 9)])
    actor = clinic.actor("program-director")
    change = {"change": "track", "days": ["tue"], "part": "evening", "staff": False}
    token = what_if.begin_what_if(actor, clinic.site.pk, change)
    asked = runs.state(token, actor.user_id).told["asked"]
    runs.stop(token, actor.user_id)
    here = {"groups": [{"id": f"g{evening[0].pk}", "members": [f"c{wren.pk}"]}], "sessions": []}
    assert what_if.reached(here, asked)[f"c{wren.pk}"] == 360
    assert what_if.still_waiting(here, asked) == 1


# ---- what a plan books ----------------------------------------------------------------------------------------------


def groups_of(client):
    with everything("test"):
        sits = Membership.objects.filter(client=client, session=None, until=None)
        return WeekPlan.objects.get(client=client, status="booked").group_ids, set(sits.values_list("group", flat=True))


@pytest.mark.parametrize("at_once", [True, False])
def test_a_plan_of_one_site_leaves_the_groups_of_the_other(clinic, south, wren, evening, at_once):
    """Also when whoever books it plans for this site only."""
    far = in_the_south(south, "Cedars", 4, 9)
    sits(clinic, south, wren, [*evening[:2], far])
    week, answer = next_week(clinic)
    group_row(answer, evening[1])["members"].remove(f"c{wren.pk}")
    group_row(answer, evening[2])["members"].append(f"c{wren.pk}")
    proposal, director = proposed(clinic, week, answer, "plan", keep="groups"), clinic.actor("program-director")
    if at_once:
        book_whole_plan.run(director, proposal=proposal)
    else:
        book_planned_week.run(director, proposal=proposal, client=wren)
    expected = sorted([evening[0].pk, evening[2].pk, far.pk])
    assert groups_of(wren) == (expected, set(expected))


def test_who_leaves_a_group_for_none_but_has_some_elsewhere_is_in_a_group(clinic, south, wren, evening):
    """The page says so, and their week can be booked on its own."""
    far = in_the_south(south, "Cedars", 4, 9)
    sits(clinic, south, wren, [evening[0], far])
    week, answer = next_week(clinic)
    group_row(answer, evening[0])["members"] = []
    proposal, director = proposed(clinic, week, answer, "plan", keep="groups"), clinic.actor("program-director")
    assert whole(proposal).without == 0
    with clinic.seen_by("program-director", "operations"):
        (told,) = client_weeks(Planned(PlanFacts(proposal)))
    assert (told.before, told.after, told.possible) == ("6 h", "3 h", True)
    book_planned_week.run(director, proposal=proposal, client=wren)
    assert groups_of(wren) == ([far.pk], {far.pk})


def test_a_plan_books_a_talk_with_somebody_of_another_site(clinic, south, wren, evening, monkeypatch):
    """In the plan's own site and as long as it was planned."""
    (wish,) = load("timetabling")["clinic"]["sessions"]
    monkeypatch.setitem(load("timetabling")["clinic"], "sessions", [wish | {"minutes": 80}])
    sits(clinic, south, wren, [*evening[:2], in_the_south(south, "Cedars", 4, 9)])
    week, answer = next_week(south)
    new = {"client": f"c{wren.pk}", "kind": "individual", "start": "tue 10:00"}
    answer["sessions"].append(new | {"staff": f"st{south.people['counselor'].pk}", "room": f"r{south.rooms[1].pk}"})
    book_whole_plan.run(south.actor("program-director"), proposal=proposed(south, week, answer, "plan", keep="week"))
    with everything("test"):
        made = Session.objects.get(client=wren)
    assert (made.site_id, made.room_id, made.minutes) == (south.site.pk, south.rooms[1].pk, 80)


def test_by_hand_an_appointment_is_at_the_clients_own_site(clinic, south, wren):
    with pytest.raises(Refused, match="another site"):
        talk(south, wren)
    with pytest.raises(Refused, match="another site"):
        talk(south, wren, room=clinic.rooms[1], site=south.site)
