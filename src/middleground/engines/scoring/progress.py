"""Whether two totals differ by more than chance and mood of the day."""

from decimal import Decimal
from typing import Literal

from middleground.engines.scoring.definition import Change, Instrument, Number, instrument
from middleground.engines.scoring.points import Score, band

Verdict = Literal["improved", "no-reliable-change", "worse", "not-established"]


def change(instrument_id: str | Instrument, before: Score | Number, after: Score | Number) -> Verdict:
    """Compare two totals by the instrument's own change value; `not-established` where its file has none.

    Raises `BadLine` (`unknown-instrument`, or `out-of-range` for a total the instrument can't give).
    Source: `change` in the instrument's file.
    """
    form = instrument(instrument_id) if isinstance(instrument_id, str) else instrument_id
    first, second = total_of(form, before), total_of(form, after)
    if form.change is None:
        return "not-established"
    rise = second - first
    if rise == 0 or abs(rise) < smallest(form.change, first):
        return "no-reliable-change"
    return "improved" if (rise < 0) == (form.change.better == "lower") else "worse"


def total_of(form: Instrument, given: Score | Number) -> Decimal:
    total = given.total if isinstance(given, Score) else given
    band(total, form.bands)
    return Decimal(str(total))


def smallest(rule: Change, first: Decimal) -> Decimal:
    """The smallest difference that counts, in points."""
    if rule.points is not None:
        return Decimal(str(rule.points))
    return first * Decimal(str(rule.percent or 0)) / 100
