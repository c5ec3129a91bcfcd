"""Two hundred people reach for one thing at once; exactly one gets it, on either database."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.utils import timezone

from middleground.kernel import audit, ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything, system
from middleground.kernel.errors import NotBookable, WriteOutsideAction
from middleground.kernel.models import Booking, Cell
from middleground.kernel.who import system_only
from middleground.program.models import Membership
from middleground.timetable.actions import SeatJustTaken
from middleground.timetable.models import WeekPlan
from tests import builders
from tests.timetable import weeks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db_both]
PEOPLE, EACH = 20, 10
BOSS = system("a crowd")


@action("Reserve amid a crowd", by=system_only())
def reserve(act: Act, subject: str, start: datetime, end: datetime, resources: list) -> None:
    ledger.reserve(act, subject, "appointment", start, end, resources)


@action("Take seats amid a crowd", by=system_only())
def take_seats(act: Act, client: str, places: list) -> None:
    ledger.take_seats(act, client, places)


@pytest.fixture
def shared_database(transactional_db, tmp_path) -> Iterator[None]:
    """One database for many connections. SQLite's test database lives in memory and knows only one: copy it to a file."""
    if connection.vendor != "sqlite":
        yield
        return
    original = connections["default"]
    original.ensure_connection()
    path = tmp_path / "crowd.sqlite3"
    with sqlite3.connect(path) as copy:
        original.connection.backup(copy)
    kept = connections.settings["default"]["NAME"]
    connections.settings["default"]["NAME"] = str(path)
    connections["default"] = connections.create_connection("default")
    yield
    connections["default"].close()
    connections.settings["default"]["NAME"] = kept
    connections["default"] = original


def tomorrow(hour: int, minute: int = 0) -> datetime:
    return timezone.now().replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=1)


