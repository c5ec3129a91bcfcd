"""A group that runs every week, as a week plan needs to know it."""

from dataclasses import dataclass

from middleground.engines.timetabling import TELEHEALTH, FitGroup, moment_text, occupied

from . import words

CELL = occupied(1)  # a quarter hour


@dataclass(frozen=True)
class Running:
    """`day` 0 is Monday, `begins` is minutes since midnight; `series` names the track; `telehealth` groups are held at no site.

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

    def asked(self) -> FitGroup:
        """As the timetabling engine knows it. A client's own seat is free for them."""
        return FitGroup(
            id=str(self.id),
            kind=self.sort,
            minutes=self.minutes,
            start=moment_text(self.day * words.DAY + self.begins // CELL * CELL),
            place=TELEHEALTH if self.telehealth else str(self.site_id),
            seats_left=self.left + self.own,
            language=self.language,
            series=self.series or None,
        )


def overlaps(one: Running, other: Running) -> bool:
    """Whether the two are held at the same time, whole quarter hours counted."""
    first, second = sorted((one, other), key=lambda each: (each.day, each.begins))
    return first.day == second.day and first.begins + occupied(first.minutes) > second.begins
