"""The medical tab, its forms, and the medical board."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.kernel import clock, desk
from middleground.kernel.context import everything
from middleground.medical import actions, queries
from middleground.medical.models import DrugScreen, Medication
from tests import builders
from tests.medical.test_treating import CALM, PLAN, answers

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


def a_full_chart(clinic, person):
    """Somebody with a little of everything."""
    scriber, counselor = clinic.actor("prescriber"), clinic.actor("counselor")
    actions.list_medication.run(scriber, client=person, drug="buprenorphine-sl", dose="16 mg", frequency="daily")
    actions.list_medication.run(
        scriber, client=person, drug="naltrexone-xr", last_given_on=clock.today() - timedelta(days=27)
    )
    gone = actions.list_medication.run(scriber, client=person, name="Valerian")
    actions.stop_medication.run(scriber, medication=gone, reason="no-benefit")
    actions.record_allergy.run(scriber, client=person, what="Penicillin", reaction="Hives")
    actions.record_condition.run(scriber, client=person, name="PTSD", sort="mental-health", since="2019")
    plan = actions.write_pain_plan.run(scriber, client=person, **PLAN, recovery_medicine="Goes on.", peg=[6, 7, 5])
    actions.write_pain_plan.run(
        scriber, client=person, **PLAN, recovery_medicine="Goes on.", peg=[4, 3, 3], replaces=plan
    )
    for panel in (
        {"fentanyl": "negative", "buprenorphine": "positive"},
        {"fentanyl": "positive", "opiates": "negative"},
    ):
        screen = actions.order_drug_screen.run(counselor, client=person)
        actions.record_drug_screen_result.run(counselor, screen=screen, panel=panel)
    actions.order_drug_screen.run(counselor, client=person)
    actions.record_withdrawal_check.run(
        scriber, client=person, scale="cows", answers=answers("cows", 9), vitals={**CALM, "heart_rate": 104}
    )


def body(page):
    return page.content.decode()


@pytest.mark.parametrize(
    "role, status",
    [
        ("prescriber", 200),
        ("counselor", 200),
        ("case-manager", 200),
        ("program-director", 200),
        ("compliance-officer", 200),
    ]
    + [("biller", 403), ("administrator", 403), ("intake-coordinator", 403)],
)
def test_who_opens_the_medical_tab(as_, clinic, wren, role, status):
    a_full_chart(clinic, wren)
    page = as_(role).get(url("chart-medical", wren.pk))
    assert page.status_code == status
    assert ("Penicillin" in body(page)) is (status == 200)


def test_the_tab_tells_it_all_and_recovery_medicines_come_first(as_, clinic, wren):
    a_full_chart(clinic, wren)
    text = body(as_("prescriber").get(url("chart-medical", wren.pk)))
    assert text.index("buprenorphine") < text.index("Valerian")
    for words in (
        "Hives",
        "PTSD",
        "Walk the dog",
        "To talk over",
        "To collect",
        "No naloxone on record",
        "COWS 9",
        "Medical review",
    ):
        assert words in text


def test_an_empty_tab_says_what_to_do(as_, wren):
    text = body(as_("prescriber").get(url("chart-medical", wren.pk)))
    for words in ("No medicines listed", "No conditions recorded", "No pain plan", "No drug screens yet"):
        assert words in text


def test_a_case_manager_reads_that_screens_are_withheld(as_, clinic, wren):
    a_full_chart(clinic, wren)
    text = body(as_("case-manager").get(url("chart-medical", wren.pk)))
    assert "does not read drug screens" in text and "Fentanyl" not in text and "Stop<span" not in text


def test_a_counselor_without_a_relation_finds_nothing(client, clinic, wren):
    client.force_login(builders.a_second(clinic, "counselor", "stranger"))
    screen = actions.order_drug_screen.run(clinic.actor("counselor"), client=wren)
    for name, pk in (("chart-medical", wren.pk), ("screen", screen.pk), ("screen-result", screen.pk)):
        assert client.get(url(name, pk)).status_code == 404


def count(client, address):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE")) for q in seen.captured_queries)


@pytest.mark.parametrize("role", ["prescriber", "counselor", "case-manager", "program-director"])
def test_few_queries_and_no_more_with_more_data(as_, clinic, wren, role):
    browser, address = as_(role), url("chart-medical", wren.pk)
    a_full_chart(clinic, wren)
    first = count(browser, address)
    for drug in ("acamprosate", "sertraline", "ibuprofen"):
        actions.list_medication.run(clinic.actor("prescriber"), client=wren, drug=drug)
    for _ in range(3):
        actions.order_drug_screen.run(clinic.actor("counselor"), client=wren)
    assert count(browser, address) == first <= QUERIES_AT_MOST


def test_the_board_asks_few_queries_for_many_people(as_, clinic, wren):
    browser, address = as_("prescriber"), url("medical-board")
    a_full_chart(clinic, wren)
    a_full_chart(clinic, builders.a_client(clinic, "Dale", "Grove"))
    first = count(browser, address)
    for name in ("Ash", "Briar", "Cedar"):
        a_full_chart(clinic, builders.a_client(clinic, name, "Grove"))
    assert count(browser, address) == first <= QUERIES_AT_MOST


def test_the_board_shows_what_is_due(as_, clinic, wren):
    a_full_chart(clinic, wren)
    text = body(as_("prescriber").get(url("medical-board")))
    for words in ("naltrexone", "Fentanyl", "By medicine", "By a screen", "Medical review"):
        assert words in text
    assert as_("counselor").get(url("medical-board")).status_code == 403
    assert as_("program-director").get(url("medical-board")).status_code == 200


def test_an_empty_board_is_calm(as_, clinic):
    text = body(as_("prescriber").get(url("medical-board")))
    assert "No injections due" in text and "Everybody has it" in text


# ---- forms -----------------------------------------------------------------------------------------------------


def test_listing_a_medicine_and_methadone_with_its_reason(as_, clinic, wren):
    browser, address = as_("prescriber"), url("medical-new", wren.pk, "medicine")
    assert "opioid treatment program" in body(browser.get(address))
    no = browser.post(address, {"drug": "methadone", "dose": "80 mg", "prescribed_here": "on"})
    assert no.status_code == 422 and "opioid treatment program (OTP)" in body(no) and "80 mg" in body(no)
    yes = browser.post(address, {"drug": "methadone", "dose": "80 mg", "prescriber_name": "River OTP"})
    assert yes.status_code == 302
    with clinic.seen_by("prescriber"):
        assert queries.mat(wren).get().prescriber_name == "River OTP"


@pytest.mark.parametrize(
    "what, given, says",
    [
        ("allergy", {"what": "Latex"}, "Latex"),
        ("condition", {"name": "Asthma", "sort": "biomedical"}, "Asthma"),
        ("naloxone", {"mark": "given", "form": "nasal"}, "Given"),
        ("naloxone-declined", {"note": "Not now"}, "Declined"),
        ("screen", {"reason": "random", "method": "presumptive"}, "To collect"),
    ],
)
def test_each_small_form_does_what_it_says(as_, wren, what, given, says):
    browser, address = as_("prescriber"), url("medical-new", wren.pk, what)
    assert browser.get(address).status_code == 200
    assert browser.post(address, given).status_code == 302
    assert says in body(browser.get(url("chart-medical", wren.pk)))


def test_a_counselor_orders_a_screen_and_lists_no_medicine(as_, wren):
    browser = as_("counselor")
    assert browser.get(url("medical-new", wren.pk, "screen")).status_code == 200
    for what in ("medicine", "allergy", "condition"):
        assert browser.get(url("medical-new", wren.pk, what)).status_code == 403
    assert browser.get(url("medical-new", wren.pk, "nonsense")).status_code == 404


def test_a_refused_small_form_keeps_what_was_typed(as_, wren):
    browser = as_("prescriber")
    no = browser.post(
        url("medical-new", wren.pk, "condition"), {"name": "Asthma", "sort": "magic", "note": "since school"}
    )
    assert no.status_code == 422 and "since school" in body(no)
    late = browser.post(
        url("medical-new", wren.pk, "screen"), {"reason": "random", "method": "presumptive", "collect_on": "2020-01-01"}
    )
    assert late.status_code == 422 and "Choose today" in body(late)


def test_a_medicine_is_read_changed_given_and_stopped(as_, clinic, wren):
    browser = as_("prescriber")
    row = actions.list_medication.run(clinic.actor("prescriber"), client=wren, drug="buprenorphine-xr", every_days="28")
    assert "Given only by trained staff" in body(browser.get(url("medicine", row.pk)))
    assert (
        browser.post(url("medicine-change", row.pk, "given"), {"given_where": "Here", "seen_version": "1"}).status_code
        == 302
    )
    stale = browser.post(url("medicine-change", row.pk, "dose"), {"dose": "300 mg", "seen_version": "1"})
    assert stale.status_code == 422 and "300 mg" in body(stale)
    assert "risk of overdose is high" in body(browser.get(url("medicine-change", row.pk, "stop")))
    assert browser.post(url("medicine-change", row.pk, "stop"), {"reason": "client-choice"}).status_code == 302
    assert "Stopped" in body(browser.get(url("medicine", row.pk)))
    assert browser.get(url("medicine-change", row.pk, "nonsense")).status_code == 404
    assert as_("counselor").get(url("medicine-change", row.pk, "stop")).status_code == 403


def test_a_chart_page_with_an_address_of_its_own_is_under_clients_in_the_menu(as_, clinic, wren):
    a_full_chart(clinic, wren)
    with everything("test"):
        medicine, screen = Medication.objects.first(), DrugScreen.objects.first()
    browser = as_("counselor")
    for address in (url("medicine", medicine.pk), url("screen", screen.pk), url("chart-medical", wren.pk)):
        menu = browser.get(address).content.decode().partition('class="nav-list"')[2].partition("</ul>")[0]
        assert re.findall(r'href="([^"]+)" aria-current="page"', menu) == [reverse("clients")], address
    assert 'href="/day/" aria-current' in browser.get(reverse("day")).content.decode()


def test_conditions_and_allergies_are_ended(as_, clinic, wren):
    scriber, browser = clinic.actor("prescriber"), as_("prescriber")
    condition = actions.record_condition.run(scriber, client=wren, name="Asthma", sort="biomedical")
    allergy = actions.record_allergy.run(scriber, client=wren, what="Latex")
    assert browser.get(url("condition-resolve", condition.pk)).status_code == 200
    assert browser.post(url("condition-resolve", condition.pk), {}).status_code == 302
    assert browser.post(url("allergy-withdraw", allergy.pk), {}).status_code == 422
    assert browser.post(url("allergy-withdraw", allergy.pk), {"why": "Tested"}).status_code == 302
    text = body(browser.get(url("chart-medical", wren.pk)))
    assert "Resolved" in text and "Latex" not in text


def test_a_result_is_recorded_talked_over_and_corrected(as_, clinic, wren):
    browser = as_("counselor")
    screen = actions.order_drug_screen.run(clinic.actor("counselor"), client=wren)
    actions.list_medication.run(clinic.actor("prescriber"), client=wren, drug="quetiapine")
    assert "Record result" in body(browser.get(url("screen", screen.pk)))
    address = url("screen-result", screen.pk)
    empty = browser.post(address, {"specimen": "urine", "measure_ph": "7", "note": "Left in a hurry"})
    assert empty.status_code == 422 and "at least one result" in body(empty) and "Left in a hurry" in body(empty)
    given = {
        "specimen": "urine",
        "panel_methadone": "positive",
        "panel_opiates": "negative",
        "measure_temperature_f": "101",
    }
    assert browser.post(address, given).status_code == 302
    text = body(browser.get(url("screen", screen.pk)))
    for words in (
        "This client takes quetiapine",
        "A plain opiate test does not see",
        "outside 90 to 100",
        "Talk it over",
    ):
        assert words in text
    talk = url("screen-talk", screen.pk)
    assert browser.post(talk, {}).status_code == 422
    assert browser.post(talk, {"client_says": "I took nothing new."}).status_code == 302
    assert "I took nothing new." in body(browser.get(url("screen", screen.pk)))
    assert 'value="positive"' in body(browser.get(address))
    assert browser.post(address, {"panel_methadone": "negative", "why": "Wrong sheet"}).status_code == 302
    assert "Corrected: Wrong sheet" in body(browser.get(url("screen", screen.pk)))


def test_a_half_written_talk_is_restored(as_, clinic, wren):
    screen = actions.order_drug_screen.run(clinic.actor("counselor"), client=wren)
    actions.record_drug_screen_result.run(clinic.actor("counselor"), screen=screen, panel={"fentanyl": "positive"})
    desk.save_draft.run(
        clinic.actor("counselor"), draft_key=f"screen-talk:{screen.pk}", data={"client_says": ["I was going to"]}
    )
    text = body(as_("counselor").get(url("screen-talk", screen.pk)))
    assert "I was going to" in text and "Restored" in text


def test_a_screen_is_closed_without_a_specimen(as_, clinic, wren):
    screen = actions.order_drug_screen.run(clinic.actor("counselor"), client=wren)
    browser = as_("counselor")
    assert "does not count as positive" in body(browser.get(url("screen-close", screen.pk)))
    assert browser.post(url("screen-close", screen.pk), {"why": "could-not"}).status_code == 302
    assert "No specimen" in body(browser.get(url("chart-medical", wren.pk)))


def test_a_pain_plan_is_written_and_an_older_one_does_not_win(as_, clinic, wren):
    browser, address = as_("prescriber"), url("pain-plan", wren.pk)
    given = {**PLAN, "tried_movement": "helped", "q-pain": "6", "q-enjoyment": "6", "q-activity": "6"}
    assert browser.get(address).status_code == 200
    short = browser.post(address, {**given, "goal": ""})
    assert short.status_code == 422 and "Physical therapy twice a week" in body(short)
    assert browser.post(address, given).status_code == 302
    with clinic.seen_by("prescriber"):
        plan = queries.pain_plan(wren)
    assert (plan.peg.total, plan.tried) == (6.0, {"movement": "helped"})
    stale = browser.post(address, {**PLAN, "plan": "My own idea", "replaces": ""})
    assert stale.status_code == 422 and "My own idea" in body(stale) and "The plan in force now" in body(stale)
    assert browser.post(address, {**PLAN, "replaces": str(plan.pk)}).status_code == 302


def test_a_withdrawal_check_is_recorded_and_warns(as_, wren):
    from middleground.engines import scoring

    browser, address = as_("prescriber"), url("withdrawal-monitoring", wren.pk, "cows")
    assert browser.get(address).status_code == 200
    items = scoring.instrument("cows").items
    given = {f"q-{item.id}": str(points) for item, points in zip(items, answers("cows", 8), strict=True)}
    part = browser.post(address, {**given, f"q-{items[0].id}": "", "note": "Shaky"})
    assert part.status_code == 422 and "Shaky" in body(part)
    done = browser.post(address, {**given, "heart_rate": "130"}, follow=True)
    assert "a medical review is needed today" in body(done)
    assert browser.get(url("withdrawal-monitoring", wren.pk, "phq-9")).status_code == 404
