"""What came of it: hours delivered, days that count, waits, continuation, completion, retention, change in measures."""

from ..knowing import version
from .change import MeasureChange, measure_change
from .dose import DayVerdict, Dose, Mark, Standing, WeekRule, countable_day, dose_week, week_rule
from .rates import Rate, Stay, Waits, benchmark, completion, continuation_30, waits
from .retention import Point, median_stay, retention_curve

__all__ = [
    "DayVerdict",
    "Dose",
    "Mark",
    "MeasureChange",
    "Point",
    "Rate",
    "Standing",
    "Stay",
    "Waits",
    "WeekRule",
    "benchmark",
    "completion",
    "continuation_30",
    "countable_day",
    "dose_week",
    "knowledge_version",
    "measure_change",
    "median_stay",
    "retention_curve",
    "waits",
    "week_rule",
]


def knowledge_version() -> dict[str, str]:
    return version("outcomes", "outcomes")
