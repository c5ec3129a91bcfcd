"""Every way to change a client's week: when they can come, and the booked week."""

from .availability import BadInterval, set_availability
from .booking import SeatJustTaken, WeekChanged, book_week

__all__ = ["BadInterval", "SeatJustTaken", "WeekChanged", "book_week", "set_availability"]
