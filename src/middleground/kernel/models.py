"""The kernel's own tables: the audit chain, receipts of actions, the booking ledger, drafts and notices."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from .gate import Protected


class AuditEntry(models.Model):
    """One sealed entry. Append-only: the database refuses UPDATE and DELETE."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    roles = models.CharField(max_length=200)
    purpose = models.CharField(max_length=20)
    verb = models.CharField(max_length=120)
    words = models.TextField()
    client_id = models.BigIntegerField(null=True, db_index=True)
    clients = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)


class AuditAbout(models.Model):
    """Which clients an entry about several is about, so that one client's entries can be found."""

    entry = models.ForeignKey(AuditEntry, models.PROTECT, related_name="about")
    client_id = models.BigIntegerField(db_index=True)


class Receipt(models.Model):
    """An action that was done under a request key: asked again, it answers the same and does nothing."""

    key = models.CharField(max_length=80, primary_key=True)
    action = models.CharField(max_length=120)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    result = models.JSONField(null=True)


class Booking(Protected):
    """A reserved stretch of time. `label` is neutral: it never says more than "group" or "appointment"."""

    kind: ClassVar[str] = "schedule"
    client_path = None
    deletable: ClassVar[bool] = True

    subject = models.CharField(max_length=60, db_index=True)  # "session:12"
    label = models.CharField(max_length=60)
    start = models.DateTimeField(db_index=True)
    end = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_why = models.CharField(max_length=120, blank=True)


class Cell(Protected):
    """A quarter hour of one resource. The unique constraint is what makes double-booking impossible."""

    kind: ClassVar[str] = "schedule"
    client_path = None
    deletable: ClassVar[bool] = True

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="cells")
    resource = models.CharField(max_length=60)  # "room:3", "staff:5", "client:8", "seat/session:12/4"
    at = models.DateTimeField()

    class Meta(Protected.Meta):
        constraints = [models.UniqueConstraint(fields=["resource", "at"], name="one_booking_per_cell")]
        indexes = [models.Index(fields=["at"])]


class Draft(Protected):
    """Text someone has begun and not yet handed in. Theirs alone; kept until the action it is for is done."""

    kind: ClassVar[str] = "schedule"
    client_path = None
    deletable: ClassVar[bool] = True

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta(Protected.Meta):
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_draft_per_key")]


class Notice(models.Model):
    """A short message to someone who works here or is a client here, in words fit for a lock screen."""

    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    words = models.CharField(max_length=200)
    url = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["to", "read_at"])]

    def __str__(self) -> Any:
        return self.words
