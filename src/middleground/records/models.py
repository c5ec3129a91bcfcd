"""The client and what every other room hangs on: episodes, care team, consents, disclosures, tasks."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from middleground.clinic.models import Site
from middleground.kernel.context import Actor
from middleground.kernel.gate import Protected, Versioned
from middleground.kernel.who import CLINICAL

USER = settings.AUTH_USER_MODEL
PLACING = {
    "intake-coordinator",
    *CLINICAL,
    "program-director",
    "compliance-officer",
}  # who puts people into groups, or oversees


class Client(Versioned, Protected):
    """A person asking for or receiving treatment. Known in the clinic by the name they choose."""

    kind: ClassVar[str] = "identity"
    client_path = "pk"
    site_path = "site_id"
    lock_rank: ClassVar[int] = 10

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    chosen_name = models.CharField(max_length=80, blank=True)
    pronouns = models.CharField(max_length=40, blank=True)
    born_on = models.DateField(null=True, blank=True)
    sex = models.CharField(
        max_length=10, blank=True, choices=[("female", "Female"), ("male", "Male"), ("other", "Other")]
    )
    phone = models.CharField(max_length=40, blank=True)
    safe_contact = models.CharField(max_length=200, blank=True)  # how it is safe to reach them, in their words
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, default="en")
    emergency_name = models.CharField(max_length=120, blank=True)
    emergency_phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    class Meta(Protected.Meta):
        indexes = [models.Index(fields=["last_name", "first_name"])]

    def __str__(self) -> str:
        return f"{self.called} {self.last_name}"

    @property
    def called(self) -> str:
        """The name to say aloud."""
        return self.chosen_name or self.first_name

    @property
    def short(self) -> str:
        """First name and initial, for rosters and boards."""
        return f"{self.called} {self.last_name[:1]}."


class Episode(Versioned, Protected):
    """An episode of care: from admission to discharge at one level of care or several."""

    kind: ClassVar[str] = "identity"
    lock_rank: ClassVar[int] = 20

    client = models.ForeignKey(Client, models.PROTECT, related_name="episodes")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    level_of_care = models.CharField(max_length=5, default="2.1")
    pathway = models.CharField(max_length=30)  # vocabulary/pathways
    referral_source = models.CharField(max_length=40, blank=True)  # vocabulary/referral-sources
    first_contact_on = models.DateField(null=True)
    admitted_on = models.DateField(db_index=True)
    expected_end_on = models.DateField(null=True)
    prescribed_minutes = models.PositiveIntegerField(default=540)  # the program's dose, minutes a week
    ended_on = models.DateField(null=True, db_index=True)
    end_reason = models.CharField(max_length=40, blank=True)  # vocabulary/discharge-reasons

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=models.Q(ended_on=None), name="one_open_episode")
        ]

    @property
    def is_open(self) -> bool:
        return self.ended_on is None


class CareTeamMember(Protected):
    """Somebody with a treatment relation to a client for a time. `part` is what they are to the client."""

    kind: ClassVar[str] = "identity"

    class Part(models.TextChoices):
        PRIMARY = "primary-counselor", "Primary counselor"
        PRESCRIBER = "prescriber", "Prescriber"
        CASE_MANAGER = "case-manager", "Case manager"
        GROUP = "group-leader", "Group leader"
        COVER = "cover", "Covering"
        ASSESSOR = "assessor", "Assessor"

    client = models.ForeignKey(Client, models.PROTECT, related_name="team")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    part = models.CharField(max_length=20, choices=Part)
    since = models.DateField()
    until = models.DateField(null=True)  # the last day, included

    class Meta(Protected.Meta):
        indexes = [models.Index(fields=["user", "until"])]


class KeptApart(Protected):
    """A client who must not meet another client, or somebody on staff. Two clients have a row each. Never edited: ended, and
    set anew."""

    kind: ClassVar[str] = "schedule"

    class Where(models.TextChoices):
        GROUP = "group", "Not in the same group or session"
        SITE = "site", "Not at the same site at the same time, either"

    client = models.ForeignKey(Client, models.PROTECT, related_name="kept_apart")
    other = models.ForeignKey(Client, models.PROTECT, null=True, related_name="+")
    staff = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    where = models.CharField(max_length=10, choices=Where)
    why = models.CharField(max_length=200, blank=True)
    since = models.DateField()
    set_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    until = models.DateField(null=True)
    ended_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(other=None, staff__isnull=False) | models.Q(other__isnull=False, staff=None),
                name="apart_from_one",
            ),
            models.UniqueConstraint(fields=["client", "other"], condition=models.Q(until=None), name="apart_once"),
            models.UniqueConstraint(
                fields=["client", "staff"], condition=models.Q(until=None), name="apart_once_staff"
            ),
        ]

    @staticmethod
    def concerning(actor: Actor) -> models.Q:
        """Who plans a client's week or treats them, and who oversees that: nobody else needs to know, the client included."""
        return models.Q() if actor.roles & PLACING else models.Q(pk__in=[])


