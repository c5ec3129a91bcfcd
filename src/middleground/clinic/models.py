"""The clinic itself: where it is, who works there, when it is open. No client data."""

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from middleground.kernel.context import Actor
from middleground.kernel.gate import Versioned


class Organization(models.Model):
    """The one organization this installation serves. `full_charge` is the undiscounted fee per treatment day, in dollars."""

    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    full_charge = models.DecimalField(max_digits=8, decimal_places=2, default=240)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Site(Versioned):
    """A place of treatment. `hours` is the weekly opening as intervals like "mon 08:00-21:00"."""

    name = models.CharField(max_length=80, unique=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.JSONField(default=list)
    is_open = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Room(Versioned):
    """A group room or an office; `seats` counts people, leader not included."""

    class Use(models.TextChoices):
        GROUP = "group", "Group room"
        OFFICE = "office", "Office"

    site = models.ForeignKey(Site, models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    use = models.CharField(max_length=10, choices=Use)
    seats = models.PositiveSmallIntegerField(default=12)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="room_name_per_site")]
        ordering = ["site", "use", "name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.site.name})" if "site" in self._state.fields_cache else self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").lower())


class User(AbstractBaseUser):
    """Somebody who signs in. `roles` are names from `kernel.who.ROLES`; `site_ids` None means every site.

    `client_id` is set for a client's own sign-in. `works` is the weekly working time as intervals like "mon 09:00-17:00".
    """

    last_login = None

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    roles = models.JSONField(default=list)
    site_ids = models.JSONField(null=True, blank=True)
    client_id = models.BigIntegerField(null=True, blank=True, unique=True)
    credentials = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    works = models.JSONField(default=list, blank=True)
    caseload = models.PositiveSmallIntegerField(default=20)
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.username

    def actor(self) -> Actor:
        """Who this user is to the three doors."""
        sites = None if self.site_ids is None else frozenset(self.site_ids)
        return Actor(str(self), frozenset(self.roles), self.pk, self.client_id, sites)

    def check_password(self, raw_password: str) -> bool:
        """Whether this is the password; an old kind of hash is renewed, by an action like every write."""

        def renew(raw: str) -> None:
            from .actions import renew_password_hash

            renew_password_hash.run(self.actor(), user=self, password=raw)
            self.refresh_from_db(fields=["password"])  # the session is tied to the hash that is kept

        return check_password(raw_password, self.password, renew)

    @property
    def is_staff_member(self) -> bool:
        return bool(set(self.roles) - {"client", "family"})

    @property
    def signature(self) -> str:
        """Name and credentials, as they stand under a note."""
        return ", ".join([self.name, *self.credentials])


class Closure(models.Model):
    """A day on which a site holds no sessions (a holiday, a flood); no site: all of them."""

    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="closures")
    on = models.DateField(db_index=True)
    why = models.CharField(max_length=120)


class StaffAbsence(models.Model):
    """Whole days on which somebody is away, both ends included. The reason stays with the director."""

    user = models.ForeignKey(User, models.PROTECT, related_name="absences")
    first = models.DateField()
    last = models.DateField()


class SignInCode(models.Model):
    """A one-time code given in person to someone without e-mail. Only its hash is kept.

    `tries` counts all wrong tries, `tries_from` those of each place they came from (a keyed hash of its network).
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="codes")
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tries_from = models.JSONField(default=dict)
