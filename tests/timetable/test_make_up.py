"""Make-up sessions: a missed topic is offered where it is taught next in reach, and booking it takes one seat for one day."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone, translation

from middleground.clinic.actions import set_language
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.models import Notice
from middleground.program import actions as program
from middleground.program import queries as reading
from middleground.program.models import Membership, Session
from middleground.records.apart import keep_apart
from middleground.timetable import actions, makeup
from middleground.timetable.queries import Seen
from tests import builders
from tests.timetable.weeks import a_group, a_track, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = tuple(f"{day} 08:00-22:00" for day in DAYS)
LATE = timezone.make_aware(datetime.combine(clock.today(), time(22, 30)))


@pytest.fixture
def missed(clinic, wren):
    """Wren is in a group of today and missed its first topic; the day after tomorrow another group begins with it."""
    today = clock.today()
    track = a_track(clinic)
    own = a_group(clinic, track, "Coping", today.weekday(), component="cbt-skills")
    other = a_group(
        clinic,
        track,
        "Coping again",
        (today.weekday() + 2) % 7,
        component="cbt-skills",
        room=clinic.rooms[1],
        leader=clinic.people["program-director"],
    )
    free(clinic, wren, *ALWAYS, travel=30)
    program.join_group.run(clinic.actor("program-director"), client=wren, group=own)
    with clock.at(LATE), everything("test"):
        session = Session.objects.filter(group=own).order_by("start").first()
    with clock.at(LATE):
        program.record_attendance.run(
            clinic.actor("counselor"), session=session, marks=[{"client": wren.pk, "mark": "no-show"}]
        )
    return other


def found(clinic, wren):
    with clock.at(LATE), clinic.seen_by("counselor"):
        return makeup.missed(Seen(wren))


def test_no_day_gets_longer_than_the_clinic_lets_a_day_be(clinic, wren, missed, monkeypatch):
    """The other group takes three hours of a day that may have five; two hours and a half are booked on it already."""
    assert len(found(clinic, wren)) == 1
    first = first_of(missed)
    talk = {"leader": clinic.people["program-director"], "minutes": 150, "start": first.start - timedelta(hours=8)}
    program.schedule_session.run(clinic.actor("program-director"), client=wren, sort="individual", **talk)
    chances = [chance for each in found(clinic, wren) for chance in each.again]
    assert first.pk not in {chance.session_id for chance in chances}


def first_of(group):
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").first()


def test_a_missed_topic_is_offered_where_it_is_taught_next(clinic, wren, missed):
    (one,) = found(clinic, wren)
    session = first_of(missed)
    assert (one.topic, one.on) == (session.topic_title, clock.today())
    assert [each.session_id for each in one.again] == [session.pk]


def test_not_where_the_way_is_too_long_or_another_language_or_no_seat(clinic, wren, missed):
    day = DAYS[(clock.today().weekday() + 2) % 7]
    free(clinic, wren, f"{day} 18:00-21:00", travel=15)
    assert found(clinic, wren) == []
    free(clinic, wren, f"{day} 17:45-21:15", travel=15)
    assert len(found(clinic, wren)) == 1
    free(clinic, wren, *ALWAYS)
    with clinic.seen_by("counselor"):
        seats = first_of(missed).group.seats
    for number in range(seats):
        guest = builders.a_client(clinic, f"Guest{number}", "Elm")
        program.join_group.run(clinic.actor("program-director"), client=guest, group=missed)
    assert found(clinic, wren) == []


def test_not_beside_something_booked_at_that_time(clinic, wren, missed):
    start = first_of(missed).start
    program.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        leader=clinic.people["counselor"],
        start=start + timedelta(hours=1),
    )
    assert found(clinic, wren) == []


@pytest.mark.parametrize("role", ["counselor", "client"])
def test_booking_takes_a_seat_for_that_day_only_and_tells_those_it_touches(clinic, wren, missed, role):
    own = builders.client_user(clinic, wren)
    session = first_of(missed)
    actor = own.actor() if role == "client" else clinic.actor(role)
    with clock.at(LATE):
        made = actions.book_make_up.run(actor, client=wren, session=session.pk)
    assert (made.session_id, made.since, made.until) == (session.pk, made.since, made.since)
    assert found(clinic, wren) == []
    with everything("test"):
        assert Membership.objects.filter(client=wren, group=missed).count() == 1
    with clock.at(LATE), clinic.seen_by("counselor"):
        assert session.pk in {each.pk for each in reading.upcoming(wren)}
    told = {n.to_id: n.words for n in Notice.objects.filter(words__startswith="You have an appointment on")}
    assert missed.leader_id in told
    assert (own.pk in told) == (role == "counselor")
    assert not any(word in words for words in told.values() for word in ("Coping", "Wren", "group"))


def test_a_session_that_makes_up_for_nothing_can_not_be_booked(clinic, wren, missed):
    own = builders.client_user(clinic, wren)
    with everything("test"):
        later = Session.objects.filter(group=missed).order_by("start")[1]
    with clock.at(LATE), pytest.raises(makeup.NotFree):
        actions.book_make_up.run(own.actor(), client=wren, session=later.pk)


@pytest.mark.parametrize("late", ["last seat", "kept apart", "something else"])
def test_what_is_seen_only_at_the_booking_tells_nothing_of_the_other_group(clinic, wren, missed, monkeypatch, late):
    """As when two book at once: the chance was there when it was looked for."""
    seen = found(clinic, wren)
    monkeypatch.setattr(makeup, "missed", lambda _: seen)
    session, boss = first_of(missed), clinic.actor("program-director")
    if late == "something else":
        talk = {"sort": "individual", "leader": clinic.people["counselor"], "start": session.start}
        program.schedule_session.run(clinic.actor("counselor"), client=wren, **talk)
    guests = [builders.a_client(clinic, f"Guest{n}", "Elm") for n in range(session.seats if late == "last seat" else 1)]
    for guest in guests:
        program.join_group.run(boss, client=guest, group=missed)
    if late == "kept apart":
        keep_apart.run(clinic.actor("counselor"), client=wren, other=guests[0])
    with clock.at(LATE), pytest.raises(Refused) as no:
        actions.book_make_up.run(builders.client_user(clinic, wren).actor(), client=wren, session=session.pk)
    assert no.value.message == makeup.NotFree.message
    with everything("test"):
        assert not Membership.objects.filter(client=wren, group=missed).exists()


def test_another_client_can_not_be_booked_by_a_client(clinic, wren, missed):
    stranger = builders.client_user(clinic, builders.a_client(clinic, "Lee", "Ash"))
    from middleground.kernel.errors import NotAllowed

    with clock.at(LATE), pytest.raises(NotAllowed):
        actions.book_make_up.run(stranger.actor(), client=wren, session=first_of(missed).pk)


def test_a_topic_had_since_is_not_offered(clinic, wren, missed):
    session = first_of(missed)
    with clock.at(LATE):
        actions.book_make_up.run(clinic.actor("counselor"), client=wren, session=session.pk)
    with clock.at(session.end):
        program.record_attendance.run(
            clinic.actor("program-director"), session=session, marks=[{"client": wren.pk, "mark": "present"}]
        )
        with clinic.seen_by("counselor"):
            assert makeup.missed(Seen(wren)) == []


def test_notices_are_written_in_the_clients_language(clinic, wren, missed):
    own = builders.client_user(clinic, wren)
    set_language.run(own.actor(), language="es")
    with clock.at(LATE), translation.override("en"):
        actions.book_make_up.run(clinic.actor("counselor"), client=wren, session=first_of(missed).pk)
    said = Notice.objects.filter(to=own).order_by("-pk").first().words
    assert said.startswith("Tiene una cita el ")
    assert not any(
        day in said for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    )


def test_a_week_asked_for_is_a_task_of_the_counselor_once_and_books_nothing(clinic, wren, missed):
    own = builders.client_user(clinic, wren)
    one = actions.ask_for_week.run(own.actor(), client=wren, groups=[missed.pk])
    again = actions.ask_for_week.run(own.actor(), client=wren, groups=[missed.pk])
    assert one.pk == again.pk and one.owner_id == clinic.people["counselor"].pk
    assert "Coping again" in one.why
    with everything("test"):
        assert not Membership.objects.filter(client=wren, group=missed).exists()
