"""A talk that a repair made: taken back with the repair, unless somebody changed it since."""

from datetime import timedelta

import pytest

from middleground.kernel.context import everything
from middleground.kernel.models import Cell
from middleground.program import actions as program
from middleground.program.models import Session
from middleground.timetable.actions import WeekMoved, apply_repair, undo_repair
from middleground.timetable.proposed import Proposal
from tests import builders
from tests.timetable.repairs import answer_of, proposed, seen_week

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


def cells(key, at):
    with everything("test"):
        return Cell.objects.filter(resource=key, at=at).count()


def a_new_talk(clinic, wren):
    """A repair that makes Wren a talk on Tuesday, applied, and the talk."""
    week = seen_week(clinic)
    answer = answer_of(week)
    row = {"client": f"c{wren.pk}", "kind": "individual", "start": "tue 10:00"}
    answer["sessions"].append(row | {"staff": f"st{clinic.people['counselor'].pk}", "room": f"r{clinic.rooms[1].pk}"})
    done = apply_repair.run(clinic.actor("program-director"), proposal=proposed(clinic, week, answer), end="hours")
    with everything("test"):
        return done, Session.objects.get(client=wren)


@pytest.mark.parametrize("changed", [{"start": timedelta(days=3)}, {"leader": "dana"}])
def test_a_talk_of_the_repair_that_somebody_changed_since_is_not_taken_back(clinic, wren, changed):
    proposal, talk = a_new_talk(clinic, wren)
    counselor = clinic.actor("counselor")
    if "start" in changed:
        program.move_session.run(counselor, session=talk, start=talk.start + changed["start"])
    else:
        other = builders.a_second(clinic, "counselor", changed["leader"])
        program.cover_session.run(clinic.actor("program-director"), session=talk, leader=other)
    says = r"Individual session is now on (Friday, .* with Counselor|Tuesday, .* with Dana)"
    with pytest.raises(WeekMoved, match=says):
        undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    with everything("test"):
        talk.refresh_from_db()
    assert talk.status == Session.Status.SCHEDULED and cells(f"client:{wren.pk}", talk.start) == 1


def test_a_talk_of_the_repair_that_somebody_called_off_is_no_obstacle(clinic, wren):
    proposal, talk = a_new_talk(clinic, wren)
    program.call_off_session.run(clinic.actor("counselor"), session=talk, reason="staff-ill")
    back = undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    with everything("test"):
        talk.refresh_from_db()
    assert (back.status, talk.status_reason) == (Proposal.Status.UNDONE, "staff-ill")
