"""Who was to sit in on one session and can't come: off its list before it begins, the seat free, those it touches told."""

import pytest
from django.utils import translation

from middleground.clinic.actions import set_language
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.models import Cell, Notice
from middleground.program import actions, queries
from middleground.program.giving_back import Begun, NoSeat
from middleground.program.opening import when
from middleground.program.sheets import rosters
from tests import builders
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def session(evening):
    return groups.first_session(evening)


@pytest.fixture
def guest(clinic, wren, session):
    """Wren sits in on the first session, with a sign-in of her own, in Spanish."""
    user = builders.client_user(clinic, wren)
    set_language.run(user.actor(), language="es")
    actions.add_walk_in.run(clinic.actor("program-director"), session=session, client=wren)
    return user


def seats(session):
    with everything("test"):
        return Cell.objects.filter(resource__startswith=f"seat/{session.subject}/").count()


def last_words(user):
    return Notice.objects.filter(to=user).order_by("-pk").values_list("words", flat=True).first()


@pytest.mark.parametrize("role", ["client", "counselor", "case-manager", "intake-coordinator"])
def test_the_seat_is_free_and_they_are_on_no_list(clinic, wren, session, guest, role):
    assert (seats(session), rosters([session])[session.pk]) == (1, [wren.pk])
    actor = guest.actor() if role == "client" else clinic.actor(role)
    actions.give_back_seat.run(actor, client=wren, session=session.pk)
    assert (seats(session), rosters([session])[session.pk]) == (0, [])
    with everything("test"):
        assert not Cell.objects.filter(resource=f"client:{wren.pk}").exists()
    with clinic.seen_by("counselor"):
        assert queries.upcoming(wren) == []


@pytest.mark.parametrize("role", ["client", "case-manager"])
def test_leader_and_client_are_told_in_neutral_words(clinic, wren, session, guest, role):
    before, start = last_words(guest), session.start
    with translation.override("en"):
        actor = guest.actor() if role == "client" else clinic.actor(role)
        actions.give_back_seat.run(actor, client=wren, session=session.pk)
        leader = f"Who comes to a session on {when(start)} has changed."
    with translation.override("es"):
        own = f"No le esperamos en esta fecha: {when(start)}."
    assert last_words(clinic.people["counselor"]) == leader
    assert last_words(guest) == (before if role == "client" else own)


def test_nobody_is_absent_where_they_gave_their_seat_back(clinic, wren, session, guest):
    actions.give_back_seat.run(guest.actor(), client=wren, session=session.pk)
    with clock.at(session.end), pytest.raises(Refused, match="not expected"):
        actions.record_attendance.run(
            clinic.actor("counselor"), session=session, marks=[{"client": wren.pk, "mark": "no-show"}]
        )


def test_once_it_has_begun_it_is_too_late(clinic, wren, session, guest):
    with clock.at(session.start), pytest.raises(Begun):
        actions.give_back_seat.run(guest.actor(), client=wren, session=session.pk)
    assert seats(session) == 1


def test_a_group_of_ones_own_a_seat_given_back_and_a_session_called_off_hold_none(clinic, wren, evening, session):
    give_back, boss = actions.give_back_seat.run, clinic.actor("program-director")
    lark = groups.members(clinic, evening, 1)[0]
    with pytest.raises(NoSeat):
        give_back(boss, client=lark, session=session.pk)
    actions.add_walk_in.run(boss, session=session, client=wren)
    give_back(boss, client=wren, session=session.pk)
    with pytest.raises(NoSeat):
        give_back(boss, client=wren, session=session.pk)
    actions.add_walk_in.run(boss, session=session, client=wren)
    actions.call_off_session.run(boss, session=session, reason="weather")
    for gone in (session.pk, 0):
        with pytest.raises(NoSeat):
            give_back(boss, client=wren, session=gone)


def test_another_client_can_not_give_it_back(clinic, wren, session, guest):
    stranger = builders.client_user(clinic, builders.a_client(clinic, "Lee", "Ash"))
    with pytest.raises(NotAllowed):
        actions.give_back_seat.run(stranger.actor(), client=wren, session=session.pk)
    assert seats(session) == 1


def test_only_a_seat_for_once_can_be_given_back(clinic, wren, evening, session, guest):
    """The page asks by this whether it shows the button."""
    lark = groups.members(clinic, evening, 1)[0]
    with clinic.seen_by("counselor"):
        assert [s.as_guest for s in queries.upcoming(wren)] == [True]
        assert {s.as_guest for s in queries.upcoming(lark)} == {False}
        assert list(queries.guests(session)) == [wren]
    actions.give_back_seat.run(guest.actor(), client=wren, session=session.pk)
    with clinic.seen_by("counselor"):
        assert list(queries.guests(session)) == []
