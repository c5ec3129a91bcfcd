"""Reasons in plain words: no codes, nothing of anybody else, nothing of what a commitment is."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...knowing import load
from ..clinic import Client, Spans
from ..times import interval_text
from .asking import Best, Reasons
from .constraints import family

NOT_ALL = {
    "en": "There was no time to look at everything: more may be possible.",
    "es": "No hubo tiempo para verlo todo: puede ser posible algo más.",
}


def cut_short(text: Iterable[str]) -> bool:
    """Whether these sentences, in English, say that there was no time to look at everything."""
    return NOT_ALL["en"] in text


def sentences(found: Reasons, client: Client, language: str = "en") -> list[str]:
    """First for a coordinator, then for the client."""
    return [*for_coordinator(found, client.busy, language), *for_client(found, client.busy, language)]


def by_reader(told: Mapping[str, Any], busy: Spans, language: str) -> tuple[list[str], list[str]]:
    """The sentences of an explanation in English apart: those for a coordinator as they stand, those for the client in their
    language. `busy`: the client's commitments."""
    found = read_back(told)
    text = list(told["text"])
    return text[: len(text) - len(for_client(found, busy, "en"))], for_client(found, busy, language)


def counted(told: Mapping[str, Any], busy: Spans, target: int, had: int) -> dict[str, Any]:
    """An explanation in English of the minutes that are lacking, as one of the whole `target`: `had` minutes they have already.
    `busy`: the client's commitments."""
    best = told["best"] and {**told["best"], "reach": told["best"]["reach"] + had}
    more = {**told, "target": target, "reach": told["reach"] + had, "best": best}
    found = read_back(more)
    return more | {"text": [*for_coordinator(found, busy, "en"), *for_client(found, busy, "en")]}


def read_back(told: Mapping[str, Any]) -> Reasons:
    """The reasons an explanation in English tells; that it was cut short stands only in its words."""
    best, enough = told["best"], told["enough"]
    return Reasons(
        told["client"],
        told["target"],
        told["reach"],
        tuple(told["because"]),
        Best(best["change"], best["reach"]) if best else None,
        None if enough is None else tuple(enough),
        cut_short(told["text"]),
    )


def language_of(wanted: str) -> str:
    """The language there are words in: English where there are none in the one wanted."""
    return wanted if wanted in words()["days"] else "en"


def words() -> dict[str, Any]:
    return load("timetabling")["reasons"]


def sentence(key: str, language: str, **parts: object) -> str:
    return str(words()["sentences"][key][language]).format(**parts)


def for_coordinator(found: Reasons, busy: Spans, language: str) -> list[str]:
    told = []
    if found.reach or not found.cut:
        told.append(sentence("reach", language, reach=found.reach, target=found.target))
    if found.cut:
        told.append(NOT_ALL[language])
    if found.because:
        told.append(
            sentence("because", language, these="; ".join(words()["families"][f][language] for f in found.because))
        )
    if found.best:
        change = change_words(found.best.change, busy, language)
        told.append(sentence("best", language, change=change, reach=found.best.reach))
    if found.enough is None and found.cut:
        return told
    if found.enough is None:
        told.append(sentence("never", language))
    elif len(found.enough) > 1:
        several = dict.fromkeys(change_words(name, busy, language) for name in found.enough)
        told.append(sentence("enough", language, these="; ".join(several)))
    return told


def for_client(found: Reasons, busy: Spans, language: str) -> list[str]:
    if found.reach >= found.target:
        return [sentence("there", language, target=found.target)]
    if found.cut:
        return [sentence("together", language)]
    told = [sentence("you", language, reach=found.reach, target=found.target)]
    if found.best:
        told.append(sentence("help", language, change=change_words(found.best.change, busy, language, you=True)))
    return [*told, sentence("together", language)]


def change_words(name: str, busy: Spans, language: str, *, you: bool = False) -> str:
    """One constraint lifted, as a thing that could be done. `busy`: the client's commitments."""
    changes = words()["changes"]
    row = changes[name] if name in changes else changes[family(name)]
    text = str((row["you"] if you else row)[language])
    rest = name.partition(":")[2]
    days = words()["days"][language]
    if family(name) == "free":
        return text.format(day=days[rest])
    if family(name) == "busy":
        day, _, hours = interval_text(busy[int(rest)]).partition(" ")
        return text.format(at=f"{days[day]} {hours}")
    return text
