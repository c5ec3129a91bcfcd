"""Whether the plan in force could be held in the clinic as it was before the events (the contract's bad-current).

The words say which kind of thing is wrong, never which rule: some rules are secret (section 7) and share their words.
"""

from collections.abc import Mapping
from typing import Any

from ...errors import BadLine
from ..clinic import clinic_of
from ..plan import plan_of
from ..rules import Fault, faults

ROOM = "The plan in force has a time or a room here that can't be."
CLINICIAN = "The plan in force gives this to a clinician who can't hold it."
PERSON = "Somebody has no place here in the plan in force: their time, the group or another limit stands against it."
WORDS = dict.fromkeys(("H1", "H2", "H3"), ROOM) | dict.fromkeys(("H4", "H5", "H6", "H7"), CLINICIAN)
AFTER = ("events", "now")


def faults_in_force(data: Mapping[str, Any], question: str) -> list[BadLine]:
    """One bad-current for each place of /current at which a rule is broken. A week that an earlier repair left thin is
    no fault, but for offers: they are whole plans, held to every rule, pins included. Elsewhere pins are for what is still to be planned."""
    if not data.get("current"):
        return []
    offers = question == "offer"
    before = {key: value for key, value in data.items() if key not in (*AFTER, *(() if offers else ("pins",)))}
    clinic = clinic_of(before, "offer" if offers else "repair")
    places: dict[str, Fault] = {}
    for fault in faults(clinic, plan_of(data["current"])):
        places.setdefault("" if fault.rule == "H16" else fault.where, fault)
    return [
        BadLine("bad-current", WORDS.get(fault.rule, PERSON), f"/current{where}") for where, fault in places.items()
    ]
