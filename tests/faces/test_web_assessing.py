"""The assessment tab and its forms in the staff's workplace."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.assessment import actions, queries
from middleground.kernel import desk
from tests import builders
from tests.assessment import people
from tests.assessment.test_placing import assess, cleared, decide

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


def typed(content):
    """A form as a browser sends it: answers of `people` under the form's names."""
    data = {}
    for id, value in content.items():
        if not isinstance(value, dict):
            data[id] = value
        elif "rows" in value:
            data |= {
                id: "some",
                "substances_0_substance": value["rows"][0]["substance"],
                "substances_0_last_use_hours": "2026-11-01T20:00",
                "substances_0_daily": "no",
            }
        elif "chosen" in value or id in ("signs", "conditions"):
            data[id] = value.get("chosen", ["none"])
        else:
            data |= {f"{id}_asked": value["asked"], id: value.get("text", "")}
    return data


def typed_check(**other):
    return {
        "substances": "none",
        "intoxicated": "no",
        "signs": ["none"],
        "conditions": ["none"],
        "pregnant": "no",
        "suicide_risk": "none",
        "vitals_heart_rate": "72",
        "vitals_systolic": "120",
        "vitals_temp_c": "36.8",
        "vitals_consciousness": "alert",
        **other,
    }


def test_the_checklist_of_a_new_client_says_what_is_next(as_, wren):
    page = as_("counselor").get(url("chart-assessment", wren.pk)).content.decode()
    for words in (
        "Medical assessment",
        "Clinical assessment",
        "Withdrawal check",
        "Dimension ratings",
        "PHQ-9",
        "isn&#x27;t signed",
    ):
        assert words in page


def test_the_checklist_when_all_is_done_needs_few_queries_however_much_there_is(as_, clinic, wren):
    assess(clinic, wren)
    cleared(clinic, wren)
    decide(clinic, wren)
    browser, counts = as_("counselor"), []
    for _ in range(2):
        for _ in range(3):
            actions.give_instrument.run(
                clinic.actor("counselor"), client=wren, instrument="phq-9", answers=people.PHQ_9
            )
        with CaptureQueriesContext(connection) as ran:
            page = browser.get(url("chart-assessment", wren.pk))
        counts.append(len([q for q in ran if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]))
    assert "Nothing stands in the way" in page.content.decode() and "Intensive outpatient" in page.content.decode()
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "role, status",
    [
        ("intake-coordinator", 200),
        ("counselor", 200),
        ("prescriber", 200),
        ("case-manager", 200),
        ("program-director", 200),
        ("biller", 403),
        ("administrator", 403),
    ],
)
def test_who_opens_the_tab(as_, wren, role, status):
    assert as_(role).get(url("chart-assessment", wren.pk)).status_code == status


def test_a_stranger_finds_no_such_client(client, clinic, wren):
    client.force_login(builders.a_second(clinic, "counselor", "stranger"))
    for name in ("chart-assessment", "withdrawal", "placement", "dimensions"):
        assert client.get(url(name, wren.pk)).status_code == 404


def test_the_short_name_leads_to_the_tab(as_, wren):
    assert as_("counselor").get(url("assessment", wren.pk)).url == url("chart-assessment", wren.pk)


def test_a_medical_assessment_from_begin_to_signature(as_, clinic, wren):
    browser = as_("prescriber")
    opened = browser.post(url("assessment-open", wren.pk, "medical"))
    form = browser.get(opened.url)
    assert "Still to ask" in form.content.decode()
    data = typed(people.medical()) | {"seen_version": form.context["assessment"].version}
    assert browser.post(opened.url, {**data, "do": "save"}).status_code == 302
    refused = browser.post(
        opened.url, {**data, "seen_version": "", "allergies_asked": "", "do": "sign", "signed_name": "Pia"}
    )
    assert refused.status_code == 422 and "Not asked yet: Allergies" in refused.content.decode()
    assert "Sertraline 50 mg" in refused.content.decode()
    browser.post(opened.url, {**data, "seen_version": "", "do": "sign", "signed_name": "Pia Person"})
    page = browser.get(opened.url).content.decode()
    assert "Signed by Pia Person" in page and "Allergies and bad reactions" in page and "Cannabis" in page
    added = browser.post(
        url("assessment-addendum", opened.url.strip("/").split("/")[-1]), {"text": "A letter came."}, follow=True
    )
    assert "A letter came." in added.content.decode()


def test_bad_input_comes_back_with_what_was_typed(as_, clinic, wren):
    opened = actions.open_assessment.run(clinic.actor("counselor"), client=wren, sort="medical")
    page = as_("counselor").post(
        url("assessment-form", opened.pk), {"heart_rate": "900", "medical_view": "Tired but well.", "do": "save"}
    )
    assert page.status_code == 422 and "Tired but well." in page.content.decode() and "900" in page.content.decode()


