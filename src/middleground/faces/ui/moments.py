"""Dates and times as people say them: "today 6:00 pm", in the clinic's time zone."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def local(moment: datetime) -> datetime:
    """`moment` in the current time zone. A time without a zone is taken to be local already."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def clock(moment: datetime) -> str:
    """6:00 pm"""
    return f"{moment.hour % 12 or 12}:{moment:%M} {'pm' if moment.hour >= 12 else 'am'}"


def clock_span(start: datetime, end: datetime) -> str:
    """6:00 to 9:00 pm, or 11:00 am to 2:00 pm."""
    first, last = clock(start), clock(end)
    if first[-2:] == last[-2:]:
        first = first[:-3]
    return _("%(start)s to %(end)s") % {"start": first, "end": last}


def day_in_words(day: date, today: date) -> str:
    """today, tomorrow, yesterday, a weekday within the coming week, else Mar 4 (with the year when it is another)."""
    distance = (day - today).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if distance in near:
        return near[distance]
    if 1 < distance < 7:
        return date_format(day, "l")
    return date_format(day, _("M j") if day.year == today.year else _("M j, Y"))


def full(moment: date | datetime) -> str:
    """Everything: Wednesday, March 4, 2026 at 6:00 pm CST."""
    words = date_format(moment, _("l, F j, Y"))
    return f"{words} {clock(moment)} {moment:%Z}".strip() if isinstance(moment, datetime) else words
