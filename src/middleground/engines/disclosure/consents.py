"""When a consent is in force, what it covers, and what a consent form still lacks. Source: 42 CFR 2.31, 2.33."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from ..knowing import load
from .asking import Asking, ConsentFact

APART_KIND, APART_PURPOSE = "counseling-note", "legal"


class Gap(msgspec.Struct, frozen=True):
    """One element that a consent form lacks, in words."""

    field: str
    text: str
    text_es: str
    source: str
    confidence: str


def covered(asking: Asking) -> bool:
    """Some consent in force covers this recipient, purpose and kind at that moment."""
    return any(in_force(fact, asking.at) and covers(fact, asking) for fact in asking.consents)


def in_force(fact: ConsentFact, at: datetime) -> bool:
    """Signed, begun, not ended and not revoked. Revocation works from its moment on (42 CFR 2.31(c))."""
    ended = fact.ends is not None and at >= fact.ends
    revoked = fact.revoked_at is not None and at >= fact.revoked_at
    return fact.signed and fact.starts <= at and not ended and not revoked


def covers(fact: ConsentFact, asking: Asking) -> bool:
    return fact.recipient_matches and covers_purpose(fact, asking.purpose) and covers_kind(fact, asking.kind)


def covers_purpose(fact: ConsentFact, purpose: str) -> bool:
    """A consent for legal proceedings stands alone: combined with other purposes it isn't one."""
    return fact.purposes == {APART_PURPOSE} if purpose == APART_PURPOSE else purpose in fact.purposes


def covers_kind(fact: ConsentFact, kind: str) -> bool:
    """Counseling notes need a consent of their own; one for treatment, payment and operations never carries them."""
    if kind == APART_KIND:
        return fact.kinds == {APART_KIND} and not fact.purposes >= set(load("disclosure")["outside"]["tpo"])
    return kind in fact.kinds or "all" in fact.kinds


def consent_gaps(form: Mapping[str, Any]) -> list[Gap]:
    """Which elements of 42 CFR 2.31(a) a form lacks, in the order of the rule; empty when it is complete.

    Keys: patient, from_party, data_classes, recipients, intermediary, intermediary_members or intermediary_class,
    purpose (one or a list), revocation_text, expires_on or expires_event ("none" counts), signed_by, signed_at,
    redisclosure_text, refusal_text.
    """
    rule = load("disclosure")["consent-elements"]
    lacking = [
        gap(element["field"], element)
        for element in rule["elements"]
        if asked_for(element, form) and not any(form.get(name) for name in element["any"])
    ]
    mixed = [
        gap(each["in"], each) for value, each in rule["separate"].items() if not stands_alone(value, each["in"], form)
    ]
    return lacking + mixed


def gap(field: str, row: Mapping[str, Any]) -> Gap:
    source = load("disclosure")["consent-elements"]["source"]["title"]
    return Gap(field, row["en"], row["es"], source, row["confidence"])


def asked_for(element: Mapping[str, Any], form: Mapping[str, Any]) -> bool:
    when = element.get("when")
    if when == "tpo":
        return as_set(form.get("purpose")) >= set(load("disclosure")["outside"]["tpo"])
    return when is None or bool(form.get(when))


def stands_alone(value: str, field: str, form: Mapping[str, Any]) -> bool:
    held = as_set(form.get(field))
    return value not in held or held == {value}


def as_set(value: Any) -> set[str]:
    return {value} if isinstance(value, str) else set(value or ())