def test_a_counselor_has_no_button_to_sign_the_medical_one(as_, clinic, wren):
    opened = actions.open_assessment.run(clinic.actor("counselor"), client=wren, sort="medical")
    assert 'value="sign"' not in as_("counselor").get(url("assessment-form", opened.pk)).content.decode()


def test_somebody_elses_newer_text_is_not_overwritten(as_, clinic, wren):
    opened = actions.open_assessment.run(clinic.actor("counselor"), client=wren, sort="clinical")
    actions.save_assessment.run(clinic.actor("intake-coordinator"), assessment=opened, content={"reason": "Theirs"})
    page = as_("counselor").post(
        url("assessment-form", opened.pk), {"reason": "Mine", "seen_version": "1", "do": "save"}
    )
    assert (
        page.status_code == 422
        and "Mine" in page.content.decode()
        and "Someone else changed this" in page.content.decode()
    )


def test_what_was_typed_and_not_saved_comes_back(as_, clinic, wren):
    opened = actions.open_assessment.run(clinic.actor("counselor"), client=wren, sort="clinical")
    browser = as_("counselor")
    browser.post(
        url("draft", f"assessment:{opened.pk}"),
        {"reason": "Half a sen", "strengths": ["humor", "honest"], "substances_0_substance": "alcohol"},
    )
    page = browser.get(url("assessment-form", opened.pk)).content.decode()
    assert "Restored what you had typed" in page and "Half a sen" in page
    assert page.count("checked") >= 2 and '<option value="alcohol" selected' in page
    browser.post(url("assessment-form", opened.pk), {"reason": "Half a sentence.", "do": "save"})
    assert desk.draft(clinic.people["counselor"].pk, f"assessment:{opened.pk}") is None


@pytest.mark.parametrize(
    "instrument",
    ["phq-9", "gad-7", "audit", "dast-10", "cows", "ciwa-ar", "pawss", "craving-vas", "peg", "pc-ptsd-5", "audit-c"],
)
def test_every_instrument_has_its_page(as_, wren, instrument):
    page = as_("case-manager").get(url("instrument", wren.pk, instrument))
    assert page.status_code == 200 and "<legend>" in page.content.decode()


def test_an_instrument_is_given_and_its_total_shown(as_, clinic, wren):
    answers = {f"q-q{i}": str(value) for i, value in enumerate([1, 2, 0, 3, 0, 1, 2, 0, 1], start=1)}
    page = as_("counselor").post(url("instrument", wren.pk, "phq-9"), answers, follow=True).content.decode()
    assert "10 of 27, moderate" in page and "conversation today" in page and "Little interest" in page
    with clinic.seen_by("counselor"):
        assert queries.latest(wren, "phq-9").total == 10


def test_unanswered_questions_come_back_with_the_answered_ones(as_, wren):
    page = as_("counselor").post(url("instrument", wren.pk, "phq-9"), {"q-q1": "2"})
    assert page.status_code == 422 and "answers are missing" in page.content.decode()
    assert 'id="q-q1-2" name="q-q1" value="2" checked' in page.content.decode()


def test_an_instrument_speaks_the_clients_language(as_, clinic):
    luz = builders.a_client(clinic, "Luz", "Prado", language="es")
    assert "Casi todos los días" in as_("counselor").get(url("instrument", luz.pk, "phq-9")).content.decode()
    assert (
        "Nearly every day" in as_("counselor").get(url("instrument", luz.pk, "phq-9") + "?language=en").content.decode()
    )


def test_a_wrong_entry_is_corrected(as_, clinic, wren):
    wrong = actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="craving-vas", answers=[9])
    browser = as_("counselor")
    item = wrong.answers["items"][0]["id"]
    assert "checked" in browser.get(url("instrument-correct", wrong.pk)).content.decode()
    assert browser.post(url("instrument-correct", wrong.pk), {f"q-{item}": "2"}).status_code == 422
    browser.post(url("instrument-correct", wrong.pk), {f"q-{item}": "2", "why": "Misheard"})
    assert "Misheard" in browser.get(url("instrument-result", wrong.pk)).content.decode()


def test_ratings_need_evidence(as_, clinic, wren):
    browser = as_("counselor")
    page = browser.post(url("dimensions", wren.pk), {"edition": "4", "rating_5": "3"})
    assert page.status_code == 422 and "Say what dimension 5 rests on" in page.content.decode()
    done = browser.post(
        url("dimensions", wren.pk),
        {"edition": "4", "rating_5": "3", "evidence_5": "No home.", "evidence_6": "Wants mornings."},
    )
    assert done.url == url("placement", wren.pk)
    assert "No home." in browser.get(url("dimensions", wren.pk)).content.decode()


