"""What clients have in a week beside the rows of its plan: at another site, held a second time, or left out of the plan in
force. Their needs and limits are less by it, so that what is planned is what is still lacking.

Limits of days are as the days lie now: a day on which they have something in the plan too counts once. One number says how long
any day may be, so a day on which nothing more fits is taken as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from middleground.engines.timetabling.clinic import within
from middleground.engines.timetabling.times import DAY, Span, interval_text, moment, occupied
from middleground.program.models import Session

Row = dict[str, Any]


class Taken(NamedTuple):
    """One session of theirs that is no row of the plan. Times in minutes since Monday."""

    start: int
    minutes: int
    kind: str
    talk: bool
    remote: bool

    @property
    def day(self) -> int:
        return self.start // DAY

    @property
    def span(self) -> Span:
        return self.start, self.start + occupied(self.minutes)


class Beside(NamedTuple):
    """The minutes somebody has beside the plan, those of groups among them, and all that is prescribed and asked by the payer."""

    minutes: int
    groups: int
    prescribed: int
    payer: int


def length(session: Session, span: Span) -> int:
    """Its minutes; a few more when it does not begin on a quarter hour, so that it holds what it holds."""
    start, end = span
    return session.minutes if occupied(session.minutes) == end - start else end - start


def taken(session: Session, span: Span) -> Taken:
    talk, remote = session.group_id is None, session.room_id is None
    return Taken(span[0], length(session, span), session.session_kind, talk, remote)


def lessen(data: Row, beside: Mapping[str, Sequence[Taken]]) -> dict[str, Beside]:
    """Ask the plan only for what is lacking. `beside`: by client ("c3"). What was taken off, by client."""
    found = {}
    for row in data["clients"]:
        if held := beside.get(row["id"]):
            minutes = sum(each.minutes for each in held)
            groups = sum(each.minutes for each in held if not each.talk)
            found[row["id"]] = Beside(minutes, groups, row["prescribed"], row["payer"]["minutes"])
            own = days_of(data["current"], row["id"])
            full = full_days(row, held, own, [each["minutes"] for each in data["groups"]])
            row["busy"] += [{"at": interval_text((day * DAY, (day + 1) * DAY)), "what": "taken"} for day in full]
            row |= lessened(row, held, minutes, len({each.day for each in held} - own))
    return found


def lessened(row: Row, held: Sequence[Taken], minutes: int, days: int) -> Row:
    groups, talks = ([each.kind for each in held if each.talk == talk] for talk in (False, True))
    return {
        "prescribed": less(row["prescribed"], minutes),
        "payer": {"minutes": less(row["payer"]["minutes"], minutes), "days": less(row["payer"]["days"], days)},
        "max_week": less(row["max_week"], minutes),
        "days_max": less(row["days_max"], days),
        "telehealth_max": less(row["telehealth_max"], sum(each.minutes for each in held if each.remote)),
        "mix": [fewer(rule, sum(within(kind, rule["kind"]) for kind in groups)) for rule in row["mix"]],
        "sessions": [wish | {"count": less(wish["count"], talks.count(wish["kind"]))} for wish in row["sessions"]],
    }


def less(amount: int, by: int) -> int:
    return max(0, amount - by)


def fewer(rule: Row, by: int) -> Row:
    """A rule of the mix for the groups still to come."""
    return rule | {key: less(rule[key], by) for key in ("min", "max") if key in rule}


def days_of(current: Row, name: str) -> set[int]:
    """The days on which they have something in the plan in force."""
    rows = [*(row for row in current["groups"] if name in row["members"])]
    rows += [row for row in current["sessions"] if row["client"] == name]
    return {moment(row["start"]) // DAY for row in rows}


def full_days(row: Row, held: Iterable[Taken], own: set[int], groups: Iterable[int]) -> list[int]:
    """Days without anything in the plan on which not even the shortest of the `groups` (minutes) or talks fits any more."""
    shortest = min([*groups, *(wish["minutes"] for wish in row["sessions"])], default=0)
    had: dict[int, int] = {}
    for each in held:
        had[each.day] = had.get(each.day, 0) + each.minutes
    return sorted(day for day, minutes in had.items() if day not in own and row["day"]["max"] - minutes < shortest)
