"""The supports tab, referrals, the supports board, the directory."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.kernel import clock
from middleground.supports import actions, queries
from tests import builders
from tests.supports.test_supports import release

pytestmark = pytest.mark.django_db
QUERIES_AT_MOST = 12


@pytest.fixture
def as_(client, clinic):
    """Sign in with a role."""

    def sign_in(role):
        client.force_login(clinic.people[role])
        return client

    return sign_in


def url(name, *args):
    return reverse(name, args=args)


def body(page):
    return page.content.decode()


def needs(clinic, person):
    """Two needs, one with a referral, and a step."""
    manager = clinic.actor("case-manager")
    work = actions.identify_need.run(manager, client=person, area="employment", client_words="I want to weld again.")
    actions.identify_need.run(
        manager, client=person, area="housing", client_words="No bed tonight.", priority="1-urgent"
    )
    sent = actions.refer.run(manager, need=work, organization="Harbor Works")
    actions.take_step.run(manager, client=person, need=work, what="Wrote a resume")
    return work, sent


def count(client, address):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE")) for q in seen.captured_queries)


@pytest.mark.parametrize(
    "role, status",
    [("case-manager", 200), ("counselor", 200), ("program-director", 200), ("compliance-officer", 200)]
    + [("biller", 403), ("administrator", 403), ("intake-coordinator", 403), ("prescriber", 403)],
)
def test_who_opens_the_supports_tab(as_, clinic, wren, role, status):
    needs(clinic, wren)
    page = as_(role).get(url("chart-supports", wren.pk))
    assert page.status_code == status
    assert ("weld again" in body(page)) is (status == 200)
    assert ("Identify a need" in body(page)) is (role in ("case-manager", "counselor"))


def test_an_empty_tab_and_board_say_what_to_do(as_, wren):
    assert "No open needs" in body(as_("case-manager").get(url("chart-supports", wren.pk)))
    assert "No open referrals" in body(as_("case-manager").get(url("supports-board")))
    assert "The directory is empty" in body(as_("case-manager").get(url("resources")))


@pytest.mark.parametrize("role", ["case-manager", "program-director"])
def test_few_queries_and_no_more_with_more_data(as_, clinic, wren, role):
    browser, addresses = as_(role), (url("chart-supports", wren.pk), url("supports-board"))
    needs(clinic, wren)
    needs(clinic, builders.a_client(clinic, "Dale", "Grove"))
    first = [count(browser, address) for address in addresses]
    needs(clinic, wren)
    for name in ("Ash", "Briar"):
        needs(clinic, builders.a_client(clinic, name, "Grove"))
    assert [count(browser, address) for address in addresses] == first
    assert max(first) <= QUERIES_AT_MOST


def test_the_board_sorts_by_the_day_to_ask_and_groups_needs(as_, clinic, wren):
    _, sent = needs(clinic, wren)
    with clock.at(clock.now() + timedelta(days=4)):
        text = body(as_("case-manager").get(url("supports-board")))
    assert "Harbor Works" in text and "Overdue" in text and "Not referred yet" in text and "Housing" in text
    assert as_("prescriber").get(url("supports-board")).status_code == 403


def test_a_need_goes_all_the_way_to_its_outcome(as_, clinic, wren):
    browser = as_("case-manager")
    address = url("need-new", wren.pk)
    assert "Do you want help to find or keep work?" in body(browser.get(address))
    no = browser.post(address, {"area": "nonsense", "client_words": "I want to weld again.", "priority": "2-soon"})
    assert no.status_code == 422 and "I want to weld again." in body(no)
    assert (
        browser.post(
            address, {"area": "employment", "client_words": "I want to weld.", "priority": "2-soon"}
        ).status_code
        == 302
    )
    with clinic.seen_by("case-manager"):
        need = queries.needs(wren).get()
    assert browser.get(url("support-refer", need.pk)).status_code == 200
    empty = browser.post(url("support-refer", need.pk), {"contact": "Lee"})
    assert empty.status_code == 422 and 'value="Lee"' in body(empty)
    sent = browser.post(url("support-refer", need.pk), {"organization": "Harbor Works"})
    page = body(browser.get(sent.url))
    assert "The client makes the contact" in page
    assert browser.post(sent.url, {"do": "update", "status": "not-a-fit"}).status_code == 422
    assert (
        browser.post(sent.url, {"do": "update", "status": "accepted", "note": "Starts with a talk"}).status_code == 302
    )
    stale = browser.post(sent.url, {"do": "close", "outcome": "need-met", "note": "Hired!", "seen_version": "1"})
    assert stale.status_code == 422 and "Hired!" in body(stale)
    assert browser.post(sent.url, {"do": "close", "outcome": "need-met", "need_met": "on"}).status_code == 302
    assert "Needs met (1)" in body(browser.get(url("chart-supports", wren.pk)))


def test_only_this_clients_consents_in_force_are_offered(as_, clinic, wren):
    work, _ = needs(clinic, wren)
    release(clinic, wren, recipient="Harbor Works")
    release(clinic, builders.a_client(clinic, "Robin", "Birch"), recipient="Someone else")
    browser, address = as_("case-manager"), url("support-refer", work.pk)
    page = body(browser.get(address))
    assert "Harbor Works, signed" in page and "Someone else" not in page
    with clinic.seen_by("case-manager"):
        consent = wren.consents.get()
    other = browser.post(address, {"organization": "Night School", "consent": consent.pk})
    assert other.status_code == 422 and "This consent is for Harbor Works" in body(other)
    sent = browser.post(address, {"organization": "Harbor Works", "consent": consent.pk})
    assert "We do, under the consent" in body(browser.get(sent.url))


def test_steps_and_a_need_met_without_a_referral(as_, clinic, wren):
    work, _ = needs(clinic, wren)
    browser = as_("counselor")
    assert "weld again" in body(browser.get(f"{url('step-new', wren.pk)}?need={work.pk}"))
    assert browser.post(url("step-new", wren.pk), {"need": work.pk, "what": ""}).status_code == 422
    assert browser.post(url("step-new", wren.pk), {"need": work.pk, "what": "Tried the bus route"}).status_code == 302
    assert browser.get(url("need-met", work.pk)).status_code == 200
    assert browser.post(url("need-met", work.pk), {"note": "A friend hired them"}).status_code == 302
    assert browser.post(url("need-met", work.pk), {"note": "Again"}).status_code == 422
    assert "Tried the bus route" in body(browser.get(url("chart-supports", wren.pk)))


def test_a_helper_without_a_relation_finds_nothing(client, clinic, wren):
    work, sent = needs(clinic, wren)
    client.force_login(builders.a_second(clinic, "case-manager", "stranger"))
    for name, pk in (
        ("chart-supports", wren.pk),
        ("support-refer", work.pk),
        ("support-referral", sent.pk),
        ("need-met", work.pk),
    ):
        assert client.get(url(name, pk)).status_code == 404


def test_the_director_reads_a_referral_and_changes_nothing(as_, clinic, wren):
    _, sent = needs(clinic, wren)
    browser = as_("program-director")
    assert "Close with this outcome" not in body(browser.get(url("support-referral", sent.pk)))
    assert browser.post(url("support-referral", sent.pk), {"do": "close", "outcome": "need-met"}).status_code in (
        403,
        422,
    )


def test_the_directory_is_filled_searched_and_kept(as_, clinic):
    browser = as_("case-manager")
    given = {"name": "Harbor Works", "area": "employment", "phone": "555-0171", "languages": ["en", "es"]}
    assert browser.post(url("resource-new"), {**given, "name": ""}).status_code == 422
    assert browser.post(url("resource-new"), given).status_code == 302
    again = browser.post(url("resource-new"), given)
    assert again.status_code == 422 and "in the directory already" in body(again)
    assert "555-0171" in body(browser.get(f"{url('resources')}?q=harbor&area=employment&language=es"))
    assert "No place fits" in body(browser.get(f"{url('resources')}?area=housing"))
    place = queries.resources()[0]
    assert 'value="555-0171"' in body(browser.get(url("resource-edit", place.pk)))
    assert (
        browser.post(
            url("resource-edit", place.pk), {"phone": "555-0199", "is_current": "on", "seen_version": "1"}
        ).status_code
        == 302
    )
    stale = browser.post(url("resource-edit", place.pk), {"phone": "555-0000", "is_current": "on", "seen_version": "1"})
    assert stale.status_code == 422 and "555-0000" in body(stale)
    assert browser.post(url("resource-edit", place.pk), {"phone": ""}).status_code == 302
    assert queries.resources() == []
    assert as_("prescriber").get(url("resources")).status_code == 200
    assert as_("biller").get(url("resources")).status_code == 403
