"""Which weeks of the running groups fit one person's life. (The plan of the whole clinic stands on the same words.)"""

from collections.abc import Sequence

from ..knowing import load, version
from .asked import Because, Change, FitClient, FitGroup, Free, Missing, Payer, Week
from .explaining import helpful_change, missing
from .joining import Calendar, Ways, seats
from .search import Done, Search
from .times import TELEHEALTH, interval, interval_text, moment, moment_text, occupied

__all__ = [
    "TELEHEALTH",
    "Because",
    "Change",
    "FitClient",
    "FitGroup",
    "Free",
    "Missing",
    "Payer",
    "Week",
    "explain",
    "fit",
    "interval",
    "interval_text",
    "knowledge_version",
    "moment",
    "moment_text",
    "occupied",
    "why_words",
]

Between = Sequence[tuple[str, str, int]]


def fit(client: FitClient, groups: Sequence[FitGroup], count: int = 5, *, between: Between = ()) -> list[Week]:
    """The best weeks for this client, the best of each shape (days, first start, last end), best first.

    `between` lists minutes from site to site; a pair not in it isn't combined in one day. The order is that of
    `Week.vector`: below_payer, short_minutes, series beyond the first, preference cost, idle quarter hours.
    A week that falls short carries `missing`. No joinable group gives no week: ask `explain`.
    Raises `BadLine` ("bad-time", "out-of-range") for a time that isn't one or a group of no minutes. Source: knowledge/timetabling/week.yaml.
    """
    ways = Ways(client, between)
    search = Search(client, seats(client, groups, Calendar(client)), ways, count)
    found = search.best()
    short = any(done[0][0] or done[0][1] for done in found)
    change = helpful_change(client, groups, between, found[0][0]) if short else None
    return [week(client, groups, done, change, ways, search.proved) for done in found]


def week(
    client: FitClient, groups: Sequence[FitGroup], done: Done, change: Change | None, ways: Ways, proved: bool
) -> Week:
    vector, _, chosen, minutes, days = done
    lacks = missing(client, groups, chosen, minutes, change, ways) if vector[0] or vector[1] else None
    return Week(chosen, minutes, days, vector, proved, lacks)


def explain(client: FitClient, groups: Sequence[FitGroup], *, between: Between = ()) -> Missing | None:
    """Why this client can't have all that is prescribed and paid for, even in the best week; None when they can."""
    weeks = fit(client, groups, 1, between=between)
    if weeks:
        return weeks[0].missing
    change = helpful_change(client, groups, between, None)
    return missing(client, groups, (), 0, change, Ways(client, between))


def why_words(why: str, language: str = "en") -> str:
    """The plain words for what keeps someone out of a group."""
    return load("timetabling")["week"]["why"][why][language]


def knowledge_version() -> dict[str, str]:
    return version("timetabling", "timetabling")
