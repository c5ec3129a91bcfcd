"""Medicines, conditions, pain plans, drug screens, withdrawal checks and naloxone.

Nothing is deleted: a changed dose or a rewritten plan supersedes the earlier row, an entry made in error is withdrawn.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from middleground.assessment.models import InstrumentResult
from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client

USER = settings.AUTH_USER_MODEL
BY: dict[str, Any] = {"on_delete": models.PROTECT, "null": True, "related_name": "+"}


class Medication(Versioned, Protected):
    """A medicine the client takes or took, whoever prescribes it.

    `drug` is an id of knowledge/medications, empty for a name the files don't know. `every_days` and `next_due_on` are for
    long-acting forms. A change of dose supersedes the row; `since` stays the first day of the medicine.
    """

    kind: ClassVar[str] = "medical"
    lock_rank: ClassVar[int] = 40

    client = models.ForeignKey(Client, models.PROTECT, related_name="medications")
    drug = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=120)
    is_mat = models.BooleanField(default=False)
    dose = models.CharField(max_length=120, blank=True)
    route = models.CharField(max_length=20, blank=True)  # knowledge/medications routes
    frequency = models.CharField(max_length=80, blank=True)
    indication = models.CharField(max_length=120, blank=True)
    prescriber_name = models.CharField(max_length=120, blank=True)
    prescribed_here = models.BooleanField(default=False)
    since = models.DateField(null=True)
    started_on = models.DateField(null=True)  # the first day of this dose
    stopped_on = models.DateField(null=True, db_index=True)
    stop_reason = models.CharField(max_length=20, blank=True)
    stop_note = models.TextField(blank=True)
    every_days = models.PositiveSmallIntegerField(null=True)
    last_given_on = models.DateField(null=True)
    next_due_on = models.DateField(null=True, db_index=True)
    listed_by = models.ForeignKey(USER, **BY)
    listed_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey("self", **BY)

    class Meta(Protected.Meta):
        ordering = ["-is_mat", "name", "-pk"]
        indexes = [models.Index(fields=["client", "superseded_at"])]

    def __str__(self) -> str:
        return f"{self.name} {self.dose}".strip()

    @property
    def is_taken(self) -> bool:
        return self.stopped_on is None and self.superseded_at is None


class DoseGiven(Protected):
    """A long-acting dose given on a day, here or elsewhere."""

    kind: ClassVar[str] = "medical"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    medication = models.ForeignKey(Medication, models.PROTECT, related_name="doses")
    given_on = models.DateField()
    given_where = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(USER, **BY)
    at = models.DateTimeField()

    class Meta(Protected.Meta):
        ordering = ["-given_on", "-pk"]


class Allergy(Protected):
    """What the client must not be given, and what happens."""

    kind: ClassVar[str] = "medical"

    client = models.ForeignKey(Client, models.PROTECT, related_name="allergies")
    what = models.CharField(max_length=120)
    reaction = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, **BY)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=200, blank=True)

    class Meta(Protected.Meta):
        ordering = ["what"]


class Condition(Protected):
    """A co-occurring mental health condition, a physical one, or pain."""

    kind: ClassVar[str] = "medical"

    class Sort(models.TextChoices):
        MENTAL_HEALTH = "mental-health", "Mental health"
        BIOMEDICAL = "biomedical", "Physical health"
        PAIN = "pain", "Pain"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        RESOLVED = "resolved", "Resolved"

    client = models.ForeignKey(Client, models.PROTECT, related_name="conditions")
    name = models.CharField(max_length=120)
    sort = models.CharField(max_length=15, choices=Sort)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    since = models.CharField(max_length=40, blank=True)  # as told: "2019", "since childhood"
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, **BY)
    resolved_on = models.DateField(null=True)
    resolved_by = models.ForeignKey(USER, **BY)
    resolved_note = models.CharField(max_length=200, blank=True)

    class Meta(Protected.Meta):
        ordering = ["status", "sort", "name"]


class PainPlan(Versioned, Protected):
    """How pain is treated: what it is for, what was tried, what comes next. `peg` is the score it was written on."""

    kind: ClassVar[str] = "medical"
    lock_rank: ClassVar[int] = 40

    client = models.ForeignKey(Client, models.PROTECT, related_name="pain_plans")
    site = models.CharField(max_length=120)  # where it hurts
    goal = models.CharField(max_length=300)  # what the client wants to do again
    tried = models.JSONField(default=dict)  # {pain step id: tried-result id}
    plan = models.TextField()
    recovery_medicine = models.TextField(blank=True)  # how the medicine for opioid use disorder goes on
    peg = models.ForeignKey(InstrumentResult, **BY)
    review_on = models.DateField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(USER, **BY)
    superseded_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=models.Q(superseded_at=None), name="one_pain_plan")
        ]


class DrugScreen(Versioned, Protected):
    """A drug screen from order to talk. `panel` maps panel ids to negative, positive or invalid. Never punitive."""

    kind: ClassVar[str] = "drug-screen"
    lock_rank: ClassVar[int] = 40

    client = models.ForeignKey(Client, models.PROTECT, related_name="drug_screens")
    reason = models.CharField(max_length=12)
    method = models.CharField(max_length=12, default="presumptive")
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(USER, **BY)
    collect_on = models.DateField(db_index=True)
    collected_at = models.DateTimeField(null=True)
    collected_by = models.ForeignKey(USER, **BY)
    specimen = models.CharField(max_length=12, blank=True)
    panel = models.JSONField(default=dict)
    validity = models.JSONField(default=dict)  # {"temperature_f": 96.0, ...}
    doubts = models.JSONField(default=list)  # ids of the measures outside their limits
    expected = models.JSONField(default=list)  # positive tests that a medicine on the list explained on that day
    resulted_at = models.DateTimeField(null=True, db_index=True)
    resulted_by = models.ForeignKey(USER, **BY)
    talk_due = models.BooleanField(default=False)  # a talk with the client comes before anything else
    discussed_with_client_at = models.DateTimeField(null=True)
    discussed_by = models.ForeignKey(USER, **BY)
    client_says = models.TextField(blank=True)
    note = models.TextField(blank=True)
    not_collected = models.CharField(max_length=20, blank=True)
    closed_at = models.DateTimeField(null=True)  # ended without a result
    earlier = models.JSONField(default=list)  # results corrected since: [{"panel", "until", "why"}]

    class Meta(Protected.Meta):
        ordering = ["-ordered_at", "-pk"]
        indexes = [models.Index(fields=["client", "resulted_at"]), models.Index(fields=["talk_due", "resulted_at"])]

    @property
    def state(self) -> str:
        """to-collect, to-discuss, discussed, as-expected or not-collected."""
        if self.closed_at:
            return "not-collected"
        if self.resulted_at is None:
            return "to-collect"
        if self.discussed_with_client_at:
            return "discussed"
        return "to-discuss" if self.talk_due else "as-expected"

    @property
    def needs_talk(self) -> bool:
        """A positive that no medicine explains, an invalid result, or a specimen in doubt."""
        return bool(self.doubts or self.found("invalid") or self.unexpected)

    @property
    def unexpected(self) -> list[str]:
        """Positive tests that no medicine on the list explains."""
        return [test for test in self.found("positive") if test not in self.expected]

    def found(self, result: str) -> list[str]:
        """The panel ids with this result."""
        return [name for name, each in self.panel.items() if each == result]


class WithdrawalMonitoring(Protected):
    """One look at somebody in withdrawal: scale, vital signs, and what the withdrawal rules say of them."""

    kind: ClassVar[str] = "medical"

    client = models.ForeignKey(Client, models.PROTECT, related_name="withdrawal_monitoring")
    at = models.DateTimeField()
    by = models.ForeignKey(USER, **BY)
    scale = models.CharField(max_length=20)
    answers = models.JSONField(default=list)
    score = models.FloatField()
    band = models.CharField(max_length=40)
    band_label = models.CharField(max_length=120)
    vitals = models.JSONField(default=dict)
    concern = models.CharField(max_length=20, blank=True)  # EMERGENCY, INPATIENT_WM, MEDICAL_REVIEW or nothing
    reasons = models.JSONField(default=list)
    knowledge = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    next_due_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True, db_index=True)  # the next check was made, or monitoring ended

    class Meta(Protected.Meta):
        ordering = ["-at", "-pk"]


class NaloxoneRecord(Protected):
    """An offer of naloxone and what came of it (vocabulary naloxone-marks)."""

    kind: ClassVar[str] = "medical"

    client = models.ForeignKey(Client, models.PROTECT, related_name="naloxone")
    mark = models.CharField(max_length=12)
    form = models.CharField(max_length=15, blank=True)
    at = models.DateTimeField(db_index=True)
    expires_on = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(USER, **BY)

    class Meta(Protected.Meta):
        ordering = ["-at", "-pk"]
