"""Attendance: unrecorded until said, complete by the mark's rule, corrected one row at a time."""

from datetime import timedelta

import pytest

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import Invalid, NotAllowed, Refused
from middleground.program import actions, queries
from middleground.program.asking import NotOnRoster
from middleground.program.models import Attendance, Session
from middleground.records.models import Task
from tests import builders
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def people(clinic, evening):
    return groups.members(clinic, evening, 3)


@pytest.fixture
def session(evening):
    return groups.first_session(evening)


def record(clinic, session, *marks, role="counselor"):
    return actions.record_attendance.run(clinic.actor(role), session=session, marks=list(marks))


def open_tasks(start):
    with everything("test"):
        return list(Task.objects.filter(key__startswith=start, done_at=None))


def test_nobody_is_present_by_default(clinic, people, session):
    with clinic.seen_by("counselor"):
        page = queries.session_page(session)
    assert [seat.mark for seat in page.seats] == [None] * 3
    assert page.unrecorded == 3


def test_a_missing_person_in_the_post_stays_as_they_are(clinic, people, session):
    a, b, c = people
    with groups.this_evening():
        record(clinic, session, {"client": a.pk, "mark": "present"}, {"client": b.pk, "mark": "no-show"})
        record(clinic, session, {"client": c.pk, "mark": "late", "minutes": 60})
    assert groups.marks(session) == {a.pk: ("present", 90), b.pk: ("no-show", 0), c.pk: ("late", 60)}


@pytest.mark.parametrize("size", [12, 25, 40])
def test_every_row_of_a_large_group_is_kept(clinic, size):
    from middleground.clinic import actions as clinic_actions

    hall = clinic_actions.add_room.run(groups.SYSTEM, site=clinic.site, name="Hall", use="group", seats=60)
    group = groups.a_group(clinic, room=hall, capacity=60, session_kind="family-education", component="")
    people = groups.members(clinic, group, size)
    with groups.this_evening():
        groups.documented(clinic, groups.first_session(group), people)
        actions.amend_attendance.run(
            clinic.actor("counselor"),
            session=groups.first_session(group),
            client=people[-1],
            mark="late",
            minutes=30,
            why="Came at half past",
        )
    kept = groups.marks(groups.first_session(group))
    assert len(kept) == size
    assert kept[people[-1].pk] == ("late", 30)


def test_minutes_come_from_times_and_stay_within_the_session(clinic, people, session):
    a, b, _ = people
    with groups.this_evening():
        record(
            clinic,
            session,
            {"client": a.pk, "mark": "late", "arrived": "18:20"},
            {"client": b.pk, "mark": "left-early", "left": "19:00", "reason": "work"},
        )
    assert groups.marks(session) == {a.pk: ("late", 70), b.pk: ("left-early", 60)}


def test_all_that_is_wrong_is_named_beside_its_person_and_nothing_is_written(clinic, people, session):
    a, b, c = people
    with groups.this_evening(), pytest.raises(Invalid) as bad:
        record(
            clinic,
            session,
            {"client": a.pk, "mark": "late"},
            {"client": b.pk, "mark": "excused"},
            {"client": c.pk, "mark": "present", "minutes": 500},
        )
    assert set(bad.value.errors) == {f"minutes-{a.pk}", f"reason-{b.pk}", f"minutes-{c.pk}"}
    assert groups.marks(session) == {}


def test_who_is_not_expected_is_refused_until_added_as_a_walk_in(clinic, people, session):
    guest = builders.a_client(clinic, "Guest", "Walker")
    with groups.this_evening():
        with pytest.raises(NotOnRoster):
            record(clinic, session, {"client": guest.pk, "mark": "present"})
        actions.add_walk_in.run(clinic.actor("counselor"), session=session, client=guest)
        record(clinic, session, {"client": guest.pk, "mark": "present"})
    assert groups.marks(session) == {guest.pk: ("present", 90)}
    with everything("test"):
        later = Session.objects.filter(group=session.group).order_by("start")[1]
    with clinic.seen_by("counselor"):
        assert guest not in queries.roster(later)


def test_a_miss_without_word_becomes_the_counselors_task_and_closes_when_corrected(clinic, people, session):
    a = people[0]
    with groups.this_evening():
        record(clinic, session, {"client": a.pk, "mark": "no-show"})
        task = open_tasks("absence:")[0]
        assert (task.client_id, task.owner_id) == (a.pk, clinic.people["counselor"].pk)
        assert task.due_at == clock.now() + timedelta(hours=1)
        record(clinic, session, {"client": a.pk, "mark": "excused", "reason": "illness"})
    assert open_tasks("absence:") == []


