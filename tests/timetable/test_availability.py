"""When a client can come: said once, superseded whole, seen by those who plan with it."""

from datetime import timedelta

import pytest

from middleground.kernel import clock, gate
from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, Refused
from middleground.timetable import actions, queries
from middleground.timetable.actions import BadInterval
from middleground.timetable.models import Availability
from tests import builders
from tests.timetable.weeks import EVENINGS, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def known(clinic, client, role="counselor", purpose="treatment"):
    with clinic.seen_by(role, purpose):
        return queries.availability(client)


def test_what_was_said_is_kept_in_the_order_of_the_week(clinic, wren):
    free(clinic, wren, "thu 18:00-21:00", "mon 08:00-12:15", costs={"mon 08:00-12:15": 2})
    kept = known(clinic, wren)
    assert kept.intervals == [{"at": "mon 08:00-12:15", "cost": 2}, {"at": "thu 18:00-21:00", "cost": 0}]
    assert kept.travel == {str(clinic.site.pk): 30}


def test_a_new_set_supersedes_the_last_and_the_last_stays_known(clinic, wren):
    free(clinic, wren, *EVENINGS)
    with clock.at(clock.now() + timedelta(days=10)):
        actions.set_availability.run(clinic.actor("counselor"), client=wren, intervals=[{"at": "fri 09:00-24:00"}])
    with everything("test"):
        old, new = Availability.objects.order_by("pk")
    assert (len(old.intervals), old.until, new.since, new.until) == (3, new.since - timedelta(days=1), new.since, None)
    assert new.travel == old.travel


@pytest.mark.parametrize(
    "at", ["mon 18:05-20:00", "mon 20:00-18:00", "mon 18:00-18:00", "someday", None, "mon 18:00-25:00"]
)
def test_a_time_that_is_none_is_refused_and_its_row_named(clinic, wren, at):
    with pytest.raises(BadInterval) as no:
        actions.set_availability.run(
            clinic.actor("counselor"), client=wren, intervals=[{"at": "tue 10:00-12:00"}, {"at": at}]
        )
    assert (no.value.row, no.value.field) == (1, "intervals")


def test_overlapping_times_are_refused_and_touching_ones_are_not(clinic, wren):
    free(clinic, wren, "mon 08:00-12:00", "mon 12:00-14:00")
    with pytest.raises(BadInterval, match="Monday 11:45 am to 2:00 pm overlaps"):
        free(clinic, wren, "mon 08:00-12:00", "mon 11:45-14:00")


@pytest.mark.parametrize("cost", [-1, 4, "much", 1.5])
def test_liking_is_one_of_four(clinic, wren, cost):
    with pytest.raises(BadInterval):
        actions.set_availability.run(
            clinic.actor("counselor"), client=wren, intervals=[{"at": "tue 10:00-12:00", "cost": cost}]
        )


@pytest.mark.parametrize("travel", [{"999": 5}, {"here": -1}, {"here": 1.5}, {"here": 1440}])
def test_travel_is_whole_minutes_to_an_open_site(clinic, wren, travel):
    named = {key.replace("here", str(clinic.site.pk)): value for key, value in travel.items()}
    with pytest.raises(Refused) as no:
        actions.set_availability.run(clinic.actor("counselor"), client=wren, intervals=[], travel=named)
    assert no.value.field == "travel"


@pytest.mark.parametrize("role", ["biller", "prescriber", "compliance-officer", "administrator"])
def test_other_roles_do_not_set_it(clinic, wren, role):
    with pytest.raises(NotAllowed):
        actions.set_availability.run(clinic.actor(role), client=wren, intervals=[])


def test_a_client_sets_their_own_and_nobody_elses(clinic, wren):
    other = builders.a_client(clinic, "Ash", "Birch")
    me = builders.client_user(clinic, wren).actor()
    actions.set_availability.run(me, client=wren, intervals=[{"at": "sat 09:00-12:00"}])
    with pytest.raises(NotAllowed):
        actions.set_availability.run(me, client=other, intervals=[])


def test_a_counselor_without_a_relation_and_an_administrator_see_nothing(clinic, wren):
    free(clinic, wren, *EVENINGS)
    stranger = builders.a_second(clinic, "counselor", "stranger")
    with gate.access(stranger.actor(), "treatment", "test"):
        assert queries.availability(wren) is None
    assert known(clinic, wren, "administrator", "operations") is None
    assert known(clinic, wren, "case-manager") is not None
