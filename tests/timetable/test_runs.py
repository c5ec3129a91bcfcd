"""Solving beside the page: progress, a stop that answers with the best so far, and a kill that leaves nothing behind."""

import os
import signal
import time
from datetime import timedelta

import pytest

from middleground.kernel import clock
from middleground.kernel.errors import Refused
from middleground.timetable import runs, solves
from middleground.timetable.actions import keep_proposal
from middleground.timetable.proposed import Proposal
from middleground.timetable.runs import Part
from tests.timetable.weeks import EVENINGS, an_evening, book, free

pytestmark = [pytest.mark.django_db(transaction=True)]
TOO_LONG = 40


@pytest.fixture
def planning(clinic, wren):
    """A run that plans next week."""
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, an_evening(clinic), since=clock.today())
    actor = clinic.actor("program-director")
    token = solves.begin_plan(actor, site=clinic.site.pk, week=clock.today() + timedelta(days=7), keep="groups")
    yield token, actor
    runs.stop(token, actor.user_id)


def ended(token, actor):
    until = time.monotonic() + TOO_LONG
    while (state := runs.state(token, actor.user_id)) and state.running and time.monotonic() < until:
        time.sleep(0.1)
    return state


def proposals():
    from middleground.kernel.context import everything

    with everything("test"):
        return Proposal.objects.count()


def test_a_finished_run_is_kept_once_and_its_files_go(planning):
    token, actor = planning
    state = ended(token, actor)
    assert state.answers["plan"]["objective"][:4] == [0, 0, 0, 0]
    assert state.progress["plan"]["bounds"]
    assert oct(runs.folder(token).stat().st_mode)[-3:] == "700"
    made = keep_proposal.run(actor, token=token, key="once")
    runs.forget(token, -1)
    assert runs.folder(token)
    runs.forget(token, actor.user_id)
    assert (made.question, proposals(), runs.folder(token)) == ("plan", 1, None)
    assert keep_proposal.run(actor, token=token, key="once").pk == made.pk
    with pytest.raises(Refused, match="Nothing has changed"):
        keep_proposal.run(actor, token=token, key="again")


def test_nobody_else_sees_or_stops_it(planning, clinic):
    token, actor = planning
    other = clinic.actor("intake-coordinator")
    assert runs.state(token, other.user_id) is None
    runs.stop(token, other.user_id)
    assert ended(token, actor).answers


def test_killed_midway_it_leaves_nothing(planning):
    token, actor = planning
    own = runs.folder(token)
    os.kill(int((own / "plan.pid").read_text()), signal.SIGKILL)
    state = ended(token, actor)
    assert state.failed
    with pytest.raises(Refused):
        keep_proposal.run(actor, token=token)
    assert proposals() == 0
    long_untouched(own)
    runs.clear_away()
    assert not own.exists()


def long_untouched(own):
    """Nobody has looked into its folder for a while."""
    os.utime(own, (time.time() - 100,) * 2)


def test_what_lives_or_has_an_answer_is_not_cleared(planning):
    token, actor = planning
    own = runs.folder(token)
    long_untouched(own)
    runs.clear_away()
    assert own.exists()
    assert ended(token, actor).answers
    long_untouched(own)
    runs.clear_away()
    assert own.exists()


def test_a_run_that_is_being_begun_is_not_taken_for_a_dead_one(clinic, monkeypatch):
    begun, start = [], runs.start

    def slowly(own, *more):
        long_untouched(own)
        runs.clear_away()
        begun.append(own.exists())
        start(own, *more)

    monkeypatch.setattr(runs, "start", slowly)
    actor = clinic.actor("program-director")
    parts = [Part(end, ["plan", "-", "--time-limit", "1"]) for end in ("hours", "changes")]
    token = runs.begin({"format": "nonsense"}, parts, {"by": actor.user_id, "question": "repair", "limit": 1})
    assert begun == [True, True]
    assert ended(token, actor).failed


