"""The plan of care: problems, goals, objectives, interventions; reviews of continued stay; discharge and aftercare."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client, Episode

USER = settings.AUTH_USER_MODEL


class Plan(Versioned, Protected):
    """An individualized service plan. Editable while a draft; once the counselor signs it is in force and no longer changes:
    amending makes the next plan, which follows this one."""

    kind: ClassVar[str] = "plan"
    lock_rank: ClassVar[int] = 25

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "In force"
        SUPERSEDED = "superseded", "Superseded"

    client = models.ForeignKey(Client, models.PROTECT, related_name="plans")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    prescribed_minutes = models.PositiveIntegerField(default=540)  # the program's dose, minutes a week
    review_on = models.DateField()
    projected_end_on = models.DateField(null=True)
    strengths = models.TextField(blank=True)
    family_role = models.TextField(blank=True)
    discharge_criteria = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_name = models.CharField(max_length=160, blank=True)
    client_signed_at = models.DateTimeField(null=True)
    client_signed_name = models.CharField(max_length=160, blank=True)

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(fields=["episode"], condition=models.Q(status="active"), name="one_plan_in_force"),
            models.UniqueConstraint(fields=["episode"], condition=models.Q(status="draft"), name="one_plan_in_draft"),
        ]


class Problem(Protected):
    """A problem area in the client's life that treatment works on, tied to a dimension (1 to 6)."""

    kind: ClassVar[str] = "plan"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="problems")
    area = models.CharField(max_length=40)  # vocabulary/problem-areas
    dimension = models.PositiveSmallIntegerField(null=True)
    words = models.TextField()
    removed_at = models.DateTimeField(null=True)


class Goal(Protected):
    """What the client wants, in their own words where they gave them."""

    kind: ClassVar[str] = "plan"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="goals")
    words = models.TextField()
    removed_at = models.DateTimeField(null=True)


class Objective(Protected):
    """A measurable step towards a goal, with a target date. `follows` leads to the same objective in the plan before."""

    kind: ClassVar[str] = "plan"

    class Status(models.TextChoices):
        OPEN = "open", "Working on it"
        MET = "met", "Met"
        REVISED = "revised", "Revised"
        SET_ASIDE = "set-aside", "Set aside"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="objectives")
    words = models.TextField()
    measure = models.CharField(max_length=120, blank=True)
    target_on = models.DateField(null=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.words


class Intervention(Protected):
    """What the program does for an objective: method, how often, how long, who."""

    kind: ClassVar[str] = "plan"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    objective = models.ForeignKey(Objective, models.PROTECT, related_name="interventions")
    method = models.CharField(max_length=40)  # vocabulary/methods
    words = models.TextField()
    every = models.CharField(max_length=20, blank=True)  # vocabulary/frequencies
    minutes_a_week = models.PositiveIntegerField(null=True)
    responsible = models.CharField(max_length=120, blank=True)
    removed_at = models.DateTimeField(null=True)


class PlanComment(Protected):
    """What the client or the team says about a plan."""

    kind: ClassVar[str] = "plan"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="comments")
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    by_client = models.BooleanField(default=False)
    text = models.TextField()
    at = models.DateTimeField()


class Review(Protected):
    """A continued-stay review: measures then and now, what the team found, what the engine recommends, what a clinician decided."""

    kind: ClassVar[str] = "plan"

    class Decision(models.TextChoices):
        CONTINUE = "continue", "Continue"
        CONTINUE_AMENDED = "continue-amended", "Continue with an amended plan"
        STEP_DOWN = "step-down", "Step down"
        STEP_UP = "step-up", "Step up"
        DISCHARGE = "discharge", "Complete and discharge"
        TRANSFER = "transfer-medical", "Transfer to medical care"

    client = models.ForeignKey(Client, models.PROTECT, related_name="reviews")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="reviews")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="reviews")
    held_at = models.DateTimeField()
    measures = models.JSONField(default=list)  # [{instrument, then, now, change}]
    stay = models.JSONField(default=dict)  # the engine's stay input
    danger = models.CharField(
        max_length=20, blank=True
    )  # a gate that was open on the day, "none" when asked and absent
    summary = models.TextField()
    recommended = models.CharField(max_length=20, blank=True)
    reasons = models.JSONField(default=list)
    decision = models.CharField(max_length=20, choices=Decision)
    override_reason = models.TextField(blank=True)
    next_review_on = models.DateField(null=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        ordering = ["-held_at"]


class Discharge(Protected):
    """The end of an episode: reason, what became of each goal, medicines, naloxone, where care goes on."""

    kind: ClassVar[str] = "plan"

    client = models.ForeignKey(Client, models.PROTECT, related_name="discharges")
    episode = models.OneToOneField(Episode, models.PROTECT, related_name="discharge")
    on = models.DateField()
    reason = models.CharField(max_length=40)  # vocabulary/discharge-reasons
    summary = models.TextField()
    goals = models.JSONField(default=list)  # [{goal, status}]
    medicines = models.TextField(blank=True)
    naloxone = models.CharField(max_length=30, blank=True)  # vocabulary/naloxone-marks
    next_care = models.CharField(max_length=200, blank=True)
    next_care_on = models.DateField(null=True)
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField()


class AftercarePlan(Protected):
    """The client's own plan for after: what keeps me well, what I watch for, who I call, check-in dates."""

    kind: ClassVar[str] = "plan"

    client = models.ForeignKey(Client, models.PROTECT, related_name="aftercare")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="aftercare")
    keeps_me_well = models.TextField()
    warning_signs = models.TextField(blank=True)
    people = models.TextField(blank=True)
    meetings = models.TextField(blank=True)
    check_ins = models.JSONField(default=list)  # ISO dates
    made_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
