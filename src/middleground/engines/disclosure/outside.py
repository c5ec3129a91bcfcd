"""One concrete question, answered from a table read top down.

Source: knowledge/disclosure/outside.yaml (42 CFR Part 2).
"""

from collections.abc import Callable
from typing import Any

from ..knowing import load
from . import consents
from .asking import Asking, Decision
from .inside import reaches, scope_of_role

Need = Callable[[Asking], bool]


def decide(asking: Asking) -> Decision:
    """May this be shown or given? The first row that holds decides; nothing that holds means no. Never raises."""
    if not known(asking):
        return worded(table()["default"])
    return worded(next((row for row in table()["rows"] if holds(row, asking)), table()["default"]))


def table() -> dict[str, Any]:
    return load("disclosure")["outside"]


def known(asking: Asking) -> bool:
    """A kind, purpose or relation that we don't know is refused before any rule is asked."""
    kinds = load("disclosure")["kinds"]["kinds"]
    return asking.kind in kinds and asking.purpose in table()["purposes"] and asking.relation in table()["relations"]


def holds(row: dict[str, Any], asking: Asking) -> bool:
    return all(fits(asked, getattr(asking, name)) for name, asked in row["when"].items()) and NEEDS[
        row.get("needs", "nothing")
    ](asking)


def fits(asked: Any, given: Any) -> bool:
    return given in asked if isinstance(asked, list) else given is asked


def family_consent(asking: Asking) -> bool:
    return scope_of_role("family", asking.kind) == "consented" and consents.covered(asking)


NEEDS: dict[str, Need] = {
    "nothing": lambda asking: True,
    "inside": lambda asking: reaches(asking.role, asking.relation, asking.kind),
    "consent": consents.covered,
    "legal-consent": consents.covered,
    "family-consent": family_consent,
}


def worded(row: dict[str, Any]) -> Decision:
    notice = redisclosure_notice() if row.get("release") else ""
    return Decision(
        row["allow"],
        row["code"],
        row["en"],
        row["source"],
        row["confidence"],
        notice,
        row["es"],
        tuple(row.get("record", ())),
    )


def redisclosure_notice(language: str = "en") -> str:
    """The short statement that goes with every disclosure made with consent. Source: 42 CFR 2.32."""
    return load("disclosure")["redisclosure-notice"]["short"][language]
