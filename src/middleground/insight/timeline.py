"""The recovery timeline: one client's story on one time axis. A return to use is an event on it and resets nothing."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from middleground.engines import disclosure, scoring
from middleground.engines.errors import BadLine
from middleground.engines.knowing import load
from middleground.kernel import clock
from middleground.kernel.context import required
from middleground.kernel.who import STAFF
from middleground.records.models import Client

from . import strands
from .strands import Row

EVENT_LANES = ("episode", "level", "assessment", "plan", "review", "return-to-use", "milestone", "discharge")


@dataclass(frozen=True)
class Week:
    """Minutes that counted and minutes prescribed in the week from `monday` (prescribed is its share of days in care)."""

    monday: date
    delivered: int
    prescribed: int
    attended: int
    missed: int

    @property
    def hours(self) -> float:
        return round(self.delivered / 60, 1)

    @property
    def prescribed_hours(self) -> float:
        return round(self.prescribed / 60, 1)


@dataclass(frozen=True)
class Series:
    """One instrument over time. `change`: improved, worse, no-reliable-change, not-established, or "" with one score."""

    instrument: str
    title: str
    points: list[tuple[date, float]]
    most: float
    band: str
    change: str

    @property
    def first(self) -> float:
        return self.points[0][1]

    @property
    def latest(self) -> float:
        return self.points[-1][1]


@dataclass(frozen=True)
class Mood:
    """One check-in: craving and mood from 0 to 10."""

    on: date
    craving: float
    mood: float | None


@dataclass(frozen=True)
class Screen:
    """One drug screen with a result: what was positive and not explained, whether the specimen is in doubt, whether it was talked about."""

    on: date
    positive: list[str]
    in_doubt: bool
    discussed: bool

    @property
    def state(self) -> str:
        return "in doubt" if self.in_doubt else "positive" if self.positive else "negative"


@dataclass(frozen=True)
class Span:
    """A medicine taken from `first` on, until `last` or still."""

    name: str
    dose: str
    first: date
    last: date | None
    is_mat: bool


@dataclass(frozen=True)
class Event:
    """Something that happened on a day: `sort` is admission, level, assessment, plan, review, return-to-use, milestone, discharge,
    ended (a discharge whose reason the reader may not see)."""

    on: date
    sort: str
    words: str


@dataclass(frozen=True)
class Totals:
    """What was built so far, over the whole record. It only ever grows: nothing that happens takes any of it away."""

    days: int
    minutes: int
    sessions: int
    check_ins: int

    @property
    def hours(self) -> float:
        return round(self.minutes / 60, 1)


@dataclass(frozen=True)
class Timeline:
    """All lanes between `first` and `last`. `withheld`: kinds the reader may not see, in words, told to staff only."""

    first: date
    last: date
    weeks: list[Week]
    scores: list[Series]
    check_ins: list[Mood]
    screens: list[Screen]
    medications: list[Span]
    events: list[Event]
    totals: Totals
    withheld: list[str]

    @property
    def latest(self) -> list[Event]:
        return self.events[::-1]


def timeline(client: Client, since: date | None = None) -> Timeline:
    """The client's timeline from a day on (from the beginning), one statement."""
    return woven(strands.read(client), since)


def woven(rows: Sequence[Row], since: date | None = None) -> Timeline:
    """A timeline of rows already read. Totals count the whole record, also what lies before `since`."""
    by_lane: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_lane[row.lane].append(row)
    today = clock.today()
    drawn = [row for row in rows if row.lane not in ("team", "task", "allergy") and row.day <= today]
    first = since or min((row.day for row in drawn if row.day > date.min and row.lane != "medication"), default=today)
    last = max(
        [today if _is_open(by_lane["episode"]) else first, *(_end(row, today) for row in drawn if row.day >= first)]
    )
    shown = {lane: [r for r in each if first <= r.day <= last] for lane, each in by_lane.items()}
    return Timeline(
        first,
        max(last, first + timedelta(days=7)),
        weeks(by_lane, first, last),
        scores(shown.get("score", ())),
        [Mood(r.day, r.number or 0, r.other) for r in shown.get("check-in", ())],
        screens(shown.get("screen", ())),
        spans(by_lane["medication"], first),
        events(shown),
        totals(by_lane, today),
        _withheld(),
    )


def _is_open(episodes: Sequence[Row]) -> bool:
    return not episodes or episodes[-1].until is None


def _end(row: Row, today: date) -> date:
    return min(today, row.until or row.day) if row.lane == "episode" else min(today, row.day)


def _withheld() -> list[str]:
    access = required()
    if not set(STAFF) & access.actor.roles:
        return []
    return [disclosure.kind_words(kind) for kind in strands.hidden_kinds(reaches=("none", "author"))]


def weeks(by_lane: dict[str, list[Row]], first: date, last: date) -> list[Week]:
    """Every week from first to last, also those in which nothing happened. None when attendance can't be seen."""
    if "attendance" in strands.hidden_kinds():
        return []
    delivered: Counter[date] = Counter()
    attended: Counter[date] = Counter()
    missed: Counter[date] = Counter()
    for row in by_lane["attendance"]:
        monday = row.day - timedelta(days=row.day.weekday())
        if row.other:
            delivered[monday] += int(row.number or 0)
            attended[monday] += 1
        elif row.words in missing_marks():
            missed[monday] += 1
    monday, found = first - timedelta(days=first.weekday()), []
    while monday <= last:
        asked = prescribed(by_lane, monday)
        found.append(Week(monday, delivered[monday], asked, attended[monday], missed[monday]))
        monday += timedelta(days=7)
    return found


