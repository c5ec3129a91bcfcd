"""Whether a measure changed in a way worth talking about. Source: knowledge/outcomes/measure-change.yaml."""

from collections.abc import Iterable
from datetime import date

import msgspec

from ..errors import BadLine
from ..knowing import load


class MeasureChange(msgspec.Struct, frozen=True):
    """First and latest score and what lies between; `direction`: better, worse, same or too-few."""

    direction: str
    first: int | None
    latest: int | None
    points: int
    text: str
    text_es: str
    source: str
    confidence: str


def measure_change(measure: str, scores: Iterable[tuple[date, int]]) -> MeasureChange:
    """From the first score to the latest, by date. Raises `BadLine` for a measure without a known change."""
    rules = load("outcomes")["measure-change"]
    if measure not in rules["measures"]:
        raise BadLine("unknown-instrument", f"No change is defined for {measure!r}.", "/measure")
    rule, values = rules["measures"][measure], [score for _, score in sorted(scores)]
    first, latest = (values[0], values[-1]) if values else (None, None)
    points = values[-1] - values[0] if values else 0
    way = "too-few" if len(values) < 2 else direction(points, rule["better"], rule["notable"])
    words = rules["sentences"][way]
    english, spanish = (words[language].format(first=first, latest=latest) for language in ("en", "es"))
    return MeasureChange(way, first, latest, points, english, spanish, rules["source"]["title"], rule["confidence"])


def direction(points: int, better: str, notable: int) -> str:
    if abs(points) < notable:
        return "same"
    return "better" if (points < 0) == (better == "lower") else "worse"
