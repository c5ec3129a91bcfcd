"""Every way to change a plan of care: `planning` writes and signs it, `reviewing` looks back, `leaving` changes level and discharges."""

from .leaving import change_level, discharge, write_aftercare
from .planning import (
    add_goal,
    add_intervention,
    add_objective,
    add_problem,
    adopt_goal,
    amend_plan,
    client_sign_plan,
    comment,
    mark_objective,
    remove_item,
    reword,
    set_frame,
    sign_plan,
    start_plan,
)
from .reviewing import hold_review

__all__ = [
    "add_goal",
    "add_intervention",
    "add_objective",
    "add_problem",
    "adopt_goal",
    "amend_plan",
    "change_level",
    "client_sign_plan",
    "comment",
    "discharge",
    "hold_review",
    "mark_objective",
    "remove_item",
    "reword",
    "set_frame",
    "sign_plan",
    "start_plan",
    "write_aftercare",
]
