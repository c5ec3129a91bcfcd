"""Sessions are planned while the site is open and whoever leads them is there; what stands against it is said by name."""

from datetime import date, time, timedelta

import pytest

from middleground.clinic import actions as clinic_actions
from middleground.clinic.models import Site
from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything, system
from middleground.kernel.models import AuditEntry
from middleground.kernel.who import system_only
from middleground.program import actions
from middleground.program.keeping import SiteClosed, StaffAway
from middleground.program.models import Group, Session
from tests import builders
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

FRIDAY, SUNDAY = date(2026, 11, 27), date(2026, 11, 29)


@action("Set a site's hours for a test", by=system_only())
def set_hours(act: Act, site: Site, hours: list) -> Site:
    site.hours = hours
    site.save(update_fields=["hours"])
    return site


@pytest.fixture(autouse=True)
def a_tuesday():
    with clock.at(groups.local(date(2026, 11, 24), 9)):
        yield


@pytest.fixture
def open_weekdays(clinic):
    """Open from 8 to 12 and from 13 to 17, but on weekends not at all."""
    halves = [f"{day} {at}" for day in ("mon", "tue", "wed", "thu", "fri") for at in ("08:00-12:00", "13:00-17:00")]
    set_hours.run(system("test"), site=clinic.site, hours=halves)


def appointment(clinic, client, start, **facts):
    told = {"sort": "individual", "leader": clinic.people["counselor"], "room": clinic.rooms[1]} | facts
    return actions.schedule_session.run(clinic.actor("counselor"), client=client, start=start, **told)


def away(clinic, person, first, last=None):
    clinic_actions.record_staff_absence.run(system("test"), user=person, first=first, last=last or first)


def refused(kind, do, *given, **facts):
    with pytest.raises(kind) as no:
        do(*given, **facts)
    return no.value.field, no.value.message


def held():
    with everything("test"):
        return Session.objects.filter(group=None).count()


@pytest.mark.parametrize(
    ("day", "hour", "minute"), [(FRIDAY, 7, 45), (FRIDAY, 11, 30), (FRIDAY, 16, 15), (FRIDAY, 20, 0)]
)
def test_an_appointment_in_a_room_lies_within_the_opening_hours(clinic, wren, open_weekdays, day, hour, minute):
    said = refused(SiteClosed, appointment, clinic, wren, groups.local(day, hour, minute))
    words = "North is not open then: on Friday it is open 8:00 am to 12:00 pm and 1:00 pm to 5:00 pm."
    assert (said, held()) == (("start", words), 0)


def test_an_appointment_that_just_fits_is_booked(clinic, wren, open_weekdays):
    assert appointment(clinic, wren, groups.local(FRIDAY, 16), minutes=60).pk


def test_a_day_without_hours_is_said_to_be_closed(clinic, wren, open_weekdays):
    _, said = refused(SiteClosed, appointment, clinic, wren, groups.local(SUNDAY, 10))
    assert said == "North is not open then: on Sunday it is closed all day."


def test_telehealth_needs_no_open_site_but_no_closed_day_either(clinic, wren, open_weekdays):
    assert appointment(clinic, wren, groups.local(SUNDAY, 10), room=None).pk
    clinic_actions.close_day.run(system("test"), on=FRIDAY, why="Day after Thanksgiving", site=None)
    for room in (None, clinic.rooms[1]):
        said = refused(SiteClosed, appointment, clinic, wren, groups.local(FRIDAY, 10), room=room)
        assert said == ("start", "North is closed on Friday, November 27: Day after Thanksgiving.")


def test_another_sites_closed_day_is_not_ours(clinic, wren, open_weekdays):
    other = clinic_actions.open_site.run(system("test"), name="South")
    clinic_actions.close_day.run(system("test"), on=FRIDAY, why="Flood", site=other)
    assert appointment(clinic, wren, groups.local(FRIDAY, 10)).pk


@pytest.mark.parametrize("hours", [[], ["every morning"]])
def test_a_site_of_which_no_hours_are_known_is_open_whenever(clinic, wren, hours):
    set_hours.run(system("test"), site=clinic.site, hours=hours)
    assert appointment(clinic, wren, groups.local(SUNDAY, 5)).pk


