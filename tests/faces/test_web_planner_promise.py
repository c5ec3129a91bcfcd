"""The start date on the what-if page: what was tried on the past, and what is only an estimate."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from middleground.admissions.models import Inquiry
from middleground.clinic.models import Site
from middleground.faces.web.planner_what_if import guess_words
from middleground.kernel.actions import action
from middleground.kernel.context import system
from middleground.kernel.who import system_only
from tests.timetable.repairs import answer_of, proposed, seen_week

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
MANY = 200


@action("Make waits of the past for a test", by=system_only())
def waits_of_the_past(act: Any, site: Site) -> None:
    """Somebody asked every day and began after 8 to 20 days."""
    for n in range(MANY):
        at = act.now - timedelta(days=MANY + 60 - n)
        began = at + timedelta(days=8 + n * 7 % 13)
        told = {"reference": f"past{n}", "first_name": "Past", "received_at": at, "first_session_at": began}
        Inquiry.objects.create(site=site, **told)


@pytest.fixture
def director(client, clinic):
    client.force_login(clinic.people["program-director"])
    waits_of_the_past.run(system("test"), site=clinic.site)
    return client


def shown(browser, name, *args):
    return " ".join(browser.get(reverse(name, args=args)).content.decode().split())


def test_the_start_date_of_today_was_tried_on_the_past(director):
    page = shown(director, "planner-what-if")
    assert "Of 5 people who ask today, about 4 begin between" in page
    assert "We tried this on the past: for" in page and "80% should." in page
    assert "estimate" not in page


def test_the_start_date_with_a_change_is_an_estimate_and_is_not_to_be_promised(director, clinic):
    week = seen_week(clinic)
    both = {"before": answer_of(week), "after": answer_of(week), "difference": {"not_proved": []}}
    asked = {"change": "lose", "who": clinic.people["counselor"].pk, "waiting": [], "prescribed": {}, "lengths": {}}
    page = shown(director, "planner-proposal", proposed(clinic, week, both, "what-if", **asked).pk)
    assert "With the change: an estimate" in page
    assert "just as many would still wait for all their hours, so the days are the same" in page
    assert "could not be tried on the past. Do not promise them." in page


@pytest.mark.parametrize(("fewer", "says"), [(1, "1 person fewer"), (3, "3 people fewer"), (-2, "2 people more")])
def test_where_the_estimate_comes_from(fewer, says):
    assert f"works out that {says} would still wait for all" in guess_words(fewer)
