"""Weeks that fit, what stands in the way, booking one whole, and the dose it gives."""

from datetime import timedelta

import pytest

from middleground.kernel import clock, gate
from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.models import Booking
from middleground.program import actions as program
from middleground.program.models import Membership
from middleground.timetable import queries
from middleground.timetable.actions import SeatJustTaken, WeekChanged
from middleground.timetable.models import WeekPlan
from tests import builders
from tests.timetable.weeks import EVENINGS, a_group, a_track, an_evening, book, free, monday_to_come

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def offers(clinic, client, **asked):
    with clinic.seen_by("counselor"):
        return queries.offers(client, **asked)


def groups_of(client):
    with everything("test"):
        return set(Membership.objects.filter(client=client, until=None).values_list("group__title", flat=True))


def seats_of(client):
    with everything("test"):
        return Booking.objects.filter(subject__endswith=f"|client:{client.pk}", released_at=None).count()


def test_the_evening_track_fits_and_says_why(clinic, wren):
    an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    best = offers(clinic, wren).weeks[0]
    assert [g.name for g in best.groups] == ["Recovery", "Skills", "Process"]
    assert (best.minutes, best.days, best.reaches, best.payer_met) == (540, 3, True, True)
    assert best.better == (
        "All of the prescribed 9 h",
        "The same track all week",
        "Only hours they like",
        "No waiting between groups",
    )
    assert best.worse == ()


def test_what_stands_in_the_way_and_the_one_change_that_helps_most(clinic, wren):
    an_evening(clinic)
    free(clinic, wren, *EVENINGS[:2])
    found = offers(clinic, wren)
    assert found.weeks[0].worse == ("3 h short of the prescribed 9 h",)
    assert not found.weeks[0].payer_met
    assert found.obstacles == ("Process, Thursday 6:00 pm: not free then.",)
    assert found.advice == ("Being free Thursday 5:30 to 9:30 pm would help most: the week would then have 9 h.")


def test_the_payers_rule_is_not_the_prescription(clinic, wren):
    track = a_track(clinic)
    for title, day in (("A", 0), ("B", 1), ("C", 2), ("D", 3)):
        a_group(clinic, track, title, day, minutes=135)
    free(clinic, wren, "mon 08:00-22:00", "tue 08:00-22:00", "wed 08:00-22:00", "thu 08:00-22:00")
    best = offers(clinic, wren).weeks[0]
    assert (best.reaches, best.payer_met) == (True, False)  # 9 h, but no day has 3 h
    assert offers(clinic, wren).need.payer_words == "3 days with 3 h or more each"


def test_a_full_group_is_not_offered_and_the_reason_is_said(clinic, wren):
    groups = an_evening(clinic, capacity=1)
    book(clinic, builders.a_client(clinic, "Ash", "Birch"), groups[:1])
    free(clinic, wren, *EVENINGS)
    found = offers(clinic, wren)
    assert [g.name for g in found.weeks[0].groups] == ["Skills", "Process"]
    assert "Recovery, Monday 6:00 pm: no place left." in found.obstacles


def test_ones_own_seat_counts_as_free(clinic, wren):
    groups = an_evening(clinic, capacity=1)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups)
    assert offers(clinic, wren).weeks[0].reaches


def test_waiting_between_groups_is_said_with_its_length(clinic, wren):
    track = a_track(clinic)
    a_group(clinic, track, "Morning", 0, 9, minutes=85)
    a_group(clinic, track, "Afternoon", 0, 13, minutes=60)
    free(clinic, wren, "mon 08:00-22:00")
    assert "2 h 30 min of waiting between groups" in offers(clinic, wren).weeks[0].worse


def test_without_any_free_time_there_is_no_week_but_a_reason(clinic, wren):
    an_evening(clinic)
    found = offers(clinic, wren)
    assert found.weeks == ()
    assert len(found.obstacles) == 3
    assert "would help most" in found.advice


def test_a_group_in_another_language_is_not_offered(clinic, wren):
    a_group(clinic, a_track(clinic), "Recuperación", 0, language="es")
    free(clinic, wren, *EVENINGS)
    assert offers(clinic, wren).obstacles == ("Recuperación, Monday 6:00 pm: held in another language.",)


def test_a_booked_week_is_a_seat_in_every_session_to_come(clinic, wren):
    plan = book(clinic, wren, an_evening(clinic))
    assert (plan.week["minutes"], plan.week["days"], plan.week["payer_met"], plan.prescribed_minutes) == (
        540,
        3,
        True,
        540,
    )
    assert groups_of(wren) == {"Recovery", "Skills", "Process"}
    assert seats_of(wren) >= 8
    with clinic.seen_by("counselor"):
        assert queries.current_plan(wren) == plan


def test_another_week_leaves_what_is_no_longer_in_it(clinic, wren):
    groups = an_evening(clinic)
    first = book(clinic, wren, groups)
    before = seats_of(wren)
    second = book(clinic, wren, groups[:2], since=clock.today() + timedelta(days=9), seen_plan=first.pk)
    assert groups_of(wren) == {"Recovery", "Skills"}
    assert seats_of(wren) < before
    with everything("test"):
        assert WeekPlan.objects.get(pk=first.pk).status == "superseded"
    with clinic.seen_by("counselor"):
        assert queries.current_plan(wren) == second


