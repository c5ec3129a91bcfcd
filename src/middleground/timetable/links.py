"""The address from which somebody's calendar program fetches their appointments: a secret of which only the hash is kept."""

from django.conf import settings
from django.db import models


class CalendarLink(models.Model):
    """One address given out. Whoever has it reads when its owner is busy, and nothing else, until it is taken back.

    `token_hash`: SHA-256 of the secret, in hex. `says_where`: whether the street of the site is told, which the owner chose.
    `holds`: SHA-256 of what stands in the calendar, as it was fetched last; `holds_since`: when that was first so.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="calendar_links")
    token_hash = models.CharField(max_length=64, unique=True)
    says_where = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    holds = models.CharField(max_length=64, blank=True)
    holds_since = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "timetable"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(revoked_at=None), name="one_calendar_link_in_force"
            )
        ]

    token: str = ""  # the secret itself, only in the hands of whoever just made it

    def __str__(self) -> str:
        return f"calendar link {self.pk}"
