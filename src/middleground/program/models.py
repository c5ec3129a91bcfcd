"""The program as it is held: tracks and groups, who is in them since when, sessions, who was there, and notes."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from middleground.careplan.models import Objective
from middleground.clinic.models import Room, Site
from middleground.kernel.gate import Protected, Versioned
from middleground.records.models import Client, Episode

USER = settings.AUTH_USER_MODEL


class Modality(models.TextChoices):
    ON_SITE = "on-site", "On site"
    TELEHEALTH = "telehealth", "Telehealth"


class Track(Versioned):
    """A set of groups that make up a program week ("Evening"). `minimum_minutes` is the dose it offers, minutes a week."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="tracks")
    name = models.CharField(max_length=80)
    series = models.SlugField(max_length=40)
    minimum_minutes = models.PositiveIntegerField(default=540)
    description = models.CharField(max_length=300, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="track_name_per_site")]
        ordering = ["site", "name"]

    def __str__(self) -> str:
        return self.name


class Group(Versioned):
    """A weekly group: what it teaches, when, where, who leads. `weekday` 0 is Monday. Its sessions are rows of their own."""

    lock_rank: ClassVar[int] = 28

    track = models.ForeignKey(Track, models.PROTECT, related_name="groups")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    title = models.CharField(max_length=100)
    session_kind = models.CharField(max_length=30, default="group")  # vocabulary/session-kinds
    component = models.CharField(max_length=60, blank=True)  # knowledge/curricula id
    weekday = models.PositiveSmallIntegerField()
    start_time = models.TimeField()
    minutes = models.PositiveSmallIntegerField()
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="+")
    leader = models.ForeignKey(USER, models.PROTECT, related_name="+")
    co_leader = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    capacity = models.PositiveSmallIntegerField(default=12)
    language = models.CharField(max_length=5, default="en")
    modality = models.CharField(max_length=12, choices=Modality, default=Modality.ON_SITE)
    only = models.JSONField(default=list)  # vocabulary/populations: held for those alone who are all of these
    credentials = models.JSONField(default=list)  # whoever leads has one of these; none: anybody who leads
    co_leader_above = models.PositiveSmallIntegerField(null=True)  # more members than this need a co-leader
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["weekday", "start_time", "title"]

    def __str__(self) -> str:
        return self.title

    @property
    def seats(self) -> int:
        """How many people may sit in it, in a week like every other. A dated session has seats of its own."""
        return self.seats_in(self.room, self.co_leader_id)

    def seats_in(self, room: Room | None, co_leader: int | None) -> int:
        """The least of its capacity, the seats of the room, and without a co-leader what one person may lead."""
        alone = self.co_leader_above if co_leader is None else None
        return min(each for each in (self.capacity, room and room.seats, alone) if each is not None)


class Session(Versioned, Protected):
    """One occurrence: a group session, or an appointment with one client. Rows of the site are seen by the site's staff;
    they hold no clinical fact, and the name behind `client` passes the gate on its own."""

    kind: ClassVar[str] = "schedule"
    client_path = None
    site_path = "site_id"
    lock_rank: ClassVar[int] = 30

    class Sort(models.TextChoices):
        GROUP = "group", "Group"
        INDIVIDUAL = "individual", "Individual"
        FAMILY = "family", "Family"

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        HELD = "held", "Held"
        NOT_HELD = "did-not-happen", "Did not happen"

    sort = models.CharField(max_length=12, choices=Sort)
    session_kind = models.CharField(max_length=30, default="group")  # vocabulary/session-kinds
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="sessions")
    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="appointments")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="+")
    leader = models.ForeignKey(USER, models.PROTECT, related_name="+")
    co_leader = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    start = models.DateTimeField(db_index=True)
    end = models.DateTimeField()
    title = models.CharField(max_length=100)
    topic_number = models.PositiveSmallIntegerField(null=True)
    topic_kind = models.CharField(max_length=80, blank=True)
    topic_title = models.CharField(max_length=160, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.SCHEDULED)
    status_reason = models.CharField(max_length=40, blank=True)  # vocabulary/program-cancellation-reasons
    modality = models.CharField(max_length=12, choices=Modality, default=Modality.ON_SITE)

    as_guest: bool = False  # the client whose sessions were read (`queries.laid_out`) sits in on this one only

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(fields=["group", "start"], name="one_session_per_group_and_start"),
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="session_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(sort="group", group__isnull=False, client=None)
                | (~Q(sort="group") & Q(group=None, client__isnull=False)),
                name="a_group_or_a_client",
            ),
        ]
        indexes = [models.Index(fields=["client", "start"])]

    def __str__(self) -> str:
        return self.title

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds()) // 60

    @property
    def seats(self) -> int:
        """How many people may sit in it: by its own room and co-leader, which in one week may be others than the group's."""
        return self.group.seats_in(self.room, self.co_leader_id) if self.group else 1

    @property
    def subject(self) -> str:
        """Its key in the booking ledger."""
        return f"session:{self.pk}"


