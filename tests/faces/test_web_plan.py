"""The plan's pages: read, write, sign, review, discharge; what is typed is never lost."""

import pytest
from django.urls import reverse

from middleground.assessment import actions as assessment
from middleground.careplan import actions, queries
from middleground.careplan.models import Discharge, Plan, Review
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.desk import save_draft
from middleground.records import queries as records
from tests import builders
from tests.assessment import people

pytestmark = pytest.mark.django_db
LIMIT = 14  # twelve, and the two savepoints of the test around the audit entry


@pytest.fixture
def counselor(clinic, client):
    client.force_login(clinic.people["counselor"])
    return clinic.actor("counselor")


@pytest.fixture
def episode(clinic, wren):
    with clinic.seen_by("counselor"):
        return records.open_episode(wren)


@pytest.fixture
def draft(clinic, wren, counselor, episode):
    plan = actions.start_plan.run(counselor, client=wren, episode=episode, strengths="Loves her garden")
    actions.adopt_goal.run(counselor, plan=plan, goal_id="rest-well")
    return plan


@pytest.fixture
def signed(draft, counselor):
    return actions.sign_plan.run(counselor, plan=draft, signed_name="Cora Counselor, LPC")


def tree(plan):
    with everything("test"):
        return queries.whole(plan)


def the(model, **where):
    with everything("test"):
        return model.objects.filter(**where).order_by("-pk").first()


def test_without_a_plan_the_page_says_what_to_do(client, wren, counselor):
    page = client.get(reverse("chart-plan", args=[wren.pk]))
    assert page.status_code == 200 and "Start the plan" in page.content.decode()


def test_starting_leads_to_the_editor(client, wren, counselor):
    done = client.post(reverse("chart-plan", args=[wren.pk]), {"do": "start"})
    assert done.status_code == 302 and done.url == reverse("plan-edit", args=[the(Plan).pk])


def test_the_plan_reads_like_a_document(client, wren, signed, django_assert_max_num_queries):
    with django_assert_max_num_queries(LIMIT):
        page = client.get(reverse("chart-plan", args=[wren.pk]))
    text = page.content.decode()
    for words in ("9 hours a week", "Loves her garden", "Cora Counselor, LPC", "Amend the plan", "Working on it"):
        assert words in text


def test_the_editor_takes_few_queries_however_long_the_plan(client, draft, counselor, django_assert_max_num_queries):
    for words in ("One", "Two", "Three"):
        problem = actions.add_problem.run(counselor, plan=draft, area="sleep", words=words)
        actions.add_goal.run(counselor, problem=problem, words=words)
    with django_assert_max_num_queries(LIMIT):
        assert client.get(reverse("plan-edit", args=[draft.pk])).status_code == 200


def test_a_whole_plan_is_written_with_the_small_forms(client, wren, draft, counselor):
    here = reverse("plan-edit", args=[draft.pk])
    client.post(here, {"do": "problem", "area": "sleep", "words": "I lie awake at three"})
    problem = tree(draft)[-1]
    client.post(here, {"do": "goal", "at": f"problem:{problem.pk}", "words": "Sleep through most nights"})
    goal = tree(draft)[-1].wants[0]
    client.post(
        here, {"do": "objective", "at": f"goal:{goal.pk}", "words": "Five nights a week", "target_on": "2030-01-02"}
    )
    step = tree(draft)[-1].wants[0].steps[0]
    client.post(here, {"do": "intervention", "at": f"objective:{step.pk}", "method": "cbt", "words": "Sleep group"})
    client.post(here, {"do": "reword", "at": f"objective:{step.pk}", "words": "Six nights a week"})
    step = tree(draft)[-1].wants[0].steps[0]
    assert (step.words, step.what[0].words) == ("Six nights a week", "Sleep group")
    client.post(here, {"do": "remove", "at": f"problem:{problem.pk}"})
    assert problem.pk not in [p.pk for p in tree(draft)]


