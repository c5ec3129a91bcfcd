"""The recovery timeline drawn: one small picture for each lane, all on the same time axis, so that a day lies under a day.

Colours and strokes come from `ui/css/timeline.css` by class; every lane says in words what it shows, and the page has the
same facts as tables.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from middleground.insight.timeline import Event, Mood, Screen, Series, Span, Timeline, Week

WIDTH, EDGE = 900.0, 14.0  # units of the drawing; EDGE keeps marks at either end inside it
LETTER = 7.2  # about the width of a letter of a label
LANE, BAR, ROW = 84.0, 62.0, 26.0
SIGNS = {
    "admission": "M-6 0 0 -6 6 0 0 6Z",
    "discharge": "M-6 -6H6V6H-6Z",
    "ended": "M-6 -6H6V6H-6Z",
    "return-to-use": "M0 -7 7 5H-7Z",
    "milestone": "M0 -7 2 -2 7 -2 3 1.5 4.5 7 0 3.8 -4.5 7 -3 1.5 -7 -2 -2 -2Z",
    "level": "M-6 -2H0V-6L7 0 0 6V2H-6Z",
    "plan": "M-5 -6H5V6H-5Z",
    "review": "M-5 -6H5V6H-5Z",
    "assessment": "M-5 -6H5V6H-5Z",
}


class Lane(NamedTuple):
    """One lane: its id, its name, what it shows in a sentence, its picture."""

    id: str
    name: str
    says: str
    svg: SafeString


class Axis(NamedTuple):
    """The time that all lanes share."""

    first: date
    last: date

    def x(self, day: date) -> float:
        inside = min(max(day, self.first), self.last)
        return round(EDGE + (WIDTH - 2 * EDGE) * (inside - self.first).days / max((self.last - self.first).days, 1), 1)

    def ticks(self) -> list[date]:
        """Mondays every week, two or four weeks apart, or firsts of months, so that about a dozen labels fit."""
        length = (self.last - self.first).days
        if length > 7 * 44:
            months = [date(y, m, 1) for y in range(self.first.year, self.last.year + 1) for m in range(1, 13)]
            inside = [d for d in months if self.first <= d <= self.last]
            return inside[:: max(1, len(inside) // 12)]
        step = 7 if length <= 7 * 11 else 14 if length <= 7 * 22 else 28
        monday = self.first + timedelta(days=-self.first.weekday() % 7)
        return [monday + timedelta(days=n) for n in range(0, (self.last - monday).days + 1, step)]


def lanes(line: Timeline) -> list[Lane]:
    """The lanes that have something to show, from top to bottom, the time scale last."""
    axis = Axis(line.first, line.last)
    made = [
        events(axis, line.events),
        attendance(axis, line.weeks),
        *(scores(axis, each) for each in line.scores[:4]),
        moods(axis, line.check_ins),
        screens(axis, line.screens),
        medicines(axis, line.medications),
    ]
    shown = [lane for lane in made if lane is not None]
    return [*shown, scale(axis)] if shown else []


def _tag(name: str, css: str, text: str = "", **at: Any) -> SafeString:
    pairs = format_html_join("", ' {}="{}"', ((key.rstrip("_").replace("_", "-"), value) for key, value in at.items()))
    return format_html('<{} class="{}"{}>{}</{}>', name, css, pairs, text, name)


def _lane(axis: Axis, id: str, name: str, says: str, height: float, parts: Sequence[SafeString]) -> Lane:
    grid = _tag("path", "grid", d="".join(f"M{axis.x(day)} 0V{height}" for day in axis.ticks()))
    drawn = format_html_join("", "{}", ((part,) for part in (grid, *parts)))
    svg = format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-labelledby="lane-{}-t lane-{}-d"><title id="lane-{}-t">{}</title>'
        '<desc id="lane-{}-d">{}</desc>{}</svg>',
        f"{WIDTH:g}",
        f"{height:g}",
        id,
        id,
        id,
        name,
        id,
        says,
        drawn,
    )
    return Lane(id, name, says, svg)


def _label(x: float, y: float, words: str, css: str = "label") -> SafeString:
    """Words to the right of a mark, or to its left where they would run out of the picture."""
    fits = x + 10 + len(words) * LETTER < WIDTH
    return _tag("text", css, words, x=round(x + 10 if fits else x - 10, 1), y=y, text_anchor="start" if fits else "end")


def _plural(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def events(axis: Axis, found: Sequence[Event]) -> Lane | None:
    """Markers with their words, packed into as few rows as keep the words apart."""
    if not found:
        return None
    ends: list[float] = []
    parts: list[SafeString] = []
    for event in found:
        x, length = axis.x(event.on), 22 + len(event.words) * LETTER
        begin, end = (x, x + length) if x + length < WIDTH else (x - length, x + 10)
        row = next((n for n, taken in enumerate(ends) if taken <= begin), len(ends))
        ends[row : row + 1] = [end]
        y = 14 + row * ROW
        parts += [
            _tag("path", f"sign {event.sort}", d=SIGNS.get(event.sort, SIGNS["plan"]), transform=f"translate({x} {y})"),
            _label(x, y + 4.5, event.words, f"label {event.sort}"),
        ]
    says = "; ".join(f"{event.on:%b %-d}: {event.words}" for event in found)
    return _lane(axis, "events", "Events", says, 14 + len(ends) * ROW, parts)


def attendance(axis: Axis, weeks: Sequence[Week]) -> Lane | None:
    """A bar of hours for each week, the prescribed hours as a line over it, the number of missed sessions under it."""
    if not any(w.delivered or w.prescribed for w in weeks):
        return None
    most = max(max(w.delivered, w.prescribed) for w in weeks) or 1
    top, parts, line = 16.0, [], ""
    roomy = len(weeks) <= 18
    for week in weeks:
        x, wide = axis.x(week.monday), axis.x(week.monday + timedelta(days=7)) - axis.x(week.monday)
        high, mark = BAR * week.delivered / most, top + BAR * (1 - week.prescribed / most)
        if wide <= 0:
            continue
        if week.delivered:
            enough = "bar" if week.delivered >= week.prescribed else "bar short"
            parts.append(
                _tag(
                    "rect",
                    enough,
                    x=round(x + wide * 0.12, 1),
                    y=round(top + BAR - high, 1),
                    width=round(wide * 0.76, 1),
                    height=round(high, 1),
                    rx=2,
                )
            )
            if roomy:
                parts.append(
                    _tag(
                        "text",
                        "value inside" if high > 24 and enough == "bar" else "value",
                        f"{round(week.delivered / 60, 1):g}",
                        x=round(x + wide / 2, 1),
                        y=round(top + BAR - high + (15 if high > 24 else -4), 1),
                    )
                )
        if week.missed:
            parts.append(
                _tag(
                    "text",
                    "missed",
                    f"{week.missed} missed" if roomy else "×",
                    x=round(x + wide / 2, 1),
                    y=top + BAR + 14,
                )
            )
        line += f"{'L' if line else 'M'}{x} {mark:.1f}H{x + wide:.1f}" if week.prescribed else ""
    parts.append(_tag("path", "prescribed", d=line))
    hours, asked = sum(w.delivered for w in weeks) / 60, sum(w.prescribed for w in weeks) / 60
    says = (
        f"{hours:.0f} hours attended of {asked:.0f} prescribed in {_plural(len(weeks), 'week')}; "
        f"{_plural(sum(w.missed for w in weeks), 'session')} missed. The line is what is prescribed."
    )
    return _lane(axis, "attendance", "Attendance, hours a week", says, top + BAR + 22, parts)


def height_of(value: float, most: float) -> float:
    """Where a value stands in a lane whose floor is 0 and whose top is `most`."""
    return round(10 + (LANE - 22) * (1 - min(value / (most or 1), 1)), 1)


def _line(axis: Axis, points: Sequence[tuple[date, float]], most: float, css: str) -> list[SafeString]:
    spots = [(axis.x(day), height_of(value, most)) for day, value in points]
    dots = "".join(f"M{x} {y}h0" for x, y in spots)
    return [
        _tag("polyline", f"line {css}", points=" ".join(f"{x},{y}" for x, y in spots)),
        _tag("path", f"dot {css}", d=dots),
    ]


def scores(axis: Axis, series: Series) -> Lane:
    """One instrument: every score as a point with its number, from 0 to the highest it can give."""
    parts = [
        _tag("path", "floor", d=f"M0 {LANE - 12}H{WIDTH}"),
        *_line(axis, series.points, series.most, series.change or "score"),
    ]
    step = max(1, len(series.points) // 14)
    for day, value in series.points[::step]:
        y = height_of(value, series.most)
        parts.append(_tag("text", "value", f"{value:g}", x=axis.x(day), y=round(y - 9 if y > 22 else y + 19, 1)))
    words = {"improved": "a change for the better", "worse": "harder than before"}.get(series.change, "about the same")
    moved = f", {words}" if len(series.points) > 1 else ""
    says = f"From {series.first:g} to {series.latest:g} of {series.most:g} in {_plural(len(series.points), 'measure')}{moved}; now {series.band}."
    return _lane(axis, f"score-{series.instrument}", f"{series.title}, 0 to {series.most:g}", says, LANE, parts)


def moods(axis: Axis, found: Sequence[Mood]) -> Lane | None:
    """Craving as a full line, mood as a broken one, both 0 to 10; weekly means when there are very many."""
    if not found:
        return None
    craving = thinned([(m.on, m.craving) for m in found])
    mood = thinned([(m.on, m.mood) for m in found if m.mood is not None])
    parts = [
        _tag("path", "floor", d=f"M0 {LANE - 12}H{WIDTH}"),
        *_line(axis, craving, 10, "craving"),
        *_line(axis, mood, 10, "mood"),
    ]
    says = (
        f"{_plural(len(found), 'check-in')}. Craving from {found[0].craving:g} to {found[-1].craving:g} (full line)"
        + (f", mood from {mood[0][1]:g} to {mood[-1][1]:g} (broken line)." if mood else ".")
    )
    return _lane(axis, "check-ins", "Check-ins: craving and mood (dashed), 0 to 10", says, LANE, parts)


def thinned(points: Sequence[tuple[date, float]], most: int = 150) -> list[tuple[date, float]]:
    """The points themselves, or the mean of each week when there are more than a picture can hold."""
    if len(points) <= most:
        return list(points)
    weeks: dict[date, list[float]] = {}
    for day, value in points:
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(value)
    return [(monday, round(sum(values) / len(values), 1)) for monday, values in sorted(weeks.items())]


def screens(axis: Axis, found: Sequence[Screen]) -> Lane | None:
    """A ring for nothing found, a filled diamond with its words for something found, a square when in doubt."""
    if not found:
        return None
    parts, taken = [], [0.0, 0.0]
    for each in found:
        x, y = axis.x(each.on), 18
        if each.state == "negative":
            parts.append(_tag("circle", "screen negative", cx=x, cy=y, r=5.5))
            continue
        sign = "M0 -7 7 0 0 7 -7 0Z" if each.state == "positive" else "M-5.5 -5.5H5.5V5.5H-5.5Z"
        words = ", ".join(each.positive) or "in doubt"
        row = 0 if taken[0] < x else 1
        taken[row] = x + 14 + len(words) * LETTER
        parts += [
            _tag("path", f"screen {each.state.replace(' ', '-')}", d=sign, transform=f"translate({x} {y})"),
            _label(x, (y + 4.5, y + 22)[row], words),
        ]
    positive = sum(bool(s.positive) for s in found)
    says = f"{_plural(len(found), 'screen')}, {positive} with something found: a talk, not a penalty."
    return _lane(axis, "screens", "Drug screens", says, 48, parts)


def medicines(axis: Axis, found: Sequence[Span]) -> Lane | None:
    """A bar for each medicine from its first to its last day; recovery medicines stronger."""
    if not found:
        return None
    parts = []
    for row, each in enumerate(found[:8]):
        x, end, y = axis.x(each.first), axis.x(each.last or axis.last), 4 + row * ROW
        parts.append(
            _tag(
                "rect",
                "span recovery" if each.is_mat else "span",
                x=x,
                y=y,
                width=max(round(end - x, 1), 4),
                height=20,
                rx=4,
            )
        )
        words = f"{each.name} {each.dose}".strip()
        begin = min(x + 8, WIDTH - len(words) * LETTER - 4)
        parts.append(
            _tag(
                "text",
                "inside" if each.is_mat and begin + len(words) * LETTER < end and begin >= x else "label",
                words,
                x=round(max(begin, 4), 1),
                y=y + 14.5,
            )
        )
    says = "; ".join(
        f"{m.name} from {m.first:%b %-d}" + (f" to {m.last:%b %-d}" if m.last else ", still taken") for m in found
    )
    return _lane(axis, "medicines", "Medicines", says, 8 + min(len(found), 8) * ROW, parts)


def scale(axis: Axis) -> Lane:
    """The dates under all lanes."""
    months = (axis.last - axis.first).days > 7 * 44
    parts = []
    for day in axis.ticks():
        words = f"{day:%b %Y}" if months else f"{day:%b} {day.day}"
        x = axis.x(day)
        if x + len(words) * LETTER < WIDTH:
            parts.append(_tag("text", "tick", words, x=x, y=14, text_anchor="start"))
    says = f"From {axis.first:%B %-d, %Y} to {axis.last:%B %-d, %Y}."
    return _lane(axis, "scale", "Dates", says, 20, parts)
