"""The room-day board: a day's rooms beside each other, hour by hour, and the repairs that wait for somebody to choose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from middleground.clinic import queries as clinic
from middleground.clinic.models import Site
from middleground.faces.doors import found, may_open, page
from middleground.faces.web.day import READERS, chosen_day, link, sides
from middleground.faces.web.planner_proposal import what_happened, work_out_again
from middleground.kernel import clock
from middleground.kernel.errors import NotAllowed, Refused
from middleground.timetable import plan_words, room_day, solves, words
from middleground.timetable.actions import WeekMoved, apply_repair, drop_proposal
from middleground.timetable.plan_words import Told, Way
from middleground.timetable.proposed import Proposal
from middleground.timetable.room_day import Held, Place, RoomDay, Said

HOUR = 60
QUARTER = 15
LANES = 6  # beside each other in one room
VIDEO_LANES = 3  # of what is held by video, in one column
MOST_ROWS = 48  # quarter hours a block may be long
WEEK = timedelta(days=7)
OPEN_SHOWN = 4  # repairs to choose from; all are on the planner's page


@dataclass(frozen=True)
class Block:
    """What stands on the board: rows are quarter hours from the first hour shown. `asked`: the repair that would change it."""

    held: Held
    row: int
    rows: int
    lane: int
    asked: int | None = None


@dataclass
class Column:
    """A room, or what is held by video."""

    place: Place
    name: str
    blocks: list[Block]
    closed: list[tuple[Said, int, int]] = field(default_factory=list)

    @property
    def lanes(self) -> int:
        """How wide it is; a room with nothing in it needs the least."""
        return min(LANES, max([block.lane for block in self.blocks], default=int(bool(self.closed))))


@dataclass
class Offered:
    """A repair to choose from: each way with what it changes on this day, and how many sessions of other days."""

    proposal: Proposal
    what: str
    ways: list[tuple[Way, list[Told], int]]


@page("day/rooms/", name="day-rooms", by=READERS, title="Rooms of the day")
def day_rooms(request: HttpRequest) -> HttpResponse:
    """One site's rooms on one day. Who plans applies a repair here; a refusal is shown in its place."""
    actor, on = request.actor, chosen_day(request.GET.get("on", ""))  # type: ignore[attr-defined]
    sites = [s for s in clinic.sites() if actor.site_ids is None or s.pk in actor.site_ids]
    site = next((s for s in sites if str(s.pk) == request.GET.get("site")), sites[0] if sites else None)
    if request.method != "POST":
        return board(request, on, sites, site)
    proposal = found(asked_for(request.POST.get("proposal", "")))
    try:
        decide(request, proposal)
    except NotAllowed:
        raise
    except Refused as no:
        return board(request, on, sites, site, (found(solves.proposal(proposal.pk)), no))
    return redirect(request.get_full_path())


def asked_for(number: str) -> Proposal | None:
    """The repair of this number."""
    proposal = solves.proposal(int(number)) if number.isdecimal() else None
    return proposal if proposal and proposal.question == "repair" else None


def decide(request: HttpRequest, proposal: Proposal) -> None:
    """Apply one end of it, or put it aside."""
    actor, key = request.actor, request.POST.get("request_key") or None  # type: ignore[attr-defined]
    if request.POST.get("do") == "drop":
        drop_proposal.run(actor, key=key, proposal=proposal)
    else:
        apply_repair.run(actor, key=key, proposal=proposal, end=request.POST.get("end", ""))
        messages.success(request, "Done. Everybody it touches has been told.")


def board(
    request: HttpRequest,
    on: date,
    sites: Sequence[Site],
    site: Site | None,
    refused: tuple[Proposal, Refused] | None = None,
) -> HttpResponse:
    chosen = str(site.pk) if site else ""
    planning = may_open(request, "planner-proposal")
    context: dict[str, Any] = {
        "on": on,
        "is_today": on == clock.today(),
        "sites": sites if len(sites) > 1 else [],
        "site": site,
        "sides": sides(on, "rooms", chosen),
        "before": link(on - timedelta(days=1), "rooms", chosen),
        "today": link(clock.today(), "rooms", chosen),
        "after": link(on + timedelta(days=1), "rooms", chosen),
        "may_repair": planning and on >= clock.today(),
        "repair": urlencode({"on": on.isoformat(), "site": chosen}),
    }
    if site:
        context |= of_site(site, on, planning)
    if refused:
        proposal, no = refused
        context |= {"refused": no, "proposal": proposal, "moved": isinstance(no, WeekMoved)}
        context |= work_out_again(proposal)
    return render(request, "web/day_rooms.html", context, status=422 if refused else 200)


