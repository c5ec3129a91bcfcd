"""The rules a session is held by, read from knowledge/program and knowledge/vocabulary. No numbers live here."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from middleground.engines.knowing import load

UNRECORDED = "unrecorded"


def rule(name: str) -> dict[str, Any]:
    return load("program")["sessions"][name]


def vocabulary(name: str) -> dict[str, dict[str, Any]]:
    """id -> item of a vocabulary, in its order."""
    return {item["id"]: item for item in load("vocabulary")[name]["items"]}


@cache
def marks() -> dict[str, dict[str, Any]]:
    return vocabulary("attendance-marks")


@cache
def reasons() -> dict[str, str]:
    """Every reason a mark may carry: the client's, then the program's. id -> English label."""
    both = {**vocabulary("program-cancellation-reasons"), **vocabulary("absence-reasons")}
    return {name: item["label"]["en"] for name, item in both.items()}


def size(session_kind: str) -> dict[str, int]:
    """usual, warn and block sizes of a group of this kind (knowledge/program/sessions: sizes)."""
    sizes = rule("sizes")
    return sizes.get(session_kind, sizes["default"])


def needs_cosign(credentials: Iterable[str]) -> bool:
    """Whether someone with these credentials needs a co-signature (knowledge/program/sessions: cosign)."""
    independent = {name.casefold() for name in rule("cosign")["independent"]}
    return not any(held.strip().casefold() in independent for held in credentials)


def call_due(start: datetime, now: datetime) -> datetime:
    """When the call after a missed visit is due (handbook 9.3: the same day; knowledge/program/sessions: follow_up)."""
    told = rule("follow_up")
    return max(start + timedelta(minutes=told["call_after"]), now + timedelta(minutes=told["or_within"]))


def is_followed_up(start: datetime, now: datetime) -> bool:
    return now - start <= timedelta(days=rule("follow_up")["not_after"])


def opens_at(start: datetime) -> datetime:
    """From when attendance of a session may be written."""
    return start - timedelta(minutes=rule("attendance")["opens_before"])


def note_due(end: datetime) -> datetime:
    return end + timedelta(hours=rule("note")["due"])


def note_late(end: datetime) -> datetime:
    return end + timedelta(hours=rule("note")["late"])


def topics(component: str) -> list[dict[str, Any]]:
    """The topics of a curriculum in order; empty for none."""
    return load("curricula").get(component, {}).get("topics", []) if component else []


def asked_of(mark: str) -> frozenset[str]:
    """Which details a mark asks for: minutes or times when it needs them, a reason when away or when it needs one."""
    told = marks()[mark]
    asked = {"minutes", "arrived", "left"} if told.get("needs_minutes") else set()
    away = not told["counts"] and told["final"]
    return frozenset(asked | ({"reason"} if told["needs_reason"] or away else set()))
