"""The shapes of a fit: one client, the groups that run, and the weeks that come back."""

from collections.abc import Mapping, Sequence

import msgspec


class Free(msgspec.Struct, frozen=True):
    """An interval ("mon 18:00-21:15") in which the client can come; cost 0 (good) to 3 (disliked) a quarter hour."""

    at: str
    cost: int = 0


class Payer(msgspec.Struct, frozen=True):
    """What makes a week billable; never mixed with what is prescribed."""

    minutes: int = 0
    days: int = 0


class FitGroup(msgspec.Struct, frozen=True):
    """A group that runs. `start` is "mon 18:00", `place` a site or "telehealth"; `only`: tags a client must have."""

    id: str
    kind: str
    minutes: int
    start: str
    place: str
    seats_left: int
    language: str
    series: str | None = None
    only: frozenset[str] = frozenset()


class FitClient(msgspec.Struct, frozen=True):
    """One person's week. Minutes throughout; `travel` by site (one not in it is out of reach); `done`: kinds had.

    Free intervals don't overlap. `telehealth_max` None means any amount.
    """

    free: Sequence[Free]
    languages: frozenset[str]
    prescribed: int
    travel: Mapping[str, int] = {}
    payer: Payer = Payer()
    days_max: int = 7
    day_max: int = 24 * 60
    max_week: int = 7 * 24 * 60
    day_min: int = 0
    tags: frozenset[str] = frozenset()
    telehealth_max: int | None = None
    busy: Sequence[str] = ()
    done: frozenset[str] = frozenset()


class Because(msgspec.Struct, frozen=True):
    """Why a group is not in the week: not-free, travel, full, language, population, topic, clash or limit."""

    group: str
    why: str


class Change(msgspec.Struct, frozen=True):
    """The one interval that, if free, would bring the most: `reach` is the minutes of the week then."""

    at: str
    reach: int


class Missing(msgspec.Struct, frozen=True):
    """What stands in the way of the prescription or the payer's rule."""

    target: int
    reach: int
    because: tuple[Because, ...]
    change: Change | None
    text_en: str
    text_es: str


class Week(msgspec.Struct, frozen=True):
    """A week of groups (ids by start). `vector`, smaller is better from the left: below_payer, short_minutes, series
    beyond the first, preference cost, idle quarter hours. `proved`: no better week of another shape was left out.
    """

    groups: tuple[str, ...]
    minutes: int
    days: int
    vector: tuple[int, int, int, int, int]
    proved: bool = True
    missing: Missing | None = None
