"""The words and rules of supports, from knowledge/supports."""

from datetime import timedelta
from typing import Any

from middleground.engines import knowing

Choices = list[tuple[str, str]]


def rows(name: str) -> list[dict[str, Any]]:
    """The items of need-areas, referral-statuses or referral-outcomes."""
    return knowing.load("supports")[name]["items"]


def choices(name: str) -> Choices:
    return [(row["id"], row["label"]["en"]) for row in rows(name)]


def item(name: str, item_id: str) -> dict[str, Any]:
    """One item; an empty one when the file no longer has it."""
    return next((row for row in rows(name) if row["id"] == item_id), {})


def label(name: str, item_id: str) -> str:
    return item(name, item_id).get("label", {}).get("en", item_id)


def loop() -> dict[str, Any]:
    """How the loop of a referral is closed: knowledge/supports/referral-statuses."""
    return knowing.load("supports")["referral-statuses"]["loop"]


def check_after(status: str, urgent: bool) -> timedelta | None:
    """How long after a status somebody asks how it went; None when the status is not open."""
    if urgent and status == "sent":
        return timedelta(hours=loop()["urgent_check_after_hours"])
    days = loop()["check_after_days"].get(status)
    return timedelta(days=days) if days is not None else None


def next_choice_within() -> timedelta:
    """How soon another place is chosen when one was not a fit: as soon as a referral sent is asked about."""
    return timedelta(days=loop()["check_after_days"]["sent"])


def languages() -> Choices:
    return [(row["id"], row["label"]["en"]) for row in knowing.load("vocabulary")["languages"]["items"]]


def closing_outcomes() -> Choices:
    """Outcomes that end a referral; somebody on a waiting list is still waiting."""
    return [(row["id"], row["label"]["en"]) for row in rows("referral-outcomes") if not row.get("keep_watching")]
