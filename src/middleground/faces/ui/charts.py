"""Small charts, drawn in a 100 x 40 box that stretches. Words stay HTML, so they keep their size on a phone."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

WIDTH, HEIGHT, MARGIN = 100.0, 40.0, 3.0


class Line(NamedTuple):
    """`runs`: SVG point lists, one per unbroken stretch. `dots`: (x, y). `low`, `high`: the ends of the value axis."""

    runs: list[str]
    dots: list[tuple[float, float]]
    low: float
    high: float


def _extent(values: Sequence[float], low: float | None, high: float | None) -> tuple[float, float]:
    least = min(values, default=0) if low is None else low
    most = max(values, default=1) if high is None else high
    if most > least:
        return least, most
    return (0, 1) if least == 0 else (least - 1, least + 1)  # counts stay at or above nothing


def line(values: Sequence[float | None], low: float | None = None, high: float | None = None) -> Line:
    """Place `values` (None = not measured, the line breaks there) evenly from left to right."""
    known = [float(v) for v in values if v is not None]
    least, most = _extent(known, low, high)
    step = WIDTH / max(len(values) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            share = min(max((float(value) - least) / (most - least), 0), 1)
            runs[-1].append((round(place * step, 2), round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 2)))
    dots = [dot for run in runs for dot in run]
    return Line([" ".join(f"{x},{y}" for x, y in run) for run in runs if run], dots, least, most)


def share(value: Any, whole: Any) -> float:
    """`value` as a percentage of `whole`, kept within 0 and 100."""
    whole = float(whole or 0)
    return round(min(max(float(value or 0) / whole * 100, 0), 100), 1) if whole > 0 else 0.0


def bars(rows: Iterable[Sequence[Any]], most: float | None = None) -> list[dict[str, Any]]:
    """Rows (label, value) or (label, value, note) with the length of each bar in percent of the longest."""
    rows = [tuple(row) for row in rows]
    longest = most if most is not None else max((float(row[1]) for row in rows), default=0)
    return [
        {"label": row[0], "value": row[1], "note": row[2] if len(row) > 2 else "", "share": share(row[1], longest)}
        for row in rows
    ]
