"""What is known of a person at the start and along the way: instruments, histories, ratings, withdrawal checks, decisions.

Nothing here is edited once signed and nothing is deleted: a later row supersedes an earlier one.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client

USER = settings.AUTH_USER_MODEL


class InstrumentResult(Protected):
    """One instrument answered once. `answers` holds wording, options and choice as they stood on that day."""

    kind: ClassVar[str] = "assessment"
    lock_rank: ClassVar[int] = 40

    client = models.ForeignKey(Client, models.PROTECT, related_name="instrument_results")
    instrument = models.CharField(max_length=40)  # knowledge/instruments id
    knowledge = models.CharField(max_length=16)  # content hash of the instruments in force
    title = models.CharField(max_length=160)
    language = models.CharField(max_length=5, default="en")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    by_client = models.BooleanField(default=False)  # answered by the client alone
    answers = models.JSONField()  # {"prompt", "options", "items": [{"id", "wording", "value", "chosen", "options"?}]}
    total = models.FloatField()
    most = models.FloatField()  # the highest total the instrument can give
    band = models.CharField(max_length=40)
    band_label = models.CharField(max_length=120)
    subscales = models.JSONField(default=dict)
    flags = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    superseded_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    superseded_why = models.CharField(max_length=200, blank=True)

    class Meta(Protected.Meta):
        ordering = ["-given_at", "-pk"]
        indexes = [models.Index(fields=["client", "instrument", "given_at"])]

    @property
    def shown_total(self) -> str:
        """The total as a person writes it: 10, 6.7."""
        return f"{self.total:g}"


class Assessment(Versioned, Protected):
    """The medical or the clinical assessment. A draft is filled in by several hands; a signed one stays as it is.

    `content` maps question ids of `form` to answers (see `sections.py`); `form` is the wording it was signed with;
    `carried` maps question ids to the day on which the client told us before.
    """

    kind: ClassVar[str] = "assessment"
    lock_rank: ClassVar[int] = 40

    class Sort(models.TextChoices):
        MEDICAL = "medical", "Medical assessment"
        CLINICAL = "clinical", "Clinical assessment"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SIGNED = "signed", "Signed"

    client = models.ForeignKey(Client, models.PROTECT, related_name="assessments")
    sort = models.CharField(max_length=10, choices=Sort)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    content = models.JSONField(default=dict)
    carried = models.JSONField(default=dict)
    form = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_name = models.CharField(max_length=160, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    addenda = models.JSONField(default=list)  # [{"at", "by", "name", "text"}]

    class Meta(Protected.Meta):
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "sort"], condition=models.Q(status="draft"), name="one_draft_per_assessment"
            )
        ]

    @property
    def is_signed(self) -> bool:
        return self.status == self.Status.SIGNED


class DimensionRating(Protected):
    """How severe one dimension is, by one edition of the criteria, and the evidence for it.

    `rating` is 0 to 4, or null for the sixth dimension of the 4th edition, which is described and not rated.
    `need` is the level an assessor holds necessary for this dimension; empty: the table's default.
    """

    kind: ClassVar[str] = "assessment"

    client = models.ForeignKey(Client, models.PROTECT, related_name="dimension_ratings")
    edition = models.PositiveSmallIntegerField()
    dimension = models.PositiveSmallIntegerField()
    rating = models.PositiveSmallIntegerField(null=True)
    evidence = models.TextField()
    need = models.CharField(max_length=5, blank=True)
    rated_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["edition", "dimension", "-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "edition", "dimension"],
                condition=models.Q(superseded_at=None),
                name="one_current_rating",
            )
        ]


class WithdrawalCheck(Protected):
    """What the withdrawal rules said of what was known at a moment. A prescriber signs before it clears anybody."""

    kind: ClassVar[str] = "assessment"
    lock_rank: ClassVar[int] = 40

    client = models.ForeignKey(Client, models.PROTECT, related_name="withdrawal_checks")
    input = models.JSONField()
    result = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    would_change = models.JSONField(default=list)
    advice = models.JSONField(default=list)
    monitoring = models.JSONField(null=True)
    knowledge = models.JSONField(default=dict)
    valid_until = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_name = models.CharField(max_length=160, blank=True)

    class Meta(Protected.Meta):
        ordering = ["-at", "-pk"]


class PlacementDecision(Protected):
    """Which level of care the rules recommend, which one a named clinician and the client chose, and why if they differ."""

    kind: ClassVar[str] = "assessment"

    client = models.ForeignKey(Client, models.PROTECT, related_name="placement_decisions")
    edition = models.PositiveSmallIntegerField()
    recommended = models.CharField(max_length=5, blank=True)  # empty when the rules recommend no level
    selected = models.CharField(max_length=5)
    status = models.CharField(max_length=20)
    deciding = models.JSONField(default=list)
    companions = models.JSONField(default=list)
    discrepancy_reason = models.CharField(max_length=30, blank=True)
    override_text = models.TextField(blank=True)
    reasons = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    stay_decision = models.CharField(max_length=20, blank=True)
    input = models.JSONField()
    stay = models.JSONField(null=True)
    knowledge = models.JSONField(default=dict)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta(Protected.Meta):
        ordering = ["-at", "-pk"]
