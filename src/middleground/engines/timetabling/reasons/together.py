"""What one more group would do for several people at once: for each of them the minutes with that group alone added.

Like the questions of the contract's section 10, with everybody else frozen; the groups asked about do not run in the plan in
force.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..clinic import Clinic
from ..until import NEVER, TimeUp, Until
from . import target_minutes
from .asking import most_minutes
from .model import WeekModel
from .possible import Bookable


def together(
    clinic: Clinic,
    groups: Iterable[str] | None = None,
    until: Until = NEVER,
    tell: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """For each ask of the clinic {"client", "target", "reach", "with": {group: minutes}}; `with` holds those groups that
    give that client more. `groups`: which to try, those that do not run if it is None. `tell` hears how many of how many
    asks are answered. Once `until` is due, the asks answered so far, each of them whole.

    Raises `BadLine` ("bad-current") when the clinic has no timetable in force.
    """
    running = {row.id for row in clinic.current.groups} if clinic.current else set()
    wanted = list(groups) if groups is not None else [name for name in clinic.groups if name not in running]
    found: list[dict[str, Any]] = []
    try:
        for ask in clinic.asks:
            found.append(for_one(clinic, ask, wanted, until))
            if tell:
                tell(len(found), len(clinic.asks))
    except TimeUp:
        until.late = True
    return found


def for_one(clinic: Clinic, ask: Mapping[str, Any], groups: Iterable[str], until: Until = NEVER) -> dict[str, Any]:
    """Raises `TimeUp` once `until` is due."""
    client = clinic.clients[ask["client"]]
    model = WeekModel(Bookable(clinic, client, until))
    nothing = dict.fromkeys(model.names, False)
    reach = most_minutes(model, nothing)
    target = target_minutes(client, ask["target"])
    more = {}
    if reach < target:
        for group in groups:
            name = f"running:{group}"
            minutes = most_minutes(model, {**nothing, name: True}) if name in nothing else reach
            if minutes > reach:
                more[group] = minutes
    return {"client": client.id, "target": target, "reach": reach, "with": more}
