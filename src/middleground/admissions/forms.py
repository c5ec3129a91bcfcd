"""The forms of admission as they are read and signed: text from knowledge/consents in the client's language.

42 CFR 2.22 (notice), 2.31 and 2.33 (one consent for treatment, payment and operations).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from middleground.engines import disclosure, knowing

from .words import rules, said

PARTIES = {
    "treating-providers": {"en": "my treating providers", "es": "quienes me tratan"},
    "health-plans": {"en": "health plans", "es": "planes de salud"},
    "third-party-payers": {"en": "third-party payers", "es": "otros pagadores"},
    "people-helping-run-this-program": {
        "en": "people helping to run this program",
        "es": "quienes ayudan a que funcione este programa",
    },
}
KEPT_APART = "counseling-note"  # needs a consent of its own, 42 CFR 2.31(b)


@dataclass(frozen=True)
class Form:
    """One form to read and sign: `statements` in order, `terms` what `records.sign_consent` takes besides client and name."""

    id: str
    title: str
    statements: list[str]
    terms: dict[str, Any]


def admission_forms(language: str, program: str) -> list[Form]:
    """The forms that must be signed before the first day, in the given language, for the program of this name."""
    return [admission_form(name, language, program) for name in rules()["forms"]]


def admission_form(name: str, language: str, program: str) -> Form:
    """Raises KeyError for a form that isn't in knowledge/consents."""
    told = knowing.load("consents")[name]
    title, statements = said(told["title"], language), [said(s["text"], language) for s in told["statements"]]
    scope = _sharing(told, language) if told["kind"] == "TPO_SINGLE" else _kept_here(language)
    lines = [title, *([_scope_in_words(scope, language)] if told["kind"] == "TPO_SINGLE" else []), *statements]
    terms = {"form": name, "form_version": told["version"], "text": "\n\n".join(lines), "from_party": program, **scope}
    return Form(name, title, lines[1:], terms)


def _sharing(told: dict[str, Any], language: str) -> dict[str, Any]:
    parties = ", ".join(said(PARTIES[each], language) for each in told["choices"]["recipient_classes"])
    return {
        "recipient": parties[0].upper() + parties[1:],
        "recipient_kind": "treating-providers",
        "purposes": told["choices"]["purposes"],
        "kinds": [kind for kind in disclosure.KINDS if kind != KEPT_APART],
        "ends_event": "until I take it back" if language != "es" else "hasta que yo lo retire",
    }


def _kept_here(language: str) -> dict[str, Any]:
    """A notice or an agreement shares nothing: the only party is the client."""
    return {
        "recipient": "Yo, como cliente" if language == "es" else "Myself, as the client",
        "recipient_kind": "self",
        "purposes": ["own-request"],
        "kinds": ["consent"],
        "ends_event": "al terminar la atención" if language == "es" else "the end of care",
    }


def scope_said(words: str, language: str) -> str:
    """A recipient or an end as an admission form wrote it, said in a reader's language; other words stay as they are.

    What was signed does not change: only the page that lists it speaks the reader's language.
    """
    mine, other = ("es", "en") if language == "es" else ("en", "es")
    told = knowing.load("consents")["tpo-single"]
    pairs = [(each(other), each(mine)) for each in (partial(_sharing, told), _kept_here)]
    known = {there[name]: here[name] for there, here in pairs for name in ("recipient", "ends_event")}
    return known.get(words, words)


def _scope_in_words(scope: dict[str, Any], language: str) -> str:
    kinds = ", ".join(disclosure.kind_words(kind, language) for kind in scope["kinds"])
    if language == "es":
        return f"Se puede compartir: {kinds}. Con: {scope['recipient']}. Para: atención, pago y funcionamiento. Vale {scope['ends_event']}."
    return f"May be shared: {kinds}. With: {scope['recipient']}. For: treatment, payment and operations. It lasts {scope['ends_event']}."
