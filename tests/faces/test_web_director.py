"""The director's page: every picture has its table, every number its count, and it costs the same in a large clinic."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import builders
from tests.insight.stories import a_story

pytestmark = pytest.mark.django_db


def opened(client, clinic, **given):
    client.force_login(clinic.people["program-director"])
    return client.get(reverse("director"), given)


def test_an_empty_clinic_gets_a_page_that_says_so(client, clinic):
    page = opened(client, clinic)
    assert page.status_code == 200
    assert "No measure given twice yet" in page.content.decode() and "Small numbers" in page.content.decode()


def test_the_page_shows_census_hours_waits_retention_measures_and_documents(client, clinic, wren):
    a_story(clinic, wren)
    text = opened(client, clinic).content.decode()
    for words in (
        "In care today",
        "Hours given, percent of those prescribed",
        "Assessment, within 48 h",
        "Continue (4 more days within 30)",
        "PHQ-9",
        "share improved",
        "In care without a signed plan",
        "Documents owed",
    ):
        assert words in text
    assert "style=" not in text and "Wren" not in text


def test_the_period_is_a_link_and_an_unknown_one_is_the_first(client, clinic, wren):
    assert 'href="?period=a-year"' in opened(client, clinic).content.decode()
    assert opened(client, clinic, period="a-year").context["board"].weeks == 52
    assert opened(client, clinic, period="nonsense").context["board"].weeks == 8


def test_at_most_twelve_statements_and_no_more_with_more_clients(client, clinic, wren):
    a_story(clinic, wren)
    with CaptureQueriesContext(connection) as small:
        opened(client, clinic)
    a_story(clinic, builders.a_client(clinic, "Fern", "Birch"), weeks=12)
    client.logout()
    with CaptureQueriesContext(connection) as large:
        opened(client, clinic)
    assert len(large) <= len(small)
    with CaptureQueriesContext(connection) as alone:
        client.get(reverse("director"))
    assert len(alone) <= 12, "\n".join(q["sql"][:70] for q in alone.captured_queries)


@pytest.mark.parametrize("role", ["counselor", "biller", "intake-coordinator", "administrator"])
def test_other_roles_are_turned_away(client, clinic, role):
    client.force_login(clinic.people[role])
    assert client.get(reverse("director")).status_code == 403
