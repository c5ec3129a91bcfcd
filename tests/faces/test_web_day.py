"""The day board: what each role finds on it, and what it leaves out."""

from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.kernel import clock
from middleground.program import actions
from tests import builders
from tests.program import groups

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning():
    with clock.at(groups.local(clock.today(), 9)) as at:
        yield at


@pytest.fixture
def evening(clinic):
    group = groups.a_group(clinic)
    return group, groups.members(clinic, group, 3)


def board(client, clinic, role="counselor", **asked):
    client.force_login(clinic.people[role])
    return client.get(reverse("day"), asked)


@pytest.mark.parametrize("role", ["counselor", "program-director", "case-manager", "prescriber", "intake-coordinator"])
def test_each_of_these_roles_sees_the_days_group_with_its_numbers(client, clinic, evening, role):
    page = board(client, clinic, role).content.decode()
    assert "Coping Skills" in page
    assert "Maple" in page and "Counselor Person" in page


@pytest.mark.parametrize("role", ["biller", "compliance-officer", "administrator"])
def test_other_roles_are_turned_away(client, clinic, role):
    assert board(client, clinic, role).status_code == 403


def test_a_counselor_begins_with_their_own_sessions(client, clinic, evening):
    clinic.people["other"] = builders.a_second(clinic, "counselor", "other")
    mine = board(client, clinic, "other").content.decode()
    assert "You lead no session on this day" in mine
    assert "Coping Skills" in board(client, clinic, "other", whose="all").content.decode()


def test_before_it_begins_nothing_is_owed_and_after_it_the_note_is(client, clinic, evening):
    assert "not yet" in board(client, clinic).content.decode()
    with groups.this_evening():
        page = board(client, clinic).content.decode()
    assert "3 not recorded" in page and "To write" in page


def test_a_signed_note_that_waits_for_a_co_signature_says_so(client, clinic, evening):
    group, people = evening
    with groups.this_evening():
        groups.documented(clinic, groups.first_session(group), people)
        page = board(client, clinic).content.decode()
    assert "All recorded" in page and "Waiting for co-signature" in page


def test_a_note_unwritten_after_three_days_is_overdue(client, clinic, evening):
    day = clock.today()
    with clock.at(clock.now() + timedelta(days=4)):
        assert "Overdue" in board(client, clinic, on=day.isoformat()).content.decode()


def test_next_day_and_a_nonsense_day(client, clinic, evening):
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert "You lead no session" in board(client, clinic, on=tomorrow).content.decode()
    assert board(client, clinic, on="someday", site="x").status_code == 200


def test_an_appointments_client_is_named_only_to_those_with_a_relation(client, clinic, wren):
    actions.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        leader=clinic.people["counselor"],
        start=groups.local(clock.today(), 12),
    )
    clinic.people["other"] = builders.a_second(clinic, "counselor", "other")
    assert "Wren A." in board(client, clinic).content.decode()
    stranger = board(client, clinic, "other", whose="all").content.decode()
    assert "Individual session" in stranger and "Wren" not in stranger


def test_a_called_off_session_stays_on_the_board(client, clinic, evening):
    actions.call_off_session.run(clinic.actor("counselor"), session=groups.first_session(evening[0]), reason="weather")
    assert "Did not happen" in board(client, clinic).content.decode()


@pytest.mark.parametrize("count", [1, 6])
def test_the_number_of_queries_does_not_grow(client, clinic, count, django_assert_max_num_queries):
    from datetime import time

    for n in range(count):
        groups.a_group(clinic, title=f"Group {n}", start_time=time(10 + n), minutes=50)
    board(client, clinic)
    with django_assert_max_num_queries(14):  # two of them are savepoints
        client.get(reverse("day"))


def test_a_page_of_the_staff_is_in_english_and_offers_no_other_language(client, clinic, evening):
    client.cookies["mg_language"] = "es"
    page = board(client, clinic).content.decode()
    assert '<html lang="en"' in page and "Skip to the content" in page
    assert "Espa" not in page and reverse("set_language") not in page