def test_all_of_a_week_or_nothing_and_the_slower_one_is_told_which_seat_went(clinic, wren):
    groups = an_evening(clinic, capacity=1)
    book(clinic, builders.a_client(clinic, "Ash", "Birch"), groups[2:])
    with pytest.raises(SeatJustTaken, match=r"The last seat in Process \(Thursday 6:00 pm\) was just taken\."):
        book(clinic, wren, groups)
    assert (groups_of(wren), seats_of(wren)) == (set(), 0)


def test_a_seat_that_went_for_one_day_only_is_named_with_its_day(clinic, wren):
    group = a_group(clinic, a_track(clinic), "Recovery", 0, capacity=1)
    visitor = builders.a_client(clinic, "Ash", "Birch")
    with everything("test"):
        session = group.sessions.filter(start__gt=clock.now() + timedelta(days=2)).first()
    program.add_walk_in.run(clinic.actor("program-director"), session=session, client=visitor)
    with pytest.raises(SeatJustTaken, match="Recovery on Monday"):
        book(clinic, wren, [group])


def test_two_who_plan_for_one_client_do_not_undo_each_other(clinic, wren):
    groups = an_evening(clinic)
    book(clinic, wren, groups, seen_plan=0)
    with pytest.raises(WeekChanged):
        book(clinic, wren, groups[:1], seen_plan=0)


def test_groups_at_the_same_time_are_refused_by_name(clinic, wren):
    track = a_track(clinic)
    one = a_group(clinic, track, "Recovery", 0)
    other = a_group(clinic, track, "Skills", 0, 20, room=None, leader=clinic.people["program-director"])
    with pytest.raises(Refused, match="Recovery and Skills are held at the same time"):
        book(clinic, wren, [one, other])


def test_no_group_an_unknown_group_a_past_day_and_somebody_elses_episode_are_refused(clinic, wren):
    group = an_evening(clinic)[0]
    with pytest.raises(Refused, match="at least one"):
        book(clinic, wren, [])
    with pytest.raises(Refused) as past:
        book(clinic, wren, [group], since=clock.today() - timedelta(days=1))
    assert past.value.field == "since"
    group.pk = 999
    with pytest.raises(Refused, match="no longer runs"):
        book(clinic, wren, [group])


@pytest.mark.parametrize("role", ["biller", "prescriber", "compliance-officer", "administrator"])
def test_other_roles_do_not_book(clinic, wren, role):
    with pytest.raises(NotAllowed):
        book(clinic, wren, an_evening(clinic), role)


def test_the_plan_is_seen_by_the_team_and_not_by_a_stranger(clinic, wren):
    book(clinic, wren, an_evening(clinic))
    stranger = builders.a_second(clinic, "counselor", "stranger")
    with gate.access(stranger.actor(), "treatment", "test"):
        assert queries.current_plan(wren) is None
    with clinic.seen_by("biller", "payment"):
        assert queries.current_plan(wren) is not None
    with clinic.seen_by("administrator", "operations"):
        assert queries.current_plan(wren) is None


def test_the_dose_of_a_week_to_come_is_planned_and_in_reach(clinic, wren):
    book(clinic, wren, an_evening(clinic))
    with clinic.seen_by("counselor"):
        dose = queries.dose(wren, clock.today() + timedelta(days=8))
    assert (dose.planned, dose.delivered, dose.reachable) == (540, 0, 540)
    assert (dose.program.met, dose.program.reachable, dose.payer.reachable, dose.days_reachable) == (
        False,
        True,
        True,
        3,
    )


def test_an_appointment_is_kept_free_of_groups(clinic, wren):
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    with everything("test"):
        start = groups[0].sessions.filter(start__gt=clock.now()).first().start + timedelta(minutes=30)
    program.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        start=start,
        room=None,
        leader=clinic.people["case-manager"],
    )
    assert "Recovery" not in {g.name for week in offers(clinic, wren).weeks for g in week.groups}


def test_so_is_one_at_which_a_group_is_held_next_that_has_begun_already(clinic, wren):
    with monday_to_come() as seven, clock.at(seven.replace(hour=18, minute=28)) as now:
        an_evening(clinic)
        free(clinic, wren, *EVENINGS)
        told = {"sort": "individual", "start": now.replace(minute=30) + timedelta(days=7), "room": None}
        leader = clinic.people["case-manager"]
        program.schedule_session.run(clinic.actor("counselor"), client=wren, leader=leader, **told)
        names = {g.name for week in offers(clinic, wren).weeks for g in week.groups}
    assert names == {"Skills", "Process"}


def test_a_week_can_be_changed_before_it_has_begun(clinic, wren):
    groups = an_evening(clinic)
    book(clinic, wren, groups)
    book(clinic, wren, groups[:2])
    assert groups_of(wren) == {"Recovery", "Skills"}
    book(clinic, wren, groups)
    assert groups_of(wren) == {"Recovery", "Skills", "Process"}
