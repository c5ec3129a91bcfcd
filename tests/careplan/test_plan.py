"""The plan of care from the first draft to discharge."""

from datetime import timedelta

import pytest

from middleground.careplan import actions, queries
from middleground.careplan.models import Plan
from middleground.kernel import clock
from middleground.kernel.errors import NotAllowed, Refused
from middleground.records import queries as records
from middleground.records.models import Task
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def counselor(clinic):
    return clinic.actor("counselor")


def episode_of(clinic, client):
    with clinic.seen_by("counselor"):
        return records.open_episode(client)


@pytest.fixture
def draft(clinic, wren, counselor):
    plan = actions.start_plan.run(counselor, client=wren, episode=episode_of(clinic, wren), strengths="Loves her garden")
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
    facts = {"client": wren, "episode": episode_of(clinic, wren), "summary": "Doing well", "progress": "yes", "goals_met": True}
    with pytest.raises(Refused, match="differs"):
        actions.hold_review.run(counselor, decision="transfer-medical", **facts)
    made = actions.hold_review.run(counselor, decision="transfer-medical", override_reason="Seen by the physician today", **facts)
    assert made.recommended and made.decided_by_id == counselor.user_id


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
        actions.discharge.run(counselor, episode=episode_of(clinic, wren), reason="left", summary="x", on=clock.today() - timedelta(days=300))
