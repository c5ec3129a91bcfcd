"""Why a client can't reach their hours in today's timetable, and what would be enough. Contract: timetabling, section 10.

Everybody else is frozen; the client's own bookings are lifted and may be made anew. How each line of the contract's
table is read stands in `possible`. Every answer is proved: no smaller set does.
"""

from collections.abc import Callable
from typing import Any

from ..clinic import Client, Clinic
from ..until import NEVER, Until
from .asking import Best, Reasons, helps_most, nothing_known, reasons
from .constraints import family
from .left_out import LeftOut, left_out, why_words
from .telling import by_reader, change_words, counted, language_of, sentences

__all__ = [
    "Best",
    "LeftOut",
    "by_reader",
    "Reasons",
    "change_words",
    "counted",
    "explain",
    "family",
    "helps_most",
    "language_of",
    "left_out",
    "reasons",
    "reasons_text",
    "sentences",
    "target_minutes",
    "why_words",
]


def explain(
    clinic: Clinic, until: Until = NEVER, tell: Callable[[Reasons], None] | None = None
) -> list[dict[str, Any]]:
    """For each ask of the instance its explanation, ready for JSON. `tell` hears what is known of the one looked at. Once
    `until` is due, the rest is answered without looking: nothing is known of it.

    Raises `BadLine` ("bad-current") when the clinic has no timetable in force.
    """

    def explained(ask: dict[str, Any], share: Until) -> dict[str, Any]:
        client = clinic.clients[ask["client"]]
        return reasons_text(reasons(clinic, client, target_minutes(client, ask["target"]), share, tell), client)

    def unlooked(ask: dict[str, Any]) -> dict[str, Any]:
        client = clinic.clients[ask["client"]]
        return reasons_text(nothing_known(client, target_minutes(client, ask["target"])), client)

    return until.each(clinic.asks, explained, unlooked)


def target_minutes(client: Client, target: str | int) -> int:
    """The minutes asked for: "payer", "prescribed", or as given."""
    if target == "payer":
        return client.payer_minutes
    return client.prescribed if target == "prescribed" else int(target)


def reasons_text(found: Reasons, client: Client, language: str = "en") -> dict[str, Any]:
    """An explanation as the contract writes it."""
    return {
        "client": found.client,
        "target": found.target,
        "reach": found.reach,
        "because": list(found.because),
        "best": {"change": found.best.change, "reach": found.best.reach} if found.best else None,
        "enough": None if found.enough is None else list(found.enough),
        "text": sentences(found, client, language),
    }