def test_a_form_with_an_error_keeps_what_was_typed_and_stays_open(client, draft, counselor):
    goal = tree(draft)[0].wants[0]
    page = client.post(
        reverse("plan-edit", args=[draft.pk]),
        {"do": "objective", "at": f"goal:{goal.pk}", "words": "Walk daily", "target_on": ""},
    )
    assert page.status_code == 422
    assert "Walk daily" in page.content.decode() and "This field is required" in page.content.decode()


def test_the_frame_is_restored_from_its_draft(client, draft, counselor):
    save_draft.run(counselor, draft_key=f"plan:{draft.pk}", data={"strengths": ["A choir on Sundays"]})
    assert "A choir on Sundays" in client.get(reverse("plan-edit", args=[draft.pk])).content.decode()


def test_a_review_date_in_the_past_is_refused_beside_its_field(client, draft, counselor):
    page = client.post(
        reverse("plan-edit", args=[draft.pk]), {"do": "frame", "prescribed_minutes": 540, "review_on": "2020-01-01"}
    )
    assert page.status_code == 422 and "after today" in page.content.decode()


def test_an_item_of_another_plan_is_not_found(client, clinic, draft, counselor):
    page = client.post(reverse("plan-edit", args=[draft.pk]), {"do": "goal", "at": "problem:999999", "words": "x"})
    assert page.status_code == 404


def test_signing_puts_it_in_force_and_the_client_signs_here(client, wren, draft, counselor):
    client.post(reverse("plan-edit", args=[draft.pk]), {"do": "sign", "signed_name": "Cora Counselor"})
    client.post(reverse("chart-plan", args=[wren.pk]), {"do": "sign", "signed_name": "Wren Alder"})
    plan = the(Plan)
    assert (plan.status, plan.client_signed_name) == ("active", "Wren Alder")


def test_marking_commenting_and_amending(client, wren, signed):
    here, step = reverse("chart-plan", args=[wren.pk]), tree(signed)[0].wants[0].steps[0]
    assert client.post(here, {"do": "mark", "objective": step.pk, "status": "met"}).status_code == 302
    assert client.post(here, {"do": "comment", "text": "Agreed on the phone"}).status_code == 302
    assert client.post(here, {"do": "comment", "text": ""}).status_code == 422
    assert "Agreed on the phone" in client.get(here).content.decode()
    assert client.post(here, {"do": "amend"}).url == reverse("plan-edit", args=[the(Plan).pk])


def test_the_plan_on_paper(client, wren, signed):
    page = client.get(reverse("plan-print", args=[signed.pk])).content.decode()
    assert "Plan of care 1" in page and "Cora Counselor, LPC" in page