def crowd(attempt: Callable[[int], Any], each: int = EACH) -> tuple[int, list[Any]]:
    """200 attempts by 20 people at once, each with a connection of their own: how many succeeded, and the refusals."""
    start, won, lost, broken = threading.Barrier(PEOPLE), [], [], []

    def person(number: int) -> None:
        start.wait()
        for turn in range(each):
            try:
                attempt(number * each + turn)
                won.append(number)
            except (NotBookable, SeatJustTaken) as no:
                lost.append(no)
            except Exception as other:
                broken.append(other)
        connections.close_all()

    people = [threading.Thread(target=person, args=(n,)) for n in range(PEOPLE)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert not broken
    return len(won), lost


def everyone_lost_but(winners: int, outcome: tuple[int, list[NotBookable]]) -> bool:
    return (outcome[0], len(outcome[1])) == (winners, PEOPLE * EACH - winners)


def count(model: Any, **where: Any) -> int:
    with everything("counting for a test"):
        return model.objects.filter(**where).count()


@pytest.mark.parametrize("resource", ["room:1", "staff:1", "client:1"])
def test_one_of_200_gets_the_same_room_the_same_clinician_the_same_client(shared_database, resource):
    def attempt(n: int) -> None:
        begins = tomorrow(18, 15 * (n % 4))  # different starts that all hold the last quarter hour of 18:00 to 19:00
        reserve.run(
            BOSS, subject=f"session:{n}", start=begins, end=tomorrow(19), resources=[resource, f"room:{1000 + n}"]
        )

    outcome = crowd(attempt)
    assert everyone_lost_but(1, outcome)
    assert all(no.taken == (resource,) for no in outcome[1])
    assert count(Booking) == 1
    assert count(Cell, resource=resource, at=tomorrow(18, 45)) == 1
    assert list(audit.faults()) == []


@pytest.mark.parametrize("session_is_booked", [True, False], ids=["session booked", "session not booked"])
def test_one_of_200_gets_the_last_seat(shared_database, session_is_booked):
    place = ledger.Place("session:1", 8, tomorrow(18), tomorrow(19, 25))
    if session_is_booked:
        reserve.run(BOSS, subject="session:1", start=place.start, end=place.end, resources=["room:1"])
    for early in range(7):
        take_seats.run(BOSS, client=f"client:{900 + early}", places=[place])
    assert everyone_lost_but(1, crowd(lambda n: take_seats.run(BOSS, client=f"client:{n}", places=[place])))
    assert ledger.seats_taken([place]) == {"session:1": 8}


def test_eight_of_200_get_the_eight_seats(shared_database):
    place = ledger.Place("session:1", 8, tomorrow(18), tomorrow(19, 25))
    reserve.run(BOSS, subject="session:1", start=place.start, end=place.end, resources=["room:1"])
    assert everyone_lost_but(8, crowd(lambda n: take_seats.run(BOSS, client=f"client:{n}", places=[place])))
    assert count(Cell, resource__startswith="seat/session:1/") == 8


def test_nobody_is_turned_away_while_seats_are_left(shared_database):
    place = ledger.Place("session:1", PEOPLE * EACH, tomorrow(18), tomorrow(19, 25))
    reserve.run(BOSS, subject="session:1", start=place.start, end=place.end, resources=["room:1"])
    assert crowd(lambda n: take_seats.run(BOSS, client=f"client:{n}", places=[place])) == (PEOPLE * EACH, [])


def test_one_client_sought_by_200_different_groups_sits_in_one(shared_database):
    def attempt(n: int) -> None:
        take_seats.run(BOSS, client="client:1", places=[ledger.Place(f"session:{n}", 8, tomorrow(18), tomorrow(19))])

    assert everyone_lost_but(1, crowd(attempt))
    assert count(Cell, resource="client:1") == 4


def test_whole_weeks_in_any_order_are_booked_whole_or_not_at_all(shared_database):
    week = [ledger.Place(f"session:{n}", 3, tomorrow(10 + 2 * n), tomorrow(11 + 2 * n)) for n in range(3)]
    for place in week:
        reserve.run(BOSS, subject=place.subject, start=place.start, end=place.end, resources=[place.subject])

    def attempt(n: int) -> None:
        take_seats.run(BOSS, client=f"client:{n}", places=week if n % 2 else week[::-1])

    assert everyone_lost_but(3, crowd(attempt))
    assert ledger.seats_taken(week) == {"session:0": 3, "session:1": 3, "session:2": 3}


def test_one_of_20_coordinators_gets_the_last_seat_and_the_rest_are_told(shared_database):
    clinic = builders.a_clinic()
    groups = weeks.an_evening(clinic, capacity=1)
    people = [builders.a_client(clinic, "Wren", f"Alder{n}") for n in range(PEOPLE)]
    won, lost = crowd(lambda n: weeks.book(clinic, people[n], groups), each=1)
    assert (won, len(lost)) == (1, PEOPLE - 1)
    assert all("seat" in no.message for no in lost)
    assert (count(WeekPlan), count(Membership)) == (1, 3)


def send_one_form_200_times() -> tuple[int, list[NotBookable]]:
    def attempt(n: int) -> None:
        reserve.run(
            BOSS, key="one form", subject="session:1", start=tomorrow(18), end=tomorrow(19), resources=["room:1"]
        )

    return crowd(attempt)


def test_a_form_sent_200_times_at_once_books_once(shared_database):
    send_one_form_200_times()
    assert count(Booking) == 1


def test_everyone_who_sent_the_form_hears_that_it_was_done(shared_database):
    assert send_one_form_200_times() == (PEOPLE * EACH, [])


def test_the_database_itself_refuses_a_second_booking_of_a_cell(transactional_db):
    @action("Go round the ledger", by=system_only())
    def cheat(act: Act) -> None:
        for subject in ("session:1", "session:2"):
            booking = Booking.objects.create(subject=subject, label="x", start=tomorrow(18), end=tomorrow(19))
            Cell.objects.create(booking=booking, resource="room:1", at=tomorrow(18))

    with pytest.raises(IntegrityError):
        cheat.run(BOSS)
    assert count(Booking) == 0


def test_nobody_books_without_an_action(transactional_db):
    with pytest.raises(WriteOutsideAction), everything("trying"):
        Booking.objects.create(subject="session:1", label="x", start=tomorrow(18), end=tomorrow(19))
