"""How large, how long, how often: the figures behind the demo, each with where it comes from.

Stays: TEDS-D 2004, intensive outpatient, median 41 days, mean 74, drawn log-normal with sigma 1.09. Discharges: completed 38 %,
transferred 18 %, left 23 %, ended by the program 14 %, other 7 %. Waits: median 6 days to assessment and 8 more to admission; 45 % are
lost before assessment, 32 % after it (n=1,822). Absence per session 15 % is an assumption (no source found), clustered by client.
"""

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta

PASSWORD = "middleground-demo"
STAY_MEDIAN, STAY_SIGMA = 41, 1.09
ABSENCE = 0.15
# Kinds of discharge by length of stay, so that both together give the published shares and nobody completes in a fortnight.
SHORT, SHORT_STAY = (("transferred", 27), ("left", 40), ("ended-by-program", 23), ("other", 10)), 20
LONG = (("completed", 51), ("transferred", 15), ("left", 17), ("ended-by-program", 11), ("other", 6))
LOST_BEFORE_ASSESSMENT, LOST_AFTER = 0.45, 0.32


@dataclass(frozen=True)
class Size:
    """`seats` people in each of `tracks` tracks over `sites` sites, told back `weeks`.

    The clinic has worked with Middleground for the last `live_weeks`, in every detail; what was before came from an earlier system.
    """

    name: str
    sites: int
    tracks: int
    seats: int
    weeks: int
    live_weeks: int


SIZES = {
    "small": Size("small", 1, 2, 12, 24, 6),
    "medium": Size("medium", 1, 6, 10, 40, 8),
    "large": Size("large", 3, 18, 12, 156, 6),
}


def stay(chance: random.Random) -> int:
    """Days in treatment, at least 3 and at most 300."""
    return max(3, min(300, round(chance.lognormvariate(math.log(STAY_MEDIAN), STAY_SIGMA))))


def wait(chance: random.Random, median: int) -> int:
    """Days of waiting, at least 1."""
    return max(1, min(40, round(chance.lognormvariate(math.log(median), 0.6))))


def reason(chance: random.Random, days: int) -> str:
    """A kind of discharge for a stay of so many days."""
    names, weights = zip(*(SHORT if days < SHORT_STAY else LONG), strict=True)
    picked: str = chance.choices(names, weights)[0]
    return picked


def weekdays(track: int, today: date) -> tuple[int, ...]:
    """The three days of a track: Monday, Wednesday, Friday or Tuesday, Thursday, Saturday. The first track meets today.

    On a Sunday the first track meets Tuesday, Thursday and Sunday, so that today has groups whatever the day.
    """
    first = (0, 2, 4) if today.weekday() in (0, 2, 4) else (1, 3, 6) if today.weekday() == 6 else (1, 3, 5)
    other = (1, 3, 5) if first == (0, 2, 4) else (0, 2, 4)
    return first if track % 2 == 0 else other


def back(today: date, weeks: int) -> date:
    """The Monday `weeks` weeks before this week's."""
    return today - timedelta(days=today.weekday() + 7 * weeks)
