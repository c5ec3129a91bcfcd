"""The coverage tab and the biller's desk."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import escape

from middleground.coverage import actions
from middleground.coverage.models import Authorization, FeeAgreement, GoodFaithEstimate, Payer, Payment, Policy, Service
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.models import AuditEntry
from tests import builders
from tests.coverage import days
from tests.program import groups

pytestmark = pytest.mark.django_db
LIMIT = 14  # twelve, and the two savepoints of the test around the audit entry


@pytest.fixture(autouse=True)
def this_morning():
    with clock.at(groups.local(clock.today(), 9)) as at:
        yield at


@pytest.fixture
def biller(clinic, client):
    client.force_login(clinic.people["biller"])
    return clinic.actor("biller")


def the(model, **where):
    with everything("test"):
        return model.objects.filter(**where).order_by("-pk").first()


def here(wren):
    return reverse("chart-coverage", args=[wren.pk])


def account(wren):
    return reverse("coverage-account", args=[wren.pk])


def test_an_empty_tab_says_what_to_do(client, wren, biller, django_assert_max_num_queries):
    with django_assert_max_num_queries(LIMIT):
        text = client.get(here(wren)).content.decode()
    assert "No plan on record" in text and "No fee has been agreed" in text


def test_what_is_paid_for_each_day_is_said_so(client, clinic, wren, biller):
    days.ready_to_bill(clinic, wren, copay=Decimal(20))
    fee = days.fee(clinic, wren)
    assert "the client pays $20.00 for each treatment day" in client.get(here(wren)).content.decode()
    told = client.get(reverse("fee-print", args=[fee.pk])).content.decode()
    assert "for each day of treatment" in told and "por cada día que venga a tratamiento" in told


def test_the_full_tab_takes_few_queries(client, clinic, wren, biller, django_assert_max_num_queries):
    days.ready_to_bill(clinic, wren)
    days.fee(clinic, wren)
    days.attended(clinic, wren)
    days.post(clinic)
    with django_assert_max_num_queries(LIMIT):
        text = client.get(here(wren)).content.decode()
    for words in (
        "Bluebird Health",
        "10 authorized",
        "1 delivered",
        "of the 2026 poverty guideline",
        "la guía de pobreza",
    ):
        assert words in text


def test_the_account_takes_few_queries(client, clinic, wren, biller, django_assert_max_num_queries):
    days.ready_to_bill(clinic, wren, copay=Decimal(20))
    days.attended(clinic, wren)
    days.post(clinic)
    for _ in range(3):
        actions.record_payment.run(biller, client=wren, amount=Decimal(5), on=clock.today(), method="cash")
    with django_assert_max_num_queries(LIMIT):
        text = client.get(reverse("coverage-account", args=[wren.pk])).content.decode()
    for words in ("Bluebird Health", "$240.00", "180 minutes, 180 are needed", "$15.00", "<strong>$5.00"):
        assert words in text


def test_coverage_is_added_verified_asked_and_answered(client, clinic, wren, biller):
    payer = days.a_payer(clinic)
    today = clock.today().isoformat()
    client.post(reverse("coverage-add", args=[wren.pk]), {"payer": payer.pk, "member_id": "X-1", "since": today})
    policy = the(Policy)
    client.post(here(wren), {"do": "verify", "at": policy.pk, "note": "By phone"})
    client.post(
        here(wren),
        {
            "do": "request",
            "policy": policy.pk,
            "days_requested": "12",
            "starts": today,
            "ends": (clock.today() + timedelta(days=28)).isoformat(),
        },
    )
    asked = the(Authorization)
    client.post(
        here(wren), {"do": "answer", "at": asked.pk, "status": "approved", "days_authorized": "10", "number": "A-9"}
    )
    assert the(Policy).verified_note == "By phone" and (
        the(Authorization).days_authorized,
        the(Authorization).number,
    ) == (10, "A-9")


def test_a_refused_answer_keeps_what_was_typed(client, clinic, wren, biller):
    made = days.authorized(clinic, days.covered(clinic, wren))
    page = client.post(
        here(wren), {"do": "answer", "at": made.pk, "status": "approved", "days_authorized": "0", "note": "Called Ann"}
    )
    assert (
        page.status_code == 422 and "Called Ann" in page.content.decode() and "how many days" in page.content.decode()
    )


def test_the_what_if_form_works_it_out_and_writes_nothing(client, wren, biller):
    text = client.get(here(wren), {"income": "41000", "household": "3", "region": "48"}).content.decode()
    assert "Nothing is kept of this" in text and "poverty guideline" in text
    assert the(FeeAgreement) is None
    assert "or equal to 1" in client.get(here(wren), {"income": "41000", "household": "0"}).content.decode()


def test_a_fee_is_agreed_and_printed(client, wren, biller):
    client.post(
        here(wren), {"do": "fee", "income": "20000", "household": "1", "region": "48", "signed_name": "Wren Alder"}
    )
    agreed = the(FeeAgreement)
    assert escape(agreed.sentence) in client.get(reverse("fee-print", args=[agreed.pk])).content.decode()
    client.post(
        account(wren), {"do": "estimate", "days": "24", "first_day": clock.today().isoformat(), "service": "H0015"}
    )
    assert (
        "Good faith estimate"
        in client.get(reverse("estimate-print", args=[the(GoodFaithEstimate).pk])).content.decode()
    )


def test_a_payment_is_recorded_and_reversed(client, wren, biller):
    client.post(account(wren), {"do": "payment", "amount": "12.50", "on": clock.today().isoformat(), "method": "cash"})
    client.post(account(wren), {"do": "reverse", "at": the(Payment).pk, "why": "Twice"})
    assert the(Payment).amount == Decimal("-12.50")
    assert (
        client.post(
            account(wren), {"do": "payment", "amount": "-3", "on": clock.today().isoformat(), "method": "cash"}
        ).status_code
        == 422
    )


@pytest.mark.parametrize("role", ["prescriber", "administrator"])
def test_other_roles_open_no_coverage(clinic, client, wren, role):
    client.force_login(clinic.people[role])
    assert client.get(here(wren)).status_code == 403
    assert client.get(reverse("billing")).status_code == 403
    assert client.get(reverse("billing-authorizations")).status_code == 403


def test_a_counselor_reads_and_asks_but_has_no_fee_form(clinic, client, wren):
    client.force_login(clinic.people["counselor"])
    text = client.get(here(wren)).content.decode()
    assert "Agree on a fee" not in text and "Add coverage" not in text
    assert "Record a payment" not in client.get(account(wren)).content.decode()
    client.force_login(builders.a_second(clinic, "counselor", "other"))
    assert client.get(here(wren)).status_code == 404


def posted(clinic, wren):
    days.ready_to_bill(clinic, wren)
    days.attended(clinic, wren)
    days.post(clinic)


def test_the_desk_shows_days_with_totals_in_few_queries(clinic, client, wren, biller, django_assert_max_num_queries):
    posted(clinic, wren)
    with django_assert_max_num_queries(LIMIT):
        text = client.get(reverse("billing")).content.decode()
    assert "Wren Alder" in text and "$240.00" in text and "Ready to bill" in text


def test_days_are_posted_and_billed_from_the_desk(clinic, client, wren, biller):
    days.ready_to_bill(clinic, wren)
    days.attended(clinic, wren)
    today = clock.today().isoformat()
    with clock.at(groups.local(clock.today(), 22)):
        assert client.post(reverse("billing"), {"do": "post", "first": today, "last": today}).status_code == 302
    assert client.post(reverse("billing"), {"do": "bill", "services": [the(Service).pk]}).status_code == 302
    assert the(Service).status == "billed"
    assert client.post(reverse("billing"), {"do": "bill"}).status_code == 422


def test_a_range_in_the_future_is_refused_beside_its_field(client, biller):
    page = client.post(reverse("billing"), {"do": "post", "first": clock.today().isoformat(), "last": "2090-01-01"})
    assert page.status_code == 422 and "Only days that have passed" in page.content.decode()


def test_filters_narrow_the_list(clinic, client, wren, biller):
    posted(clinic, wren)
    day = clock.today().isoformat()
    assert (
        "Wren Alder"
        not in client.get(reverse("billing"), {"first": day, "last": day, "payer": "client"}).content.decode()
    )
    assert (
        "Wren Alder" in client.get(reverse("billing"), {"first": day, "last": day, "status": "posted"}).content.decode()
    )
    assert client.get(reverse("billing"), {"first": "nonsense", "last": day, "start": "x"}).status_code == 200


def test_the_list_is_taken_out_and_written_down(clinic, client, wren, biller):
    posted(clinic, wren)
    day = clock.today().isoformat()
    answer = client.post(reverse("billing"), {"do": "export", "first": day, "last": day})
    assert answer["Content-Type"].startswith("text/csv") and "Wren Alder" in answer.content.decode()
    assert AuditEntry.objects.filter(verb="Take out a list of services").exists()


def test_a_payer_is_added(client, biller):
    client.post(reverse("billing"), {"do": "payer", "name": "County Fund", "sort": "other", "rule": "default"})
    assert the(Payer).name == "County Fund" and the(Payer).needs_authorization is False


def test_what_must_be_renewed_is_listed(clinic, client, wren, biller, django_assert_max_num_queries):
    days.authorized(clinic, days.covered(clinic, wren), ends=10)
    with django_assert_max_num_queries(LIMIT):
        text = client.get(reverse("billing-authorizations")).content.decode()
    assert "Wren Alder" in text and "10 left" in text
