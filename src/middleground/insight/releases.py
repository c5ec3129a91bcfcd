"""The consents a client can sign on screen: what each form lets choose, and the text as it will be read and kept.

Source of every text and choice: knowledge/consents (42 CFR 2.31, 2.33, 2.35), knowledge/insight/recipients.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from middleground.admissions.forms import admission_form
from middleground.engines import disclosure
from middleground.engines.knowing import load

SIGNED_HERE = ("SPECIFIC", "CRIMINAL_JUSTICE_REFERRAL", "LEGAL_PROCEEDING", "COUNSELING_NOTES", "TPO_SINGLE")
APART = "counseling-note"
LEGAL_RECIPIENTS = ("court", "attorney")
HEAD = {
    "en": ("Client", "Who may share", "Who may receive it", "What may be shared", "What for", "Until"),
    "es": ("Cliente", "Quién puede compartir", "Quién puede recibirlo", "Qué se puede compartir", "Para qué", "Hasta"),
}


@dataclass(frozen=True)
class Release:
    """One form for one sort of recipient. `kinds` and `purposes` are (id, words) to choose from; `fixed`: nothing to choose."""

    form: str
    version: str
    title: str
    recipient_kind: str
    recipient_label: str
    kinds: list[tuple[str, str]]
    purposes: list[tuple[str, str]]
    suggested_kinds: list[str]
    suggested_purposes: list[str]
    statements: list[str]
    fixed: dict[str, Any]
    revocable: bool


def said(words: dict[str, str], language: str) -> str:
    return words.get(language) or words["en"]


def choices() -> list[tuple[str, str, str, str]]:
    """(form, form's title, kind of recipient, its label) of everything that can be signed, in English for staff."""
    found = []
    for form, told in load("consents").items():
        if told["kind"] in SIGNED_HERE:
            found += [(form, said(told["title"], "en"), each, label_of(form, each, "en")) for each in _recipients(told)]
    return sorted(found, key=lambda row: SIGNED_HERE.index(load("consents")[row[0]]["kind"]))


def title_of(form: str, language: str = "en") -> str:
    """What a signed form is called; a form that knowledge no longer holds keeps its own id, in words."""
    told = load("consents").get(form)
    return said(told["title"], language) if told else form.replace("-", " ").capitalize()


def _recipients(told: dict[str, Any]) -> list[str]:
    given = told["choices"]
    if told["kind"] == "TPO_SINGLE":
        return ["treating-providers"]
    if "recipient_kinds" in given:
        return [each["id"] for each in given["recipient_kinds"]]
    return given.get("recipient_classes") or (
        ["provider"] if told["kind"] == "COUNSELING_NOTES" else list(LEGAL_RECIPIENTS)
    )


def label_of(form: str, recipient_kind: str, language: str) -> str:
    told = load("consents")[form]
    own = {each["id"]: each["label"] for each in told["choices"].get("recipient_kinds", ())}
    labels = load("insight")["recipients"]["labels"]
    if told["kind"] == "TPO_SINGLE":
        return {"es": "Atención, pago y programa"}.get(language, "Care, payment and the program")
    return said(own.get(recipient_kind) or labels[recipient_kind], language)


def purpose_words(purposes: Iterable[str]) -> list[str]:
    """What a consent is for, in the words of the staff; a purpose that the list doesn't have stays as it is."""
    words = load("insight")["recipients"]["purposes"]
    return [words[each].get("staff", words[each]["en"]) if each in words else each for each in purposes]


def release(form: str, recipient_kind: str, language: str, program: str) -> Release | None:
    """The form, or None when there is no such form for such a recipient."""
    told = load("consents").get(form)
    if told is None or told["kind"] not in SIGNED_HERE or recipient_kind not in _recipients(told):
        return None
    kinds, purposes = _scope(told)
    hints: dict[str, Any] = next(
        (e for e in told["choices"].get("recipient_kinds", ()) if e["id"] == recipient_kind), {}
    )
    fixed = admission_form(form, language, program).terms if told["kind"] == "TPO_SINGLE" else {}
    return Release(
        form,
        str(told["version"]),
        said(told["title"], language),
        recipient_kind,
        label_of(form, recipient_kind, language),
        [(kind, disclosure.kind_words(kind, language)) for kind in kinds],
        [(purpose, said(load("insight")["recipients"]["purposes"][purpose], language)) for purpose in purposes],
        hints.get("suggested_data")
        or (kinds if told["kind"] in ("COUNSELING_NOTES", "CRIMINAL_JUSTICE_REFERRAL") else []),
        [hints["suggested_purpose"]] if hints else purposes[:1],
        [said(each["text"], language) for each in told["statements"]],
        fixed,
        told["rules"].get("revocable") is True,
    )


def _scope(told: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What may be chosen: counseling notes and legal purposes only on forms of their own (42 CFR 2.31(b), (d))."""
    given = told["choices"]
    kinds = given.get("data_classes") or [k for k in disclosure.KINDS if k != APART]
    if kinds == ["all"]:
        kinds = [k for k in disclosure.KINDS if k != APART]
    purposes = given.get("purposes") or sorted({each["suggested_purpose"] for each in given["recipient_kinds"]})
    return list(kinds), list(purposes)


def text_of(
    wanted: Release,
    client: str,
    program: str,
    recipient: str,
    kinds: Iterable[str],
    purposes: Iterable[str],
    ends_on: date | None,
    ends_event: str,
    language: str,
) -> str:
    """The whole consent as it is read and signed: title, its elements with what was chosen, every statement."""
    named, why = dict(wanted.kinds), dict(wanted.purposes)
    values = (
        client,
        program,
        recipient,
        ", ".join(named[k] for k in kinds if k in named),
        ", ".join(why[p] for p in purposes if p in why),
        str(ends_on or ends_event),
    )
    head = [f"{label}: {value}" for label, value in zip(HEAD.get(language, HEAD["en"]), values, strict=True)]
    return "\n\n".join([wanted.title, "\n".join(head), *wanted.statements])
