"""People kept apart by site: the board says before the drop what the drop would, in words that say nothing of a pair."""

from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.clinic import actions as clinic_actions
from middleground.kernel.context import everything, system
from middleground.program import actions as program
from middleground.program.asking import Taken
from middleground.program.models import Session
from middleground.records.actions import keep_apart
from tests import builders
from tests.timetable.test_moving import look, move, next_monday
from tests.timetable.weeks import a_group, a_track

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]
WED = 2


@pytest.fixture
def robin(clinic):
    return builders.a_client(clinic, "Robin", "Birch")


@pytest.fixture
def dana(clinic):
    return builders.a_second(clinic, "counselor", "dana")


@pytest.fixture
def recovery(clinic, wren):
    """Wren's, on Mondays at six for an hour."""
    group = a_group(clinic, a_track(clinic), "Recovery", 0, minutes=60)
    join(clinic, wren, group)
    return group


def join(clinic, client, group):
    return program.join_group.run(clinic.actor("program-director"), client=client, group=group)


def beside(clinic, dana, hour, client=None, **facts):
    """Another group in another room, on Wednesdays, with the client in it."""
    room = clinic_actions.add_room.run(system("test"), site=clinic.site, name="Birch", use="group", seats=12)
    told = {"room": room, "leader": dana, "minutes": 60} | facts
    group = a_group(clinic, a_track(clinic, "Other"), "Skills", WED, hour, **told)
    if client:
        join(clinic, client, group)
    return group


def keep(clinic, client, **whom):
    return keep_apart.run(clinic.actor("program-director"), client=client, where="site", **whom)


def refused(clinic, group, hour=18):
    """What the drop says: None when it is made."""
    try:
        move(clinic, group, weekday=WED, hour=hour)
    except Taken as no:
        return no.message
    return None


@pytest.mark.parametrize(("hour", "meets"), [(16, False), (17, True), (18, True), (19, True), (20, False)])
def test_a_member_who_may_not_be_there_then_is_counted_among_those_with_something_else(
    clinic, wren, robin, dana, recovery, hour, meets
):
    """At the same hour, or the one before or after it with no quarter hour between."""
    beside(clinic, dana, 18, robin)
    keep(clinic, wren, other=robin)
    found = look(clinic, recovery, weekday=WED, hour=hour).broken
    assert (found.clash, found.blocked, found.barred, found.busy) == ((wren.pk,) * meets, meets, False, ())
    said = refused(clinic, recovery, hour)
    assert bool(said) is meets
    if meets:
        assert said.startswith("A member of Recovery has something else on Wednesday,")


def test_also_where_they_would_meet_in_one_later_week_only(clinic, wren, robin, dana, recovery):
    keep(clinic, wren, other=robin)
    with everything("test"):
        last = Session.objects.filter(group=recovery).order_by("start").last()
    told = {"sort": "individual", "leader": dana, "room": clinic.rooms[1], "start": last.start + timedelta(days=2)}
    talk = program.schedule_session.run(clinic.actor("counselor"), client=robin, **told)
    assert look(clinic, recovery, weekday=WED).broken.clash
    assert "has something else" in refused(clinic, recovery)
    program.call_off_session.run(clinic.actor("program-director"), session=talk, reason="other")
    assert not look(clinic, recovery, weekday=WED).broken.clash
    assert refused(clinic, recovery) is None


def test_a_member_and_somebody_on_staff_who_is_there_then(clinic, wren, dana, recovery):
    beside(clinic, dana, 18)
    keep(clinic, wren, staff=dana)
    assert look(clinic, recovery, weekday=WED).broken.clash
    assert "has something else" in refused(clinic, recovery)


def test_who_leads_it_and_a_client_who_is_there_then(clinic, robin, dana, recovery):
    beside(clinic, dana, 18, robin)
    keep(clinic, robin, staff=clinic.people["counselor"])
    found = look(clinic, recovery, weekday=WED).broken
    assert found.barred and found.blocked and not found.clash
    assert refused(clinic, recovery).startswith("Counselor Person is taken on Wednesday,")


