"""The plan of care from the first draft to discharge."""

from datetime import timedelta

import pytest

from middleground.assessment import actions as assessment
from middleground.careplan import actions, queries
from middleground.careplan.models import Plan
from middleground.kernel import clock
from middleground.kernel.errors import NotAllowed, Refused
from middleground.records import queries as records
from middleground.records.models import Task
from tests import builders
from tests.assessment import people

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def counselor(clinic):
    return clinic.actor("counselor")


def episode_of(clinic, client):
    with clinic.seen_by("counselor"):
        return records.open_episode(client)


@pytest.fixture
def draft(clinic, wren, counselor):
    plan = actions.start_plan.run(
        counselor, client=wren, episode=episode_of(clinic, wren), strengths="Loves her garden"
    )
    actions.adopt_goal.run(counselor, plan=plan, goal_id="rest-well")
    return plan


@pytest.fixture
def signed(draft, counselor):
    return actions.sign_plan.run(counselor, plan=draft, signed_name="Cora Counselor, LPC")


def test_a_plan_without_an_objective_is_not_signed(clinic, wren, counselor):
    plan = actions.start_plan.run(counselor, client=wren, episode=episode_of(clinic, wren))
    with pytest.raises(Refused, match="objective"):
        actions.sign_plan.run(counselor, plan=plan, signed_name="Cora")


def test_a_signed_plan_no_longer_changes(signed, counselor):
    with pytest.raises(Refused, match="no longer changes"):
        actions.adopt_goal.run(counselor, plan=signed, goal_id="rest-well")


def test_an_item_of_a_signed_plan_cannot_be_reworded_through_a_new_draft(clinic, signed, counselor):
    new = actions.amend_plan.run(counselor, plan=signed)
    with clinic.seen_by("counselor"):
        old = queries.whole(signed)[0]
    with pytest.raises(Refused):
        actions.reword.run(counselor, plan=new, item=f"problem:{old.pk}", words="Changed")


def test_amending_copies_what_is_open_and_supersedes_on_signing(clinic, signed, counselor):
    new = actions.amend_plan.run(counselor, plan=signed)
    actions.sign_plan.run(counselor, plan=new, signed_name="Cora")
    with clinic.seen_by("counselor"):
        assert Plan.objects.get(pk=signed.pk).status == "superseded"
        assert [o.words for o in queries.open_objectives(signed.client)]


def test_the_client_reads_comments_and_signs_their_own_plan(clinic, wren, signed):
    own = builders.client_user(clinic, wren).actor()
    actions.comment.run(own, plan=signed, text="I want this.")
    actions.client_sign_plan.run(own, plan=signed, signed_name="Wren Alder")
    with clinic.seen_by("counselor"):
        assert queries.plan_in_force(wren).client_signed_at is not None


def test_another_client_cannot_sign_it(clinic, signed):
    other = builders.client_user(clinic, builders.a_client(clinic, "Rui", "Moss")).actor()
    with pytest.raises(NotAllowed):
        actions.client_sign_plan.run(other, plan=signed, signed_name="Rui Moss")


def test_a_biller_sees_no_plan(clinic, signed):
    with clinic.seen_by("biller", "payment") as access:
        assert not Plan.objects.exists()
        assert "plan" in access.withheld


def test_a_review_that_differs_from_the_recommendation_needs_a_reason(clinic, wren, signed, counselor):
    assessment.rate_dimensions.run(counselor, client=wren, edition=4, ratings=people.ratings())
    facts = {"client": wren, "episode": episode_of(clinic, wren), "summary": "Doing well", "progress": "yes"}
    with pytest.raises(Refused, match="differs"):
        actions.hold_review.run(counselor, decision="transfer-medical", **facts)
    made = actions.hold_review.run(
        counselor, decision="transfer-medical", override_reason="Seen by the physician today", **facts
    )
    assert made.recommended == "continue" and made.decided_by_id == counselor.user_id
    assert made.override_reason


def test_where_the_rules_leave_it_open_the_clinician_decides(clinic, wren, signed, counselor):
    """Without dimension ratings nobody knows whether anything is left to treat."""
    made = actions.hold_review.run(
        counselor,
        client=wren,
        episode=episode_of(clinic, wren),
        summary="Ready",
        decision="discharge",
        progress="yes",
        goals_met=True,
    )
    assert made.recommended == "" and made.reasons == [] and made.override_reason == ""


