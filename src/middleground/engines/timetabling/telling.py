"""Who must hear what of a repair: from the plan in force to the new one (timetabling contract, section 9).

A client's calendar entry is a group or a kind of session; a clinician's is a group they lead or co-lead, or a kind of session
with one client. Of an entry that has another time a person hears "moved"; of one that is gone "cancelled"; of one that
wasn't there "new": `from` and `to` are moments ("tue 11:00"), None where there is none. Of an entry kept at its time a client
hears "other-clinician" if somebody else leads it (`from`, `to` are staff), and everybody hears "other-room" (rooms;
None is telehealth). A clinician who gives an entry to a colleague hears "cancelled", the colleague "new".
Clients who have left hear nothing; those they leave do.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .clinic import Clinic
from .plan import Plan
from .times import moment_text

type Key = tuple[str, str]


class Entry(NamedTuple):
    """One entry of one person's week at `start`; `lead` is None in a clinician's own week."""

    start: int
    lead: str | None
    room: str | None


class Line(NamedTuple):
    """What one person must hear. `about`: the group or the kind of session; `at`: when it is now, or was."""

    who: str
    what: str
    from_: str | None
    to: str | None
    about: str
    at: int

    def row(self) -> dict[str, Any]:
        return {"who": self.who, "what": self.what, "from": self.from_, "to": self.to}


Week = dict[Key, list[Entry]]


def tell(clinic: Clinic, plan: Plan) -> list[dict[str, Any]]:
    """The lines of an answer, sorted by who, what, from and to (None first)."""
    return [line.row() for line in lines(clinic, plan)]


def lines(clinic: Clinic, plan: Plan) -> list[Line]:
    """The same with what each line is about, for a page."""
    before, after = weeks(clinic, clinic.current or Plan()), weeks(clinic, plan)
    people = sorted(before.keys() | after.keys())
    found = (line for person in people for line in changes(person[1], before[person], after[person]))
    return sorted(found, key=lambda line: (line.who, line.what, line.from_ or "", line.to or "", line.at, line.about))


def weeks(clinic: Clinic, plan: Plan) -> dict[tuple[str, str], Week]:
    """Everybody's week by ("client" or "staff", id)."""
    found: dict[tuple[str, str], Week] = defaultdict(lambda: defaultdict(list))
    for row in plan.groups:
        for name in row.members:
            found["client", name][row.id, ""].append(Entry(row.start, row.lead, row.room))
        for name in filter(None, (row.lead, row.co)):
            found["staff", name][row.id, ""].append(Entry(row.start, None, row.room))
    for each in plan.sessions:
        found["client", each.client][each.kind, ""].append(Entry(each.start, each.staff, each.room))
        found["staff", each.staff][each.kind, each.client].append(Entry(each.start, None, each.room))
    for name in clinic.left:
        found.pop(("client", name), None)
    return found


def changes(who: str, before: Week, after: Week) -> Iterator[Line]:
    for key in sorted(before.keys() | after.keys()):
        had, has = before.get(key, []), after.get(key, [])
        kept = {entry.start for entry in had} & {entry.start for entry in has}
        yield from changes_in_place(who, key[0], by_start(had, kept), by_start(has, kept))
        gone, come = (sorted(entry.start for entry in week if entry.start not in kept) for week in (had, has))
        for i in range(max(len(gone), len(come))):
            yield change_of_time(who, key[0], gone[i] if i < len(gone) else None, come[i] if i < len(come) else None)


def by_start(entries: Iterable[Entry], starts: set[int]) -> list[Entry]:
    return sorted((entry for entry in entries if entry.start in starts), key=lambda entry: entry.start)


def changes_in_place(who: str, about: str, had: list[Entry], has: list[Entry]) -> Iterator[Line]:
    for was, now in zip(had, has, strict=False):
        if was.lead != now.lead:
            yield Line(who, "other-clinician", was.lead, now.lead, about, now.start)
        if was.room != now.room:
            yield Line(who, "other-room", was.room, now.room, about, now.start)


def change_of_time(who: str, about: str, gone: int | None, come: int | None) -> Line:
    """One of the two is not None."""
    from_, to = (None if start is None else moment_text(start) for start in (gone, come))
    what = "moved" if from_ and to else "cancelled" if from_ else "new"
    return Line(who, what, from_, to, about, come if come is not None else gone or 0)
