"""What stands in the way of a full week for one client, and the one change that would help most, in a coordinator's words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from middleground.engines.timetabling.clinic import Client, Clinic, joined
from middleground.engines.timetabling.offering import Timetable, Week
from middleground.engines.timetabling.reasons import change_words, family, helps_most, left_out, why_words
from middleground.engines.timetabling.times import CELL, DAY, TELEHEALTH, Span, interval_text
from middleground.engines.timetabling.until import Until

from . import words
from .running import Running
from .spans import outside

PATIENCE = 5.0  # seconds for whoever waits before a page: the best found by then

NEWLY_FREE = 1  # what is free already is preferred to what would be new


@dataclass(frozen=True)
class Freed:
    """The best week if all of one day were free, and the stretch of that day that is enough for it."""

    week: Week
    stretch: Span

    @property
    def worth(self) -> tuple[int, ...]:
        """Below the payer's rule, minutes short."""
        return self.week.vector[:2]


@dataclass(frozen=True)
class Advising:
    """One client before the groups that run. `best` falls short of something; None is no week at all."""

    clinic: Clinic
    client: Client
    best: Week | None
    groups: Mapping[str, Running]

    def obstacles(self) -> tuple[str, ...]:
        """Each group that is not in the best week, and the first thing that keeps the client out of it."""
        out = left_out(self.clinic, self.client, self.best.groups if self.best else ())
        return tuple(f"{self.named(each.group)}: {why_words(each.why)}." for each in out)

    def advice(self) -> str:
        """The one change that would bring most hours; if it is free time, then the least of it that is enough."""
        reach = self.best.minutes if self.best else 0
        until, wanted = Until().within(PATIENCE), self.client.prescribed
        most = helps_most(self.clinic, self.client, wanted, until) if reach < wanted else None
        if most is not None and family(most.change) != "free":
            return _helps(self.change(most.change), most.reach)
        if until.late:
            return "What would help most was not found in time."
        freed = self.freed()
        if freed is not None:
            return _helps(f"being free {words.stretch(interval_text(freed.stretch))}", freed.week.minutes)
        return "No single change would help: more days made free, another group or more seats are needed together."

    def change(self, name: str) -> str:
        """A change other than free time."""
        of, _, rest = name.partition(":")
        if of == "place":
            return f"a place in {self.named(rest)}"
        if of == "travel":
            return f"a quick way to {next(each.site for each in self.groups.values() if each.place == rest)}"
        return change_words(name, self.client.busy, "en")

    def named(self, group: str) -> str:
        return f"{self.groups[group].name}, {self.groups[group].when}"

    # ---- free time -------------------------------------------------------------------------------------------------

    def freed(self) -> Freed | None:
        """The day on which free time brings most, of several the one of which least is needed; None if none helps."""
        days = sorted({each.day for each in self.groups.values()})
        tried = [found for day in days if (found := self.freed_day(day)) is not None]
        if not tried:
            return None
        found = min(tried, key=lambda each: (each.worth, each.stretch[1] - each.stretch[0], each.stretch))
        return found if self.best is None or found.worth < self.best.vector[:2] else None

    def freed_day(self, day: int) -> Freed | None:
        whole = (day * DAY, (day + 1) * DAY)
        free = joined((*self.client.free, whole))
        costs = tuple((start, end, NEWLY_FREE) for start, end in outside(whole, self.client.free))
        found = self.any_track.weeks(replace(self.client, free=free, costs=costs), 1, Until().within(PATIENCE))
        stretch = self.needed(found[0], day) if found else None
        return Freed(found[0], stretch) if stretch else None

    @cached_property
    def any_track(self) -> Timetable:
        """The same groups, of whatever track they are."""
        groups = {name: replace(group, series=None) for name, group in self.clinic.groups.items()}
        return Timetable(replace(self.clinic, groups=groups))

    def needed(self, week: Week, day: int) -> Span | None:
        """From leaving home for the first group of the day that isn't free now to being back from the last, on whole
        quarter hours; None when nothing new is needed."""
        spans = []
        for each in (self.groups[name] for name in week.groups):
            end = each.start + self.clinic.groups[str(each.id)].takes
            if each.day == day and not self.client.can_come(each.start, end, each.place):
                way = 0 if each.place == TELEHEALTH else self.client.travel[each.place]
                spans.append((each.start - way, end + way))
        if not spans:
            return None
        start, end = min(start for start, _ in spans), max(end for _, end in spans)
        return max(start // CELL * CELL, day * DAY), min(-(-end // CELL) * CELL, (day + 1) * DAY)


def _helps(change: str, reach: int) -> str:
    return f"{change[0].upper()}{change[1:]} would help most: the week would then have {words.length(reach)}."
