"""Why a week falls short, in plain words, and the one change of free time that would help most."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ..knowing import load
from .asked import Because, Change, FitClient, FitGroup, Missing
from .joining import Calendar, Seat, Ways, barred, hindered, kept_out, margin, seats, span_of
from .search import Done, Search, Vector
from .times import CELL, DAY, DAYS, interval, interval_text

Between = Sequence[tuple[str, str, int]]
RELAXED_COST = 1


def missing(
    client: FitClient,
    groups: Sequence[FitGroup],
    chosen: Sequence[str],
    minutes: int,
    change: Change | None,
    ways: Ways,
) -> Missing:
    """What stands in the way of one week: for each group not in it, the first thing that keeps the client out."""
    calendar = Calendar(client)
    taken = [each for each in seats(client, groups, calendar) if each.id in chosen]
    because = tuple(
        Because(group.id, why_not(client, group, calendar, taken, ways))
        for group in sorted(groups, key=lambda each: each.id)
        if group.id not in chosen
    )
    english, spanish = (" ".join(sentences(client, minutes, change, language)) for language in ("en", "es"))
    return Missing(client.prescribed, minutes, because, change, english, spanish)


def why_not(client: FitClient, group: FitGroup, calendar: Calendar, taken: Sequence[Seat], ways: Ways) -> str:
    why = kept_out(client, group, calendar)
    if why is not None:
        return why
    here = seats(client, [group], calendar)[0]
    clash = any(not ways.follow(*sorted((here, other), key=lambda each: each.start)) for other in taken)
    same_topic = any(here.topic is not None and here.topic == other.topic for other in taken)
    return "clash" if clash else "topic" if same_topic else "limit"


def sentences(client: FitClient, minutes: int, change: Change | None, language: str) -> list[str]:
    words: dict[str, Any] = load("timetabling")["week"]["sentences"]
    said = [words["short"][language].format(minutes=minutes, prescribed=client.prescribed)]
    if client.payer.minutes or client.payer.days:
        said.append(words["payer"][language].format(minutes=client.payer.minutes, days=client.payer.days))
    if change is not None:
        said.append(words["change"][language].format(at=change.at, reach=change.reach))
    return said


def helpful_change(
    client: FitClient, groups: Sequence[FitGroup], between: Between, now: Vector | None
) -> Change | None:
    """The day on which more free time brings the most, and the stretch of it that is enough; None if none helps."""
    open_groups = [msgspec.structs.replace(group, series=None) for group in groups if barred(client, group) is None]
    tried = [
        (found, index)
        for index in range(len(DAYS))
        if (found := freed_week(client, open_groups, between, index)) is not None
    ]
    if not tried:
        return None
    (vector, _, chosen, minutes, _), day = min(tried, key=lambda each: (each[0][0][:2], stretch(each, client, groups)))
    if now is not None and vector[:2] >= now[:2]:
        return None
    return Change(interval_text(needed(client, groups, chosen, day)), minutes)


def freed_week(client: FitClient, groups: Sequence[FitGroup], between: Between, day: int) -> Done | None:
    """The best week if all of that day were free; what is free already is preferred to what would be new."""
    if not any(span_of(group)[0] // DAY == day for group in groups):
        return None
    calendar = Calendar(client)
    was = list(calendar.cells)
    calendar.fill((day * DAY, (day + 1) * DAY), RELAXED_COST)
    calendar.cells = [0 if old is not None else new for old, new in zip(was, calendar.cells, strict=True)]
    for each in client.busy:
        calendar.fill(interval(each), None)
    return next(iter(Search(client, seats(client, groups, calendar), Ways(client, between), 1).best()), None)


def stretch(tried: tuple[Done, int], client: FitClient, groups: Sequence[FitGroup]) -> tuple[int, int]:
    """How long one would have to be newly free, then the day."""
    week, day = tried
    start, end = needed(client, groups, week[2], day)
    return end - start, day


def needed(client: FitClient, groups: Sequence[FitGroup], chosen: Sequence[str], day: int) -> tuple[int, int]:
    """From leaving home for the first group that isn't free now to being back from the last, on whole quarter hours."""
    calendar = Calendar(client)
    new = [
        group
        for group in groups
        if group.id in chosen and span_of(group)[0] // DAY == day and hindered(client, group, calendar) is not None
    ]
    spans = [(span_of(group), margin(client, group.place) or 0) for group in new]
    if not spans:
        return day * DAY, day * DAY + CELL
    start = min(begin - way for (begin, _), way in spans)
    end = max(finish + way for (_, finish), way in spans)
    return max(start // CELL * CELL, day * DAY), min(-(-end // CELL) * CELL, (day + 1) * DAY)
