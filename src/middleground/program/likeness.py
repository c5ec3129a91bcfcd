"""Does a person's note name somebody else, or say what another note says? Pure; warnings for the writer, never a block.

Identical notes are a common reason for payers to refuse, and another member's name in a note discloses that they are a client.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .rules import rule

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")


@dataclass(frozen=True)
class Warn:
    """About whose part, what (`name`, `same`, `before`), the words found, and whom it concerns (None: themselves)."""

    client: int
    sort: str
    found: str
    other: int | None = None


def words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(text)]


def runs(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of consecutive words of a text; a short text is one run."""
    said, length = words(text), rule("likeness")["run"]
    if len(said) < rule("likeness")["words"]:
        return frozenset({tuple(said)}) if said else frozenset()
    return frozenset(tuple(said[i : i + length]) for i in range(len(said) - length + 1))


def alike(one: str, other: str) -> bool:
    """Whether two texts share so many runs that one looks copied from the other (knowledge/program/sessions: likeness)."""
    here, there = runs(one), runs(other)
    if not here or not there:
        return False
    return len(here & there) / len(here | there) >= rule("likeness")["share"]


def names_in(text: str, names: Iterable[str], own: Iterable[str]) -> list[str]:
    """Which of the names stand in the text as whole, capitalised words, the person's own names aside."""
    mine = {part.casefold() for name in own for part in WORD.findall(name)}
    said = {word for word in WORD.findall(text) if word[:1].isupper()}
    stems = {re.sub(r"['’]s$", "", word).casefold() for word in said}
    return [name for name in names if len(name) > 1 and name.casefold() in stems and name.casefold() not in mine]


def warnings(
    parts: Mapping[int, str], names: Mapping[int, tuple[str, ...]], before: Mapping[int, str] | None = None
) -> list[Warn]:
    """Warnings for a session's parts.

    `parts`: client id -> text. `names`: client id -> first, last and chosen names of everyone on the roster.
    `before`: client id -> that client's previous note.
    """
    found: list[Warn] = []
    for client, text in parts.items():
        for other, theirs in names.items():
            if other != client:
                found += [
                    Warn(client, "name", name, other)
                    for name in dict.fromkeys(names_in(text, theirs, names.get(client, ())))
                ]
        if alike(text, (before or {}).get(client, "")):
            found.append(Warn(client, "before", text[:60]))
    return found + _same(parts)


def _same(parts: Mapping[int, str]) -> list[Warn]:
    told = [(client, text) for client, text in parts.items() if text.strip()]
    return [
        Warn(client, "same", text[:60], other)
        for place, (client, text) in enumerate(told)
        for other, theirs in told[:place]
        if alike(text, theirs)
    ]
