"""A plan the solver made, until somebody books it: a proposal changes nothing."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from middleground.clinic.models import Site
from middleground.kernel.gate import Protected, Versioned

USER = settings.AUTH_USER_MODEL
MOVE = "move"  # a weekly group moved on the board: applied from the start, kept to be taken back


class Proposal(Versioned, Protected):
    """A finished answer of the solver about one week of one site, in ids, never in names.

    `asked`: what it was asked, as the page shows it again. `standing`: the plan in force it was made against, with which dated
    session is behind each row and each session's state then. `answers`: by end ("hours", "changes", "plan", "what-if") what
    the engine answered. `done`: what applying it did, so that it can be taken back; for a plan the clients already booked.
    """

    kind: ClassVar[str] = "schedule"
    client_path = None
    site_path = "site_id"
    lock_rank: ClassVar[int] = 25

    class Status(models.TextChoices):
        OPEN = "open", "Proposed"
        APPLIED = "applied", "Applied"
        UNDONE = "undone", "Taken back"
        DROPPED = "dropped", "Put aside"

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    question = models.CharField(max_length=12)  # repair, plan, what-if, move
    monday = models.DateField()
    asked = models.JSONField(default=dict)
    standing = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    done = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    made_at = models.DateTimeField(db_index=True)
    made_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        app_label = "timetable"
        ordering = ["-made_at"]

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def ends(self) -> list[str]:
        return [end for end in ("hours", "changes", "plan", "what-if") if end in self.answers]

    def answer(self, end: str) -> dict[str, Any]:
        found: dict[str, Any] = self.answers[end]
        return found
