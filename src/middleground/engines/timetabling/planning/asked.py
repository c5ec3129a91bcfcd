"""What a plan is asked for with, and what comes back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..plan import Plan

LEVELS = ("below_payer", "short_minutes", "missing", "changes", "continuity", "preference", "idle", "load")
Order = tuple[str, ...]
Stopped = Literal["proved", "time", "work", "interrupt"]


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of wall clock counted from `began` (time.monotonic(); None: from the call). `work` is deterministic work,
    in the solver's units; with it the same seed gives the same answer whatever the load. `changes_first`: a repair that
    puts level 4 before level 1."""

    seconds: float = 60.0
    work: float | None = None
    seed: int = 1
    workers: int = 2
    changes_first: bool = False
    began: float | None = None

    @property
    def order(self) -> Order:
        return ("changes", *(name for name in LEVELS if name != "changes")) if self.changes_first else LEVELS


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the objective: no plan with the stated values at the levels before has less than `bound`."""

    name: str
    value: int
    bound: int

    @property
    def gap(self) -> float:
        return (self.value - self.bound) / max(1, self.value)

    @property
    def proved(self) -> bool:
        return self.value == self.bound


@dataclass(frozen=True, slots=True)
class Progress:
    """An improvement: seconds since the start, the vector in the order of `levels`, the bounds known so far."""

    seconds: float
    objective: tuple[int, ...]
    bounds: tuple[int, ...]


@dataclass(slots=True)
class Solved:
    """`objective` and `levels` stand in the order of LEVELS whatever the order asked; `reasons` only when infeasible, and
    then there is no plan and nothing of the levels is proved."""

    plan: Plan
    objective: tuple[int, ...]
    levels: tuple[Level, ...]
    status: Literal["optimal", "feasible", "infeasible"]
    stopped: Stopped
    reasons: list[dict[str, Any]] = field(default_factory=list)
    first_plan: float | None = None

    @property
    def has_plan(self) -> bool:
        return self.status != "infeasible"


Tell = Callable[[Progress], None]
