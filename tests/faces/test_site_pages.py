"""The public site: every page, both languages, nothing written, nothing kept."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.admissions.models import Inquiry
from middleground.faces.site import figures
from middleground.faces.site.frame import told
from middleground.faces.site.selfcheck import result_of

pytestmark = pytest.mark.django_db
PAGES = (
    "site-home",
    "what-is-iop",
    "compare",
    "who-benefits",
    "what-to-expect",
    "how-long",
    "getting-started",
    "paying",
    "families",
    "myths",
    "privacy",
    "crisis",
    "self-check",
    "request-assessment",
)
ASK = {
    "first_name": "Rowan",
    "phone": "555-014-2777",
    "for_whom": "me",
    "language": "en",
    "pathway": "first-line",
    "mon": ["evening"],
    "wed_from": "18:15",
    "wed_to": "20:00",
    "message": "Evenings only",
    "request_key": "k-1",
}


@pytest.fixture(autouse=True)
def fresh_counts():
    cache.clear()


def writes(queries) -> list[str]:
    return [q["sql"] for q in queries if re.match(r"\s*(INSERT|UPDATE|DELETE|REPLACE)", q["sql"])]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_opens_in_both_languages_with_the_crisis_line_and_writes_nothing(clinic, client, name, language):
    client.cookies["mg_language"] = language
    client.get(reverse(name))  # the clinic's figures are counted once a day, by whoever looks first
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(reverse(name))
    body = answer.content.decode()
    assert answer.status_code == 200
    assert f'lang="{language}"' in body
    assert 'href="tel:988"' in body and 'href="tel:911"' in body
    assert re.search(r'<meta name="description" content="[^"]{20,}"', body)
    assert not writes(seen.captured_queries)
    assert len(seen) <= 4
    assert "mg_session" not in answer.cookies
    assert not re.search(r'(style="|onclick=|<script(?! src))', body)


def test_the_pages_speak_spanish(clinic, client):
    client.cookies["mg_language"] = "es"
    assert "Compare sus opciones" in client.get(reverse("compare")).content.decode()


def test_the_navigation_is_the_public_one_for_staff_too(clinic, client):
    client.force_login(clinic.people["counselor"])
    body = client.get(reverse("site-home")).content.decode()
    assert reverse("myths") in body.split("</header>")[0]


def test_a_myth_without_a_fair_figure_says_ask_us_and_one_with_it_shows_it(clinic, client):
    body = client.get(reverse("myths")).content.decode()
    assert "ask us" in body and "We are a young program" in body
    assert re.search(r"<strong>\$\d+ to \$\d+</strong>", body)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "percent", ""),
        (0.62, "percent", "62%"),
        (1.0, "percent", "100%"),
        (0, "percent", "0%"),
        (9.5, "hours", "9.5 hours"),
        (9.0, "hours", "9 hours"),
        ((0, 60), "money-range", "$0 to $60"),
        (("12.50", 60), "money-range", "$12.50 to $60"),
    ],
)
def test_figures_in_words(value, unit, words):
    assert figures.shown(value, unit) == words


# ---- the self-check --------------------------------------------------------------------------------------------


def answers(usual: str = "no", danger: str = "no") -> dict[str, str]:
    text = told("site", "self-check")
    return {**{q["id"]: usual for q in text["questions"]}, **{q["id"]: danger for q in text["danger_questions"]}}


@pytest.mark.parametrize(
    ("usual", "danger", "result"),
    [
        ("no", "no", "low"),
        ("sometimes", "no", "many"),
        ("often", "no", "many"),
        ("no", "yes", "danger"),
        ("often", "unsure", "danger"),
    ],
)
def test_results_of_the_self_check_put_danger_first(usual, danger, result):
    assert result_of(told("site", "self-check"), answers(usual, danger))["id"] == result


def test_the_self_check_is_kept_nowhere(clinic, client):
    with CaptureQueriesContext(connection) as seen:
        answer = client.post(reverse("self-check"), answers("often"))
    assert answer.status_code == 200
    assert "Many signs" in answer.content.decode()
    assert not writes(seen.captured_queries)
    assert not any("session" in q["sql"] for q in seen.captured_queries)
    assert "mg_session" not in answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_the_self_check_needs_no_cookie_even_where_forgery_is_checked(clinic):
    from django.test import Client as Browser

    assert Browser(enforce_csrf_checks=True).post(reverse("self-check"), answers()).status_code == 200


def test_an_unanswered_question_is_named_and_the_rest_stays(clinic, client):
    given = answers("often")
    given.pop("control")
    answer = client.post(reverse("self-check"), given)
    assert answer.status_code == 422
    assert "Choose an answer" in answer.content.decode()
    assert answer.content.decode().count("checked") >= 10


# ---- asking ----------------------------------------------------------------------------------------------------


def asked(clinic) -> list[Inquiry]:
    with clinic.seen_by("intake-coordinator"):
        return list(Inquiry.objects.all())


def test_a_visitor_asks_and_is_told_what_comes_next(clinic, client):
    answer = client.post(reverse("request-assessment"), ASK, follow=True)
    assert answer.status_code == 200
    (made,) = asked(clinic)
    assert made.availability == ["mon 17:00-21:15", "wed 18:15-20:00"]
    assert made.reference in answer.content.decode()
    assert "within 24 hours" in answer.content.decode()


def test_sent_twice_it_is_asked_once(clinic, client):
    for _ in range(2):
        assert client.post(reverse("request-assessment"), ASK).status_code == 302
    assert len(asked(clinic)) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"phone": "12"}, "area code"),
        ({"phone": ""}, "required"),
        ({"wed_to": ""}, "both a start and an end"),
        ({"wed_from": "21:00"}, "after the start"),
        ({"wed_from": "18:07"}, "quarter hours"),
        ({"first_name": ""}, "required"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(clinic, client, wrong, says):
    answer = client.post(reverse("request-assessment"), {**ASK, **wrong})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert says in body and "Evenings only" in body
    assert asked(clinic) == []


def test_a_machine_that_fills_the_hidden_field_is_thanked_and_nothing_is_kept(clinic, client):
    assert client.post(reverse("request-assessment"), {**ASK, "website": "http://x"}).status_code == 302
    assert asked(clinic) == []


def test_one_address_can_not_flood_the_form(clinic, client):
    for n in range(12):
        client.post(reverse("request-assessment"), {**ASK, "request_key": f"k{n}"})
    answer = client.post(reverse("request-assessment"), {**ASK, "request_key": "last"})
    assert answer.status_code == 429
    assert "call us" in answer.content.decode()
    assert len(asked(clinic)) == 12


def test_a_made_up_reference_is_not_found(clinic, client):
    assert client.get(reverse("request-thanks", args=["R-ABCDEF:forged"])).status_code == 404
