"""What one more group would do for several people at once: for each of them the minutes with that group alone added.

Like the questions of the contract's section 10, with everybody else frozen; the groups asked about do not run in the plan in
force. As a program it reads an explain instance from standard input and writes the answer: a page runs it beside itself.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ..clinic import Clinic, clinic_of
from ..reading import Faults, read
from . import target_minutes
from .asking import most_minutes
from .model import WeekModel
from .possible import Bookable


def together(clinic: Clinic, groups: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """For each ask of the clinic {"client", "target", "reach", "with": {group: minutes}}; `with` holds those groups that
    give that client more. `groups`: which to try, those that do not run if it is None.

    Raises `BadLine` ("bad-current") when the clinic has no timetable in force.
    """
    running = {row.id for row in clinic.current.groups} if clinic.current else set()
    wanted = list(groups) if groups is not None else [name for name in clinic.groups if name not in running]
    return [for_one(clinic, ask, wanted) for ask in clinic.asks]


def for_one(clinic: Clinic, ask: Mapping[str, Any], groups: Iterable[str]) -> dict[str, Any]:
    client = clinic.clients[ask["client"]]
    model = WeekModel(Bookable(clinic, client))
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


def main() -> int:
    """An instance on standard input; the answer, or {"error": ...}, on standard output."""
    try:
        answer: dict[str, Any] = {"waiting": together(clinic_of(read(sys.stdin.buffer.read(), "explain"), "explain"))}
    except Faults as found:
        answer = {"error": found.as_dict()}
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    return 2 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
