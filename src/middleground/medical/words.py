"""The words and rules of the medical room, from knowledge: choices for forms, labels for pages, rules with their citation."""

from functools import cache
from typing import Any

from middleground.engines import knowing

Choices = list[tuple[str, str]]
Row = dict[str, Any]


def rule(name: str) -> Row:
    """A rule of knowledge/medical/medical-rules.yaml."""
    return knowing.load("medical")["medical-rules"]["rules"][name]


def screens() -> Row:
    """knowledge/medical/drug-screens.yaml."""
    return knowing.load("medical")["drug-screens"]


def rows(name: str) -> list[Row]:
    """The items of a list in the medical words, the drug-screen file or the vocabulary of naloxone marks."""
    if name == "naloxone-marks":
        return knowing.load("vocabulary")[name]["items"]
    if name in ("routes", "given-at"):
        return knowing.load("medications")[name]["items"]
    own = knowing.load("medical")["medical-words"]
    return own[name] if name in own else screens()[name]


def choices(name: str) -> Choices:
    return [(row["id"], row["label"]["en"]) for row in rows(name)]


def label(name: str, item_id: str) -> str:
    """The words for one item; the id itself when the file no longer has it."""
    return next((row["label"]["en"] for row in rows(name) if row["id"] == item_id), item_id)


# ---- medicines -------------------------------------------------------------------------------------------------


@cache
def medicines() -> dict[str, Row]:
    """Every medicine of knowledge/medications by id."""
    return {
        item["id"]: item for file in knowing.load("medications").values() for item in file["items"] if "generic" in item
    }


def medicine_choices() -> Choices:
    """Recovery medicines first, then by name."""
    known = sorted(medicines().values(), key=lambda m: (not is_recovery_medicine(m["id"]), m["generic"]))
    return [(m["id"], m["generic"][0].upper() + m["generic"][1:]) for m in known]


def medicine(drug: str) -> Row:
    """The medicine, or an empty row for a name the files don't know."""
    return medicines().get(drug, {})


def in_classes(drug: str, named: Row, key: str = "classes") -> bool:
    """Whether a medicine has one of the rule's classes and none of those it leaves out."""
    has = set(medicine(drug).get("classes", ()))
    return bool(has & set(named[key])) and not has & set(named.get("but_not", ()))


def of_classes(named: Row, key: str = "classes") -> list[str]:
    """Ids of all medicines the rule is about."""
    return [drug for drug in medicines() if in_classes(drug, named, key)]


def is_recovery_medicine(drug: str) -> bool:
    return in_classes(drug, rule("recovery-medicine"))


def due_every(drug: str) -> list[int]:
    """The intervals in days of a long-acting medicine; empty for others."""
    return list(medicine(drug).get("due_every_days", ()))


def due_choices() -> Choices:
    days = sorted({d for drug in medicines() for d in due_every(drug)})
    return [(str(d), f"Every {d} days") for d in days]
