"""One line of the contract: a JSON object in, a JSON object out."""

from typing import Any

import msgspec

from middleground.engines.errors import BadLine
from middleground.engines.scoring.definition import Instrument, instrument
from middleground.engines.scoring.points import Score, Sex, known_sex, score


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `score` takes. `answers` is a list in published item order or an object by item id; null is unanswered."""

    instrument: str
    answers: list[int | None] | dict[str, int | None]
    sex: Sex | None = None


INPUT, OUTPUT = Ask, Score
KEYS = Ask.__struct_fields__


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """Score one contract line (`case` stays with the reader of lines). Raises `BadLine` with the contract's codes."""
    for key in line:
        if key not in KEYS:
            raise BadLine("unknown-key", f"There is no such key here; the keys are {', '.join(KEYS)}.", top(key))
    form = named(line.get("instrument"))
    result = score(form, given(line.get("answers")), known_sex(line.get("sex")))
    return msgspec.to_builtins(result)


def top(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def named(id: object) -> Instrument:
    if id is None:
        raise BadLine("unknown-instrument", "The line does not say which instrument.", "/instrument")
    if not isinstance(id, str):
        raise BadLine("wrong-type", "The instrument is named by its id, a string.", "/instrument")
    return instrument(id)


def given(answers: Any) -> Any:
    if answers is None:
        raise BadLine("missing-not-allowed", "The line holds no answers.", "/answers")
    return answers
