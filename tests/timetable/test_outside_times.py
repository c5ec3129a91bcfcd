"""What is booked outside a client's times: by the engine's own rule, told to the counselor, and mended for one week."""

from datetime import timedelta

import pytest

from middleground.engines.timetabling.clinic import clinic_of
from middleground.kernel import clock
from middleground.kernel.errors import Refused
from middleground.kernel.models import Notice
from middleground.program import actions as program
from middleground.timetable import actions, reach, solves
from middleground.timetable.outside_times import Outside
from middleground.timetable.queries import Seen
from tests import builders
from tests.timetable.repairs import answer_of, group_row, proposed, seen_week
from tests.timetable.weeks import EVENINGS, a_group, a_track, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def evening(clinic, wren):
    """Wren on Monday and Wednesday from six to nine."""
    track = a_track(clinic)
    groups = [a_group(clinic, track, "Recovery", 0), a_group(clinic, track, "Skills", 2)]
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups, since=clock.today())
    return groups


def found(clinic, wren, role="counselor"):
    with clinic.seen_by(role):
        beyond = Outside(Seen(wren))
        return [(each.title, f"{each.at:%a %H:%M}", each.weekly) for each in beyond.rows], beyond.weeks


def a_talk(clinic, wren, **later):
    return program.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        leader=clinic.people["counselor"],
        start=clock.now() + timedelta(**later),
    )


def test_nothing_while_everything_fits_or_nobody_asked(clinic, wren, evening):
    assert found(clinic, wren) == ([], [])
    other = builders.a_client(clinic, "Ash", "Birch")
    book(clinic, other, evening, since=clock.today())
    assert found(clinic, other) == ([], [])


def test_a_group_is_one_line_however_many_weeks_and_an_appointment_has_its_day(clinic, wren, evening):
    talk = a_talk(clinic, wren, days=8, hours=2)
    free(clinic, wren, "wed 17:00-22:00")
    rows, weeks = found(clinic, wren)
    assert rows == [("Recovery", "Mon 18:00", True), (talk.title, "Tue 09:00", False)]
    assert weeks == [(clock.today(), clinic.site.pk), (clock.today() + timedelta(days=7), clinic.site.pk)]


@pytest.mark.parametrize(
    ("at", "fits"),
    [
        (("mon 17:30-21:30", "wed 17:00-22:00"), True),
        (("mon 17:30-20:00", "mon 20:00-21:30", "wed 17:00-22:00"), True),
        (("mon 17:45-21:30", "wed 17:00-22:00"), False),
        (("mon 17:30-21:15", "wed 17:00-22:00"), False),
        (("mon 17:30-19:00", "mon 19:15-21:30", "wed 17:00-22:00"), False),
    ],
)
def test_the_way_there_and_back_counts_and_one_stretch_holds_it_all(clinic, wren, evening, at, fits):
    free(clinic, wren, *at, travel=30)
    assert (found(clinic, wren)[0] == []) is fits


def test_what_has_begun_or_is_called_off_is_not_there(clinic, wren, evening):
    talk = a_talk(clinic, wren, hours=2)
    free(clinic, wren, *EVENINGS)
    assert found(clinic, wren)[0] == [(talk.title, "Mon 09:00", False)]
    with clock.at(talk.start + timedelta(minutes=5)):
        assert found(clinic, wren)[0] == []
    program.call_off_session.run(clinic.actor("counselor"), session=talk, reason="other")
    assert found(clinic, wren)[0] == []


def test_a_group_moved_for_one_day_is_that_day_only(clinic, wren, evening):
    free(clinic, wren, "mon 17:00-22:00", "wed 17:00-22:00", "thu 17:00-22:00")
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, evening[0])["start"] = "mon 15:00"
    actions.apply_repair.run(clinic.actor("program-director"), proposal=proposed(clinic, week, answer), end="hours")
    assert found(clinic, wren)[0] == [("Recovery", "Mon 15:00", False)]


@pytest.mark.parametrize("times", ["mon 17:30-21:30", "mon 18:00-21:00", "mon 17:15-22:00", "mon 06:00-12:00"])
@pytest.mark.parametrize("travel", [0, 20, 30])
def test_it_fits_when_the_engine_says_so(clinic, wren, evening, times, travel):
    free(clinic, wren, times, "wed 00:00-24:00", travel=travel)
    data = seen_week(clinic).data
    row = next(each for each in data["clients"] if each["id"] == f"c{wren.pk}")
    row["free"] = [each for each in row["free"] if each["cost"] == 0]  # without the booked hours that are added
    person = clinic_of(data).clients[f"c{wren.pk}"]
    assert (found(clinic, wren)[0] == []) is person.can_come(18 * 60, 21 * 60, f"s{clinic.site.pk}")
    assert person.travel[f"s{clinic.site.pk}"] == travel


def test_minutes_past_a_quarter_hour_hold_the_whole_of_it():
    free_times = reach.stretches([{"at": "mon 18:00-19:15"}, {"at": "mon 19:15-19:30"}, {"at": "tue 00:00-01:00"}])
    assert free_times == ((1080, 1170), (1440, 1500))
    assert reach.can_come(free_times, {"1": 0}, (1080, 1170), "1", False)
    assert not reach.can_come(free_times, {"1": 1}, (1080, 1170), "1", False)
    assert not reach.can_come(free_times, {}, (1080, 1170), "1", False)
    assert reach.can_come(free_times, {}, (1080, 1170), "1", True)


def told(clinic):
    notices = Notice.objects.filter(to=clinic.people["counselor"], words__startswith="Somebody changed")
    return list(notices.order_by("pk").values_list("words", flat=True))


def test_the_counselor_hears_how_much_is_outside_and_no_name(clinic, wren, evening):
    me = builders.client_user(clinic, wren).actor()
    for times in (EVENINGS, EVENINGS[1:], ("sat 09:00-12:00",)):
        actions.set_availability.run(me, client=wren, intervals=[{"at": at} for at in times])
    assert told(clinic) == [
        "Somebody changed when they can come.",
        "Somebody changed when they can come. 1 of their bookings is outside them.",
        "Somebody changed when they can come. 2 of their bookings are outside them.",
    ]


def test_a_repair_takes_just_the_hours_outside_their_times(clinic, wren, evening):
    free(clinic, wren, "mon 17:30-20:00", "wed 17:00-22:00", travel=30)
    with clinic.seen_by("counselor"):
        beyond = Outside(Seen(wren))
        assert beyond.hours(clock.today(), clinic.site.pk) == ["mon 20:00-21:30"]
        assert beyond.hours(clock.today(), clinic.site.pk + 1) == []
        assert beyond.hours(clock.today() + timedelta(days=21), clinic.site.pk) == []


def test_nothing_is_asked_when_everything_fits_again(clinic, wren, evening):
    boss = clinic.actor("program-director")
    with clinic.seen_by("program-director"), pytest.raises(Refused, match="outside their times any more"):
        solves.begin_other_times(boss, wren, site=clinic.site.pk, week=clock.today())