def test_forgotten_runs_are_cleared(planning):
    token, actor = planning
    runs.stop(token, actor.user_id)
    ended(token, actor)
    own = runs.folder(token)
    told = runs.told_of(own) | {"began": time.time() - 100_000}
    runs.write(own / runs.TOLD, told)
    long_untouched(own)
    runs.clear_away()
    assert not own.exists()


def test_a_wrong_instance_is_a_failure_without_a_proposal(clinic):
    actor = clinic.actor("program-director")
    told = {"by": actor.user_id, "question": "plan", "limit": 1}
    token = runs.begin({"format": "nonsense"}, [Part("plan", ["plan", "-"])], told)
    assert ended(token, actor).failed


@pytest.mark.parametrize(("before", "after", "holds"), [("optimal", "feasible", True), ("optimal", "infeasible", False),
                                                       ("infeasible", "optimal", False)])  # fmt: skip
def test_a_what_if_of_which_one_week_cannot_be_is_no_answer(before, after, holds):
    answer = {"before": {"status": before}, "after": {"status": after}, "difference": {}}
    assert runs.is_answer(answer) is holds
    assert runs.State({}, 0, running=False, answers={"what-if": answer}).failed is not holds


def test_stop_answers_with_the_best_so_far(clinic):
    """A hard week, stopped at once, still has an answer."""
    actor = clinic.actor("program-director")
    token = runs.begin(
        hard_week(), [Part("plan", ["plan", "-", "--progress"])], {"by": actor.user_id, "question": "plan"}
    )
    time.sleep(2)
    began = time.monotonic()
    runs.stop(token, actor.user_id)
    state = ended(token, actor)
    assert state.answers["plan"]["work"]["stopped"] in ("interrupt", "proved")
    assert time.monotonic() - began < 15


def hard_week():
    days = ("mon", "tue", "wed", "thu", "fri")
    staff = [
        {
            "id": f"st{n}",
            "leads": ["group", "individual"],
            "credentials": [],
            "languages": ["en"],
            "max_day": 480,
            "max_week": 1800,
            "caseload": 30,
            "break": {"every": 300, "minutes": 30},
            "works": [{"at": f"{day} 08:00-20:00", "site": "s1"} for day in days],
        }
        for n in range(4)
    ]
    groups = [
        {
            "id": f"g{n}",
            "kind": "group",
            "minutes": 90,
            "starts": [f"{day} {h:02}:00" for day in days for h in (9, 13, 17)],
            "place": "s1",
            "min": 2,
            "max": 8,
            "co_above": 8,
            "credentials": [],
            "language": "en",
            "series": f"t{n % 3}",
        }
        for n in range(24)
    ]
    clients = [
        {
            "id": f"c{n}",
            "languages": ["en"],
            "counselor": f"st{n % 4}",
            "travel": {"s1": 15},
            "telehealth_max": 0,
            "free": [
                {"at": f"{day} {8 + n % 5:02}:00-{15 + n % 6}:00", "cost": (n + i) % 4} for i, day in enumerate(days)
            ],
            "prescribed": 540,
            "payer": {"minutes": 540, "days": 3},
            "max_week": 900,
            "days_max": 4,
            "day": {"min": 0, "max": 300},
            "mix": [],
            "sessions": [{"kind": "individual", "minutes": 50, "count": 1, "required": True}],
        }
        for n in range(40)
    ]
    rooms = [
        {"id": "r1", "site": "s1", "kind": "group", "seats": 8},
        {"id": "r2", "site": "s1", "kind": "group", "seats": 8},
        {"id": "r3", "site": "s1", "kind": "office", "seats": 3},
    ]
    return {
        "format": "middleground-timetable/1",
        "id": "hard",
        "sites": [{"id": "s1", "open": [f"{d} 08:00-20:00" for d in days]}],
        "rooms": rooms,
        "staff": staff,
        "groups": groups,
        "clients": clients,
    }
