"""The words and rules of admissions, from knowledge: choices for forms, labels for pages, thresholds with their source."""

from typing import Any

from django.utils.translation import get_language

from middleground.engines import knowing


def rules() -> dict[str, Any]:
    """knowledge/admissions/promises.yaml."""
    return knowing.load("admissions")["promises"]


def items(name: str) -> list[dict[str, Any]]:
    """The items of a vocabulary file."""
    return knowing.load("vocabulary")[name]["items"]


def said(text: dict[str, str], language: str | None = None) -> str:
    """A bilingual text in the reader's language (or the given one), else in English."""
    return text.get((language or get_language() or "en")[:2]) or text["en"]


def choices(name: str) -> list[tuple[str, str]]:
    """A vocabulary as form choices, in the reader's language."""
    return [(item["id"], said(item["label"])) for item in items(name)]


def label(name: str, item_id: str) -> str:
    """The words for one item; the id itself when the vocabulary no longer has it."""
    return next((said(item["label"]) for item in items(name) if item["id"] == item_id), item_id)


def fact(name: str, item_id: str, what: str) -> Any:
    """A further fact of an item (`reached` of a contact outcome); None when it has none."""
    return next((item.get(what) for item in items(name) if item["id"] == item_id), None)
