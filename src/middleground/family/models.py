"""Family members, the messages they leave, and their own lessons. A sign-in alone shows nothing of a client: consent does."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client

USER = settings.AUTH_USER_MODEL


class FamilyMember(Protected):
    """Somebody who stands by a client. `user` is their sign-in, if they have one; it opens no record by itself."""

    kind: ClassVar[str] = "family"

    client = models.ForeignKey(Client, models.PROTECT, related_name="family_members")
    user = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    relation = models.CharField(max_length=30)  # vocabulary/family-relations
    since = models.DateField()
    until = models.DateField(null=True)  # the day on which their access ended
    invited_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class FamilyMessage(Versioned, Protected):
    """What somebody told us on the listen-only line. `client` stays empty until staff say whom it is about.

    The sender is told nothing: not whether the person named is known here, nor whether the message was read.
    """

    kind: ClassVar[str] = "family"

    class Status(models.TextChoices):
        NEW = "new", "New"
        MATCHED = "matched", "In a client's record"
        SET_ASIDE = "set-aside", "Set aside"
        DONE = "done", "Done"

    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="family_messages")
    member = models.ForeignKey(FamilyMember, models.PROTECT, null=True, related_name="messages")
    from_name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    from_user = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    about_name = models.CharField(max_length=160)
    words = models.TextField()
    received_at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW, db_index=True)
    handled_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta(Protected.Meta):
        ordering = ["-received_at"]


class FamilyLesson(models.Model):
    """A family lesson that somebody finished: about the reader alone, with no fact of any client."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="family_lessons")
    lesson = models.CharField(max_length=60)
    finished_at = models.DateTimeField()
    answers = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "lesson"], name="family_lesson_once")]

    def __str__(self) -> str:
        return self.lesson
