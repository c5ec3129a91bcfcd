"""An instance as it comes (bytes or an object already parsed) -> one that is sound, or every fault of it in document order.

Format: the timetabling contract, sections 1, 2 and 12.
"""

from collections.abc import Iterable
from typing import Any

from ...errors import BadLine
from .in_force import faults_in_force
from .instance import INSTANCE
from .parsing import parsed
from .patching import patched
from .walking import Faults, Walk, in_order, known_in

__all__ = ["INSTANCE", "Faults", "parsed", "patched", "read"]

NEEDS = {"plan": (), "repair": ("current",), "offer": ("current", "newcomers"), "explain": ("current", "asks")}


def read(given: bytes | object, question: str | None = "plan") -> dict[str, Any]:
    """A sound instance for `clinic_of`. `question`: the one the command answers; None: plan or repair, as the file says.

    Raises `Faults` with everything that is wrong: not-json, not-an-object, unknown-key, wrong-type (also a key that is
    missing), out-of-range, unknown-value, bad-time, unknown-id, double-id, overlap, wrong-question, bad-event; and, when
    nothing else is wrong, bad-current.
    """
    data = parsed(given) if isinstance(given, bytes) else given
    if not isinstance(data, dict):
        raise Faults([BadLine("not-an-object", "An instance is one JSON object.")])
    walk = Walk(known_in(data))
    INSTANCE.look(walk, data, None)
    asked = data.get("question", "plan")
    found = [*walk.faults, *question_faults(data, asked, question)]
    if not found:
        found = faults_in_force(data, asked)
    if found:
        raise Faults(in_order(found, data), walk.beyond)
    return data


def question_faults(data: dict[str, Any], asked: object, question: str | None) -> Iterable[BadLine]:
    """Another question than the command's, and what this question can't do without."""
    if not isinstance(asked, str) or asked not in NEEDS:
        return
    if asked not in ((question,) if question else ("plan", "repair")):
        yield BadLine(
            "wrong-question", f"This instance asks to {asked}; the command answers something else.", "/question"
        )
        return
    for key in NEEDS[asked]:
        if data.get(key) is None:
            yield BadLine("wrong-type", f"An instance that asks to {asked} needs this.", f"/{key}")
