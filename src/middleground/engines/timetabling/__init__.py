"""The week of a clinic: plans, repairs, what-ifs, offers and reasons. Each has its own room here; this one tells the times.

`planning` makes and repairs plans, `offering` finds the weeks for one newcomer, `reasons` says what stands in somebody's way.
"""

from ..knowing import version
from .times import TELEHEALTH, interval, interval_text, moment, moment_text, occupied

__all__ = ["TELEHEALTH", "interval", "interval_text", "knowledge_version", "moment", "moment_text", "occupied"]


def knowledge_version() -> dict[str, str]:
    return version("timetabling", "timetabling")
