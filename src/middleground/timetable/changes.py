"""What a proposed week would change of the plan in force, session by session. Pure: ids in, ids out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from middleground.engines.timetabling.times import DAY, moment

Row = dict[str, Any]
SAME = ("start", "room", "lead", "co")


@dataclass(frozen=True)
class Change:
    """One session of the week. `was` None: a talk that is new; `now` None: it doesn't happen. Rows have start, room, lead, co.

    `session` is the dated session's id (None for a new one), `about` the group ("g3") or the kind of talk, `client` whose talk.
    `stay`, `gained`, `lost`: a group's members.
    """

    about: str
    session: int | None
    was: Row | None
    now: Row | None
    client: str | None = None
    stay: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def differs(self, key: str) -> bool:
        """Whether this part of it (start, room, lead, co) is another one."""
        return bool(self.was and self.now and self.was[key] != self.now[key])

    @property
    def moved(self) -> bool:
        return self.differs("start")

    @property
    def by_video_or_back(self) -> bool:
        """Whether it had a room and has none now, or the other way round."""
        return bool(self.was and self.now) and (self.was["room"] is None) != (self.now["room"] is None)  # type: ignore[index]

    @property
    def off(self) -> bool:
        return self.now is None

    @property
    def days(self) -> set[int]:
        """The days of the week it touches; 0 is Monday."""
        return {moment(row["start"]) // DAY for row in (self.was, self.now) if row}

    @property
    def people(self) -> tuple[str, ...]:
        """The clients who must hear of it."""
        whole = self.off or any(self.differs(key) for key in ("start", "room", "lead"))
        return tuple(filter(None, (self.client, *(self.stay if whole else ()), *self.gained, *self.lost)))

    @property
    def staff(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(row[key] for row in (self.was, self.now) if row for key in ("lead", "co") if row[key])
        )


def changes(standing: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Change]:
    """By time of the week."""
    found = [*of_groups(standing, answer), *of_talks(standing, answer)]
    return sorted(
        found, key=lambda each: (moment((each.was or each.now or {})["start"]), each.about, each.client or "")
    )


def group_row(row: Mapping[str, Any]) -> Row:
    return {key: row.get(key) for key in SAME}


def talk_row(row: Mapping[str, Any]) -> Row:
    return {"start": row["start"], "room": row.get("room"), "lead": row["staff"], "co": None}


def of_groups(standing: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[Change]:
    after = {row["id"]: row for row in answer["groups"]}
    for row in standing["current"]["groups"]:
        new, session = after.get(row["id"]), standing["session_of"].get(row["id"])
        had = set(row["members"])
        if new is None:
            yield Change(row["id"], session, group_row(row), None, stay=tuple(sorted(had)))
            continue
        has = set(new["members"])
        if group_row(row) != group_row(new) or had != has:
            kept = tuple(sorted(had & has)), tuple(sorted(has - had)), tuple(sorted(had - has))
            yield Change(row["id"], session, group_row(row), group_row(new), None, *kept)


def of_talks(standing: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[Change]:
    """A talk that is gone and one that is new are one that moved."""
    had, has = by_client(standing["current"]["sessions"]), by_client(answer["sessions"])
    for client, kind in sorted(had.keys() | has.keys()):
        before, after = had[client, kind], has[client, kind]
        for start in sorted(before.keys() & after.keys()):
            yield from one_talk(standing, client, kind, before.pop(start), after.pop(start))
        rows = zip_longest(sorted(before.values(), key=at), sorted(after.values(), key=at))
        for was, now in rows:
            yield from one_talk(standing, client, kind, was, now)


def one_talk(standing: Mapping[str, Any], client: str, kind: str, was: Row | None, now: Row | None) -> Iterator[Change]:
    if was != now:
        session = standing["session_of"].get(f"{client} {kind} {was['start']}") if was else None
        yield Change(kind, session, was, now, client)


def by_client(rows: list[Row]) -> dict[tuple[str, str], dict[str, Row]]:
    found: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        found[row["client"], row["kind"]][row["start"]] = talk_row(row)
    return found


def at(row: Row) -> int:
    return moment(row["start"])


def number(name: str | None) -> int | None:
    """The database's id behind "st3", "r3", "c3", "g3"."""
    return int(name.lstrip("abcdefghijklmnopqrstuvwxyz")) if name else None
