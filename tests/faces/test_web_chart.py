"""The chart's first page: the story for those who may read it, a page that tells nothing for those who may not."""

import pytest
from django.urls import reverse

from tests import builders
from tests.insight.stories import a_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(clinic, wren):
    return a_story(clinic, wren)


def opened(client, person, row, **given):
    client.force_login(person)
    return client.get(reverse("chart", args=[row.pk]), given)


def test_the_story_shows_every_lane_and_its_table(client, clinic, told):
    page = opened(client, clinic.people["counselor"], told)
    text = page.content.decode()
    assert page.status_code == 200
    for words in (
        "Recovery timeline",
        "Attendance, hours a week",
        "PHQ-9",
        "Check-ins: craving and mood (dashed)",
        "Drug screens",
        "Buprenorphine",
        "Return to use (cocaine)",
        "First month of evening group",
        "The same as tables",
        "Counselor Person",
    ):
        assert words in text
    assert text.count("<desc") == text.count('role="img" aria-labelledby') == 7
    assert "style=" not in text


def test_a_biller_reads_what_billing_needs_and_is_told_what_is_withheld(client, clinic, told):
    text = opened(client, clinic.people["biller"], told).content.decode()
    assert "Attendance, hours a week" in text and "Withheld from your role" in text
    assert "PHQ-9" not in text and "Buprenorphine" not in text and "cocaine" not in text


@pytest.mark.parametrize(
    "role",
    [
        "counselor",
        "prescriber",
        "case-manager",
        "intake-coordinator",
        "program-director",
        "compliance-officer",
        "biller",
    ],
)
def test_every_reader_role_gets_a_page_within_twelve_statements(
    client, clinic, told, role, django_assert_max_num_queries
):
    client.force_login(clinic.people[role])
    with django_assert_max_num_queries(12):
        assert client.get(reverse("chart", args=[told.pk])).status_code == 200


def test_the_number_of_statements_does_not_grow(client, clinic, wren, django_assert_max_num_queries):
    client.force_login(clinic.people["counselor"])
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as small:
        client.get(reverse("chart", args=[wren.pk]))
    a_story(clinic, wren, weeks=20)
    with CaptureQueriesContext(connection) as large:
        client.get(reverse("chart", args=[wren.pk]))
    assert len(large) <= len(small) + 1


def test_somebody_without_a_relation_learns_nothing_and_may_break_the_glass(client, clinic, told):
    other = builders.a_second(clinic, "counselor", "other")
    here = opened(client, other, told)
    nowhere = client.get(reverse("chart", args=[99999]))
    assert here.status_code == nowhere.status_code == 404
    assert reverse("break-glass", args=[told.pk]) in here.content.decode() and "Wren" not in here.content.decode()
    assert (
        here.content.decode().count("This page looks the same")
        == nowhere.content.decode().count("This page looks the same")
        == 1
    )


def test_a_biller_is_not_offered_the_emergency_door(client, clinic, told):
    text = (opened(client, clinic.people["biller"], type("Nobody", (), {"pk": 99999}))).content.decode()
    assert "open in an emergency" not in text


def test_before_admission_the_page_says_what_comes_next(client, clinic):
    fern = builders.a_client(clinic, "Fern", "Birch", admitted=False)
    text = opened(client, clinic.people["intake-coordinator"], fern).content.decode()
    assert "Not admitted yet" in text and "The story begins with the first visit" in text


def test_the_whole_record_can_be_asked_for(client, clinic, told):
    page = opened(client, clinic.people["counselor"], told, span="all")
    assert page.status_code == 200 and "The whole record" in page.content.decode()


def test_a_page_that_is_not_there_names_the_clinic(client, clinic):
    page = client.get("/no-such-page/")
    assert page.status_code == 404
    assert (
        "Middleground Demo</span>" in page.content.decode() and "· Middleground Demo</title>" in page.content.decode()
    )