@pytest.mark.parametrize(
    ("first", "last", "refuses"), [(0, 0, True), (-3, 0, True), (0, 5, True), (-3, -1, False), (1, 1, False)]
)
def test_nobody_is_booked_on_a_day_they_are_away(clinic, wren, first, last, refuses):
    counselor = clinic.people["counselor"]
    away(clinic, counselor, FRIDAY + timedelta(days=first), FRIDAY + timedelta(days=last))
    if not refuses:
        assert appointment(clinic, wren, groups.local(FRIDAY, 10)).pk
        return
    said = refused(StaffAway, appointment, clinic, wren, groups.local(FRIDAY, 10))
    assert said == ("leader", "Counselor Person is away on Friday, November 27.")


def test_an_evening_belongs_to_the_clinics_own_day(clinic, wren):
    away(clinic, clinic.people["counselor"], FRIDAY + timedelta(days=1))
    assert appointment(clinic, wren, groups.local(FRIDAY, 20)).pk  # the next day already in UTC


def test_a_session_is_not_moved_to_a_closed_hour_or_a_day_its_leaders_are_away(clinic, open_weekdays):
    group = groups.a_group(clinic, start_time=groups.local(FRIDAY, 10).time(), co_leader=clinic.people["case-manager"])
    session, mover = groups.first_session(group), clinic.actor("counselor")
    move = actions.move_session.run
    assert refused(SiteClosed, move, mover, session=session, start=groups.local(FRIDAY, 18))[0] == "start"
    assert refused(SiteClosed, move, mover, session=session, start=groups.local(SUNDAY, 10))[0] == "start"
    away(clinic, clinic.people["case-manager"], FRIDAY)
    said = refused(StaffAway, move, mover, session=session, start=groups.local(FRIDAY, 10))
    assert said == ("start", "Case-Manager Person is away on Friday, November 27.")
    session = groups.first_session(group)
    assert session.start == groups.local(date(2026, 11, 24), 10)
    assert move(mover, session=session, start=groups.local(date(2026, 11, 26), 10)).start.day == 26


def test_whoever_covers_is_there_that_day(clinic):
    group, stand_in = groups.a_group(clinic), builders.a_second(clinic, "counselor", "robin")
    session = groups.first_session(group)
    away(clinic, stand_in, clock.today() + timedelta(days=7))
    cover = actions.cover_session.run
    assert cover(clinic.actor("program-director"), session=session, leader=stand_in, following=True).leader == stand_in
    other = builders.a_second(clinic, "counselor", "jo")
    away(clinic, other, clock.today())
    session = groups.first_session(group)
    said = refused(StaffAway, cover, clinic.actor("program-director"), session=session, leader=other)
    assert said == ("leader", "Jo is away on Tuesday, November 24.")


def test_days_off_of_whoever_takes_a_group_over_are_told(clinic, client):
    group, stand_in = groups.a_group(clinic, weeks=6), builders.a_second(clinic, "counselor", "robin")
    session = groups.first_session(group)
    away(clinic, stand_in, clock.today() + timedelta(days=7), clock.today() + timedelta(days=34))
    client.force_login(clinic.people["program-director"])
    facts = {"do": "cover", "leader": stand_in.pk, "following": "on"}
    page = client.post(f"/sessions/{session.pk}/change/", facts, follow=True).content.decode()
    told = "Robin is away on Tuesday, December 1; Tuesday, December 8; Tuesday, December 15 and 1 more day"
    assert f"{told}: have it covered." in page
    entry = AuditEntry.objects.filter(verb="Cover a session").last()
    assert entry.words.endswith(f"and after, but {told}")


def test_a_group_in_a_room_is_opened_within_the_weekly_hours(clinic, open_weekdays):
    """Wednesday until five; by telehealth the evening is free to choose."""
    evening = {"weekday": 2, "start_time": time(16)}
    field, told = refused(SiteClosed, groups.a_group, clinic, **evening)
    assert field == "start_time" and "is not open then: on Wednesday it is open" in told and "5:00 pm" in told
    assert not Group.objects.exists() and not held()
    assert refused(SiteClosed, groups.a_group, clinic, weekday=5, start_time=time(9))[1].endswith("closed all day.")
    assert groups.a_group(clinic, weekday=2, start_time=time(15, 30)).start_time == time(15, 30)
    assert groups.a_group(clinic, **evening, room=None, title="Online", leader=clinic.people["program-director"])


def test_more_weeks_are_not_laid_out_where_the_site_is_no_longer_open(clinic):
    groups.a_group(clinic)
    set_hours.run(system("test"), site=clinic.site, hours=["tue 08:00-17:00"])
    before = held()
    field, told = refused(
        SiteClosed, actions.extend_group.run, clinic.actor("program-director"), group=Group.objects.get(), weeks=2
    )
    assert field == "weeks" and "on Tuesday it is open 8:00 am to 5:00 pm" in told and held() == before
