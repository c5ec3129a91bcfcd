"""Solving while listening: an interrupt gives the best plan so far, improvements are told on stderr.

The solver's libraries take a moment to load: they are, once signals are heard and the instance is sound.
"""

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from middleground.cli.engine_streams import say
from middleground.engines.timetabling.clinic import Clinic

if TYPE_CHECKING:
    from middleground.cli.engine_timetable import Command
    from middleground.engines.timetabling.planning import Limits, Progress, Solved

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STEP = 0.05


class Solving:
    """From here on SIGINT and SIGTERM stop the solver instead of the process. `loading`: seconds that count towards the limit
    already; waiting for the input to come doesn't."""

    def __init__(self, loading: float, progress: bool) -> None:
        self.began, self.progress = time.monotonic() - loading, progress
        self.stop = threading.Event()
        self.before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self.before = {number: signal.signal(number, self.interrupted) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def interrupted(self, number: int, frame: FrameType | None) -> None:
        self.stop.set()

    def limits(self, command: "Command", waits: bool = False) -> "Limits":
        """`waits`: for the second plan of a what-if, whose time begins when it is its turn."""
        from middleground.engines.timetabling.planning import Limits

        return Limits(
            seconds=command.limit,
            work=command.work,
            seed=command.seed,
            changes_first=command.changes_first,
            began=None if waits else self.began,
        )

    def solve(self, clinic: Clinic, limits: "Limits") -> "Solved":
        """Solve in a thread, so that signals are heard while the solver's own code runs."""
        from middleground.engines.timetabling.planning import solve

        found: list[Any] = []

        def work() -> None:
            try:
                found.append(solve(clinic, limits, tell=self.tell if self.progress else None, stop=self.stop))
            except BaseException as fault:
                found.append(fault)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(STEP)
        if isinstance(found[0], BaseException):
            raise found[0]
        solved: Solved = found[0]
        return solved

    def tell(self, progress: "Progress") -> None:
        """The best so far as a line of progress."""
        row = {
            "seconds": round(progress.seconds, 3),
            "objective": list(progress.objective),
            "bounds": list(progress.bounds),
        }
        tell_row(row)


def tell_row(row: dict[str, Any]) -> None:
    """One line of JSON on stderr."""
    say(msgspec.json.encode(row).decode())
