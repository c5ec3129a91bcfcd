"""Letters drawn from the record with no more in them than a consent allows (42 CFR 2.13(a), 2.31(a)).

Each field names the kind of record it comes from and is written from rows narrowed by the consent's kinds: a field
without consent can't be filled, and is listed to staff as left out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from middleground.engines import disclosure
from middleground.engines.knowing import load
from middleground.kernel import clock
from middleground.records.models import Client

from . import strands
from .preview import DAYS, SHARED, clocked, decided
from .strands import Row
from .timeline import level_words, missing_marks


@dataclass(frozen=True)
class Letter:
    """`lines` (label, text) go out; `left_out` (label, why) stay here and are told to staff; `kinds` is what is disclosed."""

    client: str
    recipient: str
    on: date
    program: str
    lines: list[tuple[str, str]]
    left_out: list[tuple[str, str]]
    kinds: list[str]

    @property
    def text(self) -> str:
        """The letter's facts as they are recorded with the disclosure."""
        return "\n".join(["Attendance letter", *(f"{label}: {words}" for label, words in self.lines)])


def attendance_letter(
    client: Client, recipient: str, recipient_kind: str, purposes: Iterable[str], kinds: Iterable[str], program: str
) -> Letter:
    """A letter to this recipient about this client, under a consent for these purposes and kinds."""
    asked = frozenset(kinds)
    allowed = [k for k in sorted(asked) if decided(recipient_kind, frozenset(purposes), asked, k).allowed]
    rows = strands.narrowed(strands.read(client, SHARED), allowed)
    return written(rows, str(client), recipient, allowed, strands.hidden_kinds(SHARED), program)


def written(
    rows: Sequence[Row], client: str, recipient: str, kinds: Sequence[str], hidden: Sequence[str], program: str
) -> Letter:
    """The letter of rows already narrowed. Pure."""
    lines, left_out, used, name = [], [], set(), ""
    for each in load("insight")["attendance-letter"]["fields"]:
        words = program if each["id"] == "program" else FIELDS[each["id"]](rows)
        if each["kind"] not in kinds:
            left_out.append((each["en"], f"the consent does not cover {disclosure.kind_words(each['kind'])}"))
        elif each["kind"] in hidden:
            left_out.append((each["en"], "your role does not see this: ask a colleague to write the letter"))
        elif not words:
            left_out.append((each["en"], "nothing on record"))
        else:
            used.add(each["kind"])
            name = program if each["id"] == "program" else name
            lines.append((each["en"], words))
    return Letter(client, recipient, clock.today(), name, lines, left_out, sorted(used))


def recent(rows: Iterable[Row], lane: str) -> list[Row]:
    since = clock.today() - timedelta(days=load("insight")["attendance-letter"]["days"])
    return [row for row in rows if row.lane == lane and since <= row.day <= clock.today()]


def times(rows: Sequence[Row]) -> str:
    today = clock.today()
    groups = [r for r in rows if r.lane == "group" and r.day <= today and (r.until is None or r.until >= today)]
    spans = sorted((int(r.number or 0), time.fromisoformat(r.detail[:5]), int(r.other or 0)) for r in groups)
    return "; ".join(f"{DAYS[day]} {clocked(at)} ({minutes} minutes)" for day, at, minutes in spans)


def leave(rows: Sequence[Row]) -> str:
    stays = [r for r in rows if r.lane == "stay"]
    if not stays:
        return ""
    end = f" to {stays[-1].until:%B %-d, %Y}" if stays[-1].until else " on; the end is not set yet"
    return f"{stays[-1].day:%B %-d, %Y}{end}"


def since(rows: Sequence[Row]) -> str:
    came = [r.day for r in rows if r.lane == "attendance" and r.other]
    return f"{min(came):%B %-d, %Y}" if came else ""


def attended(rows: Sequence[Row]) -> str:
    marks = recent(rows, "attendance")
    counted = [r for r in marks if r.other]
    hours = sum(r.number or 0 for r in counted) / 60
    return f"{len(counted)} sessions, {hours:g} hours" if marks else ""


def missed(rows: Sequence[Row]) -> str:
    marks = recent(rows, "attendance")
    return f"{sum(r.words in missing_marks() for r in marks)} sessions" if marks else ""


def level(rows: Sequence[Row]) -> str:
    doses = [r for r in rows if r.lane == "dose"]
    return f"{level_words(doses[-1].words)}, {(doses[-1].number or 0) / 60:g} hours a week" if doses else ""


def screens(rows: Sequence[Row]) -> str:
    seen = recent(rows, "screen")
    found = sum(bool([v for v in r.read({}).values() if v == "positive"]) for r in seen)
    return f"{len(seen)} screens, {found} with something found" if seen else ""


FIELDS: dict[str, Callable[[Sequence[Row]], Any]] = {
    "times": times,
    "leave": leave,
    "since": since,
    "attended": attended,
    "missed": missed,
    "level": level,
    "screens": screens,
}
