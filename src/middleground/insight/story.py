"""What stands at the head of a chart: the episode, the team, what is due, what to know at once. From the timeline's own rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from middleground.engines.knowing import load
from middleground.kernel import clock
from middleground.records.models import Client

from . import strands
from .strands import Row
from .timeline import Timeline, level_words, reason_words, short_title, unexplained, woven

RECENT = timedelta(days=14)
PARTS = {"primary-counselor": 0, "prescriber": 1, "case-manager": 2, "group-leader": 3, "cover": 4, "assessor": 5}


@dataclass(frozen=True)
class Due:
    """A task still open: what, by when, whose."""

    id: int
    what: str
    why: str
    due_at: datetime
    owner: str

    @property
    def is_late(self) -> bool:
        return self.due_at < clock.now()


@dataclass(frozen=True)
class Alert:
    """Something to know before talking with the client."""

    tone: str
    words: str
    on: date | None = None


@dataclass
class Episode:
    """The latest episode of care in words."""

    admitted_on: date
    ended_on: date | None
    level: str
    pathway: str
    expected_end_on: date | None
    minutes: int
    end_words: str = ""

    @property
    def is_open(self) -> bool:
        return self.ended_on is None

    @property
    def day(self) -> int:
        """Which day of the episode today is (its length when it is over)."""
        return ((self.ended_on or clock.today()) - self.admitted_on).days + 1

    @property
    def week(self) -> int:
        return (self.day - 1) // 7 + 1


@dataclass
class Story:
    """A chart's first page: `episode` None before admission; `plan` is signed, draft or missing; `seen` names what may be seen."""

    timeline: Timeline
    episode: Episode | None
    team: list[tuple[str, str]]
    plan: str
    plan_on: date | None
    client_signed: bool
    review_on: date | None
    tasks: list[Due]
    alerts: list[Alert]
    allergies: list[str] = field(default_factory=list)
    hidden: frozenset[str] = frozenset()

    @property
    def review_is_late(self) -> bool:
        return bool(self.review_on and self.review_on < clock.today())


def story(client: Client, span: str = "episode") -> Story:
    """The story of a client. `span`: "episode" draws from the latest episode's beginning, "all" from the first row."""
    rows = strands.read(client)
    by_lane: dict[str, list[Row]] = {}
    for row in rows:
        by_lane.setdefault(row.lane, []).append(row)
    latest = episode(by_lane)
    since = latest.admitted_on - RECENT if latest and span == "episode" else None
    plans = by_lane.get("plan", [])
    signed = [p for p in plans if p.words == "active"]
    current = signed[-1] if signed else plans[-1] if plans and plans[-1].words == "draft" else None
    return Story(
        woven(rows, since),
        latest,
        team(by_lane.get("team", ())),
        "signed" if signed else "draft" if current else "missing",
        current.day if current else None,
        bool(current and current.other),
        current.on if current else None,
        tasks(by_lane.get("task", ())),
        alerts(by_lane),
        sorted({r.words for r in by_lane.get("allergy", ())}),
        frozenset(strands.hidden_kinds()),
    )


def episode(by_lane: dict[str, list[Row]]) -> Episode | None:
    rows = by_lane.get("episode", [])
    if not rows:
        return None
    row = rows[-1]
    ends = [r for r in by_lane.get("discharge", ()) if r.day >= row.day]
    pathways: list[dict[str, Any]] = load("vocabulary")["pathways"]["items"]
    pathway = next((p["label"]["en"] for p in pathways if p["id"] == row.detail), row.detail)
    expected = date.fromisoformat(row.more[:10]) if row.more else None
    return Episode(
        row.day,
        row.until,
        level_words(row.words),
        pathway,
        expected,
        int(row.number or 0),
        reason_words(ends[-1].words) if ends else "",
    )


def team(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """(part in words, name) of who has a treatment relation today, the primary counselor first."""
    today = clock.today()
    here = [r for r in rows if r.day <= today and (r.until is None or r.until >= today)]
    here.sort(key=lambda r: (PARTS.get(r.detail, 9), r.words))
    return list(dict.fromkeys((r.detail.replace("-", " ").capitalize(), r.words) for r in here))


def tasks(rows: Sequence[Row]) -> list[Due]:
    return [Due(int(r.number or 0), r.words, r.more, timezone.localtime(r.at), r.detail) for r in rows if r.at]


def alerts(by_lane: dict[str, list[Row]]) -> list[Alert]:
    """Safety first: flags of the latest scores, a recent return to use, screens not yet talked about."""
    today, found = clock.today(), []
    newest = {r.words: r for r in by_lane.get("score", ())}
    for row in newest.values():
        for flag in row.read([]):
            name = flag if isinstance(flag, str) else flag.get("flag", "")
            found.append(Alert("danger", f"{short_title(row.words)}: {name.replace('-', ' ')}", row.day))
    for row in by_lane.get("return-to-use", ()):
        if today - row.day <= RECENT:
            words = (
                "Overdose survived: check naloxone and safety first"
                if row.number
                else "Return to use: review the plan together"
            )
            found.append(Alert("danger" if row.number else "watch", words, row.day))
    for row in by_lane.get("screen", ()):
        if not row.number and (unexplained(row) or row.detail not in ("", "[]", "null")):
            found.append(Alert("info", "Drug screen not yet talked about with the client", row.day))
    return found