class Populations(Protected):
    """For which groups held for some people only (vocabulary/populations) a client counts themselves in. A new set supersedes the
    last one, which stays known."""

    kind: ClassVar[str] = "schedule"

    client = models.ForeignKey(Client, models.PROTECT, related_name="populations")
    chosen = models.JSONField(default=list)
    since = models.DateField()
    until = models.DateField(null=True)
    set_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=models.Q(until=None), name="one_say_of_populations")
        ]

    @staticmethod
    def concerning(actor: Actor) -> models.Q:
        """Those who plan, treat or oversee, and the client: what is said may tell of health."""
        return models.Q() if actor.roles & PLACING else models.Q(client_id=actor.client_id or 0)


class EmergencyAccess(Protected):
    """Break-glass: a named person opened a record they have no relation to, for a stated reason, for a few hours."""

    kind: ClassVar[str] = "consent"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")
    reason = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    reviewed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)


class Consent(Protected):
    """A signed Part 2 consent: recipient, purpose, kinds of record, period, signature (42 CFR 2.31(a)).

    Never edited: changed by revoking (from now on) and signing another.
    """

    kind: ClassVar[str] = "consent"

    client = models.ForeignKey(Client, models.PROTECT, related_name="consents")
    form = models.CharField(max_length=40)  # knowledge/consents id
    form_version = models.CharField(max_length=20)
    text = models.TextField()  # as it was read and signed
    from_party = models.CharField(max_length=200)
    recipient = models.CharField(max_length=200)
    recipient_kind = models.CharField(
        max_length=30
    )  # treating-providers, family, employer, school, probation, payer...
    recipient_user = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    purposes = models.JSONField(default=list)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    ends_event = models.CharField(max_length=200, blank=True)
    signed_name = models.CharField(max_length=160)
    signed_at = models.DateTimeField()
    witnessed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_how = models.CharField(max_length=200, blank=True)

    class Meta(Protected.Meta):
        ordering = ["-signed_at"]


class ConsentKind(Protected):
    """One kind of record a consent lets through."""

    kind: ClassVar[str] = "consent"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="kinds")
    record_kind = models.CharField(max_length=30)

    class Meta(Protected.Meta):
        constraints = [models.UniqueConstraint(fields=["consent", "record_kind"], name="kind_once_per_consent")]


class Disclosure(Protected):
    """Something that left the program: to whom, what, why, on what legal ground, with which notice (42 CFR 2.25, 2.32)."""

    kind: ClassVar[str] = "consent"

    client = models.ForeignKey(Client, models.PROTECT, related_name="disclosures")
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="disclosures")
    recipient = models.CharField(max_length=200)
    purpose = models.CharField(max_length=40)
    kinds = models.JSONField(default=list)
    description = models.TextField()
    ground = models.CharField(max_length=60)  # the decision's reason code
    notice = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta(Protected.Meta):
        ordering = ["-at"]


class Signature(Protected):
    """A signature on a document of a client: what was signed (by key and content hash), by whom, how."""

    kind: ClassVar[str] = "identity"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=60, db_index=True)  # "plan:4"
    content_hash = models.CharField(max_length=64)
    signed_name = models.CharField(max_length=160)
    part = models.CharField(max_length=30)  # client, counselor, prescriber, supervisor, guardian
    user = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()


class Task(Versioned, Protected):
    """Something somebody must do by a time: an alarm always has an owner."""

    kind: ClassVar[str] = "schedule"
    open_without_client: ClassVar[bool] = True

    client = models.ForeignKey(Client, models.PROTECT, null=True, related_name="tasks")
    what = models.CharField(max_length=200)
    why = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=80, blank=True, db_index=True)  # what made it: "absence:77"; asked for once
    owner = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    owner_role = models.CharField(max_length=30, blank=True)
    due_at = models.DateTimeField(db_index=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=300, blank=True)

    class Meta(Protected.Meta):
        ordering = ["due_at"]
        indexes = [models.Index(fields=["owner", "done_at"])]

    @staticmethod
    def concerning(actor: Actor) -> models.Q:
        """A task's words tell what happened in care. Who treats or oversees reads every task in reach of their schedule;
        everybody else those given to them or to their role (need to know, 42 CFR 2.12(c)(3))."""
        if actor.roles & {*CLINICAL, "program-director", "compliance-officer"}:
            return models.Q()
        return models.Q(owner_id=actor.user_id) | models.Q(owner=None, owner_role__in=actor.roles)
