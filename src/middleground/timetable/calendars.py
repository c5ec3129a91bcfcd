"""Calendar links: given out, taken back, and what stands in the calendar behind one. Neutral words only."""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from middleground.admissions import queries as admissions
from middleground.clinic.models import User
from middleground.engines import knowing
from middleground.kernel import clock, gate
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import system
from middleground.kernel.errors import NotAllowed
from middleground.kernel.who import STAFF, role, system_only
from middleground.program import queries as program
from middleground.program.models import Modality, Session
from middleground.records import queries as records

from .ical import Event, calendar
from .links import CalendarLink

OWNERS = role("client", *STAFF)


def rules() -> dict[str, int]:
    return knowing.load("timetabling")["pages"]["calendar"]


@action("Make a calendar link", by=OWNERS, purpose="operations", remembered=False)
def make_calendar_link(
    act: Act, says_where: Annotated[bool, Ask(_("Show the street address of each appointment"))] = False
) -> CalendarLink:
    """A new secret address for the actor's own calendar; an older one stops working. The result carries `token`, which is
    nowhere kept and can't be shown again."""
    _take_back(act)
    token = secrets.token_urlsafe(32)
    made = CalendarLink.objects.create(
        user_id=_who(act), token_hash=hashed(token), says_where=says_where, made_at=act.now
    )
    made.token = token
    _own(act, "Made a calendar link")
    return made


@action("Take back a calendar link", by=OWNERS, purpose="operations")
def revoke_calendar_link(act: Act) -> None:
    """From now on the actor's address leads nowhere."""
    _take_back(act)
    _own(act, "Took back the calendar link")


def _take_back(act: Act) -> None:
    CalendarLink.objects.filter(user_id=_who(act), revoked_at=None).update(revoked_at=act.now)


def _who(act: Act) -> int:
    """Whose calendar it is: the actor's own, who has signed in."""
    if act.user_id is None:
        raise NotAllowed()
    return act.user_id


def _own(act: Act, words: str) -> None:
    if act.actor.client_id is not None:
        act.clients[act.actor.client_id] = None
    act.says(words)


@action("Note that a calendar holds something else", by=system_only(), quiet=True, purpose="system")
def note_change(act: Act, link_id: int, holds: str) -> datetime:
    """What stands in it now does so since now. Returns when that is."""
    CalendarLink.objects.filter(pk=link_id).update(holds=holds, holds_since=act.now)
    return act.now


@action("Note that a calendar was fetched", by=system_only(), quiet=True, purpose="system")
def note_fetch(act: Act, link_id: int) -> None:
    """The link was used now: its owner sees when it was last."""
    CalendarLink.objects.filter(pk=link_id).update(used_at=act.now)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_of(user_id: int | None) -> CalendarLink | None:
    """The link in force of this person."""
    return CalendarLink.objects.filter(user_id=user_id, revoked_at=None).first() if user_id else None


def opened(token: str) -> CalendarLink | None:
    """The link in force behind a secret, its owner still active; None for any other. Noted as used, now and then."""
    found = CalendarLink.objects.filter(token_hash=hashed(token), revoked_at=None, user__is_active=True)
    link = found.select_related("user").first()
    now, every = clock.now(), timedelta(minutes=rules()["noted_every"])
    if link and (link.used_at is None or now - link.used_at >= every):
        note_fetch.run(system("calendar link"), link_id=link.pk)
    return link


def written(link: CalendarLink) -> str:
    """The calendar behind a link, in its owner's language, read as its owner."""
    owner: User = link.user
    client = owner.client_id is not None and "client" in owner.roles
    with override(owner.language):
        summary = gettext("Appointment") if client else gettext("Busy at work")
        name = gettext("My appointments") if client else gettext("Work")
    with gate.access(owner.actor(), "own-request" if client else "operations", "calendar link"):
        events = _clients(link, summary) if client else _staffs(link, summary)
    zone = ZoneInfo(timezone.get_default_timezone_name())
    text = partial(calendar, name, events, refresh=rules()["refresh"], zone=zone)
    return text(stamped=_since(link, text(stamped=link.made_at)))


def _since(link: CalendarLink, text: str) -> datetime:
    """When what stands in it was first so: the time of this publication (RFC 5545, 3.8.7.2), however often it is fetched."""
    holds = hashed(text)
    if link.holds_since is None or link.holds != holds:
        link.holds, link.holds_since = holds, note_change.run(system("calendar link"), link_id=link.pk, holds=holds)
    return link.holds_since


def _clients(link: CalendarLink, summary: str) -> list[Event]:
    client = records.client(link.user.client_id) if link.user.client_id else None
    coming = program.upcoming(client, days=rules()["ahead"]) if client else []
    return [_session(link, each, summary) for each in coming]


def _staffs(link: CalendarLink, summary: str) -> list[Event]:
    """Sessions and assessments, by time."""
    first, last = (clock.now() + timedelta(days=n) for n in (-rules()["back"], rules()["ahead"]))
    theirs = Session.objects.filter(Q(leader=link.user) | Q(co_leader=link.user), end__gt=first, start__lt=last)
    theirs = theirs.exclude(status=Session.Status.NOT_HELD).select_related("site")
    visits = admissions.visits_of(link.user_id, first, last)
    found = [*(_session(link, s, summary) for s in theirs), *(_visit(link, v, summary) for v in visits)]
    return sorted(found, key=lambda each: (each.start, each.uid))


def _session(link: CalendarLink, session: Session, summary: str) -> Event:
    where = session.site.address if session.modality == Modality.ON_SITE else ""
    return _event(link, str(session.pk), session, summary, where)


def _visit(link: CalendarLink, visit: admissions.Visit, summary: str) -> Event:
    return _event(link, f"inquiry:{visit.inquiry_id}", visit, summary, visit.address)


def _event(link: CalendarLink, about: str, held: Session | admissions.Visit, summary: str, where: str) -> Event:
    uid = salted_hmac("calendar", f"{link.user_id}:{about}", algorithm="sha256").hexdigest()[:32]
    return Event(uid, held.start, held.end, summary, where if link.says_where else "", held.version)
