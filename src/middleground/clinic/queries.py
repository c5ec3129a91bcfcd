"""Reading the clinic: sites, rooms, people who work here."""

from datetime import date

from django.db.models import Q, QuerySet

from .models import Closure, Organization, Room, Site, User


def organization() -> Organization:
    """The organization; an unnamed one before set-up."""
    return Organization.objects.first() or Organization(name="Middleground")


def sites() -> QuerySet[Site]:
    return Site.objects.filter(is_open=True).order_by("name")


def site(site_id: int) -> Site | None:
    return sites().filter(pk=site_id).first()


def rooms(site: Site | None = None) -> QuerySet[Room]:
    found = Room.objects.select_related("site")
    return found.filter(site=site) if site else found


def staff_with(*roles: str) -> QuerySet[User]:
    """Active staff who have at least one of the roles, by name."""
    wanted = [
        user.pk for user in User.objects.filter(is_active=True).only("pk", "roles") if set(roles) & set(user.roles)
    ]
    return User.objects.filter(pk__in=wanted).order_by("name")


def everyone() -> QuerySet[User]:
    """Everybody who can sign in, staff first."""
    return User.objects.filter(client_id=None).order_by("-is_active", "name")


def closures(first: date, last: date, site: Site | None = None) -> QuerySet[Closure]:
    found = Closure.objects.filter(on__range=(first, last))
    return found.filter(Q(site=None) | Q(site=site)) if site else found
