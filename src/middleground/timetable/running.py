"""A group that runs every week, as a week plan needs to know it."""

from dataclasses import dataclass
from datetime import date

from middleground.engines.timetabling.times import CELL, TELEHEALTH, occupied
from middleground.program.opening import WEEK, first_held

from . import words


@dataclass(frozen=True)
class Running:
    """`day` 0 is Monday, `begins` is minutes since midnight; `series` names the track; `telehealth` groups are held at no site;
    `only`: the populations it is held for.

    `own`: the client it was read for has a seat in it.
    """

    id: int
    name: str
    sort: str
    day: int
    begins: int
    minutes: int
    site_id: int
    site: str
    telehealth: bool
    where: str
    leader: str
    language: str
    capacity: int
    taken: int
    series: str = ""
    only: frozenset[str] = frozenset()
    own: bool = False
    starts_on: date = date.min
    ends_on: date | None = None

    def first_from(self, since: date) -> date | None:
        """The first day from `since` on on which it is held; None when it is over by then."""
        return first_held(self.day, self.starts_on, self.ends_on, since)

    def is_offered(self, since: date) -> bool:
        """Whether a week from this day on can be made of it: it is held in the seven days and goes on after them. A group that
        the client sits in already may begin later."""
        first = self.first_from(since)
        if first is None or (first >= since + WEEK and not self.own):
            return False
        return self.ends_on is None or first + WEEK <= self.ends_on

    @property
    def left(self) -> int:
        return max(0, self.capacity - self.taken)

    @property
    def ends(self) -> int:
        return self.begins + self.minutes

    @property
    def day_short(self) -> str:
        return words.DAYS[self.day][:3]

    @property
    def times(self) -> str:
        return words.span(self.begins, self.ends)

    @property
    def when(self) -> str:
        return f"{words.DAYS[self.day]} {words.clock(self.begins)}"

    @property
    def place(self) -> str:
        """As the timetabling engine knows it."""
        return TELEHEALTH if self.telehealth else str(self.site_id)

    @property
    def start(self) -> int:
        """Minutes since Monday 00:00, on a quarter hour."""
        return self.day * words.DAY + self.begins // CELL * CELL


def overlaps(one: Running, other: Running) -> bool:
    """Whether the two are held at the same time, whole quarter hours counted."""
    first, second = sorted((one, other), key=lambda each: (each.day, each.begins))
    return first.day == second.day and first.begins + occupied(first.minutes) > second.begins
