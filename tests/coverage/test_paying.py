"""The fee in a sentence, payments, estimates, authorizations burning down, and who may see any of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from middleground.coverage import actions, queries
from middleground.coverage.models import FeeAgreement, Payment, Policy
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import Invalid, NotAllowed, Refused
from middleground.records.models import Task
from tests import builders
from tests.coverage import days
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def test_the_fee_of_a_family_of_three_is_told_in_a_sentence(clinic, wren):
    with clock.at(datetime(2025, 6, 2, 15, tzinfo=UTC)):
        agreed = days.fee(clinic, wren, "41000", 3)
    assert (agreed.class_name, agreed.table_year, agreed.percent) == ("151-175", 2025, Decimal("153.85"))
    assert agreed.per_day == Decimal("144.00")
    assert "$144.00" in agreed.sentence and "2025" in agreed.sentence and "guía de pobreza" in agreed.sentence_es


def test_last_years_fee_is_printed_with_last_years_table(clinic, wren):
    with clock.at(datetime(2025, 6, 2, 15, tzinfo=UTC)):
        before = days.fee(clinic, wren, "41000", 3)
    with clock.at(datetime(2026, 6, 2, 15, tzinfo=UTC)):
        now = days.fee(clinic, wren, "41000", 3)
        with clinic.seen_by("biller", "payment"):
            again = queries.as_agreed(FeeAgreement.objects.get(pk=before.pk))
    assert now.table_year == 2026 and again.table_year == 2025
    assert again.sentence_en == before.sentence


def test_a_household_of_nobody_is_refused_beside_its_field(clinic, wren):
    with pytest.raises(Invalid) as bad:
        days.fee(clinic, wren, household=0)
    assert "household" in bad.value.errors


def test_an_unsigned_fee_is_not_agreed(clinic, wren):
    with pytest.raises(Refused, match="signed_name"):
        actions.set_fee.run(clinic.actor("biller"), client=wren, income=Decimal(1), household=1, signed_name=" ")


def test_a_payment_lowers_the_balance_and_a_reversal_raises_it_again(clinic, wren):
    paid = actions.record_payment.run(
        clinic.actor("biller"), client=wren, amount=Decimal("12.5"), on=clock.today(), method="cash"
    )
    with clinic.seen_by("biller", "payment"):
        assert queries.balance(wren).due == Decimal("-12.50")
    actions.reverse_payment.run(clinic.actor("biller"), payment=paid, why="Another client's")
    with clinic.seen_by("biller", "payment"):
        assert queries.balance(wren).due == Decimal("0.00")
    with pytest.raises(Refused, match="reversed already"):
        actions.reverse_payment.run(clinic.actor("biller"), payment=paid, why="Again")


def test_a_plans_payment_marks_its_days_as_paid_and_is_not_the_clients(clinic, wren):
    policy = days.ready_to_bill(clinic, wren, copay=Decimal(20))
    days.attended(clinic, wren)
    days.post(clinic)
    with clinic.seen_by("biller", "payment"):
        service = queries.services_of(wren).get()
    actions.mark_billed.run(clinic.actor("biller"), services=[service.pk])
    actions.record_payment.run(
        clinic.actor("biller"),
        client=wren,
        amount=Decimal(180),
        on=clock.today(),
        method="plan",
        payer=policy.payer,
        services=[service.pk],
    )
    with clinic.seen_by("biller", "payment"):
        assert queries.services_of(wren).get().status == "paid"
        assert queries.balance(wren).due == Decimal("20.00")


def test_an_estimate_is_at_the_agreed_fee_and_due_in_time(clinic, wren):
    with clock.at(datetime(2025, 6, 2, 15, tzinfo=UTC)):
        days.fee(clinic, wren, "41000", 3)
        made = actions.make_estimate.run(
            clinic.actor("intake-coordinator"), client=wren, days=24, first_day=clock.today() + timedelta(days=21)
        )
    assert made.total == Decimal("3456.00") and made.due_on == datetime(2025, 6, 5).date()


def test_an_authorization_burns_down_with_what_is_delivered_and_booked(clinic, wren):
    days.consented(clinic, wren)
    days.authorized(clinic, days.covered(clinic, wren), days=2)
    days.attended(clinic, wren)
    with clinic.seen_by("biller", "payment"), clock.at(groups.local(clock.today(), 22)):
        before = queries.burn_down(wren)[0]
    assert (before.delivered, before.scheduled, before.left, before.short) == (1, 2, 1, 1)
    assert before.runs_out_on == clock.today() + timedelta(days=7)
    days.post(clinic)
    with clinic.seen_by("biller", "payment"), clock.at(groups.local(clock.today(), 22)):
        assert queries.burn_down(wren)[0] == before
        assert [b.authorization.pk for b in queries.ending_soon()] == [before.authorization.pk]


def test_overlapping_authorizations_are_used_in_the_order_they_end(clinic, wren):
    policy = days.covered(clinic, wren)
    days.consented(clinic, wren)
    late = days.authorized(clinic, policy, days=5, ends=60)
    early = days.authorized(clinic, policy, days=5, ends=10)
    days.attended(clinic, wren)
    days.post(clinic)
    with clinic.seen_by("biller", "payment"):
        assert queries.services_of(wren).get().authorization_id == early.pk != late.pk


def test_an_authorization_asks_to_be_renewed_three_working_days_before_it_ends(clinic, wren):
    made = days.authorized(clinic, days.covered(clinic, wren), ends=30)
    with everything("test"):
        task = Task.objects.get(key=f"auth-ends:{made.pk}", done_at=None)
        assert not Task.objects.filter(key=f"auth-answer:{made.pk}", done_at=None).exists()
    assert 3 <= (made.ends - task.due_at.date()).days <= 5


def test_an_approval_without_days_is_refused(clinic, wren):
    made = days.authorized(clinic, days.covered(clinic, wren))
    with pytest.raises(Refused, match="how many days"):
        actions.record_authorization.run(clinic.actor("biller"), authorization=made, status="approved")


def test_another_clients_coverage_cannot_be_asked(clinic, wren):
    other = days.covered(clinic, builders.a_client(clinic, "Rui", "Moss"))
    with pytest.raises(Refused, match="another client"):
        actions.request_authorization.run(
            clinic.actor("biller"),
            client=wren,
            policy=other,
            days_requested=3,
            starts=clock.today(),
            ends=clock.today(),
        )


@pytest.mark.parametrize("role", ["prescriber", "administrator"])
def test_who_does_not_need_coverage_does_not_see_it(clinic, wren, role):
    days.ready_to_bill(clinic, wren)
    days.fee(clinic, wren)
    with clinic.seen_by(role) as access:
        assert not Policy.objects.exists() and not FeeAgreement.objects.exists() and not Payment.objects.exists()
        assert queries.burn_down(wren) == []
        assert "coverage" in access.withheld


def test_a_counselor_sees_coverage_of_their_own_clients_only(clinic, wren):
    stranger = builders.a_second(clinic, "counselor", "other")
    days.covered(clinic, wren)
    from middleground.kernel import gate

    with gate.access(stranger.actor(), "treatment", "test"):
        assert not Policy.objects.exists()
    with clinic.seen_by("counselor"):
        assert Policy.objects.count() == 1


def test_a_client_sees_their_own_and_nobody_elses(clinic, wren):
    days.covered(clinic, wren)
    own = builders.client_user(clinic, wren).actor()
    other = builders.client_user(clinic, builders.a_client(clinic, "Rui", "Moss")).actor()
    from middleground.kernel import gate

    with gate.access(own, "own-request", "test"):
        assert queries.policies(wren).count() == 1
    with gate.access(other, "own-request", "test"):
        assert Policy.objects.count() == 0


def test_a_counselor_sets_no_fee(clinic, wren):
    with pytest.raises(NotAllowed):
        actions.set_fee.run(clinic.actor("counselor"), client=wren, income=Decimal(1), household=1, signed_name="x")
