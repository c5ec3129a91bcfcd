"""How much longer: seconds of wall clock, or deterministic work; and whether somebody asked to stop."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from ortools.sat.python import cp_model

from .asked import Limits, Stopped

MILLION = 1_000_000
STEPS = 50  # of whole arrays that take as long as a millionth of a solver's deterministic second
LISTEN = 0.1  # seconds between two looks at whether to stop
RESERVE = 0.4  # seconds kept for writing the answer
GRACE = 0.5  # seconds beyond the limit (the contract has one, and a tenth of the limit) to find any plan at all


class Budget:
    """Counts what is spent. With `limits.work` only the work counts, so the path doesn't depend on the machine's load."""

    def __init__(self, limits: Limits, stop: Event | None = None) -> None:
        self.limits, self.stop = limits, stop or Event()
        self.began = time.monotonic() if limits.began is None else limits.began
        self.work = 0  # millionths, so that the order in which two hands add theirs doesn't matter
        self.lock = Lock()
        self.running: set[cp_model.CpSolver] = set()
        self.end = limits.seconds - RESERVE

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def due(self) -> bool:
        """An answer is wanted now, whatever work is left."""
        return self.stop.is_set() or self.overdue

    @property
    def whole(self) -> float:
        return self.limits.work if self.limits.work is not None else self.limits.seconds

    @property
    def spent(self) -> float:
        return self.work / MILLION if self.limits.work is not None else self.seconds

    @property
    def overdue(self) -> bool:
        """The wall clock has run out (with a work limit too: an answer is due)."""
        return self.seconds > self.end

    def mark(self, share: float) -> float:
        """The point at which `share` of the whole is spent."""
        return self.whole * share

    def gone(self, until: float | None = None) -> bool:
        if self.due:
            return True
        return self.spent >= (self.whole if until is None else until)

    @property
    def reason(self) -> Stopped:
        if self.stop.is_set():
            return "interrupt"
        return "work" if self.limits.work is not None and not self.overdue else "time"

    def solve(
        self,
        solver: cp_model.CpSolver,
        model: cp_model.CpModel,
        seconds: float | None = None,
        each: cp_model.CpSolverSolutionCallback | None = None,
    ) -> int:
        """Solve within what is left, and stop when asked to; `each` hears of every solution. Counts the work."""
        left = max(0.05, self.end - self.seconds)
        if seconds is not None and self.limits.work is None:
            left = min(left, seconds)
        solver.parameters.max_time_in_seconds = left
        solver.parameters.catch_sigint_signal = False
        with self.lock:
            if self.stop.is_set():
                return int(cp_model.UNKNOWN)
            self.running.add(solver)
        try:
            status = solver.solve(model, each)
        finally:
            with self.lock:
                self.running.discard(solver)
                self.work += round(solver.response_proto.deterministic_time * MILLION)
        return int(status)

    def count(self, steps: int) -> None:
        """Count work that is not a solver's: so many steps of whole arrays."""
        with self.lock:
            self.work += steps // STEPS

    @contextmanager
    def grace(self) -> Iterator[None]:
        """A little more time, while without a plan there would be no answer."""
        self.end += GRACE
        try:
            yield
        finally:
            self.end -= GRACE

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this lasts, `stop` stops whatever is being solved: again and again, since a solver that is only about to
        begin doesn't hear."""
        over = Event()

        def listen() -> None:
            while not over.wait(LISTEN):
                if self.stop.is_set():
                    with self.lock:
                        for solver in self.running:
                            solver.stop_search()

        Thread(target=listen, daemon=True).start()
        try:
            yield
        finally:
            over.set()
