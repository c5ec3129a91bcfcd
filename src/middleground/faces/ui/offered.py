"""Offered weeks for people who are not staff: drawn, in plain words, with what is good about each and what is not."""

from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as say
from django.utils.translation import ngettext

from middleground.admissions.words import label
from middleground.faces.ui import moments
from middleground.faces.ui.painted import DAY_NAMES
from middleground.faces.ui.pictures import picture
from middleground.timetable.previews import Meeting, Preview, Previews

A_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001 only its clock is read


def cards(found: Previews) -> list[dict[str, Any]]:
    """For each week: `week`, `picture`, `hours`, `by_day` (day, meetings: times, kind, place), `better`, `worse`, `words` in a row; `first`
    is the one chosen to begin with: the best that is not booked."""
    shown = [meeting for week in found.weeks for meeting in week.meetings]
    several = len({m.site_id for m in shown if not m.telehealth}) > 1
    made = [_card(week, shown, found.prescribed, several) for week in found.weeks]
    for card in [each for each in made if not each["week"].booked][:1]:
        card["first"] = True
    return made


def _card(week: Preview, shown: list[Meeting], prescribed: int, several: bool) -> dict[str, Any]:
    lines = [_line(m, several) for m in week.meetings]
    by_day = [{"day": day, "meetings": list(held)} for day, held in groupby(lines, key=lambda line: line["day"])]
    better, worse = reasons(week, prescribed)
    return {
        "week": week,
        "picture": picture(week.meetings, shown),
        "hours": length(week.minutes),
        "by_day": by_day,
        "better": better,
        "worse": worse,
        "words": "; ".join(f"{line['day']} {line['times']}" for line in lines),
        "groups": "-".join(str(each) for each in week.groups),
    }


def _line(meeting: Meeting, several: bool) -> dict[str, str]:
    return {
        "day": str(DAY_NAMES[meeting.day]).capitalize(),
        "times": times(meeting),
        "kind": label("session-kinds", meeting.sort),
        "place": place(meeting, several),
    }


def times(meeting: Meeting) -> str:
    starts, ends = (A_MONDAY.replace(hour=m // 60 % 24, minute=m % 60) for m in (meeting.begins, meeting.ends))
    return moments.clock_span(starts, ends)


def place(meeting: Meeting, several: bool) -> str:
    return say("On video") if meeting.telehealth else meeting.site if several else ""


def length(minutes: int) -> str:
    """9 hours; 9 h 20 min; 15 min."""
    hours, rest = divmod(minutes, 60)
    if not hours and rest:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def reasons(week: Preview, prescribed: int) -> tuple[list[str], list[str]]:
    """What speaks for this week and what against, to the person whose week it is."""
    full = {"hours": length(prescribed)}
    told = [
        (
            week.reaches,
            say("All %(hours)s of the program") % full,
            say("Less than the %(hours)s of the program") % full,
        ),
        (not week.unliked, say("Only times that are good for you"), say("Uses times you marked “if need be”")),
        (
            not week.waiting,
            say("No waiting between sessions"),
            say("%(time)s of waiting between sessions") % {"time": length(week.waiting)},
        ),
    ]
    return [good for holds, good, _bad in told if holds], [bad for holds, _good, bad in told if not holds]
