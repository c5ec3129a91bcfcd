"""Who pays: payers, a client's policies and fee, authorizations, treatment days as services, payments, estimates.

Money is Decimal, in dollars and cents. Nothing is deleted: what is changed is superseded.
"""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client

USER = settings.AUTH_USER_MODEL
ZERO = Decimal("0.00")


def money(**more: object) -> models.DecimalField:
    return models.DecimalField(max_digits=10, decimal_places=2, **more)  # type: ignore[arg-type]


class Payer(Versioned):
    """Somebody who pays for care: a plan, a program, a grant. `rule` is its rule for a day that counts (outcomes/payer-days)."""

    name = models.CharField(max_length=120, unique=True)
    sort = models.CharField(max_length=20)  # coverage/services payer_sorts
    rule = models.CharField(max_length=30, default="default")
    needs_authorization = models.BooleanField(default=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Policy(Versioned, Protected):
    """A client's coverage with a payer from `since` to `until`, both days included. `copay` is the client's share of a day."""

    kind: ClassVar[str] = "coverage"

    client = models.ForeignKey(Client, models.PROTECT, related_name="policies")
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="+")
    member_id = models.CharField(max_length=60)
    since = models.DateField()
    until = models.DateField(null=True)
    copay = money(default=0)
    added_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    verified_note = models.CharField(max_length=200, blank=True)

    class Meta(Protected.Meta):
        ordering = ["-since", "-pk"]

    def __str__(self) -> str:
        return f"{self.payer.name}, {self.member_id}"

    def covers(self, day: object) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)  # type: ignore[operator]


# Of several policies of a day the first of these pays: a verified one before an unverified one, then the latest.
PAYS_FIRST = (models.ExpressionWrapper(Q(verified_at=None), models.BooleanField()), "-since", "-pk")


class FeeAgreement(Protected):
    """What a client pays for a day without a plan, worked out from their own word on income by that year's table."""

    kind: ClassVar[str] = "coverage"

    client = models.ForeignKey(Client, models.PROTECT, related_name="fees")
    income = money()  # dollars a year
    household = models.PositiveSmallIntegerField()
    region = models.CharField(max_length=2, default="48")
    proof = models.CharField(max_length=200, blank=True)  # in the client's own words
    percent = models.DecimalField(max_digits=12, decimal_places=2)  # of the guideline
    class_name = models.CharField(max_length=20)
    full_charge = money()
    per_day = money()
    table_year = models.PositiveSmallIntegerField()
    sentence = models.TextField()
    sentence_es = models.TextField()
    source = models.CharField(max_length=300)
    starts_on = models.DateField()
    agreed_at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_name = models.CharField(max_length=160)
    superseded_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["-agreed_at"]


class Authorization(Versioned, Protected):
    """Days a payer authorized, or was asked to. Several may overlap; days are never counted here, always from services."""

    kind: ClassVar[str] = "coverage"

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved"
        PARTLY = "partly-approved", "Approved in part"
        DENIED = "denied", "Denied"

    client = models.ForeignKey(Client, models.PROTECT, related_name="authorizations")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="authorizations")
    number = models.CharField(max_length=60, blank=True)
    service = models.CharField(max_length=10, default="H0015")  # coverage/services codes
    days_requested = models.PositiveSmallIntegerField()
    days_authorized = models.PositiveSmallIntegerField(default=0)
    starts = models.DateField()
    ends = models.DateField()
    status = models.CharField(max_length=16, choices=Status, default=Status.REQUESTED)
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta(Protected.Meta):
        ordering = ["starts", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="authorization_ends_after_it_starts")
        ]

    @property
    def granted(self) -> bool:
        return self.status in (self.Status.APPROVED, self.Status.PARTLY)


class Service(Protected):
    """One treatment day of one client, derived from attendance: whether it counts, why, and who pays what.

    Changed attendance makes another row that `replaces` this one; `change` says in words what differs from what was billed.
    """

    kind: ClassVar[str] = "coverage"

    class Status(models.TextChoices):
        POSTED = "posted", "Ready to bill"
        HELD = "held", "Held"
        BILLED = "billed", "Billed"
        PAID = "paid", "Paid"

    client = models.ForeignKey(Client, models.PROTECT, related_name="services")
    day = models.DateField(db_index=True)
    code = models.CharField(max_length=10, default="H0015")
    minutes = models.PositiveSmallIntegerField()
    sessions = models.JSONField(default=list)  # [{"id": session, "minutes": attended}]
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, related_name="+")
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+")
    authorization = models.ForeignKey(Authorization, models.PROTECT, null=True, related_name="services")
    countable = models.BooleanField()
    why = models.TextField()
    why_es = models.TextField()
    charge = money()
    client_share = money(default=0)
    status = models.CharField(max_length=8, choices=Status)
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    billed_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    change = models.CharField(max_length=300, blank=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["-day", "client"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "day"], condition=Q(superseded_at=None), name="one_current_service"
            )
        ]
        indexes = [models.Index(fields=["status", "day"])]


class Payment(Protected):
    """Money that came in: from the client, or from a payer (`payer` set). A payment entered wrongly is answered by a reversal."""

    kind: ClassVar[str] = "coverage"

    class Method(models.TextChoices):
        CASH = "cash", "Cash"
        CARD = "card", "Card"
        CHECK = "check", "Check"
        TRANSFER = "transfer", "Bank transfer"
        PLAN = "plan", "From the plan"

    client = models.ForeignKey(Client, models.PROTECT, related_name="payments")
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, related_name="+")
    amount = money()
    on = models.DateField()
    method = models.CharField(max_length=10, choices=Method)
    note = models.CharField(max_length=200, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversal")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        ordering = ["-on", "-pk"]


class GoodFaithEstimate(Protected):
    """What care is expected to cost somebody who pays themselves, in writing (45 CFR 149.610)."""

    kind: ClassVar[str] = "coverage"

    client = models.ForeignKey(Client, models.PROTECT, related_name="estimates")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    first_day = models.DateField()
    due_on = models.DateField(null=True)  # None: booked too late for one to be owed
    lines = models.JSONField(default=list)  # [{"code", "what", "days", "each", "total"}], money as text
    total = money()
    superseded_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["-made_at"]