def test_the_call_is_due_two_hours_after_the_start_when_marked_at_once(clinic, people, session):
    with clock.at(groups.local(clock.today(), 18, 20)):
        record(clinic, session, {"client": people[0].pk, "mark": "no-show"})
    assert open_tasks("absence:")[0].due_at == groups.local(clock.today(), 20)


def test_before_the_session_only_an_announced_absence_can_be_written(clinic, people, session):
    a = people[0]
    with pytest.raises(Invalid, match="not begun"):
        record(clinic, session, {"client": a.pk, "mark": "present"})
    record(clinic, session, {"client": a.pk, "mark": "excused", "reason": "court"})
    assert groups.marks(session) == {a.pk: ("excused", 0)}


def test_a_changed_mark_supersedes_and_destroys_nothing(clinic, people, session):
    a = people[0]
    with groups.this_evening():
        record(clinic, session, {"client": a.pk, "mark": "no-show"})
        record(clinic, session, {"client": a.pk, "mark": "present"})
    with everything("test"):
        old, new = Attendance.objects.filter(session=session).order_by("pk")
    assert (old.mark, old.superseded_at is not None, new.mark, new.replaces_id) == ("no-show", True, "present", old.pk)


def test_the_same_said_again_changes_nothing(clinic, people, session):
    with groups.this_evening():
        for _ in range(2):
            record(clinic, session, {"client": people[0].pk, "mark": "present"})
    with everything("test"):
        assert Attendance.objects.count() == 1


def test_a_mark_can_be_taken_back_to_unrecorded(clinic, people, session):
    with groups.this_evening():
        record(clinic, session, {"client": people[0].pk, "mark": "present"})
        record(clinic, session, {"client": people[0].pk, "mark": "unrecorded"})
    with clinic.seen_by("counselor"):
        assert queries.session_page(session).unrecorded == 3


@pytest.mark.parametrize(
    "role", ["intake-coordinator", "biller", "compliance-officer", "administrator", "case-manager", "prescriber"]
)
def test_other_roles_do_not_mark(clinic, people, session, role):
    with groups.this_evening(), pytest.raises(NotAllowed):
        record(clinic, session, {"client": people[0].pk, "mark": "present"}, role=role)


def test_a_counselor_who_does_not_lead_does_not_mark_and_sees_no_one(clinic, people, session):
    clinic.people["stranger"] = builders.a_second(clinic, "counselor", "stranger")
    with groups.this_evening():
        with pytest.raises(NotAllowed):
            record(clinic, session, {"client": people[0].pk, "mark": "present"}, role="stranger")
        groups.documented(clinic, session, people)
    with clinic.seen_by("stranger"):
        page = queries.session_page(session)
        assert (page.seats, page.unseen) == ([], 3)
        assert not Attendance.objects.exists()


def test_the_board_counts_without_names(clinic, people, session):
    clinic.people["stranger"] = builders.a_second(clinic, "counselor", "stranger")
    with groups.this_evening():
        record(clinic, session, {"client": people[0].pk, "mark": "present"})
        with clinic.seen_by("stranger"):
            row = queries.sessions_on(clock.today())[0]
    assert (row.expected, row.marked, row.unrecorded, row.note) == (3, 1, 2, "none")


def test_an_appointment_hides_its_client_from_those_without_a_relation(clinic, wren):
    made = actions.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        leader=clinic.people["counselor"],
        start=groups.local(clock.today(), 12),
    )
    clinic.people["stranger"] = builders.a_second(clinic, "counselor", "stranger")
    with clinic.seen_by("stranger"):
        assert queries.sessions_on(clock.today())[0].client is None
        assert queries.session(made.pk) is None
    with clinic.seen_by("counselor"):
        assert queries.session(made.pk) == made


def test_delivered_minutes_count_only_what_is_documented(clinic, people, session):
    a = people[0]
    with groups.this_evening(), clinic.seen_by("counselor"):
        pass
    with groups.this_evening():
        record(clinic, session, *({"client": p.pk, "mark": "present"} for p in people))
        with clinic.seen_by("counselor"):
            assert queries.delivered_minutes(a, clock.today()) == 0
        groups.documented(clinic, session, people)
        with clinic.seen_by("counselor"):
            assert queries.delivered_minutes(a, clock.today()) == 90


def test_a_stale_page_is_refused(clinic, people, session):
    with groups.this_evening():
        record(clinic, session, {"client": people[0].pk, "mark": "present"})
        with pytest.raises(Refused, match="Someone else changed"):
            actions.record_attendance.run(
                clinic.actor("counselor"), session=session, marks=[], seen_version=session.version
            )
