"""What a client does for their own recovery. Lists are retired and written anew, never erased; nothing here ever resets."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client

USER = settings.AUTH_USER_MODEL


class CheckIn(Protected):
    """A 30-second check-in. `craving`, `mood` 0-10; `sleep_hours` of the last night; `paws` {item id: 0-10}.

    `at` is when it was; `received_at` when the program got it (a phone may have been offline).
    """

    kind: ClassVar[str] = "check-in"

    client = models.ForeignKey(Client, models.PROTECT, related_name="check_ins")
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    craving = models.PositiveSmallIntegerField()
    mood = models.PositiveSmallIntegerField(null=True)
    sleep_hours = models.DecimalField(max_digits=3, decimal_places=1, null=True)
    paws = models.JSONField(default=dict)
    triggers = models.JSONField(default=list)  # vocabulary/triggers ids or the client's own words
    used_coping = models.JSONField(default=list)  # vocabulary/coping-steps ids or own words
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        ordering = ["-at"]
        indexes = [models.Index(fields=["client", "at"])]


class Trigger(Protected):
    """Something that brings a craving, in the vocabulary's words or the client's own. `likelihood` in percent."""

    kind: ClassVar[str] = "check-in"

    class Place(models.TextChoices):
        EXTERNAL = "external", "Around me"
        INTERNAL = "internal", "Inside me"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    what = models.CharField(max_length=120)
    place = models.CharField(max_length=10, choices=Place)
    likelihood = models.PositiveSmallIntegerField(default=50)
    active = models.BooleanField(default=True)
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["-likelihood", "pk"]
        indexes = [models.Index(fields=["client", "active"])]


class CopingStep(Protected):
    """One step of the craving card, in the order the client wants to try them."""

    kind: ClassVar[str] = "check-in"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=160)
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["order", "pk"]


class SupportPerson(Protected):
    """Somebody the client may call when a craving comes. `ok_to_call`: they said yes to being called."""

    kind: ClassVar[str] = "check-in"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=40, blank=True)
    ok_to_call = models.BooleanField(default=True)
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["pk"]


class PreventionPlan(Versioned, Protected):
    """The client's plan against a return to use. Each writing is a row of its own with the next `version`; all stay."""

    kind: ClassVar[str] = "plan"

    client = models.ForeignKey(Client, models.PROTECT, related_name="prevention_plans")
    early_signs = models.JSONField(default=list)
    places_to_avoid = models.JSONField(default=list)
    safe_places = models.JSONField(default=list)
    after_use = models.JSONField(default=list)  # what to do in the first 24 hours after a use
    reasons = models.JSONField(default=list)
    naloxone_at = models.CharField(max_length=160, blank=True)
    review_on = models.DateField(null=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=models.Q(superseded_at=None), name="one_prevention_plan_in_use"
            )
        ]


class LessonProgress(Protected):
    """How far a client is with one lesson of knowledge/education. Answers are for learning, not for judging."""

    kind: ClassVar[str] = "check-in"

    client = models.ForeignKey(Client, models.PROTECT, related_name="lessons")
    lesson = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    answers = models.JSONField(default=dict)
    right = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0)

    class Meta(Protected.Meta):
        constraints = [models.UniqueConstraint(fields=["client", "lesson"], name="lesson_once_per_client")]


class UseEpisode(Protected):
    """A return to use: an event with a date, never a reset. What was built before stays."""

    kind: ClassVar[str] = "event"

    client = models.ForeignKey(Client, models.PROTECT, related_name="use_episodes")
    on = models.DateField()
    substance = models.CharField(max_length=40, blank=True)  # vocabulary/substances
    context = models.TextField(blank=True)
    overdose = models.BooleanField(default=False)
    learned = models.TextField(blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta(Protected.Meta):
        ordering = ["-on", "-pk"]


class Milestone(Protected):
    """Something worth marking, in the client's or the team's words."""

    kind: ClassVar[str] = "event"

    client = models.ForeignKey(Client, models.PROTECT, related_name="milestones")
    on = models.DateField()
    words = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta(Protected.Meta):
        ordering = ["-on", "-pk"]
