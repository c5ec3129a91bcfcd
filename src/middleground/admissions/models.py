"""Requests for help and what becomes of them: inquiries, contact attempts, referrals out, overridden admissions."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from middleground.clinic.models import Room, Site
from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client, Episode

USER = settings.AUTH_USER_MODEL


class Inquiry(Versioned, Protected):
    """Somebody asks for help, for themselves or another person. It has no client's record before the assessment begins.

    `availability` is when they are free in a week, as intervals like "mon 18:00-21:15". `assessed_at` is when the
    assessment began, that is when they were seen. `transfer_on` is the day a hospital or residence expects to let them go.
    """

    kind: ClassVar[str] = "inquiry"
    site_path = "site_id"
    lock_rank: ClassVar[int] = 15

    class Status(models.TextChoices):
        NEW = "new", "New"
        CONTACTED = "contacted", "Contacted"
        BOOKED = "assessment-booked", "Assessment booked"
        ASSESSING = "assessing", "Being assessed"
        RECOMMENDED = "recommended", "Recommendation made"
        ADMITTED = "admitted", "Admitted"
        REFERRED = "referred-out", "Referred out"
        LOST = "lost", "Closed without care"

    class Came(models.TextChoices):
        SITE = "site", "Web form"
        PHONE = "phone", "Phone"
        REFERRAL = "referral", "Referral from another place"

    reference = models.CharField(max_length=12, unique=True)
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="inquiries")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=40)
    safe_contact = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, default="en")
    for_whom = models.CharField(max_length=20, default="me")  # vocabulary/inquiry-who
    message = models.TextField(blank=True)
    pathway = models.CharField(max_length=30, default="first-line")  # vocabulary/pathways
    referral_source = models.CharField(max_length=40, default="self")  # vocabulary/referral-sources
    came_through = models.CharField(max_length=10, choices=Came, default=Came.SITE)
    availability = models.JSONField(default=list)
    transfer_on = models.DateField(null=True)
    received_at = models.DateTimeField(db_index=True)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    next_step = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.NEW, db_index=True)
    lost_reason = models.CharField(max_length=40, blank=True)  # vocabulary/lost-reasons
    first_called_at = models.DateTimeField(null=True)
    assessment_at = models.DateTimeField(null=True)
    assessor = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="+")
    assessed_at = models.DateTimeField(null=True)
    first_session_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        indexes = [models.Index(fields=["site", "status", "received_at"])]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_closed(self) -> bool:
        return self.status in (self.Status.ADMITTED, self.Status.REFERRED, self.Status.LOST)


class ContactAttempt(Protected):
    """One try to reach the person who asked, and what came of it."""

    kind: ClassVar[str] = "inquiry"
    site_path = "inquiry__site_id"

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="contacts")
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    channel = models.CharField(max_length=30)  # vocabulary/contact-channels
    outcome = models.CharField(max_length=30)  # vocabulary/contact-outcomes
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        ordering = ["-at", "-pk"]


class ReferralOut(Versioned, Protected):
    """Somebody goes to another place of care, with a hand-off record that says what went with them.

    `items` is a list of {"id" (vocabulary/hand-off-items), "done", "at" (ISO moment or null), "note"}.
    """

    kind: ClassVar[str] = "assessment"
    site_path = "site_id"

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waiting for an answer"
        ACCEPTED = "accepted", "Accepted there"
        ARRIVED = "arrived", "Arrived there"
        DECLINED = "declined", "Declined by the other place"
        NOT_ARRIVED = "not-arrived", "Did not arrive"
        RETURNED = "returned", "Came back to us"

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="referrals_out")
    inquiry = models.ForeignKey(Inquiry, models.PROTECT, null=True, related_name="referrals_out")
    to = models.CharField(max_length=160)
    to_phone = models.CharField(max_length=40, blank=True)
    level_of_care = models.CharField(max_length=5, blank=True)  # vocabulary/levels-of-care
    reason = models.TextField()
    items = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.WAITING)
    outcome_note = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["-made_at", "-pk"]


class AdmissionOverride(Protected):
    """The program director admitted somebody before everything was there, for a stated reason and a stated time."""

    kind: ClassVar[str] = "assessment"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="+")
    missing = models.JSONField(default=list)
    reason = models.TextField()
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["-at"]
