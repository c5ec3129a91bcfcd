"""Weekly times and lengths as a coordinator says them."""

from datetime import time

from django.utils.translation import gettext

from middleground.engines.timetabling import interval

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_CODES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60


def length(minutes: int) -> str:
    """9 h 20 min, 3 h, 45 min."""
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


def hours(minutes: int) -> str:
    """Hours as a number, for comparing: 9.83, 3, 0.75."""
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")


def clock(minute: int) -> str:
    """Minutes since midnight as 6:00 pm; the end of the day is midnight."""
    hour, rest = divmod(minute % DAY, 60)
    return "midnight" if minute == DAY else f"{hour % 12 or 12}:{rest:02d} {'pm' if hour >= 12 else 'am'}"


def time_of(at: time) -> str:
    """18:00 as 6:00 pm."""
    return clock(at.hour * 60 + at.minute)


def span(start: int, end: int) -> str:
    """6:00 to 9:00 pm, 11:00 am to 1:00 pm."""
    first, last = ends(start, end)
    return f"{first} to {last}"


def ends(start: int, end: int) -> tuple[str, str]:
    """6:00 and 9:00 pm, 11:00 am and 1:00 pm."""
    first, last = clock(start), clock(end)
    return first[:-3] if first[-2:] == last[-2:] else first, last


def stretch(at: str) -> str:
    """ "thu 17:30-21:00" as Thursday 5:30 to 9:00 pm."""
    start, end = interval(at)
    day = start // DAY
    return f"{DAYS[day]} {span(start - day * DAY, end - day * DAY)}"


def said(at: str) -> str:
    """The same in the reader's language: Jueves 5:30 a 9:00 pm."""
    start, end = interval(at)
    day = start // DAY
    first, last = ends(start - day * DAY, end - day * DAY)
    times = gettext("%(start)s to %(end)s") % {"start": first, "end": gettext(last) if last == "midnight" else last}
    return f"{gettext(DAYS[day]).capitalize()} {times}"