def of_site(site: Site, on: date, planning: bool) -> dict[str, Any]:
    proposals = room_day.proposals_of(site, on, planning=planning)
    day = room_day.room_day(site, on, proposals)
    repairs = [each for each in proposals if each.question == "repair"]
    still = [each for each in repairs if each.is_open and each.monday + WEEK > clock.today()]
    named = names(on, day, repairs, still[:OPEN_SHOWN])
    offered = [offer(each, on, named) for each in still[:OPEN_SHOWN]]
    asked = {
        told.session: each.proposal.pk for each in reversed(offered) for _, today, _ in each.ways for told in today
    }
    first, last = hours(each for place in day.places for each in place.held)
    return {
        "day": day,
        "columns": columns(day.places, first, last, asked),
        "hours_shown": [words.clock(n * HOUR) for n in range(first, last)],
        "leaders": room_day.leaders(day, named.staff),
        "offered": offered,
        "more": len(still) - len(offered),
        "applied": [
            (each, heading(each, named)) for each in repairs if planning and not each.is_open and day_asked(each) == on
        ],
        "expected": sum(each.expected for each in day.held if not each.off),
        "sessions": sum(not each.off for each in day.held),
        "free_rooms": sum(bool(place.room and place.free and not has_sessions(place)) for place in day.places),
    }


def day_asked(repair: Proposal) -> date:
    return timezone.localdate(datetime.fromisoformat(repair.asked["start"]))


def has_sessions(place: Place) -> bool:
    return any(not each.off for each in place.held)


# ---- the board -----------------------------------------------------------------------------------------------------


def hours(held: Iterable[Held]) -> tuple[int, int]:
    """The first and last hour shown: all that is held."""
    spans = [each.span for each in held] or [(9 * HOUR, 17 * HOUR)]
    return min(a for a, _ in spans) // HOUR, -(-max(z for _, z in spans) // HOUR)


def columns(places: Iterable[Place], first: int, last: int, asked: dict[int | None, int]) -> list[Column]:
    made: list[Column] = []
    for place in places:
        shown = [each for each in place.held if rows(each.span, first, last)]
        laid = in_lanes(shown)
        blocks = [
            Block(
                each,
                *(rows(each.span, first, last) or (0, 1)),
                min(lane, LANES) if place.room else lane,
                asked.get(each.session and each.session.pk),
            )
            for each, lane in laid
        ]
        if place.room:
            closed = [(said, *at) for said in place.shut if (at := rows(said.span, first, last))]
            made.append(Column(place, place.room.name, blocks, closed))
        elif blocks:
            made += by_video(place, blocks)
    return made


def by_video(place: Place, blocks: Sequence[Block]) -> list[Column]:
    """So many beside each other as can be read; the rest in a column more."""
    count = -(-max(block.lane for block in blocks) // VIDEO_LANES)
    parts = [[b for b in blocks if (b.lane - 1) // VIDEO_LANES == n] for n in range(count)]
    return [
        Column(
            place,
            "By video" if count == 1 else f"By video, {n}",
            [Block(b.held, b.row, b.rows, (b.lane - 1) % VIDEO_LANES + 1, b.asked) for b in part],
        )
        for n, part in enumerate(parts, 1)
    ]


def rows(span: tuple[int, int], first: int, last: int) -> tuple[int, int] | None:
    """From which quarter hour shown and over how many; None outside the hours shown."""
    start, end = max(span[0], first * HOUR), min(span[1], last * HOUR)
    if start >= end:
        return None
    at = (start - first * HOUR) // QUARTER
    return at, min(MOST_ROWS, -(-(end - first * HOUR) // QUARTER) - at)


def in_lanes(held: Iterable[Held]) -> list[tuple[Held, int]]:
    """Each with the first column in which it meets nothing; what was called off gives way."""
    placed: list[tuple[Held, int, tuple[int, int]]] = []
    for each in sorted(held, key=lambda each: (each.off, each.span)):
        (span,) = room_day.whole_quarters([each.span])
        used = {lane for _, lane, other in placed if room_day.meets(span, other)}
        placed.append((each, next(n for n in range(1, len(placed) + 2) if n not in used), span))
    return [(each, lane) for each, lane, _ in sorted(placed, key=lambda row: (row[2], row[1]))]


# ---- repairs -------------------------------------------------------------------------------------------------------


def names(on: date, day: RoomDay, repairs: Iterable[Proposal], shown: Iterable[Proposal]) -> plan_words.Counted:
    """Names for the headings of all repairs, and for what those shown change on this day."""
    found = [each for proposal in shown for ways in plan_words.changes_of(proposal).values() for each in ways]
    groups = [each.session.group for each in day.held if each.session and each.session.group]
    return plan_words.Counted(
        [each for each in found if on.weekday() in each.days],
        people={each.asked["who"] for each in repairs if each.asked["sort"] == "staff"},
        rooms={place.room.pk: place.room.name for place in day.places if place.room},
        known={group.pk: (group.title, group.minutes) for group in groups},
    )


def heading(repair: Proposal, named: plan_words.Counted) -> str:
    """What happened; clients are not named here."""
    names = {"staff": named.staff, "room": named.rooms}.get(repair.asked["sort"], {})
    return what_happened(repair.asked, names.get(repair.asked["who"], "A client"))


def offer(proposal: Proposal, on: date, named: plan_words.Counted) -> Offered:
    ways = []
    for way in plan_words.ways(proposal, named):
        today = [told for told in way.told if on.weekday() in told.days]
        ways.append((way, today, len(way.told) - len(today)))
    return Offered(proposal, heading(proposal, named), ways)