def test_with_nothing_left_to_treat_the_rules_say_discharge(clinic, wren, signed, counselor):
    rated = people.ratings(d3=0, d4=0, d5=0)
    assessment.rate_dimensions.run(counselor, client=wren, edition=4, ratings=rated)
    made = actions.hold_review.run(
        counselor,
        client=wren,
        episode=episode_of(clinic, wren),
        summary="Ready",
        decision="discharge",
        progress="yes",
        goals_met=True,
    )
    assert made.recommended == "discharge" and [r["code"] for r in made.reasons] == ["goals-met-nothing-left"]


def test_danger_today_asks_for_medical_care(clinic, wren, signed, counselor):
    with pytest.raises(Refused, match="differs"):
        actions.hold_review.run(
            counselor,
            client=wren,
            episode=episode_of(clinic, wren),
            summary="x",
            decision="continue",
            progress="yes",
            danger="suicide-high",
        )


def test_a_review_keeps_the_measures_as_they_stood(clinic, wren, signed, counselor):
    assessment.give_instrument.run(counselor, client=wren, instrument="phq-9", answers=people.PHQ_9)
    made = actions.hold_review.run(
        counselor, client=wren, episode=episode_of(clinic, wren), summary="x", decision="continue", progress="yes"
    )
    assert [(m["instrument"], m["then"], m["change"]) for m in made.measures] == [("phq-9", 9, "once")]


def test_only_the_director_ends_treatment_for_the_program(clinic, wren, signed, counselor):
    facts = {"episode": episode_of(clinic, wren), "reason": "ended-by-program", "summary": "Safety breach."}
    with pytest.raises(Refused, match="program director"):
        actions.discharge.run(counselor, **facts)
    assert actions.discharge.run(clinic.actor("program-director"), **facts).reason == "ended-by-program"


def test_a_plan_is_not_started_for_another_clients_episode(clinic, wren, counselor):
    other = builders.a_client(clinic, "Rui", "Moss")
    with pytest.raises(Refused, match="no open episode"):
        actions.start_plan.run(counselor, client=other, episode=episode_of(clinic, wren))


def test_the_whole_plan_is_read_in_one_query_without_what_was_taken_out(
    clinic, draft, counselor, django_assert_num_queries
):
    problem = actions.add_problem.run(counselor, plan=draft, area="sleep", words="I lie awake")
    empty = actions.add_goal.run(counselor, problem=problem, words="Sleep through")
    gone = actions.add_goal.run(counselor, problem=problem, words="Not this one")
    actions.remove_item.run(counselor, plan=draft, item=f"goal:{gone.pk}")
    with clinic.seen_by("counselor"), django_assert_num_queries(1):
        found = queries.whole(draft)
    assert [g.words for p in found for g in p.wants][-1] == empty.words
    assert all(step.what for p in found for g in p.wants for step in g.steps)


def test_the_names_stand_under_the_plan(clinic, wren, signed, counselor):
    actions.client_sign_plan.run(counselor, plan=signed, signed_name="Wren Alder")
    with clinic.seen_by("counselor"):
        plan = queries.plan_in_force(wren)
    assert (plan.signed_name, plan.client_signed_name) == ("Cora Counselor, LPC", "Wren Alder")


def test_discharge_ends_the_episode_keeps_the_record_and_asks_for_check_ins(clinic, wren, signed, counselor):
    episode = episode_of(clinic, wren)
    made = actions.discharge.run(counselor, episode=episode, reason="completed", summary="Met her goals.")
    assert made.on == clock.today()
    with clinic.seen_by("program-director", "operations"):
        assert records.open_episode(wren) is None
        assert Task.objects.filter(client=wren, key__startswith="check-in:", done_at=None).count() == 4
        assert queries.plans(wren).count() == 1
    with pytest.raises(Refused, match="already ended"):
        actions.discharge.run(counselor, episode=episode, reason="completed", summary="Again")


def test_a_discharge_before_admission_is_refused(clinic, wren, counselor):
    with pytest.raises(Refused, match="between admission"):
        actions.discharge.run(
            counselor,
            episode=episode_of(clinic, wren),
            reason="left",
            summary="x",
            on=clock.today() - timedelta(days=300),
        )
