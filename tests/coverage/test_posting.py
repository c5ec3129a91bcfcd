"""Treatment days become services by themselves: counted by the payer's rule, held with a reason, corrected in the open."""

from datetime import timedelta
from decimal import Decimal

import pytest

from middleground.coverage import actions, queries
from middleground.coverage.models import Service
from middleground.kernel import clock
from middleground.kernel.errors import NotAllowed, Refused
from middleground.program import actions as program
from middleground.records.actions import revoke_consent
from tests import builders
from tests.coverage import days
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def the_service(clinic, client):
    with clinic.seen_by("biller", "payment"):
        return queries.services_of(client).get()


def test_a_documented_day_of_three_hours_is_ready_to_bill(clinic, wren):
    days.ready_to_bill(clinic, wren)
    days.attended(clinic, wren)
    assert days.post(clinic) == 1
    service = the_service(clinic, wren)
    assert (service.minutes, service.countable, service.status, service.code) == (180, True, "posted", "H0015")
    assert service.charge == Decimal("240.00") and service.authorization.number == "A-1"
    assert "180 are needed" in service.why


def test_leaving_early_makes_the_day_not_count_and_says_by_how_much(clinic, wren):
    days.ready_to_bill(clinic, wren)
    days.attended(clinic, wren, minutes=142)
    days.post(clinic)
    service = the_service(clinic, wren)
    assert (service.countable, service.status, service.client_share) == (False, "held", 0)
    assert "38 short of 180" in service.why and "faltan 38" in service.why_es


def test_an_unsigned_note_holds_the_day_until_it_is_signed(clinic, wren):
    days.ready_to_bill(clinic, wren)
    session = days.attended(clinic, wren, sign=False)
    days.post(clinic)
    assert "not signed yet" in the_service(clinic, wren).why
    with clock.at(groups.local(clock.today(), 22)):
        program.sign_group_note.run(clinic.actor("counselor"), session=session)
    assert days.post(clinic) == 1
    assert the_service(clinic, wren).status == "posted"


def test_without_a_consent_for_payment_nothing_goes_to_the_plan(clinic, wren):
    days.authorized(clinic, days.covered(clinic, wren))
    days.attended(clinic, wren)
    days.post(clinic)
    assert "no consent for payment" in the_service(clinic, wren).why
    days.consented(clinic, wren)
    days.post(clinic)
    assert the_service(clinic, wren).status == "posted"


def test_a_consent_taken_back_after_posting_stops_the_bill(clinic, wren):
    days.covered(clinic, wren, payer=days.a_payer(clinic, needs_authorization=False))
    consent = days.consented(clinic, wren)
    days.attended(clinic, wren)
    days.post(clinic)
    revoke_consent.run(clinic.actor("counselor"), consent=consent, how="In person")
    with clock.at(clock.now() + timedelta(minutes=5)), pytest.raises(Refused, match="consent for payment has ended"):
        actions.mark_billed.run(clinic.actor("biller"), services=[the_service(clinic, wren).pk])


def test_days_beyond_an_authorization_are_held_not_billed(clinic, wren):
    days.consented(clinic, wren)
    days.authorized(clinic, days.covered(clinic, wren), days=5, starts=-30, ends=-1)
    days.attended(clinic, wren)
    days.post(clinic)
    assert "no authorization with days left" in the_service(clinic, wren).why


def test_coverage_that_is_not_verified_holds_the_day(clinic, wren):
    days.consented(clinic, wren)
    days.covered(clinic, wren, verified=False)
    days.attended(clinic, wren)
    days.post(clinic)
    assert "not verified" in the_service(clinic, wren).why


def test_who_pays_themselves_owes_their_fee_for_each_day(clinic, wren):
    agreed = days.fee(clinic, wren)
    days.attended(clinic, wren, minutes=100)
    days.post(clinic)
    service = the_service(clinic, wren)
    assert (service.status, service.charge, service.client_share) == ("posted", agreed.per_day, agreed.per_day)
    with clinic.seen_by("biller", "payment"):
        assert queries.balance(wren).due == agreed.per_day


def test_posting_again_changes_nothing(clinic, wren):
    days.ready_to_bill(clinic, wren)
    days.attended(clinic, wren)
    days.post(clinic)
    assert days.post(clinic) == 0
    with clinic.seen_by("biller", "payment"):
        assert Service.objects.count() == 1


def test_a_correction_after_billing_shows_as_a_difference(clinic, wren):
    days.ready_to_bill(clinic, wren)
    session = days.attended(clinic, wren)
    days.post(clinic)
    billed = the_service(clinic, wren)
    actions.mark_billed.run(clinic.actor("biller"), services=[billed.pk])
    assert days.post(clinic) == 0
    with clock.at(groups.local(clock.today(), 22)):
        program.amend_attendance.run(
            clinic.actor("counselor"),
            session=session,
            client=wren,
            mark="left-early",
            minutes=150,
            reason="work",
            why="Left at half past seven",
        )
    assert days.post(clinic) == 1
    now = the_service(clinic, wren)
    assert now.replaces_id == billed.pk and not now.countable
    assert now.change == "Corrected after billing: 180 to 150 minutes, charge changes by $-240.00."
    with clinic.seen_by("biller", "payment"):
        assert Service.objects.get(pk=billed.pk).superseded_at is not None


def test_a_held_day_is_not_billed(clinic, wren):
    days.covered(clinic, wren)
    days.attended(clinic, wren)
    days.post(clinic)
    with pytest.raises(Refused, match="Held days"):
        actions.mark_billed.run(clinic.actor("biller"), services=[the_service(clinic, wren).pk])


def test_days_to_come_are_not_posted(clinic):
    with pytest.raises(Refused, match="passed"):
        actions.post_services.run(clinic.actor("biller"), first=clock.today(), last=clock.today() + timedelta(days=1))


def test_days_to_post_are_counted(clinic, wren):
    days.attended(clinic, wren)
    with clinic.seen_by("biller", "payment"):
        assert queries.days_to_post(clock.today(), clock.today()) == 1
    days.post(clinic)
    with clinic.seen_by("biller", "payment"):
        assert queries.days_to_post(clock.today(), clock.today()) == 0


def test_the_list_taken_out_holds_no_formula(clinic):
    odd = builders.a_client(clinic, "=SUM(A1)", "Moss")
    days.fee(clinic, odd)
    days.attended(clinic, odd)
    days.post(clinic)
    rows = actions.export_services.run(clinic.actor("biller"), first=clock.today(), last=clock.today())
    assert rows[0][0] == "Day" and rows[1][1] == "'=SUM(A1) Moss"


@pytest.mark.parametrize(
    "role", ["counselor", "intake-coordinator", "prescriber", "administrator", "compliance-officer"]
)
def test_only_the_biller_and_the_director_post_days(clinic, role):
    with pytest.raises(NotAllowed):
        actions.post_services.run(clinic.actor(role), first=clock.today(), last=clock.today())


def test_posting_many_days_takes_no_more_queries(clinic, django_assert_max_num_queries):
    people = [builders.a_client(clinic, name, "Moss") for name in ("Ada", "Bo", "Cy", "Di")]
    for person in people[:1]:
        days.fee(clinic, person)
        days.attended(clinic, person)
    with django_assert_max_num_queries(30):
        days.post(clinic)
