"""What a client pays: the fee by income, payments, and the estimate in writing."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from middleground.clinic.queries import organization
from middleground.engines import fees
from middleground.engines.errors import BadLine
from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.models import Client

from . import terms
from .models import FeeAgreement, GoodFaithEstimate, Payer, Payment, Service
from .posting import MONEY, chosen

DESK = role("biller", "intake-coordinator", "case-manager", "program-director")
REGIONS = [("48", "48 states and DC"), ("AK", "Alaska"), ("HI", "Hawaii")]


def work_out(
    income: Decimal, household: int, region: str = "48", on: date | None = None, full_charge: Decimal | None = None
) -> fees.Fee:
    """The fee for a yearly income and a household by the table in force on a day (today). Writes nothing.

    Raises `Refused` beside the field that can't be used. Source: `engines.fees` (HRSA Compliance Manual, chapter 9).
    """
    charge = organization().full_charge if full_charge is None else full_charge
    try:
        return fees.fee(income, household, on or clock.today(), region, full_charge=charge)
    except BadLine as no:
        raise Refused(str(no), no.where.strip("/") or None) from no


@action("Agree on a fee", by=DESK, purpose="payment")
def set_fee(
    act: Act,
    client: Client,
    income: Annotated[Decimal, Ask("Household income a year, in dollars", low=0)],
    household: Annotated[int, Ask("People in the household", low=1, high=30)],
    signed_name: Annotated[str, Ask("Client's full name, as their signature", most=160)],
    region: Annotated[str, Ask("Where they live", choices=REGIONS)] = "48",
    proof: Annotated[str, Ask("What it rests on, in their words", help="Own word is enough", most=200)] = "",
    starts_on: Annotated[date | None, Ask("From which day", help="Empty: today")] = None,
) -> FeeAgreement:
    """The client's fee for a day without a plan, from their own word on income. The fee before it is superseded and keeps its table."""
    if not signed_name.strip():
        raise Refused("The client's signature is needed.", "signed_name")
    full = organization().full_charge
    told = work_out(income, household, region or "48", act.now.date(), full)
    FeeAgreement.objects.filter(client=client, superseded_at=None).update(superseded_at=act.now)
    act.says(
        f"Agreed on a fee of ${told.per_session} for each treatment day ({told.class_name}, {told.table_year} table)"
    )
    return FeeAgreement.objects.create(
        client=client,
        income=terms.cents(income),
        household=household,
        region=region or "48",
        proof=proof,
        percent=told.percent,
        class_name=told.class_name,
        full_charge=full,
        per_day=terms.cents(told.per_session),
        table_year=told.table_year,
        sentence=told.sentence_en,
        sentence_es=told.sentence_es,
        source=told.source[:300],
        starts_on=starts_on or act.now.date(),
        agreed_at=act.now,
        by_id=act.user_id,
        signed_name=signed_name.strip(),
    )


@action("Record a payment", by=DESK, purpose="payment")
def record_payment(
    act: Act,
    client: Client,
    amount: Annotated[Decimal, Ask("Amount, in dollars", low=Decimal("0.01"))],
    on: Annotated[date, Ask("On")],
    method: Annotated[Payment.Method, Ask("How")],
    payer: Annotated[Payer | None, Ask("From which plan", help="Empty: from the client")] = None,
    note: Annotated[str, Ask("Note", most=200)] = "",
    services: list | None = None,
) -> Payment:
    """Money that came in. From a plan, `services` (ids of billed days) are marked as paid by it."""
    if on > act.now.date():
        raise Refused("A payment can't lie in the future.", "on")
    if (method == Payment.Method.PLAN) != (payer is not None):
        raise Refused("Name the plan for a plan's payment, and only for one.", "payer")
    if services:
        rows = chosen(services)
        if any(
            (r.client_id, r.payer_id, r.status) != (client.pk, payer.pk if payer else None, Service.Status.BILLED)
            for r in rows
        ):
            raise Refused("Choose billed days of this client and this plan.", "services")
        Service.objects.filter(pk__in=[r.pk for r in rows]).update(status=Service.Status.PAID)
    act.says(f"Recorded a payment of ${terms.cents(amount)} from {payer.name if payer else 'the client'}")
    return Payment.objects.create(
        client=client,
        payer=payer,
        amount=terms.cents(amount),
        on=on,
        method=method,
        note=note,
        recorded_at=act.now,
        recorded_by_id=act.user_id,
    )


@action("Reverse a payment", by=MONEY, purpose="payment")
def reverse_payment(act: Act, payment: Payment, why: Annotated[str, Ask("Why", most=200)]) -> Payment:
    """Take back a payment entered wrongly: the entry stays, its opposite is added beside it."""
    if payment.reverses_id or Payment.objects.filter(reverses=payment).exists():
        raise Refused("This payment is reversed already.")
    act.says(f"Reversed a payment of ${payment.amount}")
    return Payment.objects.create(
        client=payment.client,
        payer=payment.payer,
        amount=-payment.amount,
        on=act.now.date(),
        method=payment.method,
        note=why,
        reverses=payment,
        recorded_at=act.now,
        recorded_by_id=act.user_id,
    )


@action("Make an estimate", by=DESK, purpose="payment")
def make_estimate(
    act: Act,
    client: Client,
    days: Annotated[int, Ask("Treatment days expected", low=1, high=366)],
    first_day: Annotated[date, Ask("First day")],
    asked: Annotated[bool, Ask("The client asked for it")] = False,
    service: Annotated[str, Ask("Service", choices=terms.codes)] = "H0015",
) -> GoodFaithEstimate:
    """A good faith estimate for a client who pays themselves, at the agreed fee or the full charge; due by 45 CFR 149.610."""
    fee = FeeAgreement.objects.filter(client=client, superseded_at=None).first()
    each = terms.cents(fee.per_day if fee else organization().full_charge)
    total, today = terms.cents(each * days), act.now.date()
    due = fees.good_faith_due_after_asking(today) if asked else fees.good_faith_due(today, first_day)
    code = service or "H0015"
    line = {"code": code, "what": terms.code_words(code), "days": days, "each": str(each), "total": str(total)}
    GoodFaithEstimate.objects.filter(client=client, superseded_at=None).update(superseded_at=act.now)
    act.says(f"Made an estimate of ${total} for {days} days")
    return GoodFaithEstimate.objects.create(
        client=client,
        made_at=act.now,
        made_by_id=act.user_id,
        first_day=first_day,
        due_on=due,
        lines=[line],
        total=total,
    )