@pytest.mark.parametrize("role", ["biller", "intake-coordinator", "administrator"])
def test_other_roles_open_no_plan(clinic, client, wren, signed, role):
    client.force_login(clinic.people[role])
    for name, args in (
        ("chart-plan", [wren.pk]),
        ("plan-edit", [signed.pk]),
        ("plan-print", [signed.pk]),
        ("review", [wren.pk]),
        ("discharge", [wren.pk]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 403


def test_a_counselor_without_a_relation_finds_nothing(clinic, client, wren, signed):
    client.force_login(builders.a_second(clinic, "counselor", "other"))
    assert client.get(reverse("chart-plan", args=[wren.pk])).status_code == 404
    assert client.get(reverse("plan-print", args=[signed.pk])).status_code == 404


# ---- review --------------------------------------------------------------------------------------------------------

FOUND = {"progress": "yes", "danger": "none", "safe_at_level": "on", "engaged": "on", "summary": "Comes every evening"}


@pytest.fixture
def rated(clinic, wren, counselor):
    assessment.rate_dimensions.run(counselor, client=wren, edition=4, ratings=people.ratings())
    assessment.give_instrument.run(counselor, client=wren, instrument="phq-9", answers=people.PHQ_9)


def test_the_review_shows_measures_and_asks_before_it_decides(
    client, wren, signed, rated, django_assert_max_num_queries
):
    with django_assert_max_num_queries(LIMIT):
        page = client.get(reverse("review", args=[wren.pk])).content.decode()
    assert "Then and now" in page and "PHQ-9" in page and "Hold the review" not in page


def test_the_recommendation_comes_with_its_reason_before_the_decision(
    client, wren, signed, rated, django_assert_max_num_queries
):
    with django_assert_max_num_queries(LIMIT):
        page = client.post(reverse("review", args=[wren.pk]), {"do": "recommend", **FOUND})
    text = page.content.decode()
    assert (
        page.status_code == 200
        and "There is progress and the goals are not met yet." in text
        and "Hold the review" in text
    )
    assert "Comes every evening" in text and the(Review) is None


def test_nothing_is_said_by_default(client, wren, signed):
    page = client.post(reverse("review", args=[wren.pk]), {"do": "recommend", "summary": "x"})
    assert page.status_code == 422 and the(Review) is None


def test_another_decision_needs_its_reason_and_keeps_what_was_typed(client, wren, signed, rated):
    here = reverse("review", args=[wren.pk])
    page = client.post(here, {"do": "decide", **FOUND, "decision": "step-up"})
    assert page.status_code == 422 and "Say why the decision differs" in page.content.decode()
    done = client.post(
        here, {"do": "decide", **FOUND, "decision": "step-up", "override_reason": "Home is not safe this month"}
    )
    assert done.status_code == 302 and the(Review).override_reason == "Home is not safe this month"


def test_the_level_changes_on_the_same_page(client, wren, signed, episode):
    done = client.post(
        reverse("review", args=[wren.pk]),
        {"do": "level", "level_of_care": "2.5", "prescribed_minutes": "1200", "reason": "More structure"},
    )
    assert done.status_code == 302
    with everything("test"):
        assert records.open_episode(wren).level_of_care == "2.5"


# ---- discharge -----------------------------------------------------------------------------------------------------


def test_discharge_and_aftercare_from_form_to_paper(client, wren, signed, django_assert_max_num_queries):
    here = reverse("discharge", args=[wren.pk])
    with django_assert_max_num_queries(LIMIT):
        assert "Goals as they stand" in client.get(here).content.decode()
    client.post(here, {"do": "aftercare", "keeps_me_well": "My garden and Tuesday choir"})
    done = client.post(
        here,
        {
            "do": "discharge",
            "reason": "completed",
            "summary": "Met her goals.",
            "on": clock.today().isoformat(),
            "naloxone": "given",
        },
    )
    assert done.status_code == 302 and the(Discharge).naloxone == "given"
    with django_assert_max_num_queries(LIMIT):
        assert "Completed" in client.get(here).content.decode()
    assert "Met her goals." in client.get(reverse("discharge-print", args=[wren.pk])).content.decode()
    assert "Tuesday choir" in client.get(reverse("aftercare-print", args=[wren.pk])).content.decode()
    assert client.get(reverse("chart-plan", args=[wren.pk])).status_code == 200


def test_a_discharge_without_a_summary_keeps_the_rest(client, wren, signed):
    page = client.post(
        reverse("discharge", args=[wren.pk]),
        {"do": "discharge", "reason": "completed", "summary": "", "next_care": "Elm Clinic"},
    )
    assert page.status_code == 422 and "Elm Clinic" in page.content.decode()


def test_the_aftercare_plan_is_restored_from_its_draft(client, wren, signed, counselor):
    save_draft.run(counselor, draft_key=f"aftercare:{wren.pk}", data={"people": ["My sister Ana"]})
    page = client.get(reverse("discharge", args=[wren.pk])).content.decode()
    assert "My sister Ana" in page and "Restored what you had typed" in page


def test_a_case_manager_writes_aftercare_but_does_not_discharge(clinic, client, wren, signed):
    client.force_login(clinic.people["case-manager"])
    page = client.get(reverse("discharge", args=[wren.pk])).content.decode()
    assert "Keep the aftercare plan" in page and "Goals as they stand" not in page
    assert (
        client.post(
            reverse("discharge", args=[wren.pk]), {"do": "discharge", "reason": "completed", "summary": "x"}
        ).status_code
        == 422
    )
    assert the(Discharge) is None
