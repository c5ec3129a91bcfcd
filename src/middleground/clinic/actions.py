"""Every way to change the clinic: sites, rooms, people, absences, sign-in codes."""

import hashlib
import hmac
import secrets
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import ROLES, STAFF, anyone, role, system_only

from .hours import checked
from .models import Closure, Organization, Room, SignInCode, Site, StaffAbsence, User

CODE_LIFE = timedelta(days=2)
CODE_TRIES, CODE_TRIES_IN_ALL = 5, 500  # from one place; from everywhere


@action("Set up the organization", by=role("administrator"), purpose="operations")
def set_up_organization(
    act: Act,
    name: Annotated[str, Ask("Name of the program", most=120)],
    phone: Annotated[str, Ask("Main phone")] = "",
    full_charge: Annotated[Decimal, Ask("Full charge for each treatment day, in dollars", low=0)] = Decimal(240),
    is_demo: Annotated[bool, Ask(hidden=True)] = False,
) -> Organization:
    """Name the organization and its full charge (before any sliding-scale discount)."""
    act.says(f"Set up the organization as {name}")
    Organization.objects.update_or_create(
        pk=1, defaults={"name": name, "phone": phone, "full_charge": full_charge, "is_demo": is_demo}
    )
    return Organization.objects.get(pk=1)


@action("Open a site", by=role("administrator"), purpose="operations")
def open_site(
    act: Act,
    name: Annotated[str, Ask("Name", most=80)],
    address: Annotated[str, Ask("Address")] = "",
    phone: Annotated[str, Ask("Phone")] = "",
    hours: list | None = None,
) -> Site:
    """Add a place of treatment. `hours`: weekly intervals like "mon 08:00-21:00". Raises as `set_hours` does."""
    if Site.objects.filter(name=name).exists():
        raise Refused("There is already a site with this name.", "name")
    act.says(f"Opened site {name}")
    return Site.objects.create(name=name, address=address, phone=phone, hours=checked(hours or []))


@action("Set a site's opening hours", by=role("administrator"), purpose="operations", fresh="site")
def set_hours(act: Act, site: Site, hours: list) -> Site:
    """The weekly hours from now on, like "mon 08:00-12:00", at most two stretches a day; none at all: open whenever.

    What is booked outside them already stays; somebody moves it. Raises `Invalid` with the fault by day, stretch and end
    ("mon_2_to"), `Refused` for what is no stretch.
    """
    site.hours, was = checked(hours), site.hours
    site.save(update_fields=["hours"])
    act.says(f"Set the opening hours of {site.name} to {', '.join(site.hours) or 'open whenever'}", was=was)
    return site


@action("Add a room", by=role("administrator"), purpose="operations")
def add_room(
    act: Act,
    site: Annotated[Site, Ask("Site")],
    name: Annotated[str, Ask("Name", most=60)],
    use: Annotated[Room.Use, Ask("Used for")],
    seats: Annotated[int, Ask("Seats", help="People, not counting the leader", low=1, high=200)] = 12,
) -> Room:
    """Add a group room or an office to a site."""
    if Room.objects.filter(site=site, name=name).exists():
        raise Refused("This site already has a room with this name.", "name")
    act.says(f"Added room {name} at {site.name}")
    return Room.objects.create(site=site, name=name, use=use, seats=seats)


def _role_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("-", " ").capitalize()) for name in STAFF]


@action("Add a staff member", by=role("administrator"), purpose="operations")
def add_user(
    act: Act,
    username: Annotated[str, Ask("Sign-in name", most=60)],
    name: Annotated[str, Ask("Full name", most=120)],
    password: Annotated[str, Ask("First password", help="At least 10 characters")],
    roles: Annotated[list, Ask("Roles", choices=_role_choices)],
    site_ids: list | None = None,
    credentials: list | None = None,
    languages: list | None = None,
    works: list | None = None,
    caseload: Annotated[int, Ask("Most clients on their caseload", low=0, high=200)] = 20,
) -> User:
    """Add somebody who works here. Raises `Refused` for a name in use, an unknown role or a weak password."""
    username = username.lower()
    if User.objects.filter(username=username).exists():
        raise Refused("This sign-in name is taken.", "username")
    if not roles or set(roles) - set(ROLES):
        raise Refused("Choose at least one role from the list.", "roles")
    person = User(
        username=username,
        name=name,
        roles=sorted(roles),
        site_ids=site_ids,
        credentials=credentials or [],
        languages=languages or ["en"],
        works=works or [],
        caseload=caseload,
    )
    _give_password(person, password)
    person.save()
    act.says(f"Added {name} as {', '.join(sorted(roles))}")
    return person


