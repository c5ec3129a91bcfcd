"""The board of the clinic's week: every group at its place, by day and time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from middleground.clinic import queries as clinic
from middleground.clinic.models import Site
from middleground.faces.doors import Nav, page
from middleground.kernel import clock
from middleground.kernel.who import STAFF
from middleground.timetable import moving, queries, words
from middleground.timetable.running import Running, overlaps

MOVERS = ("program-director", "intake-coordinator")
QUARTER = 15
LOOKS = 6  # colours and patterns for tracks
LANES = 6


@dataclass(frozen=True)
class Block:
    """A group on the board: rows are quarter hours from the first hour shown, `lane` is its column within the day."""

    group: Running
    row: int
    rows: int
    lane: int
    look: int
    letter: str
    since: date | None


@page("week/", name="week-board", by=STAFF, title="Week", nav=Nav("staff", "Week", "calendar", 12))
def week_board(request: HttpRequest) -> HttpResponse:
    """The groups of the week, with the seats taken in each; who plans the week may move them."""
    sites = list(clinic.sites())
    site, actor = chosen(request, sites), request.actor  # type: ignore[attr-defined]
    groups = queries.running(site_id=site.pk if site else None)
    may = bool(set(MOVERS) & actor.roles)
    moves = list(recent(site)[:20]) if may else []
    first, last = hours(groups)
    context = {
        "days": days_of(groups, first, {m.asked["group"]: m.monday for m in moves if m.monday > clock.today()}),
        "hours_shown": [(n, words.clock(n * 60)) for n in range(first, last)],
        "first": first * 60,
        "last": last * 60,
        "groups": groups,
        "tracks": tracks(groups),
        "sites": sites,
        "site": site,
        "today": shown_day(request),
        "may_move": may,
        "movable": actor.site_ids,
        "last_move": next(iter(moves), None),
        "seats": sum(each.capacity for each in groups),
        "taken": sum(each.taken for each in groups),
        "hours": words.length(sum(each.minutes for each in groups)),
    }
    return render(request, "web/week_board.html", context)


def chosen(request: HttpRequest, sites: Sequence[Site]) -> Site | None:
    """The site asked for; without asking one's own, when it is only one."""
    wanted, own = request.GET.get("site"), request.actor.site_ids  # type: ignore[attr-defined]
    if wanted is None and own is not None and len(own) == 1:
        wanted = str(next(iter(own)))
    return next((each for each in sites if str(each.pk) == wanted), None)


def shown_day(request: HttpRequest) -> int:
    """The day a phone shows."""
    wanted = request.GET.get("day", "")
    return int(wanted) if wanted in set("0123456") else clock.today().weekday()


def recent(site: Site | None) -> Any:
    made = moving.last_moves().filter(made_at__gte=clock.now() - timedelta(days=14))
    return made.filter(site=site) if site else made


def hours(groups: Iterable[Running]) -> tuple[int, int]:
    """The first and last hour shown: one more on each side than is held, so that there is room to move to."""
    starts = [each.begins // 60 for each in groups] or [9]
    ends = [-(-each.ends // 60) for each in groups] or [17]
    return max(0, min(starts) - 1), min(24, max(ends) + 1)


def tracks(groups: Iterable[Running]) -> list[tuple[str, int, str]]:
    """Name, look and letter of each track; two tracks with one first letter get two letters."""
    names = sorted({each.series for each in groups})
    firsts = [name[:1].upper() for name in names]
    return [
        (name, n % LOOKS, first if firsts.count(first) == 1 else name[:2].capitalize())
        for n, (name, first) in enumerate(zip(names, firsts, strict=True))
    ]


def days_of(groups: Sequence[Running], first: int, since: dict[int, date]) -> list[dict[str, Any]]:
    looks = {name: (look, letter) for name, look, letter in tracks(groups)}
    found = []
    for n, name in enumerate(words.DAYS):
        held = sorted(
            (each for each in groups if each.day == n), key=lambda each: (each.begins, each.series, each.name)
        )
        lanes = in_lanes(held)
        blocks = [
            Block(
                group,
                (group.begins - first * 60) // QUARTER,
                -(-group.minutes // QUARTER),
                lane,
                *looks[group.series],
                since.get(group.id),
            )
            for group, lane in lanes
        ]
        found.append({"n": n, "name": name, "blocks": blocks, "lanes": max([lane for _, lane in lanes], default=0)})
    return found


def in_lanes(groups: Iterable[Running]) -> list[tuple[Running, int]]:
    """Each group with the first column in which it overlaps nothing."""
    placed: list[tuple[Running, int]] = []
    for group in groups:
        used = {lane for other, lane in placed if overlaps(group, other)}
        placed.append((group, next((n for n in range(1, LANES) if n not in used), LANES)))
    return placed
