"""Every way to change a client's week: when they can come, and the booked week; and to plan the clinic's."""

from .availability import BadInterval, set_availability
from .booking import SeatJustTaken, WeekChanged, book_week
from .booking_plans import book_planned_week
from .booking_whole import PlanOutdated, book_whole_plan
from .calendars import make_calendar_link, revoke_calendar_link
from .makeup import NotFree, book_make_up
from .moving import GroupMoved, move_group
from .moving_back import undo_move
from .planning import export_week, look_at_reasons, look_at_week
from .repairing import WeekMoved, apply_repair, undo_repair
from .solves import drop_proposal, keep_proposal
from .taking_back import undo_whole_plan
from .waiting import look_at_waiting
from .wishing import ask_for_week

__all__ = [
    "BadInterval",
    "GroupMoved",
    "NotFree",
    "PlanOutdated",
    "SeatJustTaken",
    "WeekChanged",
    "WeekMoved",
    "apply_repair",
    "ask_for_week",
    "book_make_up",
    "book_planned_week",
    "book_week",
    "book_whole_plan",
    "drop_proposal",
    "export_week",
    "keep_proposal",
    "look_at_reasons",
    "look_at_waiting",
    "look_at_week",
    "make_calendar_link",
    "move_group",
    "revoke_calendar_link",
    "set_availability",
    "undo_move",
    "undo_repair",
    "undo_whole_plan",
]
