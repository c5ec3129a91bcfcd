"""Every way to change a client's week: when they can come, and the booked week; and to plan the clinic's."""

from .availability import BadInterval, set_availability
from .booking import SeatJustTaken, WeekChanged, book_week
from .planning import export_week

__all__ = ["BadInterval", "SeatJustTaken", "WeekChanged", "book_week", "export_week", "set_availability"]
