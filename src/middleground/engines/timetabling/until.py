"""How long to look: until a moment has come, or somebody asks to stop."""

import math
import time
from collections.abc import Callable, Sequence
from threading import Event


class TimeUp(Exception):
    """The answer is wanted now, or looking further would take more memory than a machine has."""


class Until:
    """Asked inside every loop that can grow: `ask` raises `TimeUp` once it is due. `moment` is of `time.monotonic`.
    `late`: an answer had to be given before everything was looked at."""

    def __init__(self, moment: float = math.inf, stop: Event | None = None) -> None:
        self.moment, self.stop = moment, stop
        self.late = False

    @property
    def due(self) -> bool:
        return time.monotonic() >= self.moment or (self.stop is not None and self.stop.is_set())

    @property
    def endless(self) -> bool:
        return self.stop is None and math.isinf(self.moment)

    @property
    def left(self) -> float:
        """Seconds; without end infinity."""
        return max(0.0, self.moment - time.monotonic())

    def ask(self) -> None:
        if self.due:
            raise TimeUp

    def within(self, seconds: float) -> "Until":
        """The same, but no longer than so many seconds from now."""
        return Until(min(self.moment, time.monotonic() + seconds), self.stop)

    def shared(self, among: int) -> "Until":
        """The first part of what is left when so many have to share it."""
        return self.within(self.left / among)

    def each[Asked, Answer](self, asked: Sequence[Asked], answer: Callable[[Asked, "Until"], Answer]) -> list[Answer]:
        """All answers, each within an equal part of the time; those cut short are asked again while the others left some."""
        found: dict[int, Answer] = {}
        late: dict[int, bool] = {}
        open_ = list(range(len(asked)))
        while open_:
            again = []
            for place, number in enumerate(open_):
                share = self.shared(len(open_) - place)
                found[number] = answer(asked[number], share)
                late[number] = share.late
                if share.late and share.due:
                    again.append(number)
            open_ = [] if self.due else again
        self.late |= any(late.values())
        return [found[number] for number in range(len(asked))]


NEVER = Until()
