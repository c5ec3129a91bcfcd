"""Employment, housing, life skills and other supports: needs, referrals with the loop closed, steps taken; a directory."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client, Consent

USER = settings.AUTH_USER_MODEL
BY: dict[str, Any] = {"on_delete": models.PROTECT, "null": True, "related_name": "+"}


class SupportResource(Versioned):
    """A place that helps, in the clinic's directory. No client data."""

    name = models.CharField(max_length=120)
    area = models.CharField(max_length=20, db_index=True)  # knowledge/supports need-areas
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    eligibility = models.CharField(max_length=300, blank=True)
    languages = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    checked_on = models.DateField()
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering = ["area", "name"]
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="resource_once_per_area")]

    def __str__(self) -> str:
        return self.name


class Need(Versioned, Protected):
    """Something the client wants help with, in their words."""

    kind: ClassVar[str] = "supports"
    lock_rank: ClassVar[int] = 40

    class Priority(models.TextChoices):
        URGENT = "1-urgent", "Today"
        SOON = "2-soon", "Soon"
        LATER = "3-later", "When there is time"

    client = models.ForeignKey(Client, models.PROTECT, related_name="needs")
    area = models.CharField(max_length=20, db_index=True)
    words = models.TextField()
    priority = models.CharField(max_length=10, choices=Priority, default=Priority.SOON)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(USER, **BY)
    met_at = models.DateTimeField(null=True, db_index=True)
    met_note = models.CharField(max_length=300, blank=True)

    class Meta(Protected.Meta):
        ordering = [models.F("met_at").desc(nulls_first=True), "priority", "opened_at"]

    @property
    def is_met(self) -> bool:
        return self.met_at is not None


class SupportReferral(Versioned, Protected):
    """A referral to another organization. Open until somebody learned from the client how it went.

    `consent` is the consent under which the clinic told the other place who is coming; none: the client made the contact.
    """

    kind: ClassVar[str] = "supports"
    lock_rank: ClassVar[int] = 40

    client = models.ForeignKey(Client, models.PROTECT, related_name="support_referrals")
    need = models.ForeignKey(Need, models.PROTECT, related_name="referrals")
    resource = models.ForeignKey(SupportResource, **BY)
    organization = models.CharField(max_length=120)
    contact = models.CharField(max_length=160, blank=True)
    consent = models.ForeignKey(Consent, **BY)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(USER, **BY)
    status = models.CharField(max_length=15, default="sent")  # knowledge/supports referral-statuses
    reason = models.CharField(max_length=300, blank=True)  # why it was not a fit
    outcome = models.CharField(max_length=25, blank=True)  # knowledge/supports referral-outcomes
    next_check_on = models.DateField(null=True, db_index=True)
    closed_at = models.DateTimeField(null=True, db_index=True)
    history = models.JSONField(default=list)  # [{"at", "by", "status", "note"}]

    class Meta(Protected.Meta):
        ordering = [models.F("closed_at").desc(nulls_first=True), "next_check_on", "pk"]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class SupportStep(Protected):
    """A step done together or alone: a form filled in, a resume written, a bus route tried."""

    kind: ClassVar[str] = "supports"

    client = models.ForeignKey(Client, models.PROTECT, related_name="support_steps")
    need = models.ForeignKey(Need, models.PROTECT, null=True, related_name="steps")
    what = models.CharField(max_length=300)
    done_on = models.DateField()
    minutes = models.PositiveSmallIntegerField(null=True)
    by = models.ForeignKey(USER, **BY)
    at = models.DateTimeField()

    class Meta(Protected.Meta):
        ordering = ["-done_on", "-pk"]
