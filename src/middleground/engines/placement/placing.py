"""Which level of care a client is placed in: the public functions."""

from typing import Any

import msgspec

from middleground.engines.errors import BadLine
from middleground.engines.placement.book import book
from middleground.engines.placement.case import Case, Placement
from middleground.engines.placement.changes import would_change
from middleground.engines.placement.weighing import weighed
from middleground.engines.safety import read_line

INPUT, OUTPUT = Case, Placement


def place(case: Case) -> Placement:
    """The placement, with its reasons. Raises `BadLine` (reason-needed) for a selected level without its reason.

    Source: the placement algorithm and its data in knowledge/placement. The default table is unverified until a
    medical director signs it; a clinician picks the level.
    """
    told = weighed(case)
    if needs_reason(case, told):
        raise BadLine(
            "reason-needed",
            f"The selected level is not the recommended one ({told.recommended}), so a discrepancy reason is needed.",
            "/discrepancy_reason",
        )
    return msgspec.structs.replace(told, would_change=would_change(case, told))


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """One contract line. Raises `BadLine` with the contract's codes. `decision` is there when `stay` was given."""
    case = read_line(line, Case)
    told = msgspec.to_builtins(place(case))
    if case.stay is None:
        del told["decision"]
    return told


def needs_reason(case: Case, told: Placement) -> bool:
    """A selected level that differs needs a reason; while ratings are missing only one that is known to be too low."""
    if not (case.selected and told.recommended) or case.discrepancy_reason:
        return False
    below = book().rank(case.selected) < book().rank(told.recommended)
    ratings_known = not any(at.startswith("/ratings") for at in told.missing)
    return below or (ratings_known and case.selected != told.recommended)
