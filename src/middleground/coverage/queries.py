"""Reading who pays: coverage, fees, authorizations burning down, services, balances. Everything passes the record gate."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from middleground.engines import fees
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.records.models import Client

from . import terms
from .burning import BurnDown, burning
from .days import attended_days
from .models import PAYS_FIRST, ZERO, Authorization, FeeAgreement, GoodFaithEstimate, Payer, Payment, Policy, Service
from .paying import work_out

OWED = (Service.Status.POSTED, Service.Status.BILLED, Service.Status.PAID)


def payers() -> QuerySet[Payer]:
    return Payer.objects.filter(active=True)


def policies(client: Client) -> QuerySet[Policy]:
    return Policy.objects.filter(client=client).select_related("payer", "verified_by")


def payer_rule(path: str, first: date, last: date) -> Subquery:
    """An expression for a query that has a client's id at `path`: the rule (outcomes/payer-days) of who pays from `first` to `last`.

    It is read for whoever plans a week, also for those who may not see the coverage: it says hours and days, not who pays.
    """
    with everything("by whose rule a week is billable"):
        held = Policy.objects.filter(Q(until=None) | Q(until__gte=first), client=OuterRef(path), since__lte=last)
    return Subquery(held.order_by(*PAYS_FIRST).values("payer__rule")[:1])


def current_fee(client: Client) -> FeeAgreement | None:
    return FeeAgreement.objects.filter(client=client, superseded_at=None).select_related("by").first()


def fee_agreement(fee_id: int) -> FeeAgreement | None:
    return FeeAgreement.objects.filter(pk=fee_id).select_related("client", "by").first()


def as_agreed(agreement: FeeAgreement) -> fees.Fee:
    """The fee worked out again from what was told then, by the table that was in force then: the same as was agreed."""
    on = timezone.localdate(agreement.agreed_at)
    return work_out(agreement.income, agreement.household, agreement.region, on, agreement.full_charge)


def latest_estimate(client: Client) -> GoodFaithEstimate | None:
    return GoodFaithEstimate.objects.filter(client=client, superseded_at=None).first()


def estimate(estimate_id: int) -> GoodFaithEstimate | None:
    return GoodFaithEstimate.objects.filter(pk=estimate_id).select_related("client", "made_by").first()


# ---- services and money ----------------------------------------------------------------------------------------


def services(
    first: date, last: date, status: str = "", payer: str = "", client: Client | None = None
) -> QuerySet[Service]:
    """Current services of a range, the newest first. `payer` is a payer's id, or "client" for days the client pays."""
    found = Service.objects.filter(day__range=(first, last), superseded_at=None).select_related(
        "client", "payer", "authorization"
    )
    if status:
        found = found.filter(status=status)
    if payer:
        found = (
            found.filter(payer=None) if payer == "client" else found.filter(payer_id=payer if payer.isdecimal() else 0)
        )
    return (found.filter(client=client) if client else found).order_by("-day", "client_id")


def services_of(client: Client) -> QuerySet[Service]:
    return (
        Service.objects.filter(client=client, superseded_at=None)
        .select_related("payer", "authorization")
        .order_by("-day")
    )


def totals(rows: QuerySet[Service]) -> dict[str, tuple[int, Decimal]]:
    """status -> (days, charge in dollars) of these services. One query."""
    found = (
        rows.order_by().values("status").annotate(n=Count("pk"), sum=Sum("charge")).values_list("status", "n", "sum")
    )
    by_status = {status: (n, terms.cents(amount)) for status, n, amount in found}
    return {status: by_status.get(status, (0, ZERO)) for status in Service.Status.values}


def days_to_post(first: date, last: date) -> int:
    """How many attended days of the range have no service yet. Two queries."""
    have = set(Service.objects.filter(day__range=(first, last), superseded_at=None).values_list("client_id", "day"))
    return len(attended_days(first, last) - have)


def payments(client: Client) -> QuerySet[Payment]:
    return Payment.objects.filter(client=client).select_related("payer", "recorded_by", "reversal")


@dataclass(frozen=True)
class Balance:
    """Dollars: the client's shares of days that count, what the client paid, and what is left to pay (below zero: credit)."""

    owed: Decimal
    paid: Decimal

    @property
    def due(self) -> Decimal:
        return self.owed - self.paid


def balance(client: Client) -> Balance:
    """What the client owes. Held days are not owed yet. Two queries."""
    owed = Service.objects.filter(client=client, superseded_at=None, countable=True, status__in=OWED)
    paid = Payment.objects.filter(client=client, payer=None)
    return Balance(
        terms.cents(owed.aggregate(s=Sum("client_share"))["s"] or 0),
        terms.cents(paid.aggregate(s=Sum("amount"))["s"] or 0),
    )


# ---- authorizations --------------------------------------------------------------------------------------------


def authorizations(client: Client) -> QuerySet[Authorization]:
    return Authorization.objects.filter(client=client).select_related("policy__payer")


def burn_down(client: Client) -> list[BurnDown]:
    """Every authorization of a client, the newest first. Three queries."""
    return list(reversed(burning(authorizations(client))))


def in_force() -> QuerySet[Authorization]:
    """Granted authorizations of clients in care."""
    granted = (Authorization.Status.APPROVED, Authorization.Status.PARTLY)
    return Authorization.objects.filter(
        status__in=granted, client__episodes__ended_on=None, client__episodes__isnull=False
    )


def ending_count() -> int:
    """How many granted authorizations in force end within the time to ask for more days (knowledge/coverage/services). One query."""
    today = clock.today()
    edge = today + timedelta(days=terms.book()["ending_soon_days"]["value"])
    return in_force().filter(ends__range=(today, edge)).count()


def ending_soon() -> list[BurnDown]:
    """Granted authorizations in force for which it is time to ask for more days, the most pressing first. Three queries."""
    rows = in_force().filter(ends__gte=clock.today()).select_related("policy__payer", "client")
    return sorted((each for each in burning(rows) if each.soon), key=lambda each: each.ask_by)
