"""Opening tracks and groups, and laying out their sessions week by week."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from middleground.clinic.models import Room, Site, User
from middleground.clinic.queries import closures
from middleground.engines.knowing import load
from middleground.kernel import ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import NotBookable, Refused
from middleground.kernel.who import CLINICAL

from .asking import PLANNERS, names_of
from .keeping import check_hours
from .models import Group, Modality, Session, Track
from .rules import rule, size, topics, vocabulary

LEADING = {*CLINICAL, "program-director"}
WEEK = timedelta(days=7)
A_MONDAY = date(2024, 1, 1)  # any one: opening hours are the same every week


@action("Open a track", by=PLANNERS, purpose="operations")
def open_track(
    act: Act,
    site: Annotated[Site, Ask("Site")],
    name: Annotated[str, Ask("Name", help="For example: Evening", most=80)],
    series: Annotated[str, Ask("Short name", help="Letters, digits and dashes", most=40)],
    minimum_minutes: Annotated[int, Ask("Minutes of program a week", low=0, high=3000)] = 540,
    description: Annotated[str, Ask("For whom, in a sentence", most=300)] = "",
) -> Track:
    """Begin a set of groups that make up a program week. 540 minutes are 9 hours (adult level 2.1, ASAM)."""
    if Track.objects.filter(site=site, name=name).exists():
        raise Refused("This site already has a track with this name.", "name")
    act.says(f"Opened the track {name} at {site.name}")
    return Track.objects.create(
        site=site, name=name, series=series, minimum_minutes=minimum_minutes, description=description
    )


def kinds() -> list[tuple[str, str]]:
    """Session kinds held with many people, for a form."""
    return [(i, k["label"]["en"]) for i, k in vocabulary("session-kinds").items() if k["people"].startswith("many")]


def components() -> list[tuple[str, str]]:
    return [(name, data["title"]["en"]) for name, data in sorted(load("curricula").items())]


WEEKDAYS = [
    (0, "Monday"),
    (1, "Tuesday"),
    (2, "Wednesday"),
    (3, "Thursday"),
    (4, "Friday"),
    (5, "Saturday"),
    (6, "Sunday"),
]


@action("Open a group", by=PLANNERS, purpose="operations")
def open_group(
    act: Act,
    track: Annotated[Track, Ask("Track")],
    title: Annotated[str, Ask("Title", most=100)],
    session_kind: Annotated[str, Ask("Kind", choices=kinds)],
    weekday: Annotated[int, Ask("Weekday", choices=WEEKDAYS)],
    start_time: Annotated[time, Ask("Begins at")],
    minutes: Annotated[int, Ask("Minutes", low=15, high=480)],
    leader: Annotated[User, Ask("Leader")],
    room: Annotated[Room | None, Ask("Room", help="Leave empty for telehealth")] = None,
    component: Annotated[str, Ask("Curriculum", choices=components)] = "",
    co_leader: Annotated[User | None, Ask("Co-leader")] = None,
    capacity: Annotated[int | None, Ask("Most members", low=1, high=200)] = None,
    language: Annotated[str, Ask("Language", choices=[("en", "English"), ("es", "Spanish")])] = "en",
    starts_on: Annotated[date | None, Ask("From")] = None,
    ends_on: Annotated[date | None, Ask("Until", help="Leave empty when it goes on")] = None,
    weeks: Annotated[int | None, Ask("Weeks to lay out", low=1, high=200)] = None,
) -> Group:
    """Begin a weekly group and lay out its sessions; books room and leaders. Raises `Taken` naming which is not free.

    Days on which the site is closed are left out; in a room outside its weekly hours nothing is opened (`SiteClosed`).
    Group size: above `block` refused (knowledge/program/sessions: sizes).
    """
    most = capacity or size(session_kind)["usual"]
    if most > size(session_kind)["block"]:
        raise Refused(f"A group of this kind may hold at most {size(session_kind)['block']} people.", "capacity")
    check_place(track.site_id, room, "room")
    check_leader(leader, "leader")
    check_leader(co_leader, "co_leader")
    first = starts_on or timezone.localdate(act.now)
    made = Group(
        track=track,
        site_id=track.site_id,
        title=title,
        session_kind=session_kind,
        component=component,
        weekday=weekday,
        start_time=start_time,
        minutes=minutes,
        room=room,
        leader=leader,
        co_leader=co_leader,
        capacity=most,
        language=language,
        modality=Modality.ON_SITE if room else Modality.TELEHEALTH,
        starts_on=first,
        ends_on=ends_on,
    )
    check_hours_of(made, "start_time")
    made.save()
    held = lay_out(act, made, first, weeks or rule("ahead")["weeks"])
    act.says(f"Opened the group {title} with {len(held)} sessions")
    return made


def check_place(site_id: int, room: Room | None, field: str) -> None:
    if room is not None and room.site_id != site_id:
        raise Refused("This room is at another site.", field)


def check_leader(person: User | None, field: str) -> None:
    if person is not None and (not person.is_active or not LEADING & set(person.roles)):
        raise Refused(f"{person.name} does not lead sessions.", field)


def check_hours_of(group: Group, field: str) -> None:
    """The site's weekly hours hold every session of a group in a room. Raises `SiteClosed`."""
    if group.room is not None:
        start = begins(A_MONDAY + timedelta(days=group.weekday), group.start_time)
        check_hours(group.site, start, start + timedelta(minutes=group.minutes), field)


