"""A case as plain facts: JSON pointer -> value, with the substances as uses. Unknown facts are absent."""

from typing import Any, NamedTuple

import msgspec

from middleground.engines.safety.case import Case

USES = "/substances"
Facts = dict[str, Any]


class Use(NamedTuple):
    """One substance in use; None is unknown."""

    substance: str | None
    last_use_hours: float | None
    daily: bool | None
    weeks: float | None


def facts_of(case: Case) -> Facts:
    """Every known answer by its pointer; lists become sets, because their order means nothing."""
    facts: Facts = {}
    given = msgspec.to_builtins(case)
    substances = given.pop("substances")
    for key, value in given.items():
        lay_out(facts, f"/{key}", value)
    if substances is not None:
        facts[USES] = tuple(Use(**each) for each in substances)
    return facts


def lay_out(facts: Facts, at: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            lay_out(facts, f"{at}/{key}", inner)
    elif isinstance(value, list):
        facts[at] = frozenset(value)
    elif value is not None:
        facts[at] = value


def changed(facts: Facts, at: str, value: Any) -> Facts:
    """The same facts with one answer replaced; `at` may point into a use (`/substances/0/weeks`)."""
    if not at.startswith(USES + "/"):
        return facts | {at: value}
    _, _, index, name = at.split("/")
    uses = list(facts[USES])
    uses[int(index)] = uses[int(index)]._replace(**{name: value})
    return facts | {USES: tuple(uses)}
