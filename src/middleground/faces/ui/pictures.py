"""A week drawn small: seven lanes, an hour 7 high."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as say

LANE, LEFT, TOP, HOUR = 30, 24, 12, 7


class Held(Protocol):
    """Something held every week: `day` 0 is Monday, the rest minutes, since midnight or long."""

    @property
    def day(self) -> int: ...
    @property
    def begins(self) -> int: ...
    @property
    def ends(self) -> int: ...
    @property
    def minutes(self) -> int: ...


def short_days() -> list[str]:
    return [say("Mo"), say("Tu"), say("We"), say("Th"), say("Fr"), say("Sa"), say("Su")]


def picture(groups: Sequence[Held], of: Sequence[Held]) -> dict[str, Any]:
    """A small week: seven lanes 30 wide right of the hours, an hour is 7 high. `of`: everything that pictures on this page
    show, so that each has the same hours."""
    first = min((g.begins // 60 for g in of), default=9)
    last = max((-(-g.ends // 60) for g in of), default=17)
    names = short_days()
    lanes = [{"x": LEFT + LANE * n, "middle": LEFT + 14 + LANE * n, "letter": names[n]} for n in range(7)]
    hours = [
        {"y": TOP + 6 + HOUR * (h - first), "words": f"{h % 12 or 12} {'pm' if h >= 12 else 'am'}"}
        for h in range(first, last, 3)
    ]
    blocks = [
        {"x": LEFT + LANE * g.day, "y": TOP + HOUR * (g.begins / 60 - first), "height": HOUR * g.minutes / 60}
        for g in groups
    ]
    tall = HOUR * (last - first)
    return {"lanes": lanes, "hours": hours, "blocks": blocks, "tall": tall, "height": TOP + tall}
