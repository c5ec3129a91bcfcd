"""At which other hours a running group could begin: a few, at which its leader works and is free, and a room of the site is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from middleground.engines.knowing import load
from middleground.engines.timetabling.clinic import covers, joined, touches
from middleground.engines.timetabling.times import DAY, Span, interval, moment_text
from middleground.program.models import Session

from .standing import Standing

Row = dict[str, Any]


def add_starts(
    data: Row,
    facts: Standing,
    of_group: Mapping[int, Session],
    of_staff: Mapping[int, Sequence[Session]],
    spans: Mapping[int, Span],
) -> None:
    """Put them into the groups' rows of `data`. `of_group`: group -> its session this week; `spans` by session."""
    rule = load("timetabling")["clinic"]["starts"]
    shifts = {row["id"]: joined(interval(each["at"]) for each in row["works"]) for row in data["staff"]}
    away = {row["id"]: [interval(at) for at in row["off"]] for row in data["staff"]}
    by_id = {row["id"]: row for row in data["groups"]}
    rooms = [room for room in facts.rooms if room.use == "group"]
    held = [(s.pk, s.room_id, spans[s.pk]) for s in facts.sessions]
    for pk, session in of_group.items():
        row, leader = by_id[f"g{pk}"], f"st{session.leader_id}"
        start, end = spans[session.pk]
        led = [spans[s.pk] for s in of_staff[session.leader_id] if s.pk != session.pk]
        others = [(room, span) for s, room, span in held if s != session.pk]
        fine = (
            moment
            for moment in tries(rule, start)
            if moment != start
            and moment // DAY == (moment + end - start - 1) // DAY
            and covers(shifts[leader], moment, moment + end - start)
            and not touches(away[leader], moment, moment + end - start)
            and not touches(led, moment, moment + end - start)
            and has_room(session, rooms, others, moment, moment + end - start)
        )
        row["starts"] += [moment_text(moment) for moment in fine][: rule["most"] - 1]


def tries(rule: Row, start: int) -> list[int]:
    day = start // DAY * DAY
    found = [start + shift for shift in rule["shifts"]]
    return found + ([start - day + n * DAY for n in range(7)] if rule["other_days"] else [])


def has_room(
    session: Session, rooms: Iterable[Any], others: Sequence[tuple[int | None, Span]], start: int, end: int
) -> bool:
    """Whether a group room of its site is free then; telehealth needs none."""
    return session.room_id is None or any(
        room.site_id == session.site_id and not touches([span for r, span in others if r == room.pk], start, end)
        for room in rooms
    )
