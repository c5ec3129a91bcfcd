"""A group that runs every week, as a week plan needs to know it."""

from dataclasses import dataclass

from middleground.engines.timetabling.times import CELL, TELEHEALTH, occupied

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
