"""Ratings, the withdrawal check and the decision."""

from datetime import timedelta

import pytest

from middleground.assessment import actions, queries
from middleground.assessment.models import DimensionRating, WithdrawalCheck
from middleground.assessment.placing import NeedsPrescriber, ReasonNeeded
from middleground.kernel import clock
from middleground.kernel.errors import NotAllowed, Refused
from middleground.records.models import Task

from .people import FACTS, clinical, medical, ratings, safe_line

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def assess(clinic, client):
    """Both assessments signed, all dimensions rated for an intensive outpatient program."""
    prescriber, counselor = clinic.actor("prescriber"), clinic.actor("counselor")
    opened = actions.open_assessment.run(prescriber, client=client, sort="medical")
    actions.sign_medical_assessment.run(prescriber, assessment=opened, signed_name="Pia", content=medical())
    opened = actions.open_assessment.run(counselor, client=client, sort="clinical")
    actions.sign_clinical_assessment.run(counselor, assessment=opened, signed_name="Cal", content=clinical())
    actions.rate_dimensions.run(counselor, client=client, edition=4, ratings=ratings())


def cleared(clinic, client):
    check = actions.check_withdrawal.run(clinic.actor("intake-coordinator"), client=client, given=safe_line())
    return actions.sign_withdrawal_check.run(clinic.actor("prescriber"), check=check, signed_name="Pia Person")


def decide(clinic, client, selected="2.1", **other):
    return actions.decide_placement.run(
        clinic.actor("counselor"), client=client, selected=selected, facts=FACTS, **other
    )


def test_a_clear_check_clears_nobody_until_a_prescriber_signs(clinic, wren):
    check = actions.check_withdrawal.run(clinic.actor("counselor"), client=wren, given=safe_line())
    with clinic.seen_by("counselor"):
        assert check.result == "CLEAR" and not queries.readiness(wren).withdrawal_valid
    with pytest.raises(NotAllowed):
        actions.sign_withdrawal_check.run(clinic.actor("counselor"), check=check, signed_name="Me")
    actions.sign_withdrawal_check.run(clinic.actor("prescriber"), check=check, signed_name="Pia")
    with clinic.seen_by("prescriber"):
        assert queries.readiness(wren).withdrawal_valid
        assert Task.objects.get(key=f"withdrawal:{wren.pk}").outcome == "Signed"


def test_unknown_never_clears(clinic, wren):
    check = actions.check_withdrawal.run(clinic.actor("counselor"), client=wren, given=safe_line(pregnant=None))
    assert (check.result, check.missing) == ("UNKNOWN", ["/pregnant"])
    with pytest.raises(NeedsPrescriber):
        actions.sign_withdrawal_check.run(clinic.actor("prescriber"), check=check, signed_name="Pia")
    assess(clinic, wren)
    assert decide(clinic, wren).status == "pending-wm"
    with clinic.seen_by("counselor"):
        assert "clears nobody" in " ".join(queries.readiness(wren).problems)


def test_unsafe_withdrawal_asks_for_the_prescriber_today(clinic, wren):
    drink = [{"substance": "alcohol", "last_use_hours": 20, "daily": True, "weeks": 400}]
    line = safe_line(
        substances=drink,
        scales={"ciwa-ar": 14, "pawss": 5},
        history={"withdrawal_seizure": True, "delirium": False, "withdrawals": 3},
    )
    check = actions.check_withdrawal.run(clinic.actor("counselor"), client=wren, given=line)
    assert check.result == "INPATIENT_WM" and check.reasons
    with pytest.raises(NeedsPrescriber):
        actions.sign_withdrawal_check.run(clinic.actor("prescriber"), check=check, signed_name="Pia")
    with clinic.seen_by("prescriber"):
        task = Task.objects.get(client=wren)
    assert task.owner == clinic.people["prescriber"] and "withdrawal" not in (task.what + task.why).lower()


def test_a_check_ages_and_a_newer_one_replaces_it(clinic, wren):
    check = cleared(clinic, wren)
    with clock.at(check.valid_until + timedelta(minutes=1)), clinic.seen_by("counselor"):
        assert "out of date" in " ".join(queries.readiness(wren).problems)
    old = actions.check_withdrawal.run(clinic.actor("counselor"), client=wren, given=safe_line())
    actions.check_withdrawal.run(clinic.actor("counselor"), client=wren, given=safe_line(age=35))
    with pytest.raises(Refused, match="newer"):
        actions.sign_withdrawal_check.run(clinic.actor("prescriber"), check=old, signed_name="Pia")


@pytest.mark.parametrize("line, field", [({"pregnnt": True}, "pregnnt"), ({"suicide_risk": "maybe"}, "suicide_risk")])
def test_a_line_the_rules_cannot_use_is_refused_beside_its_field(clinic, wren, line, field):
    with pytest.raises(Refused) as no:
        actions.check_withdrawal.run(clinic.actor("counselor"), client=wren, given=safe_line(**line))
    assert no.value.field == field