def _give_password(person: User, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as weak:
        raise Refused(" ".join(weak.messages), "password") from None
    person.set_password(password)


@action("Change roles", by=role("administrator"), purpose="operations")
def set_roles(
    act: Act,
    user: User,
    roles: Annotated[list, Ask("Roles", choices=_role_choices)],
    is_active: Annotated[bool, Ask("Can sign in")] = True,
) -> User:
    """Give somebody other roles, or stop their sign-in. An administrator can't take away their own last key."""
    if user.pk == act.user_id and ("administrator" not in roles or not is_active):
        raise Refused("You can't take your own administrator role away. Ask another administrator.", "roles")
    user.roles, user.is_active = sorted(roles), is_active
    user.save(update_fields=["roles", "is_active"])
    act.says(
        f"Set roles of {user.name} to {', '.join(sorted(roles)) or 'none'}; sign-in {'on' if is_active else 'off'}"
    )
    return user


@action("Change own password", by=role(*ROLES), purpose="operations")
def change_password(act: Act, user: User, password: str) -> None:
    """Set a new password for oneself (the old one was checked at the door)."""
    if act.user_id is not None and user.pk != act.user_id:
        raise Refused(str(_("You can change only your own password.")))
    _give_password(user, password)
    user.save(update_fields=["password"])
    act.says("Changed their own password")


@action("Renew a password's hash", by=role(*ROLES), quiet=True)
def renew_password_hash(act: Act, user: User, password: str) -> None:
    """Keep the same password under today's stronger hash, just after it was typed rightly."""
    if act.user_id == user.pk:
        user.set_password(password)
        user.save(update_fields=["password"])


@action("Set language", by=role(*(r for r in ROLES if r != "visitor")), quiet=True)
def set_language(
    act: Act, language: Annotated[str, Ask(_("Language"), choices=[("en", "English"), ("es", "Español")], radio=True)]
) -> None:
    """Remember the language somebody reads in."""
    User.objects.filter(pk=act.user_id).update(language=language)


@action("Close a day", by=role("administrator", "program-director"), purpose="operations")
def close_day(
    act: Act,
    on: Annotated[date, Ask("Day")],
    why: Annotated[str, Ask("Why", most=120)],
    site: Annotated[Site | None, Ask("Site", help="Leave empty for every site")] = None,
) -> Closure:
    """No sessions on this day."""
    act.says(f"Closed {site.name if site else 'every site'} on {on}: {why}")
    return Closure.objects.create(on=on, why=why, site=site)


@action("Record a staff absence", by=role("administrator", "program-director"), purpose="operations")
def record_staff_absence(
    act: Act, user: User, first: Annotated[date, Ask("First day")], last: Annotated[date, Ask("Last day")]
) -> StaffAbsence:
    """Somebody is away, both days included."""
    if last < first:
        raise Refused("The last day is before the first day.", "last")
    act.says(f"{user.name} is away from {first} to {last}")
    return StaffAbsence.objects.create(user=user, first=first, last=last)


def code_hash(code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").upper()
    return hmac.new(settings.SECRET_KEY.encode(), plain.encode(), hashlib.sha256).hexdigest()


def give_code(act: Act, user: User) -> str:
    """A fresh one-time sign-in code for a user, inside a running action; earlier ones stop working."""
    alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
    code = "".join(secrets.choice(alphabet) for _ in range(8))
    SignInCode.objects.filter(user=user, used_at=None).update(used_at=act.now)
    SignInCode.objects.create(user=user, hash=code_hash(code), made_at=act.now, expires_at=act.now + CODE_LIFE)
    return f"{code[:4]}-{code[4:]}"


@action("Sign in with a code", by=anyone(), purpose="own-request", remembered=False)
def use_code(
    act: Act,
    username: Annotated[str, Ask(_("Sign-in name"))],
    code: Annotated[str, Ask(_("Code"), most=20)],
    place: Annotated[str, Ask(hidden=True)] = "",
) -> User | None:
    """The user whose unused, unexpired code this is, or None. `place`: where the try comes from, as a keyed hash.

    After five wrong tries a place gets no further with this code, so that a stranger who knows the sign-in name shuts
    out only themselves. Guessing stays bounded: after five hundred wrong tries from all places together the code is dead,
    which a stranger reaches only with a hundred networks; so many guesses hit one of 31^8 codes with a chance below one
    in a thousand million.
    """
    found = (
        SignInCode.objects.select_for_update()
        .filter(user__username=username.strip().lower(), user__is_active=True, used_at=None, expires_at__gt=act.now)
        .first()
    )
    act.says("Tried a sign-in code")
    if found is None or found.tries >= CODE_TRIES_IN_ALL or found.tries_from.get(place, 0) >= CODE_TRIES:
        return None
    if not hmac.compare_digest(found.hash, code_hash(code)):
        counted = {**found.tries_from, place: found.tries_from.get(place, 0) + 1}
        SignInCode.objects.filter(pk=found.pk).update(tries=found.tries + 1, tries_from=counted)
        return None
    SignInCode.objects.filter(pk=found.pk).update(used_at=act.now)
    act.says("Signed in with a code")
    return found.user


@action("Add the first administrator", by=system_only(), purpose="operations")
def add_first_user(act: Act, username: str, name: str, password: str, roles: list) -> User:
    """From the command line only: there is nobody yet who could."""
    return add_user.within(act, username=username, name=name, password=password, roles=roles)
