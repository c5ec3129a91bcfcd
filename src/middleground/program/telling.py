"""Telling people that their calendar changed: in their own language, in words fit for a lock screen."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils.translation import gettext, override

from middleground.clinic.models import User
from middleground.kernel.actions import Act
from middleground.kernel.desk import notify
from middleground.kernel.models import Notice
from middleground.records.models import Client

from .opening import when

Words = Callable[[], str]


def tell(act: Act, clients: Iterable[Client], staff: Iterable[int | None], words: Words) -> None:
    """A notice to the clients who have a sign-in, and to staff: what `words` says in each reader's language. Whoever was told
    the same in this action already is not told again."""
    people, workers = {c.pk for c in clients}, {s for s in staff if s}
    users = [
        *User.objects.filter(client_id__in=people, is_active=True).order_by("pk"),
        *User.objects.filter(pk__in=workers, is_active=True).order_by("pk"),
    ]
    told = set(Notice.objects.filter(to__in=users, at=act.now).values_list("to_id", "words")) if users else set()
    for user in users:
        with override(user.language):
            said = words()
        if (user.pk, said) not in told:
            notify(act, user.pk, said, "/home/" if user.client_id else "/day/")


def tell_week(act: Act, clients: Iterable[Client], staff: Iterable[int | None] = ()) -> None:
    """The groups somebody goes to are others now; leaders hear that a list changed."""
    tell(act, clients, [], lambda: gettext("Your week changed. Please look at it."))
    tell(act, [], staff, lambda: gettext("Who comes to your sessions changed. Please look at your day."))


def tell_new(act: Act, clients: Iterable[Client], staff: Iterable[int | None], start: datetime) -> None:
    """One session is new in their calendars."""
    tell(act, clients, staff, lambda: gettext("You have an appointment on %(when)s.") % {"when": when(start)})


def led_by_another(start: datetime, weekly: bool = False) -> Words:
    """`weekly`: this one and those of the weeks after it."""
    if weekly:
        return lambda: gettext("Someone else leads your weekly session from %(when)s on.") % {"when": when(start)}
    return lambda: gettext("Someone else leads your session on %(when)s.") % {"when": when(start)}


def in_another_room(start: datetime) -> Words:
    return lambda: gettext("Your session on %(when)s is in another room.") % {"when": when(start)}


def by_video_or_not(start: datetime, on_site: bool) -> Words:
    """It went to video, or comes back from it."""
    if on_site:
        return lambda: gettext("Your session on %(when)s is on site, no longer by video.") % {"when": when(start)}
    return lambda: gettext("Your session on %(when)s is by video.") % {"when": when(start)}


def not_expected(start: datetime) -> Words:
    return lambda: gettext("You are not expected on %(when)s.") % {"when": when(start)}


def other_people(start: datetime) -> Words:
    """For the staff of a session."""
    return lambda: gettext("Who comes to a session on %(when)s has changed.") % {"when": when(start)}


def new_leader_or_room() -> str:
    """For the staff of a session."""
    return gettext("A session has a new leader or room. Please look at your day.")
