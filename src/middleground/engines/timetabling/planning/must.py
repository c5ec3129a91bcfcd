"""What has to stand in every plan: pins (H16) and, in a repair, what began before now (H17)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..plan import GroupRow, SessionRow
from ..times import TELEHEALTH, moment
from .frame import session_place
from .model import Model
from .possible import Possible
from .same_time import Literal


@dataclass(slots=True, frozen=True)
class Must:
    """One thing to keep: the rule that says so, where it stands in the instance, and how to say it to a model."""

    rule: str
    where: str
    say: Callable[[Model], None]


def musts(possible: Possible) -> list[Must]:
    clinic = possible.clinic
    found = [Must("H16", f"/pins/{i}", pin_in(pin)) for i, pin in enumerate(clinic.pins)]
    if clinic.current is None:
        return found
    for i, row in enumerate(clinic.current.groups):
        if row.id in possible.past_groups and possible.past_groups[row.id].start == row.start:
            found.append(Must("H17", f"/current/groups/{i}", past_group(possible.past_groups[row.id])))
    past = set(possible.past_sessions)
    for i, session in enumerate(clinic.current.sessions):
        if session in past:
            found.append(Must("H17", f"/current/sessions/{i}", past_session(session)))
    return found


def pin_in(pin: Mapping[str, Any]) -> Callable[[Model], None]:
    return (lambda model: pin_group(model, pin)) if "id" in pin else (lambda model: pin_session(model, pin))


def pin_group(model: Model, pin: Mapping[str, Any]) -> None:
    """One of the group's starts runs with everything the pin names."""
    group = pin["id"]
    row = model.frame.groups.get(group)
    if row is not None and not (group in model.frame.loose and (group, row.start) in model.runs):
        for member in pin.get("members", ()):
            if member not in row.members:
                keep(model, model.seats.get((member, group, row.start)))
        return
    ways = []
    for name, start in model.runs:
        if name == group and ("start" not in pin or moment(pin["start"]) == start):
            way = pinned_way(model, (group, start), pin)
            if way is not None:
                ways.append(way)
    model.cp.add_bool_or(ways)


def pinned_way(model: Model, key: tuple[str, int], pin: Mapping[str, Any]) -> Literal | None:
    """A literal that is true only when the group runs at this start as the pin says; None when it can't."""
    standing = model.frame.groups[key[0]].members if key[0] in model.frame.groups else ()
    needed: list[Literal] = [model.runs[key]]
    for name, lits in (("lead", model.leads), ("co", model.cos), ("room", model.rooms)):
        if name in pin and pin[name] is not None:
            needed.append(lits.get((*key, pin[name])))
    needed += [model.seats.get((member, *key)) for member in pin.get("members", ()) if member not in standing]
    if any(lit is None for lit in needed) or (
        pin.get("room", "") is None and model.clinic.groups[key[0]].place != TELEHEALTH
    ):
        return None
    way = model.cp.new_bool_var("")
    for lit in needed:
        model.cp.add_implication(way, lit)
    if pin.get("co", "") is None:
        for (*at, _), lit in model.cos.items():
            if tuple(at) == key:
                model.cp.add_implication(way, ~lit)
    return way


def pin_session(model: Model, pin: Mapping[str, Any]) -> None:
    if pin["client"] not in model.chosen:
        return
    ways = []
    for key in [key for key in model.visits if fits_pin(key, pin)]:
        way = session_way(model, key, pin)
        if way is not None:
            ways.append(way)
    model.settle_held()
    model.cp.add_bool_or(ways)


def fits_pin(key: tuple[str, str, int, str], pin: Mapping[str, Any]) -> bool:
    client, kind, start, place = key
    if client != pin["client"] or kind != pin.get("kind", kind):
        return False
    if "start" in pin and moment(pin["start"]) != start:
        return False
    return "room" not in pin or (pin["room"] is None) == (place == TELEHEALTH)


def session_way(model: Model, key: tuple[str, str, int, str], pin: Mapping[str, Any]) -> Literal | None:
    needed = [model.visits[key]]
    if pin.get("staff") is not None:
        needed.append(model.hold(key, pin["staff"]))
    if pin.get("room") is not None:
        needed.append(model.offices.get((*key, pin["room"])))
    if any(lit is None for lit in needed):
        return None
    way = model.cp.new_bool_var("")
    for lit in needed:
        model.cp.add_implication(way, lit)
    return way


def past_group(row: GroupRow) -> Callable[[Model], None]:
    def say(model: Model) -> None:
        key = row.id, row.start
        if row.id not in model.frame.groups:
            for lit in (
                model.runs.get(key),
                model.leads.get((*key, row.lead)),
                *([model.cos.get((*key, row.co))] if row.co is not None else []),
                *([model.rooms.get((*key, row.room))] if row.room is not None else []),
            ):
                keep(model, lit)
        if row.co is None:
            for (*at, _), lit in model.cos.items():
                if tuple(at) == key:
                    model.cp.add(lit == 0)
        for (client, *at), seat in model.seats.items():
            if tuple(at) == key and client not in row.members:
                model.cp.add(seat == 0)
        for member in row.members:
            if member in model.chosen:
                keep(model, model.seats.get((member, *key)))

    return say


def past_session(row: SessionRow) -> Callable[[Model], None]:
    def say(model: Model) -> None:
        if row.client not in model.chosen:
            return
        key = row.client, row.kind, row.start, session_place(model.possible, row)
        keep(model, model.visits.get(key))
        if key in model.visits:
            keep(model, model.hold(key, row.staff))
            model.settle_held()
            if row.room is not None:
                keep(model, model.offices.get((*key, row.room)))

    return say


def keep(model: Model, lit: Literal | None) -> None:
    """True, or a contradiction where there is no such thing."""
    if lit is None:
        model.cp.add_bool_or([])
    else:
        model.cp.add(lit == 1)