def test_the_withdrawal_form_is_filled_in_from_the_assessments_and_the_scales(as_, clinic, wren):
    assess(clinic, wren)
    actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="cows", answers=[1] + [0] * 10)
    page = as_("prescriber").get(url("withdrawal", wren.pk)).content.decode()
    assert (
        '<option value="cannabis" selected' in page and 'value="122"' in page and 'name="scales_cows" value="1' in page
    )


def test_a_check_names_what_is_missing_with_a_link_to_the_field(as_, wren):
    page = (
        as_("intake-coordinator")
        .post(url("withdrawal", wren.pk), typed_check(pregnant=""), follow=True)
        .content.decode()
    )
    assert "Not enough is known" in page and f'href="{url("withdrawal", wren.pk)}#id_pregnant"' in page


def test_what_was_answered_is_still_there_when_the_missing_answer_is_added(as_, wren):
    browser = as_("counselor")
    browser.post(
        url("withdrawal", wren.pk),
        typed_check(pregnant="", substances="some", substances_0_substance="cannabis", substances_0_daily="yes"),
    )
    page = browser.get(url("withdrawal", wren.pk)).content.decode()
    assert (
        'name="vitals_heart_rate" value="72"' in page
        and '<option value="cannabis" selected' in page
        and '<option value="yes" selected' in page
    )


def test_a_half_answered_instrument_comes_back(as_, wren):
    browser = as_("counselor")
    browser.post(url("draft", f"instrument:phq-9:{wren.pk}"), {"q-q3": "2"})
    page = browser.get(url("instrument", wren.pk, "phq-9")).content.decode()
    assert "Restored" in page and 'id="q-q3-2" name="q-q3" value="2" checked' in page


def test_a_clear_check_is_signed_by_a_prescriber_only(as_, wren):
    browser = as_("counselor")
    where = browser.post(url("withdrawal", wren.pk), typed_check()).url
    page = browser.get(where).content.decode()
    assert "Clears nobody until a prescriber signs" in page and "signed_name" not in page
    browser = as_("prescriber")
    assert browser.post(where, {"signed_name": ""}).status_code == 422
    assert browser.post(where, {"signed_name": "Pia Person"}).status_code == 302
    assert "Pia Person" in browser.get(where).content.decode()


def test_a_danger_is_shown_as_one(as_, wren):
    data = typed_check(substances="some", substances_0_substance="alcohol", vitals_heart_rate="124")
    page = as_("counselor").post(url("withdrawal", wren.pk), data, follow=True).content.decode()
    assert "Emergency" in page and "Call 911" in page


def test_an_impossible_value_comes_back(as_, wren):
    page = as_("counselor").post(url("withdrawal", wren.pk), typed_check(vitals_heart_rate="999"))
    assert page.status_code == 422 and 'value="999"' in page.content.decode()


def test_the_recommendation_explains_itself_and_a_clinician_decides(as_, clinic, wren):
    assess(clinic, wren)
    cleared(clinic, wren)
    browser = as_("counselor")
    page = browser.get(url("placement", wren.pk)).content.decode()
    assert "2.1: Intensive outpatient" in page and "Deciding: 4." in page and "Final" in page
    data = {"pathway": "first-line", "sud_diagnosis": "yes", "gates": ["none"], "do": "decide"}
    refused = browser.post(url("placement", wren.pk), {**data, "selected": "1.5"})
    assert refused.status_code == 422 and "choose why" in refused.content.decode()
    assert browser.post(url("placement", wren.pk), {**data, "selected": "2.1"}).status_code == 302
    with clinic.seen_by("counselor"):
        assert queries.latest_decision(wren).status == "final"


def test_asking_again_writes_nothing(as_, clinic, wren):
    page = as_("counselor").post(
        url("placement", wren.pk), {"sud_diagnosis": "no", "gates": ["medical-emergency"], "do": "ask"}
    )
    assert page.status_code == 200 and "Emergency" in page.content.decode()
    with clinic.seen_by("counselor"):
        assert queries.latest_decision(wren) is None


def test_intake_sees_the_recommendation_without_a_decision_to_make(as_, wren):
    page = as_("intake-coordinator").get(url("placement", wren.pk)).content.decode()
    assert 'value="decide"' not in page and "Recommendation" in page


@pytest.mark.parametrize("name", ["chart-assessment", "withdrawal", "dimensions", "placement"])
def test_pages_stay_within_their_queries(as_, clinic, wren, name):
    assess(clinic, wren)
    cleared(clinic, wren)
    decide(clinic, wren)
    browser = as_("counselor")
    with CaptureQueriesContext(connection) as ran:
        assert browser.get(url(name, wren.pk)).status_code == 200
    asked = [q["sql"] for q in ran if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "PRAGMA"))]
    assert len(asked) <= QUERIES_AT_MOST, "\n".join(each[:160] for each in asked)