class Membership(Protected):
    """A client in a group from `since` to `until`, both days included (`until` None: open). A walk-in is a membership of
    one session. Who is expected at a session is computed from these as of its day; joining and leaving rewrites no session.
    `until` before `since`: they never came."""

    kind: ClassVar[str] = "schedule"

    client = models.ForeignKey(Client, models.PROTECT, related_name="memberships")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="memberships")
    group = models.ForeignKey(Group, models.PROTECT, related_name="memberships")
    session = models.ForeignKey(Session, models.PROTECT, null=True, related_name="walk_ins")
    since = models.DateField()
    until = models.DateField(null=True)
    why_left = models.CharField(max_length=120, blank=True)

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "group"], condition=Q(until=None, session=None), name="one_open_membership"
            )
        ]
        indexes = [models.Index(fields=["group", "since"])]


class Attendance(Protected):
    """Whether a client was there, and for how long. No row means *unrecorded*. A change supersedes the row and makes another."""

    kind: ClassVar[str] = "attendance"

    client = models.ForeignKey(Client, models.PROTECT, related_name="attendances")
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendances")
    on = models.DateField(db_index=True)  # the session's day at the clinic
    mark = models.CharField(max_length=24)  # vocabulary/attendance-marks
    counts = models.BooleanField(default=False)  # whether the minutes count, by the mark's rule when it was written
    minutes = models.PositiveSmallIntegerField(default=0)
    arrived = models.TimeField(null=True)
    left = models.TimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)  # vocabulary/absence-reasons or program-cancellation-reasons
    reached = models.CharField(max_length=200, blank=True)  # what came of the call, when it was made before the mark
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    correction = models.CharField(max_length=200, blank=True)  # why the earlier row was changed after signing
    superseded_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["session", "client"], condition=Q(superseded_at=None), name="one_current_mark"
            )
        ]
        indexes = [models.Index(fields=["client", "on"])]


class GroupNote(Versioned, Protected):
    """The shared part of a session's note. It names nobody; what is about a person stands in that person's `NotePart`.
    Signed, it no longer changes: `addenda` are added beside it."""

    kind: ClassVar[str] = "session-note"
    client_path = None
    site_path = "site_id"
    author_path = "session__leader_id"
    lock_rank: ClassVar[int] = 32

    session = models.OneToOneField(Session, models.PROTECT, related_name="note")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    topic = models.CharField(max_length=160, blank=True)
    method = models.CharField(max_length=40, blank=True)  # vocabulary/methods
    shared = models.TextField(blank=True)
    present = models.PositiveSmallIntegerField(default=0)  # how many were there when it was signed
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, db_index=True)
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    signed_name = models.CharField(max_length=200, blank=True)
    signed_hash = models.CharField(max_length=64, blank=True)
    cosign_needed = models.BooleanField(default=False)
    cosigned_at = models.DateTimeField(null=True)
    cosigned_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    cosigned_name = models.CharField(max_length=200, blank=True)

    class Meta(Protected.Meta):
        pass

    @property
    def locked(self) -> bool:
        return self.signed_at is not None


class NotePart(Protected):
    """One client's own part of a session's note. A draft until signed; then an amendment supersedes it by another row."""

    kind: ClassVar[str] = "session-note"
    author_path = "session__leader_id"

    client = models.ForeignKey(Client, models.PROTECT, related_name="note_parts")
    session = models.ForeignKey(Session, models.PROTECT, related_name="parts")
    note = models.ForeignKey(GroupNote, models.PROTECT, related_name="parts")
    objective = models.ForeignKey(Objective, models.PROTECT, null=True, related_name="+")
    response = models.TextField(blank=True)
    risk = models.BooleanField(default=False)
    next_step = models.CharField(max_length=300, blank=True)
    written_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    hash = models.CharField(max_length=64, blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    correction = models.CharField(max_length=200, blank=True)
    superseded_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["session", "client"], condition=Q(superseded_at=None), name="one_current_part"
            )
        ]
        indexes = [models.Index(fields=["client", "signed_at"])]


class Addendum(Protected):
    """Something added beside a signed note: about one client (`client` set), or to the shared part (None)."""

    kind: ClassVar[str] = "session-note"
    author_path = "note__session__leader_id"

    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="+")
    note = models.ForeignKey(GroupNote, models.PROTECT, related_name="addenda")
    text = models.TextField()
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta(Protected.Meta):
        ordering = ["at"]


class CounselingNote(Protected):
    """A counseling note kept apart from the record: only its author reads it (42 CFR 2.11, SUD counseling notes)."""

    kind: ClassVar[str] = "counseling-note"
    author_path = "author_id"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(Protected.Meta):
        ordering = ["-at"]
