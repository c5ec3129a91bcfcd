"""When a client can come, and the week that was booked for them."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from middleground.kernel.gate import Protected
from middleground.records.models import Client, Episode

from .links import CalendarLink as CalendarLink
from .proposed import Proposal as Proposal


class Availability(Protected):
    """When a client can come, as one set for the whole week: a new set supersedes the last one, which stays known.

    `intervals`: [{"at": "mon 18:00-21:15", "cost": 0..3}], sorted, never overlapping; cost 0 is good, 3 is disliked.
    `travel`: minutes from where the client is to each site, by the site's id as text. `until`: the last day, included.
    """

    kind: ClassVar[str] = "schedule"

    client = models.ForeignKey(Client, models.PROTECT, related_name="availabilities")
    intervals = models.JSONField(default=list)
    travel = models.JSONField(default=dict)
    since = models.DateField()
    until = models.DateField(null=True)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=models.Q(until=None), name="one_availability_in_force")
        ]


class WeekPlan(Protected):
    """A week that was chosen and booked for a client. Never edited: the next one supersedes it.

    `week`: {"groups": [id], "minutes": a week, "days": a week, "payer_met": bool}.
    `prescribed_minutes`: the program's dose when it was booked.
    """

    kind: ClassVar[str] = "schedule"
    lock_rank: ClassVar[int] = 40

    class Status(models.TextChoices):
        BOOKED = "booked", "Booked"
        SUPERSEDED = "superseded", "Replaced"

    client = models.ForeignKey(Client, models.PROTECT, related_name="week_plans")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="week_plans")
    prescribed_minutes = models.PositiveIntegerField()
    week = models.JSONField()
    since = models.DateField()
    status = models.CharField(max_length=12, choices=Status, default=Status.BOOKED)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["episode"], condition=models.Q(status="booked"), name="one_week_in_force_per_episode"
            )
        ]

    @property
    def group_ids(self) -> list[int]:
        return list(self.week["groups"])