def test_who_would_lead_it_newly_at_the_same_time(clinic, robin, dana, recovery):
    """The day stays: only the new leader is somewhere they were not."""
    monday = {"weekday": 0, "hour": 18}
    robins = a_group(clinic, recovery.track, "Monday", 0, 17, minutes=60, room=clinic.rooms[1])
    join(clinic, robin, robins)
    other = builders.a_second(clinic, "counselor", "lee")
    keep(clinic, robin, staff=other)
    assert look(clinic, recovery, leader=other, **monday).broken.barred
    with pytest.raises(Taken, match="is taken on Monday"):
        move(clinic, recovery, leader=other, **monday)
    assert not look(clinic, recovery, leader=dana, **monday).broken.blocked


def test_who_is_beside_somebody_already_is_not_held_against_another_room(clinic, wren, robin, recovery):
    robins = a_group(clinic, recovery.track, "Late", 0, 19, minutes=60, room=clinic.rooms[1])
    join(clinic, robin, robins)
    keep(clinic, wren, other=robin)
    room = clinic_actions.add_room.run(system("test"), site=clinic.site, name="Elm", use="group", seats=12)
    assert not look(clinic, recovery, weekday=0, room=room).broken.blocked
    move(clinic, recovery, weekday=0, room=room)


def test_by_video_nobody_meets_on_the_site(clinic, wren, robin, dana, recovery):
    beside(clinic, dana, 18, robin, room=None)
    keep(clinic, wren, other=robin)
    assert not look(clinic, recovery, weekday=WED).broken.blocked
    assert refused(clinic, recovery) is None


def test_a_week_that_is_held_again_is_looked_at_too(clinic, wren, robin, dana):
    """The only week in which Robin has something there is the one whose Monday is closed."""
    clinic_actions.close_day.run(clinic.actor("administrator"), on=next_monday(), why="Holiday")
    group = a_group(clinic, a_track(clinic), "Recovery", 0, minutes=60)
    join(clinic, wren, group)
    keep(clinic, wren, other=robin)
    with everything("test"):
        start = Session.objects.filter(group=group).order_by("start").first().start + timedelta(days=9)
    told = {"sort": "individual", "leader": dana, "room": clinic.rooms[1], "start": start}
    program.schedule_session.run(clinic.actor("counselor"), client=robin, **told)
    assert look(clinic, group, weekday=WED).broken.clash
    assert "has something else" in refused(clinic, group)


def test_the_board_says_it_in_the_words_for_any_other_member(client, clinic, wren, robin, dana, recovery):
    """Nobody is named for it, whoever is named for something else."""
    beside(clinic, dana, 18, robin)
    keep(clinic, wren, other=robin)
    to = {"weekday": WED, "start_time": "18:00", "room": recovery.room_id, "leader": recovery.leader_id}
    ask = reverse("week-move-preview", args=[recovery.pk]), to | {"since": next_monday().isoformat()}
    client.force_login(clinic.people["intake-coordinator"])
    page = client.get(*ask).content.decode()
    assert "1 member is booked for something else then." in page and "data-blocked" in page
    assert "Nothing breaks" not in page and wren.short not in page and robin.short not in page
    sage = builders.a_client(clinic, "Sage", "Cedar")
    for group in (recovery, a_group(clinic, recovery.track, "Film", WED, 18, room=clinic.rooms[1], minutes=60,
                                    leader=builders.a_second(clinic, "counselor", "lee"))):  # fmt: skip
        join(clinic, sage, group)
    assert f"{sage.short} and 1 more are booked for something else then." in client.get(*ask).content.decode()


def test_who_has_something_else_anyway_is_counted_once(client, clinic, wren, robin, dana, recovery):
    beside(clinic, dana, 18, robin)
    keep(clinic, wren, other=robin)
    with everything("test"):
        start = Session.objects.filter(group=recovery).order_by("start")[1].start + timedelta(days=2)
    lee = builders.a_second(clinic, "counselor", "lee")
    program.schedule_session.run(clinic.actor("counselor"), client=wren, sort="individual", leader=lee, start=start)
    found = look(clinic, recovery, weekday=WED).broken
    assert (found.busy, found.clash) == ((wren.pk,), ())
