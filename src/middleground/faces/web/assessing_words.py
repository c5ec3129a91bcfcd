"""The words of the withdrawal and placement rules on a page: codes and JSON pointers as a person says them."""

import json
import re
from collections.abc import Iterable
from typing import Any

from middleground.engines import knowing
from middleground.records.models import Client

TABLES = (
    "results",
    "advice",
    "transfer_if",
    "facts",
    "statuses",
    "discrepancy_reasons",
    "gates",
    "reasons_below",
    "companions",
    "stay_decisions",
    "ratings",
    "dimensions",
)


def table(name: str) -> dict[str, Any]:
    """One table of `knowledge/assessment/words.yaml`."""
    return knowing.load("assessment")["words"][name]


def word(name: str, code: str) -> str:
    """A code's words; a code without words is shown as it is, readably."""
    found = table(name).get(code)
    return found if isinstance(found, str) else code.replace("-", " ").replace("_", " ")


def choices(name: str) -> list[tuple[str, str]]:
    return list(table(name).items())


def levels() -> list[tuple[str, str]]:
    """(level, "2.1: Intensive outpatient (IOP)") of every level of care."""
    return [
        (item["id"], f"{item['id']}: {item['label']['en']}")
        for item in knowing.load("vocabulary")["levels-of-care"]["items"]
    ]


def level(code: str) -> str:
    return dict(levels()).get(code, code)


def pointer_words(pointer: str) -> str:
    """ "/substances/0/weeks" as "Substance 1: weeks of use"."""
    parts = pointer.strip("/").split("/")
    if parts[0] == "substances" and len(parts) > 2:
        return f"Substance {int(parts[1]) + 1}: {word('facts', parts[2]).lower()}"
    if parts[0] in ("ratings", "needs", "stay") and len(parts) > 1:
        return f"{word('facts', parts[0])}: {parts[1]}"
    return table("facts").get("/".join(parts)) or word("facts", parts[-1])


def field_id(pointer: str) -> str:
    """The id of the form field that a pointer speaks of."""
    return "id_" + pointer.strip("/").replace("/", "_")


def missing(pointers: Iterable[str]) -> list[dict[str, str]]:
    return [{"words": pointer_words(pointer), "field": field_id(pointer)} for pointer in pointers]


def would_change(changes: Iterable[dict[str, str]], name: str = "results") -> list[dict[str, str]]:
    """Each change as a sentence part and what it would lead to, grouped strictest last as the rules give them."""
    return [{"if": condition(each["if"]), "then": then(each["then"], name)} for each in changes]


def then(code: str, name: str) -> str:
    found = table(name).get(code)
    return found["label"] if isinstance(found, dict) else level(code) if re.match(r"[1-4]", code) else word(name, code)


def condition(text: str) -> str:
    pointer, _, value = text.partition(" = ")
    ago = " hours ago" if pointer.endswith("/last_use_hours") and value != "null" else ""
    return f"{pointer_words(pointer)}: {value_words(value)}{ago}"


def value_words(value: str) -> str:
    try:
        said = json.loads(value)
    except ValueError:
        return value
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, list):
        return ", ".join(str(each).replace("-", " ") for each in said) or "none"
    return "unknown" if said is None else str(said).replace("-", " ")


def age_of(client: Client, today: Any) -> int | None:
    """Whole years today, or None without a date of birth."""
    born = client.born_on
    return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))
