"""Looking for one newcomer's weeks: all of them, so that the best are sure; of very many, a few likely ones first."""

from itertools import islice

from ..until import TimeUp, Until
from .days import Days
from .newcomer import Newcomer
from .shapes import Shape, Shapes, Vector
from .sketch import Sketch
from .weeks import Week, Weeks

AT_FIRST = (
    0.5  # seconds after which some likely weeks are looked for before all are; less when there is less than four times
)
WIDTHS = (1, 3, 9)
Found = dict[Shape, Week]


def best_weeks(newcomer: Newcomer, count: int, until: Until) -> list[Week]:
    """The best week of each shape, the first `count`; once it is due, the best of those found."""
    found: Found = {}
    try:
        return surely(newcomer, count, until if until.endless else until.within(min(AT_FIRST, until.left / 4)), found)
    except TimeUp:
        pass
    try:
        for wide in WIDTHS:
            likely(newcomer, count, until, wide, found)
        return surely(newcomer, count, until, found)
    except TimeUp:
        until.late = True
        return in_order(found)[:count]


def surely(newcomer: Newcomer, count: int, until: Until, found: Found) -> list[Week]:
    """The best, when there is time and room for all; what comes up on the way goes into `found`. Raises `TimeUp`."""
    days = Days(newcomer, until)
    weeks, keep, hope = Weeks(newcomer, days), count, None
    while True:
        shapes = Shapes(newcomer, days, keep, hope)
        ranked, hope = shapes.best(), shapes.hope
        looked: Found = {}
        for vector, shape in ranked:
            week = weeks.best(shape, vector, hope)
            if week is not None:
                looked[shape] = found[shape] = week
        best = in_order(looked)
        if len(ranked) < keep:
            return best[:count]
        sure = [week for week in best if (week.vector, week.shape) <= ranked[-1]]
        if len(sure) >= count:
            return sure[:count]
        keep *= 4


def likely(newcomer: Newcomer, count: int, until: Until, wide: int, found: Found) -> None:
    """Good weeks of a few ways to have each day. Choosing days takes a part of the time left, most of it while there is no
    week. Raises `TimeUp`."""
    part = until.within(until.left * (0.3 if found else 0.75))
    try:
        sketch = Sketch(newcomer, part, wide)
        shapes = Shapes(newcomer, sketch, count * wide)
    except TimeUp:
        until.ask()
        return
    try:
        ranked = shapes.best()
    except TimeUp:
        ranked = sorted((vector, shape) for shape, vector in shapes.found.items())
    sketch.until = until
    for vector, shape in islice(ranked, count * wide):
        week = sketch.weeks.best(shape, vector, shapes.hope)
        if week is not None and (shape not in found or worth(week) < worth(found[shape])):
            found[shape] = week


def worth(week: Week) -> tuple[Vector, Shape]:
    return week.vector, week.shape


def in_order(found: Found) -> list[Week]:
    return sorted(found.values(), key=worth)