def missing_marks() -> set[str]:
    """Marks that say a client was expected and not there (vocabulary/attendance-marks)."""
    marks = load("vocabulary")["attendance-marks"]["items"]
    return {m["id"] for m in marks if m["final"] and not m["counts"] and m.get("held_against_client", True)}


def prescribed(by_lane: dict[str, list[Row]], monday: date) -> int:
    """Minutes prescribed for a week: the plan in force that week, else the episode's dose, by its days in care."""
    sunday, minutes = monday + timedelta(days=6), 0.0
    signed = [r for r in by_lane["plan"] if r.words != "draft" and r.day <= sunday]
    for episode in by_lane["episode"]:
        begin, end = max(episode.day, monday), min(episode.until or sunday, sunday)
        if begin <= end:
            own = [r.number for r in signed if r.day >= episode.day]
            dose = own[-1] if own and own[-1] else episode.number or 0
            minutes += dose * ((end - begin).days + 1) / 7
    return round(minutes)


def scores(rows: Iterable[Row]) -> list[Series]:
    """One series for each instrument, the one given most often first."""
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_name[row.words].append(row)
    made = [
        Series(
            name,
            short_title(name),
            [(r.day, r.number or 0) for r in each],
            each[-1].other or 1,
            each[-1].detail,
            _change(name, each),
        )
        for name, each in by_name.items()
    ]
    return sorted(made, key=lambda s: (-len(s.points), s.title))


def short_title(instrument: str) -> str:
    """The instrument's name without its subtitle."""
    known = load("instruments").get(instrument)
    return known["title"]["en"].split(":")[0] if known else instrument


def _change(name: str, rows: Sequence[Row]) -> str:
    if len(rows) < 2:
        return ""
    try:
        return scoring.change(name, rows[0].number or 0, rows[-1].number or 0)
    except BadLine:
        return "not-established"


def screens(rows: Iterable[Row]) -> list[Screen]:
    return [Screen(r.day, unexplained(r), r.detail not in ("", "[]", "null"), bool(r.number)) for r in rows]


def positives(row: Row) -> list[str]:
    """What a screen found, by name of the panel."""
    return sorted(name.replace("-", " ") for name, result in row.read({}).items() if result == "positive")


def unexplained(row: Row) -> list[str]:
    """What a screen found that no medicine on the list explained that day: taken buprenorphine is care, not a finding."""
    expected = {name.replace("-", " ") for name in json.loads(row.words or "[]")}
    return [name for name in positives(row) if name not in expected]


def spans(rows: Iterable[Row], first: date) -> list[Span]:
    """Medicines whose time reaches into the drawn period; recovery medicines first."""
    made = [
        Span(r.words, r.detail, max(r.on, first), r.until, bool(r.number))
        for r in rows
        if r.on and (r.until is None or r.until >= first)
    ]
    return sorted(made, key=lambda s: (not s.is_mat, s.first, s.name))


def events(shown: dict[str, list[Row]]) -> list[Event]:
    found = [event for lane in EVENT_LANES for row in shown.get(lane, ()) for event in happened(row)]
    told = {event.on for event in found if event.sort == "discharge"}
    return sorted((e for e in found if e.sort != "ended" or e.on not in told), key=lambda e: e.on)


def happened(row: Row) -> list[Event]:
    """What a row says happened; a draft of a plan has not happened yet."""
    if row.lane == "episode":
        admitted = Event(row.day, "admission", f"Admitted: {level_words(row.words)}")
        return [admitted, Event(row.until, "ended", "Episode of care ended")] if row.until else [admitted]
    if row.lane == "level":
        return [Event(row.day, "level", f"Level decided: {row.words}")]
    if row.lane == "plan":
        return [] if row.words == "draft" else [Event(row.day, "plan", "Plan signed")]
    words = {
        "assessment": lambda: f"{row.words.capitalize()} assessment signed",
        "review": lambda: f"Review: {row.words.replace('-', ' ')}",
        "return-to-use": lambda: _return_to_use(row),
        "milestone": lambda: row.words,
        "discharge": lambda: reason_words(row.words),
    }[row.lane]()
    return [Event(row.day, row.lane, words)]


def _return_to_use(row: Row) -> str:
    told = f" ({row.words.replace('-', ' ')})" if row.words else ""
    return f"Return to use{told}{', overdose survived' if row.number else ''}"


def level_words(level: str) -> str:
    items: list[dict[str, Any]] = load("vocabulary")["levels-of-care"]["items"]
    return next((f"{level} {item['label']['en']}" for item in items if item["id"] == level), level)


def reason_words(reason: str) -> str:
    items: list[dict[str, Any]] = load("vocabulary")["discharge-reasons"]["items"]
    return next((item["label"]["en"] for item in items if item["id"] == reason), reason.replace("-", " "))


def totals(by_lane: dict[str, list[Row]], today: date) -> Totals:
    """Days in treatment over all episodes, sessions and minutes that counted, check-ins made."""
    counted = [row for row in by_lane["attendance"] if row.other]
    days = sum(max(0, (min(e.until or today, today) - e.day).days + 1) for e in by_lane["episode"])
    return Totals(days, int(sum(r.number or 0 for r in counted)), len(counted), len(by_lane["check-in"]))
