"""Referral out: the hand-off record, the answer of the other place, the closed loop."""

import pytest

from middleground.admissions import actions, queries
from middleground.admissions.models import ReferralOut
from middleground.admissions.referring import missing_items
from middleground.kernel.context import everything, visitor
from middleground.kernel.errors import Refused
from middleground.records.models import Task
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
WHERE = {
    "to": "County medical withdrawal unit",
    "reason": "Needs medical withdrawal care first",
    "level_of_care": "3.7",
}


def test_an_inquiry_referred_out_is_closed_with_a_hand_off_and_a_task(clinic):
    asked = actions.request_assessment.run(visitor(), first_name="Rowan", phone="555-014-2777")
    intake = clinic.actor("intake-coordinator")
    made = actions.refer_out.run(intake, inquiry=asked, items=["warm-call"], **WHERE)
    assert "warm-call" not in missing_items(made)
    assert "naloxone" in missing_items(made)
    with clinic.seen_by("intake-coordinator"):
        assert queries.inquiry(asked.pk).status == "referred-out"
        assert [r.pk for r in queries.referrals_out(asked)] == [made.pk]
    with everything("a task about nobody on record yet"):
        assert Task.objects.get(key=f"hand-off:{made.pk}").owner == clinic.people["intake-coordinator"]


def test_a_counselor_refers_a_client_of_theirs_and_another_sees_nothing(clinic, wren):
    made = actions.refer_out.run(clinic.actor("counselor"), client=wren, **WHERE)
    builders.a_second(clinic, "counselor", "stranger")
    with clinic.seen_by("counselor"):
        assert queries.referral(made.pk).client == wren
    with clinic.seen_by("biller"):
        assert not ReferralOut.objects.exists()


def test_the_loop_is_closed(clinic, wren):
    counselor = clinic.actor("counselor")
    made = actions.refer_out.run(counselor, client=wren, **WHERE)
    made = actions.update_hand_off.run(
        counselor, referral=made, done=["naloxone", "allergies"], notes={"naloxone": "Two doses"}
    )
    assert {i["id"] for i in made.items if i["done"]} == {"naloxone", "allergies"}
    made = actions.accept_handoff.run(counselor, referral=made, accepted_by="Nurse Hale")
    assert made.outcome == "accepted"
    made = actions.close_referral.run(counselor, referral=made, outcome="arrived")
    assert made.closed_at is not None
    with clinic.seen_by("counselor"):
        assert Task.objects.get(key=f"hand-off:{made.pk}").done_at is not None
    with pytest.raises(Refused):
        actions.accept_handoff.run(counselor, referral=made, accepted_by="Somebody")


def test_nobody_or_an_unknown_item_is_refused(clinic, wren):
    with pytest.raises(Refused):
        actions.refer_out.run(clinic.actor("counselor"), **WHERE)
    with pytest.raises(Refused) as no:
        actions.refer_out.run(clinic.actor("counselor"), client=wren, items=["a pony"], **WHERE)
    assert no.value.field == "items"
    made = actions.refer_out.run(clinic.actor("counselor"), client=wren, **WHERE)
    with pytest.raises(Refused):
        actions.close_referral.run(clinic.actor("counselor"), referral=made, outcome="waiting")
