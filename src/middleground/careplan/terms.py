"""The words and limits of this room, from knowledge/careplan and knowledge/vocabulary."""

from typing import Any

from middleground.engines import knowing


def limits() -> dict[str, Any]:
    """Days until the plan is due, between reviews, and of the check-ins after discharge."""
    return knowing.load("careplan")["plan-clocks"]


def items(vocabulary: str) -> dict[str, dict[str, Any]]:
    """A vocabulary's items by id."""
    return {item["id"]: item for item in knowing.load("vocabulary")[vocabulary]["items"]}


def choices(vocabulary: str) -> list[tuple[str, str]]:
    return [(item_id, item["label"]["en"]) for item_id, item in items(vocabulary).items()]


def goal_library() -> dict[str, dict[str, Any]]:
    """Ready goals by id, with objectives and interventions to start from."""
    found = (data for name, data in knowing.load("vocabulary").items() if name.startswith("goal-library"))
    return {goal["id"]: goal for data in found for goal in data["goals"]}


def label(vocabulary: str, item_id: str) -> str:
    """The English label of a vocabulary's item; the id itself when it isn't there."""
    found = items(vocabulary).get(item_id)
    return found["label"]["en"] if found else item_id


def stay_rules() -> set[str]:
    """The codes of the rules about staying (knowledge/placement/stay)."""
    return {rule["code"] for rule in knowing.load("placement")["placement-stay"]["rules"]}
