"""The booking ledger: rooms, people and seats in quarter hours; all of a booking or none of it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from middleground.kernel import ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything, system
from middleground.kernel.errors import NotBookable
from middleground.kernel.models import Booking, Cell
from middleground.kernel.who import system_only

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
BOSS = system("a test of the ledger")


@action("Reserve for a test", by=system_only())
def reserve(act: Act, subject: str, start: datetime, end: datetime, resources: list) -> Booking | None:
    return ledger.reserve(act, subject, "appointment", start, end, resources)


@action("Take seats for a test", by=system_only())
def take_seats(act: Act, client: str, places: list) -> None:
    ledger.take_seats(act, client, places)


@action("Release for a test", by=system_only())
def release(act: Act, subject: str, why: str) -> int:
    return ledger.release(act, subject, why)


@action("Release a client for a test", by=system_only())
def release_client(act: Act, client: str, since: datetime, why: str) -> int:
    return ledger.release_client(act, client, since, why)


def at(hour: int, minute: int = 0, day: int = 7) -> datetime:
    """A moment on a day still to come."""
    base = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return base + timedelta(days=day, hours=hour, minutes=minute)


def book(subject: str, start: datetime, end: datetime, *resources: str) -> Booking | None:
    return reserve.run(BOSS, subject=subject, start=start, end=end, resources=list(resources))


def seat(client: str, *places: ledger.Place) -> None:
    take_seats.run(BOSS, client=client, places=list(places))


def group(subject: str = "session:1", capacity: int = 2, hour: int = 18, day: int = 7) -> ledger.Place:
    return ledger.Place(subject, capacity, at(hour, day=day), at(hour + 1, 25, day=day))


def cells(resource: str) -> int:
    with everything("test"):
        return Cell.objects.filter(resource=resource).count()


def bookings() -> int:
    with everything("test"):
        return Booking.objects.filter(released_at=None).count()


@pytest.mark.parametrize(
    "start, end, count",
    [
        ((18, 0), (19, 0), 4),
        ((18, 0), (18, 50), 4),
        ((18, 0), (19, 25), 6),
        ((18, 7), (18, 20), 2),
        ((18, 14), (18, 15), 1),
        ((18, 15), (18, 16), 1),
    ],
)
def test_a_stretch_occupies_every_quarter_hour_it_touches(start, end, count):
    assert len(ledger.quarters(at(*start), at(*end))) == count


def test_quarters_are_the_same_moments_in_every_time_zone():
    here = at(18).astimezone(timezone.get_default_timezone())
    assert ledger.quarters(here, here + timedelta(hours=1)) == ledger.quarters(at(18), at(19))


@pytest.mark.parametrize(
    "start, end",
    [(at(18), at(18)), (at(19), at(18)), (at(18).replace(tzinfo=None), at(19)), (at(18), at(19).replace(tzinfo=None))],
)
def test_an_empty_or_naive_stretch_is_a_programming_error(start, end):
    with pytest.raises(ValueError, match="aware start"):
        ledger.quarters(start, end)


@pytest.mark.parametrize("resource", ["room:1", "staff:1", "client:1"])
def test_a_room_a_clinician_and_a_client_are_in_one_place_at_a_time(resource):
    book("session:1", at(18), at(19), resource)
    with pytest.raises(NotBookable) as no:
        book("session:2", at(18, 45), at(20), resource, "room:9")
    assert (no.value.message, no.value.taken) == ("That time is no longer free.", (resource,))


def test_one_booking_ends_where_the_next_begins():
    book("session:1", at(18), at(19), "room:1")
    assert book("session:2", at(19), at(20), "room:1") and book("session:3", at(17), at(18), "room:1")


def test_the_rest_of_a_begun_quarter_hour_is_not_free():
    book("session:1", at(18), at(18, 50), "room:1")
    with pytest.raises(NotBookable):
        book("session:2", at(18, 55), at(19, 30), "room:1")


def test_all_of_a_booking_or_none_of_it():
    book("session:1", at(18), at(19), "staff:1")
    with pytest.raises(NotBookable):
        book("session:2", at(18, 45), at(20), "client:1", "room:1", "staff:1")
    assert (cells("client:1"), cells("room:1"), bookings()) == (0, 0, 1)


def test_what_has_ended_needs_no_cells():
    assert book("session:1", at(8, day=-2), at(9, day=-2), "room:1") is None
    seat("client:1", group(day=-2))
    assert (cells("room:1"), cells("client:1")) == (0, 0)


def test_taken_names_what_is_busy_and_only_that():
    book("session:1", at(18), at(19), "room:1", "staff:1")
    assert ledger.taken(["room:1", "room:2", "staff:1"], at(18, 30), at(18, 45)) == ("room:1", "staff:1")
    assert ledger.taken(["room:1"], at(19), at(20)) == ()


def test_seats_are_given_until_the_group_is_full_and_then_it_says_so():
    seat("client:1", group())
    seat("client:2", group())
    with pytest.raises(NotBookable) as no:
        seat("client:3", group())
    assert (no.value.message, no.value.taken) == ("This group is full.", ("session:1",))
    assert ledger.seats_taken([group()]) == {"session:1": 2}


def test_two_groups_at_one_time_count_their_seats_apart():
    seat("client:1", group("session:1", 1))
    seat("client:2", group("session:2", 1))
    seat("client:3", group("session:11", 1))
    assert ledger.seats_taken([group("session:1"), group("session:2")]) == {"session:1": 1, "session:2": 1}


def test_a_seat_in_every_group_of_a_week_or_in_none():
    seat("client:1", group("session:2", 1, day=9))
    with pytest.raises(NotBookable):
        seat("client:2", group("session:1", day=7), group("session:2", 1, day=9), group("session:3", day=11))
    assert cells("client:2") == 0
    assert ledger.seats_taken([group("session:1"), group("session:3", day=11)]) == {"session:1": 0, "session:3": 0}


def test_a_client_takes_no_second_seat_at_the_same_time():
    seat("client:1", group("session:1"))
    for elsewhere in (group("session:1"), group("session:2", hour=19)):
        with pytest.raises(NotBookable) as no:
            seat("client:1", elsewhere)
        assert (no.value.message, no.value.taken) == ("This client already has something at that time.", ("client:1",))


def test_a_client_with_an_appointment_gets_no_seat_then_and_the_reverse():
    book("session:9", at(18), at(18, 50), "client:1", "staff:1")
    with pytest.raises(NotBookable):
        seat("client:1", group())
    seat("client:2", group())
    with pytest.raises(NotBookable):
        book("session:10", at(19), at(20), "client:2", "staff:2")


def test_what_is_released_can_be_booked_again_and_stays_known():
    book("session:1", at(18), at(19), "room:1", "staff:1")
    assert release.run(BOSS, subject="session:1", why="Cancelled: snow") == 1
    assert book("session:2", at(18), at(19), "room:1", "staff:1")
    with everything("test"):
        old = Booking.objects.get(subject="session:1")
    assert (bool(old.released_at), old.released_why) == (True, "Cancelled: snow")


def test_releasing_twice_releases_once():
    book("session:1", at(18), at(19), "room:1")
    assert [release.run(BOSS, subject="session:1", why="moved") for _ in range(2)] == [1, 0]


def test_a_given_back_seat_is_the_next_one_given():
    for client in ("client:1", "client:2"):
        seat(client, group())
    assert release.run(BOSS, subject="session:1|client:1", why="left") == 1
    seat("client:3", group())
    assert ledger.seats_taken([group()]) == {"session:1": 2}


def test_a_discharge_gives_back_what_is_to_come_and_nothing_of_others():
    for client in ("client:1", "client:2"):
        seat(client, group("session:1", day=7), group("session:2", day=9))
    book("session:9", at(10, day=10), at(11, day=10), "client:1", "staff:1", "room:1")
    assert release_client.run(BOSS, client="client:1", since=at(0, day=8), why="discharged") == 2
    assert (cells("client:1"), cells("client:2"), cells("staff:1"), cells("room:1")) == (6, 12, 0, 0)
    assert ledger.seats_taken([group("session:1"), group("session:2", day=9)]) == {"session:1": 2, "session:2": 1}


def test_a_booking_inside_an_action_that_fails_leaves_nothing():
    @action("Fail after booking, for a test", by=system_only())
    def fail(act: Act) -> None:
        ledger.reserve(act, "session:1", "appointment", at(18), at(19), ["room:1"])
        raise NotBookable("Something later was not possible.")

    with pytest.raises(NotBookable):
        fail.run(BOSS)
    assert (cells("room:1"), bookings()) == (0, 0)