def test_new_ratings_supersede_the_old_ones(clinic, wren):
    actions.rate_dimensions.run(clinic.actor("counselor"), client=wren, edition=4, ratings=ratings())
    actions.rate_dimensions.run(
        clinic.actor("counselor"), client=wren, edition=4, ratings={"5": {"rating": 3, "evidence": "Lost the flat."}}
    )
    with clinic.seen_by("counselor"):
        assert queries.ratings_line(wren, 4)["ratings"] == {"1": 0, "2": 0, "3": 1, "4": 2, "5": 3}
        assert DimensionRating.objects.filter(client=wren, dimension=5).count() == 2


@pytest.mark.parametrize(
    "edition, number, given, field",
    [
        (4, "5", {"rating": 2, "evidence": ""}, "evidence_5"),
        (4, "5", {"rating": 7, "evidence": "x"}, "rating_5"),
        (4, "6", {"rating": 2, "evidence": "x"}, "rating_6"),
        (3, "7", {"rating": 2, "evidence": "x"}, "rating_7"),
        (4, "5", {"rating": 2, "evidence": "x", "need": "9"}, "need_5"),
    ],
)
def test_a_rating_needs_its_range_and_its_evidence(clinic, wren, edition, number, given, field):
    with pytest.raises(Refused) as no:
        actions.rate_dimensions.run(clinic.actor("counselor"), client=wren, edition=edition, ratings={number: given})
    assert no.value.field == field


def test_with_everything_signed_the_decision_is_final_and_nothing_stands_in_the_way(clinic, wren):
    assess(clinic, wren)
    cleared(clinic, wren)
    decision = decide(clinic, wren)
    assert (decision.recommended, decision.status, decision.discrepancy_reason) == ("2.1", "final", "")
    with clinic.seen_by("intake-coordinator"):
        assert queries.readiness(wren).ready


def test_without_both_signatures_the_decision_is_provisional(clinic, wren):
    actions.rate_dimensions.run(clinic.actor("counselor"), client=wren, edition=4, ratings=ratings())
    cleared(clinic, wren)
    assert decide(clinic, wren).status == "provisional"


def test_another_level_than_the_recommended_one_needs_a_reason_and_a_sentence(clinic, wren):
    assess(clinic, wren)
    cleared(clinic, wren)
    with pytest.raises(ReasonNeeded):
        decide(clinic, wren, "1.5")
    with pytest.raises(ReasonNeeded):
        decide(clinic, wren, "1.5", discrepancy_reason="client-choice", override_text="no")
    decision = decide(
        clinic,
        wren,
        "1.5",
        discrepancy_reason="client-choice",
        override_text="Wants to keep the night shift; we meet again in two weeks.",
    )
    assert (decision.recommended, decision.selected, decision.discrepancy_reason) == ("2.1", "1.5", "client-choice")
    with pytest.raises(Refused):
        decide(clinic, wren, "1.5", discrepancy_reason="full-moon", override_text="Because the moon is full tonight.")


def test_an_emergency_stops_the_decision(clinic, wren):
    assess(clinic, wren)
    with pytest.raises(Refused, match="911"):
        actions.decide_placement.run(
            clinic.actor("counselor"), client=wren, selected="2.1", facts={**FACTS, "gates": ["suicide-high"]}
        )


def test_a_review_of_a_stay_leans_on_the_signed_check_of_the_beginning(clinic, wren):
    assess(clinic, wren)
    check = cleared(clinic, wren)
    stay = {
        "progress": "partly",
        "goals_met": False,
        "new_problem": False,
        "plan_amended": True,
        "safe_at_level": True,
        "engaged": True,
    }
    with clock.at(check.valid_until + timedelta(days=50)):
        decision = decide(clinic, wren, stay=stay)
    assert (decision.status, decision.stay_decision) == ("final", "continue")


@pytest.mark.parametrize("role", ["intake-coordinator", "case-manager", "biller", "administrator"])
def test_only_clinicians_and_the_director_decide(clinic, wren, role):
    with pytest.raises(NotAllowed):
        actions.decide_placement.run(clinic.actor(role), client=wren, selected="2.1", facts=FACTS)


@pytest.mark.parametrize("role", ["biller", "administrator"])
def test_billers_and_administrators_see_no_check_no_rating_no_decision(clinic, wren, role):
    assess(clinic, wren)
    cleared(clinic, wren)
    decide(clinic, wren)
    with clinic.seen_by(role):
        assert not WithdrawalCheck.objects.exists() and not DimensionRating.objects.exists()
        assert queries.latest_decision(wren) is None and not queries.results(wren).exists()
