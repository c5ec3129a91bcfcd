"""How long to look: until a moment has come, so much work is done, or somebody asks to stop."""

import math
import time
from collections.abc import Callable, Sequence
from threading import Event

MILLION = 1_000_000
STEP = MILLION // 500  # millionths of a unit of work that lie between two looks at what is left: about as many seconds


class TimeUp(Exception):
    """The answer is wanted now, or looking further would take more memory than a machine has."""


class Work:
    """Deterministic work, in units that take about a second: counted at each look at what is left, and by solvers. Done in the
    same order it is the same on every machine, whatever the load. `done` is in millionths."""

    def __init__(self) -> None:
        self.done = 0


class Until:
    """Asked inside every loop that can grow: `ask` raises `TimeUp` once it is due. `moment` is of `time.monotonic`; `units`
    of work may be done, without end if it is None, and where they are counted they alone are shared out, not the time.
    `late`: an answer had to be given before everything was looked at."""

    def __init__(self, moment: float = math.inf, stop: Event | None = None, units: float | None = None) -> None:
        self.moment, self.stop = moment, stop
        self.work = None if units is None else Work()
        self.most = 0 if units is None else round(units * MILLION)
        self.late = False

    @property
    def due(self) -> bool:
        return (
            time.monotonic() >= self.moment
            or (self.stop is not None and self.stop.is_set())
            or (self.work is not None and self.work.done >= self.most)
        )

    @property
    def endless(self) -> bool:
        return self.stop is None and self.work is None and math.isinf(self.moment)

    @property
    def seconds(self) -> float:
        """Until the moment; without one infinity."""
        return max(0.0, self.moment - time.monotonic())

    @property
    def left(self) -> float:
        """Of what is shared out: units of work where they are counted, else seconds."""
        return self.seconds if self.work is None else max(0, self.most - self.work.done) / MILLION

    def ask(self) -> None:
        if self.due:
            raise TimeUp
        if self.work is not None:
            self.work.done += STEP

    def spend(self, units: float, cut: bool) -> None:
        """What a solver did; all that was left, when it was cut short."""
        if self.work is not None:
            self.work.done += round(units * MILLION)
            if cut:
                self.work.done = max(self.work.done, self.most)

    def within(self, left: float) -> "Until":
        """The same, but no longer than so much from now (see `left`)."""
        if self.work is None:
            return Until(min(self.moment, time.monotonic() + left), self.stop)
        part = Until(self.moment, self.stop)
        part.work, part.most = self.work, min(self.most, self.work.done + round(left * MILLION))
        return part

    def shared(self, among: int) -> "Until":
        """The first part of what is left when so many have to share it."""
        return self.within(self.left / among)

    def each[Asked, Answer](
        self, asked: Sequence[Asked], answer: Callable[[Asked, "Until"], Answer], unlooked: Callable[[Asked], Answer]
    ) -> list[Answer]:
        """All answers, each within an equal part of what is left; those cut short are asked again while the others left some.
        Once it is due, nobody is looked at any more: whoever has no answer yet gets that of `unlooked`."""
        found: dict[int, Answer] = {}
        late: dict[int, bool] = {}
        open_ = list(range(len(asked)))
        while open_ and not self.due:
            again = []
            for place, number in enumerate(open_):
                if self.due:
                    break
                share = self.shared(len(open_) - place)
                found[number] = answer(asked[number], share)
                late[number] = share.late
                if share.late and share.due:
                    again.append(number)
            open_ = again
        self.late |= any(late.values()) or len(found) < len(asked)
        return [found[number] if number in found else unlooked(asked[number]) for number in range(len(asked))]


NEVER = Until()
