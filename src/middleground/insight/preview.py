"""What a recipient would see today under a consent, before it is signed: the real record, narrowed by kind and nothing else.

The same decision that guards a disclosure (`engines.disclosure.decide`) is asked about a consent that is not signed yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from middleground.engines import disclosure
from middleground.engines.disclosure import Asking, ConsentFact, Decision
from middleground.engines.knowing import load
from middleground.kernel import clock
from middleground.records.models import Client

from . import strands
from .strands import BESIDE, STORY, Row
from .timeline import happened, level_words, positives, short_title

SHARED = tuple(strand for strand in STORY + BESIDE if strand[1] not in ("team", "task"))
SHOWN = 6  # lines of a section; the count says how many there are
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Section:
    """One kind of record: the newest lines, how many there are, why it stays hidden ("" when it does not)."""

    kind: str
    label: str
    lines: list[tuple[date, str]]
    count: int
    refused: str = ""
    not_yours: bool = False


@dataclass(frozen=True)
class Preview:
    """`given`: what the recipient would see. `kept`: kinds outside the consent, in words."""

    given: list[Section]
    kept: list[str]

    @property
    def rows(self) -> int:
        return sum(section.count for section in self.given)


def preview(client: Client, recipient_kind: str, purposes: Iterable[str], kinds: Iterable[str]) -> Preview:
    """What this recipient would see today. A kind the reader's own role may not see is named, and shows no line."""
    asked = [kind for kind in disclosure.KINDS if kind in set(kinds)]
    return shown(strands.read(client, SHARED), recipient_kind, purposes, asked, strands.hidden_kinds(SHARED))


def shown(
    rows: Sequence[Row], recipient_kind: str, purposes: Iterable[str], kinds: Sequence[str], hidden: Iterable[str]
) -> Preview:
    """The preview of rows already read. Pure: dropping a kind drops exactly its rows."""
    given = []
    for kind in kinds:
        decision = decided(recipient_kind, frozenset(purposes), frozenset(kinds), kind)
        own = strands.narrowed(rows, {kind}) if decision.allowed else []
        lines = [line for row in own if (line := told(row, kinds))]
        given.append(
            Section(
                kind,
                disclosure.kind_words(kind),
                lines[::-1][:SHOWN],
                len(lines),
                "" if decision.allowed else decision.text,
                kind in hidden,
            )
        )
    return Preview(given, [disclosure.kind_words(kind) for kind in disclosure.KINDS if kind not in kinds])


def decided(recipient_kind: str, purposes: frozenset[str], kinds: frozenset[str], kind: str) -> Decision:
    """What the rules would say to this recipient about a kind, if a consent for these purposes and kinds were in force."""
    role = load("insight")["recipients"]["asks_as"].get(recipient_kind, recipient_kind)
    relation, now = "family" if role == "family" else "outside", clock.now()
    fact = ConsentFact(True, purposes, kinds, now - timedelta(seconds=1))
    answers = [disclosure.decide(Asking(role, relation, purpose, kind, now, (fact,))) for purpose in sorted(purposes)]
    return next(
        (a for a in answers if a.allowed),
        answers[0] if answers else disclosure.decide(Asking(role, relation, "own-request", kind, now)),
    )


def told(row: Row, kinds: Sequence[str]) -> tuple[date, str] | None:
    """A row as the recipient would read it; None for rows that say nothing by themselves (a draft)."""
    words = LINES[row.lane](row, kinds) if row.lane in LINES else "; ".join(event.words for event in happened(row))
    return (row.day, words) if words else None


def clocked(at: time | datetime) -> str:
    """6:00 pm."""
    return f"{at:%-I:%M %p}".lower()


def group_line(row: Row, kinds: Sequence[str]) -> str:
    """Day and time; the group's title only to those who know by another kind what sort of care this is."""
    start = time.fromisoformat(row.detail[:5])
    title = f" {row.words}" if {"attendance", "plan"} & set(kinds) else ""
    ended = f", until {row.until:%b %-d}" if row.until else ""
    return f"{DAYS[int(row.number or 0)]} {clocked(start)}{title}, {int(row.other or 0)} minutes{ended}"


def attendance_line(row: Row, kinds: Sequence[str]) -> str:
    return f"{row.words.replace('-', ' ').capitalize()}{f', {int(row.number or 0)} minutes' if row.other else ''}"


def screen_line(row: Row, kinds: Sequence[str]) -> str:
    return f"Positive for {', '.join(positives(row))}" if positives(row) else "Nothing found"


def taken_line(row: Row, kinds: Sequence[str]) -> str:
    return f"{row.words} {row.detail}".strip() + (f", stopped {row.until:%b %-d}" if row.until else "")


def mood_line(row: Row, kinds: Sequence[str]) -> str:
    return f"Craving {row.number:g}" + (f", mood {row.other:g}" if row.other is not None else "")


def consent_line(row: Row, kinds: Sequence[str]) -> str:
    return f"Consent for {row.words}"


LINES: dict[str, Any] = {
    "group": group_line,
    "attendance": attendance_line,
    "screen": screen_line,
    "medication": taken_line,
    "check-in": mood_line,
    "consent": consent_line,
    "score": lambda row, kinds: f"{short_title(row.words)} {row.number:g} of {row.other:g}: {row.detail}",
    "allergy": lambda row, kinds: f"Allergy: {row.words}",
    "objective": lambda row, kinds: f"Objective: {row.words}",
    "note": lambda row, kinds: row.words,
    "appointment": lambda row, kinds: f"Appointment: {clocked(timezone.localtime(row.at))}" if row.at else "",
    "stay": lambda row, kinds: "Time in care" + (f" until {row.until:%b %-d, %Y}" if row.until else ""),
    "dose": lambda row, kinds: f"{level_words(row.words)}, {(row.number or 0) / 60:g} hours a week",
}
