"""Whoever's calendar changes hears of it in their own language, in words fit for a lock screen, and once."""

import pytest
from django.utils import translation

from middleground.clinic.actions import set_language
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.models import Notice
from middleground.program import actions as program
from middleground.program.models import Session
from middleground.program.opening import when
from tests import builders
from tests.timetable.weeks import a_group, a_track, an_evening, book

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
CHANGED = "Su semana cambió. Por favor véala."


@pytest.fixture
def own(clinic, wren):
    """Wren's own sign-in, in Spanish."""
    user = builders.client_user(clinic, wren)
    set_language.run(user.actor(), language="es")
    return user


def said(user):
    return list(Notice.objects.filter(to_id=user.pk).order_by("pk").values_list("words", flat=True))


def test_a_booked_week_is_told_once_to_the_client_and_to_the_leaders(clinic, wren, own):
    groups = an_evening(clinic, leader=clinic.people["program-director"])
    with translation.override("en"):
        book(clinic, wren, groups)
    assert said(own) == [CHANGED]
    assert (
        said(clinic.people["program-director"]).count("Who comes to your sessions changed. Please look at your day.")
        == 1
    )
    other = a_group(clinic, a_track(clinic, "Noon"), "Noon", 1, hour=12, leader=clinic.people["program-director"])
    book(clinic, wren, [other])
    assert said(own) == [CHANGED] * 2


def test_the_same_week_again_tells_nobody(clinic, wren, own):
    groups = an_evening(clinic)
    book(clinic, wren, groups)
    before = said(own)
    book(clinic, wren, groups)
    assert said(own) == before


def test_a_session_moved_or_called_off_is_told_without_its_name(clinic, wren, own):
    group = an_evening(clinic)[0]
    book(clinic, wren, [group])
    with everything("test"):
        first, second = Session.objects.filter(group=group).order_by("start")[1:3]
    boss = clinic.actor("program-director")
    program.move_session.run(boss, session=first, start=first.start.replace(hour=15))
    program.call_off_session.run(boss, session=second, reason="weather")
    moved, off = said(own)[-2:]
    assert moved.startswith("Una sesión cambió al ") and off.startswith("No hay sesión el ")
    assert not any(word in moved + off for word in ("Recovery", "Monday", "group"))
    assert any(words.startswith("There is no session on ") for words in said(clinic.people["counselor"]))


def in_spanish(words, start):
    with translation.override("es"):
        return f"{words}: {when(start)}."


def test_another_room_at_the_same_time_is_told_as_that(clinic, wren, own):
    group = an_evening(clinic)[0]
    book(clinic, wren, [group])
    with everything("test"):
        session = Session.objects.filter(group=group).order_by("start")[1]
    move, boss = program.move_session.run, clinic.actor("program-director")
    before = said(own)
    with translation.override("en"):
        move(boss, session=session, start=session.start)
        assert said(own) == before
        move(boss, session=session, start=session.start, room=clinic.rooms[1])
    assert said(own)[len(before) :] == [in_spanish("Su sesión es en otro salón", session.start)]
    assert said(clinic.people["counselor"])[-1] == "A session has a new leader or room. Please look at your day."


def test_a_session_by_video_that_gets_a_room_is_on_site(clinic, wren, own):
    group = a_group(clinic, a_track(clinic), "Online", 1, room=None)
    book(clinic, wren, [group])
    with everything("test"):
        session = Session.objects.filter(group=group).order_by("start")[1]
    program.move_session.run(
        clinic.actor("program-director"), session=session, start=session.start, room=clinic.rooms[0]
    )
    assert said(own)[-1] == in_spanish("Su sesión es en la clínica, ya no por video", session.start)
    with everything("test"):
        session.refresh_from_db()
    assert session.modality == "on-site"


@pytest.mark.parametrize("following", [False, True])
def test_whoever_is_expected_hears_once_that_somebody_else_leads(clinic, wren, own, following):
    group = an_evening(clinic)[0]
    book(clinic, wren, [group])
    with everything("test"):
        sessions = list(Session.objects.filter(group=group).order_by("start"))
    before, boss = said(own), clinic.actor("program-director")
    lead = {"session": sessions[1], "leader": clinic.people["program-director"], "following": following}
    with translation.override("en"):
        program.cover_session.run(boss, **lead)
        program.cover_session.run(boss, **lead)
    words = "Otra persona dirige su sesión semanal desde esta fecha" if following else "Otra persona dirige su sesión"
    assert said(own)[len(before) :] == [in_spanish(words, sessions[1].start)]


def test_cover_written_down_afterwards_tells_no_client(clinic, wren, own):
    group = an_evening(clinic)[0]
    book(clinic, wren, [group])
    with everything("test"):
        session = Session.objects.filter(group=group).order_by("start")[1]
    before = said(own)
    with clock.at(session.end):
        program.cover_session.run(
            clinic.actor("program-director"), session=session, leader=clinic.people["program-director"]
        )
    assert said(own) == before


def test_joining_and_leaving_a_group_are_told(clinic, wren, own):
    group = an_evening(clinic)[0]
    made = program.join_group.run(clinic.actor("counselor"), client=wren, group=group)
    program.leave_group.run(clinic.actor("counselor"), membership=made)
    assert said(own) == [CHANGED, CHANGED]


def test_somebody_who_cannot_sign_in_any_more_is_not_told(clinic, wren, own):
    from middleground.kernel import guard

    with guard.opened("test"):
        type(own).objects.filter(pk=own.pk).update(is_active=False)
    book(clinic, wren, an_evening(clinic))
    assert said(own) == []
