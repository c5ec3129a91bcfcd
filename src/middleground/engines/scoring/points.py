"""From answers to a total, a band and flags. Every number comes from the instrument's file."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec

from middleground.engines import knowing
from middleground.engines.errors import BadLine
from middleground.engines.scoring.definition import AREA, Alarm, Band, Instrument, Item, Number, instrument

ENGINE = "score"
Sex = Literal["female", "male"]
Answers = Sequence[int | None] | Mapping[str, int | None]
Given = dict[str, int | None]


class Version(msgspec.Struct, frozen=True):
    """Which engine and which knowledge gave an answer."""

    engine: str
    knowledge: str


class Score(msgspec.Struct, frozen=True):
    """A scored instrument. A subscale is null where an item is missing; `missing` lists item ids in published order."""

    instrument: str
    total: int | float
    band: str
    subscales: dict[str, int | None]
    flags: list[str]
    missing: list[str]
    version: Version


def score(instrument_id: str | Instrument, answers: Answers, sex: Sex | None = None) -> Score:
    """Score `answers` (a list in published order or a mapping by item id, whole points, None for unanswered).

    Raises `BadLine`: unknown-instrument, answer-count, unknown-key, wrong-type, answer-out-of-range,
    missing-not-allowed, unknown-value.
    Source of every rule: the instrument's file in `knowledge/instruments/`.
    """
    form = instrument(instrument_id) if isinstance(instrument_id, str) else instrument_id
    given = take_skips(form, read_answers(form, answers))
    missing = [id for id, value in given.items() if value is None]
    refuse_too_many_missing(form, missing, answers)
    points = {item.id: item_points(form, item, given[item.id]) for item in form.items}
    total = total_points(form, [p for p in points.values() if p is not None])
    return Score(
        instrument=form.id,
        total=total,
        band=band(total, form.bands_for(known_sex(sex))).id,
        subscales={part.id: summed(points, part.items) for part in form.subscales},
        flags=raised_flags(form.alarms, given),
        missing=missing,
        version=Version(**knowing.version(ENGINE, AREA)),
    )


def read_answers(form: Instrument, answers: Answers) -> Given:
    """Each item's answer by id, checked against the values its file allows."""
    if isinstance(answers, Mapping):
        given = by_item_id(form, answers)
    elif isinstance(answers, (list, tuple)):
        given = by_position(form, answers)
    else:
        raise BadLine("wrong-type", "Answers are a list or an object by item id.", "/answers")
    for item in form.items:
        refuse_wrong_answer(form, item, given[item.id], place_of(form, item.id, answers))
    return given


def by_position(form: Instrument, answers: Sequence[int | None]) -> Given:
    if len(answers) != len(form.items):
        text = f"{form.id} has {len(form.items)} items, but {len(answers)} answers were given."
        raise BadLine("answer-count", text, "/answers")
    return {item.id: answer for item, answer in zip(form.items, answers, strict=True)}


def by_item_id(form: Instrument, answers: Mapping[str, int | None]) -> Given:
    known = {item.id for item in form.items}
    for key in answers:
        if key not in known:
            text = f"{form.id} has no such item; its items are {', '.join(item.id for item in form.items)}."
            raise BadLine("unknown-key", text, pointer(key))
    return {item.id: answers.get(item.id) for item in form.items}


def pointer(key: object) -> str:
    """The JSON pointer of an answer (RFC 6901 escapes)."""
    return "/answers/" + str(key).replace("~", "~0").replace("/", "~1")


def place_of(form: Instrument, item_id: str, answers: Answers) -> str:
    """Where an item's answer stands in the caller's own form of the answers."""
    if isinstance(answers, Mapping):
        return pointer(item_id)
    return pointer([item.id for item in form.items].index(item_id))


def refuse_wrong_answer(form: Instrument, item: Item, answer: object, where: str) -> None:
    if answer is None:
        return
    if type(answer) is not int:
        raise BadLine("wrong-type", "An answer is a whole number, or null when it was not given.", where)
    if answer not in form.values(item):
        allowed = ", ".join(map(str, form.values(item)))
        raise BadLine("answer-out-of-range", f"The answer to {item.id} of {form.id} must be one of {allowed}.", where)


def take_skips(form: Instrument, given: Given) -> Given:
    """Fill the answers that a published jump leaves out. An answer that was given is never changed."""
    filled = dict(given)
    for jump in form.skips:
        if summed(filled, jump.when) == jump.total:
            filled.update({id: jump.value for id in jump.skip if filled[id] is None})
    return filled


def summed(given: Mapping[str, int | None], ids: Sequence[str]) -> int | None:
    """The sum over `ids`, None when one of them is unknown."""
    values = [given[id] for id in ids]
    return None if None in values else sum(v for v in values if v is not None)


def refuse_too_many_missing(form: Instrument, missing: Sequence[str], answers: Answers) -> None:
    if len(missing) > form.missing.at_most:
        text = f"{len(missing)} of {len(form.items)} answers are missing; {form.id} allows {form.missing.at_most}."
        raise BadLine("missing-not-allowed", text, place_of(form, missing[0], answers))


def item_points(form: Instrument, item: Item, answer: int | None) -> int | None:
    """The points of one answer; a reverse item is mirrored within its own values."""
    if answer is None or not item.reverse:
        return answer
    values = form.values(item)
    return min(values) + max(values) - answer


def total_points(form: Instrument, points: Sequence[int]) -> Number:
    """The total, rounded half up; a missing item is worth the mean of the others."""
    shares = 1 if form.total.rule == "mean" else len(form.items)
    exact = Decimal(sum(points)) * shares / len(points)
    rounded = exact.quantize(Decimal(1).scaleb(-form.total.decimals), ROUND_HALF_UP)
    return float(rounded) if form.total.decimals else int(rounded)


def raised_flags(alarms: Sequence[Alarm], given: Given) -> list[str]:
    """The flags that the answers raise, in the order of the file. An unanswered alarm item is never read as safe."""
    raised = []
    for alarm in alarms:
        values = [given[id] for id in alarm.items]
        if any(value is not None and value >= alarm.at_least for value in values):
            raised.append(alarm.flag)
        elif None in values and alarm.unanswered:
            raised.append(alarm.unanswered)
    return raised


def known_sex(sex: object) -> Sex | None:
    if sex is not None and not isinstance(sex, str):
        raise BadLine("wrong-type", "Sex is female, male or null.", "/sex")
    if sex not in (None, "female", "male"):
        raise BadLine("unknown-value", "Sex is female, male or null.", "/sex")
    return sex  # type: ignore[return-value]


def band(total: Number, bands: Sequence[Band]) -> Band:
    """The band that holds `total`. Bands are contiguous. Raises `BadLine` (`out-of-range`) outside them."""
    for candidate in bands:
        if candidate.low <= total <= candidate.high:
            return candidate
    raise BadLine("out-of-range", f"A total of {total} lies outside {bands[0].low} to {bands[-1].high}.", "/total")