@action("Lay out more weeks of a group", by=PLANNERS, purpose="operations")
def extend_group(act: Act, group: Group, weeks: Annotated[int, Ask("Weeks", low=1, high=200)] = 8) -> Group:
    """Add the next weeks' sessions after the last one laid out; members keep their seats in them.

    Raises `SiteClosed` for a group in a room outside the site's weekly hours: they were changed since it was opened.
    """
    from .joining import seat_members

    check_hours_of(group, "weeks")
    with everything("the last session laid out"):
        last = Session.objects.filter(group=group).order_by("-start").values_list("start", flat=True).first()
    first = timezone.localdate(last) + timedelta(days=1) if last else group.starts_on
    with act.going_on():
        made = lay_out(act, group, first, weeks)
        seat_members(act, group, made)
    act.says(f"Laid out {len(made)} more sessions of {group.title}")
    return group


def days(group: Group, first: date, weeks: int) -> list[date]:
    """The group's days from `first` for so many weeks, without closures, not after it ends."""
    start = first + timedelta(days=(group.weekday - first.weekday()) % 7)
    every = [start + WEEK * n for n in range(weeks)]
    closed = {c.on for c in closures(every[0], every[-1]) if c.site_id in (None, group.site_id)}
    return [day for day in every if day not in closed and (group.ends_on is None or day <= group.ends_on)]


def first_held(weekday: int, starts_on: date, ends_on: date | None, since: date) -> date | None:
    """The first day from `since` on on which a weekly group is held, closed days aside; None when it is over by then."""
    first = max(since, starts_on)
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    return day if ends_on is None or day <= ends_on else None


def begins(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def lay_out(act: Act, group: Group, first: date, weeks: int) -> list[Session]:
    """Create the sessions in one statement and book those still to come."""
    given, titles = laid_out(group), topics(group.component)
    made = [session_on(group, day, titles, given + n) for n, day in enumerate(days(group, first, weeks))]
    Session.objects.bulk_create(made)
    people = named(group.room, group.leader, group.co_leader)
    for session in made:
        book(act, session, people)
    return made


def laid_out(group: Group) -> int:
    """How many sessions the group has so far."""
    with everything("sessions laid out so far"):
        return Session.objects.filter(group=group).count()


def session_on(group: Group, day: date, titles: Sequence[dict], number: int) -> Session:
    """One occurrence. Topics follow the curriculum in turn and begin again after the last (open enrolment)."""
    start = begins(day, group.start_time)
    topic = titles[number % len(titles)] if titles else None
    return Session(
        sort=Session.Sort.GROUP,
        session_kind=group.session_kind,
        group=group,
        site_id=group.site_id,
        room=group.room,
        leader_id=group.leader_id,
        co_leader_id=group.co_leader_id,
        start=start,
        end=start + timedelta(minutes=group.minutes),
        title=group.title,
        topic_number=topic["number"] if topic else None,
        topic_kind=topic["kind"] if topic else "",
        topic_title=topic["title"]["en"] if topic else "",
        modality=group.modality,
    )


def named(*things: Room | User | None) -> dict[str, str]:
    """Ledger key -> name, of rooms and people."""
    return {ledger.key(thing): thing.name for thing in things if thing is not None}


def book(act: Act, session: Session, people: dict[str, str], label: str = "group") -> None:
    """Reserve a session's room and staff. Raises `Taken` naming what is not free."""
    try:
        ledger.reserve(act, session.subject, label, session.start, session.end, people)
    except NotBookable as no:
        raise names_of(no, people, when(session.start)) from None


def when(at: datetime) -> str:
    """Thursday, November 26 at 6:00 pm, in the reader's language."""
    local = timezone.localtime(at)
    told = {"day": date_format(local, gettext("l, F j")), "time": f"{local:%I:%M} {'pm' if local.hour >= 12 else 'am'}"}
    return gettext("%(day)s at %(time)s") % {**told, "time": told["time"].lstrip("0")}
