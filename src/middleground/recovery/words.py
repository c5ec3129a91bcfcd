"""The words of the client's own work: labels, choices and thresholds, read from knowledge files. Nothing is stored here."""

from typing import Any

from django.utils.translation import get_language

from middleground.engines.knowing import load


def language() -> str:
    """The reader's language as a key of our bilingual texts: "en" or "es"."""
    return "es" if (get_language() or "en").startswith("es") else "en"


def said(text: Any, speech: str = "") -> str:
    """One bilingual text {en, es} in the reader's language (or in `speech`); plain text as it is."""
    return str(text.get(speech or language(), text["en"]) if isinstance(text, dict) else text)


def labels(list_id: str, speech: str = "") -> dict[str, str]:
    """{id: label} of a vocabulary list."""
    return {item["id"]: said(item["label"], speech) for item in load("vocabulary")[list_id]["items"]}


def label(list_id: str, given: str, speech: str = "") -> str:
    """The label of an id of the list; words that aren't an id are the client's own and stay as they are."""
    return labels(list_id, speech).get(given, given)


def place_of(trigger: str) -> str:
    """Where a trigger of the vocabulary lies, "external" or "internal"; "" for the client's own words."""
    sides = {item["id"]: item["side"] for item in load("vocabulary")["triggers"]["items"]}
    return sides.get(trigger, "")


def follow_up(what: str) -> dict[str, Any]:
    """What knowledge/recovery/follow-up sets for one kind of report."""
    return load("recovery")["follow-up"][what]


def high_craving() -> int:
    """From this craving (0-10) on somebody calls. Source: vocabulary/check-in-scales, steps_after."""
    steps = load("vocabulary")["check-in-scales"]["steps_after"]
    return next(step["if"]["at_least"] for step in steps if step["id"] == "high-craving")


def points_for_a_trend() -> int:
    """How many check-ins a sentence about a trend needs. Source: vocabulary/check-in-scales."""
    return load("vocabulary")["check-in-scales"]["small_sample"]["trend_needs_points"]


def lessons(audience: str = "client") -> list[dict[str, Any]]:
    """The lessons for clients or for families, in their order."""
    found = [each for each in load("education").values() if each["audience"] == audience]
    return sorted(found, key=lambda each: each["order"])


def lesson(lesson_id: str, audience: str = "client") -> dict[str, Any] | None:
    """One lesson, or None when there is none of this name for this audience."""
    found = load("education").get(lesson_id)
    return found if found and found["audience"] == audience else None


def marked(found: dict[str, Any], answers: dict[str, Any]) -> tuple[int, int]:
    """(right answers, questions asked) of a lesson's quiz. Raises ValueError naming an answer that isn't offered."""
    right = 0
    for question in found["quiz"]:
        given = answers.get(question["id"], "")
        options = {option["id"]: option.get("right", False) for option in question["options"]}
        if given and given not in options:
            raise ValueError(question["id"])
        right += bool(options.get(given))
    return right, len(found["quiz"])
