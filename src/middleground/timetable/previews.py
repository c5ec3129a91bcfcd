"""Weeks that would suit somebody, told so that nothing shows of who is in a group: kinds and times, nothing else.

For visitors before they ask for anything, and for clients about groups they are not in. A group's title, leader, track and
number of members never come in here; a full one is simply not among the weeks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.cache import cache

from middleground.clinic import queries as clinic
from middleground.engines import knowing
from middleground.engines.timetabling import interval
from middleground.kernel import clock
from middleground.kernel.context import everything

from . import offering, queries, words
from .offering import Need, Offer
from .queries import Seen
from .running import Running

STALE = 4  # times the moment groups are remembered: how long old ones may stand in while they are read anew


@dataclass(frozen=True)
class Meeting:
    """One group of a week as a stranger may know it. `day` 0 is Monday, `begins` minutes since midnight."""

    day: int
    begins: int
    minutes: int
    sort: str
    site_id: int
    site: str
    telehealth: bool

    @property
    def ends(self) -> int:
        return self.begins + self.minutes


@dataclass(frozen=True)
class Preview:
    """One week that would suit. `unliked`: minutes in times that are only "if need be"; `waiting`: between groups of a day.

    `groups` are ids, for booking by someone who may; no page shows them."""

    meetings: tuple[Meeting, ...]
    minutes: int
    days: int
    reaches: bool
    unliked: int
    waiting: int
    groups: tuple[int, ...] = ()
    booked: bool = False


ENGLISH = "en"


@dataclass(frozen=True)
class Previews:
    """`other_language`: the weeks are of groups in English, as there are none in the language that was asked for."""

    weeks: tuple[Preview, ...]
    prescribed: int
    other_language: bool = False


def rules() -> dict[str, int]:
    return knowing.load("timetabling")["pages"]["preview"]


def for_visitor(times: Sequence[Mapping[str, Any]], travel: Mapping[str, int], language: str) -> Previews:
    """The best weeks of the clinic as it runs for somebody it knows nothing else about. Keeps nothing, names nobody.

    `travel`: minutes to each site by its id; one that is left out is too far, unless all are. Who reads another language than
    English is shown the groups in English when there is no week in theirs.
    """
    need = queries.need(None)
    groups = running_now()
    ways = travel or {str(each.site_id): 0 for each in groups}

    def in_language(spoken: str) -> Previews:
        found = offering.rank(offering.asked(times, ways, spoken, need, ()), groups, need, rules()["weeks"])
        return _told(found.weeks, times, need)

    found = in_language(language)
    if found.weeks or language == ENGLISH:
        return found
    return replace(in_language(ENGLISH), other_language=True)


def running_now() -> list[Running]:
    """The groups that run and go on, remembered for a moment: the same for every visitor. When the moment is over one reads
    them anew and the others still get the last ones, so that a crowd never waits for the same answer."""
    key, lasts = f"groups-that-run:{clock.today()}", rules()["remembered"]
    kept: tuple[float, list[Running]] | None = cache.get(key)
    now = clock.now().timestamp()
    if kept and (now - kept[0] < lasts or not cache.add(f"{key}:reading", True, lasts)):
        return kept[1]
    with everything("weeks that would fit a visitor"):
        found = [each for each in queries.running() if each.is_offered(clock.today())]
    cache.set(key, (now, found), lasts * STALE)
    cache.delete_many([f"{key}:reading"])
    return found


def for_client(seen: Seen) -> Previews:
    """The best weeks for a client, as they may see them themselves."""
    with everything("weeks that would fit this client"):
        found = queries.offers(seen.client, rules()["weeks"], seen=seen)
        times = queries.free_times(seen.client, seen.known)
        own = {each.id for each in seen.own}
    return _told(found.weeks, times, found.need, own)


def _told(
    weeks: Sequence[Offer], times: Sequence[Mapping[str, Any]], need: Need, own: set[int] | None = None
) -> Previews:
    unliked = [interval(each["at"]) for each in times if each.get("cost")]
    return Previews(tuple(_preview(week, unliked, need, own) for week in weeks), need.prescribed)


def _preview(week: Offer, unliked: Sequence[tuple[int, int]], need: Need, own: set[int] | None) -> Preview:
    meetings = tuple(
        Meeting(g.day, g.begins, g.minutes, g.sort, g.site_id, g.site, g.telehealth)
        for g in sorted(week.groups, key=lambda each: (each.day, each.begins))
    )
    spans = [(m.day * words.DAY + m.begins, m.day * words.DAY + m.ends) for m in meetings]
    overlap = sum(max(0, min(end, to) - max(start, at)) for start, end in spans for at, to in unliked)
    return Preview(
        meetings=meetings,
        minutes=week.minutes,
        days=week.days,
        reaches=week.minutes >= need.prescribed,
        unliked=overlap,
        waiting=offering.waiting(week.groups),
        groups=tuple(each.id for each in week.groups),
        booked=bool(own) and {each.id for each in week.groups} == own,
    )


def sites() -> dict[int, str]:
    """The sites travel is asked for."""
    return {site.pk: site.name for site in clinic.sites()}
