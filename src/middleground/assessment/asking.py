"""How an instrument is asked on a page: questions as plain data, answers read back, answers kept with their wording."""

from collections.abc import Mapping
from typing import Any

from middleground.engines import scoring
from middleground.engines.errors import BadLine
from middleground.engines.scoring import Instrument, Item
from middleground.kernel.errors import Refused

ROW_OF_WORDS = 80  # letters of all options together that still stand in a row


def known(instrument_id: str) -> Instrument:
    """The instrument in force. Raises `Refused` when there is none with this id."""
    try:
        return scoring.instrument(instrument_id)
    except BadLine as no:
        raise Refused(str(no), "instrument") from no


def choices() -> list[tuple[str, str]]:
    """(id, title) of every instrument in force."""
    return [(each.id, each.title.en) for each in scoring.instruments()]


def for_clients() -> list[Instrument]:
    """The instruments a client may answer alone."""
    return [each for each in scoring.instruments() if each.administered == "self"]


def name_of(item: Item) -> str:
    """The name of an item's radios in a form."""
    return f"q-{item.id}"


def questions(
    form: Instrument, language: str = "en", given: Mapping[str, Any] | None = None, wrong: str = ""
) -> list[dict[str, Any]]:
    """What `web/_instrument_questions.html` draws: each item with number, name, wording, choices and what was chosen.

    `given` maps form names to posted or kept values; `wrong` is the id of an item with an error.
    """
    given = given or {}
    asked = []
    for number, item in enumerate(form.items, start=1):
        chosen = str(given.get(name_of(item), ""))
        options = [
            {
                "value": option.value,
                "label": str(option.value) if item.scale else option.label.spoken(language),
                "checked": str(option.value) == chosen,
            }
            for option in form.choices(item)
        ]
        asked.append(
            {
                "id": item.id,
                "name": name_of(item),
                "number": number,
                "wording": item.wording.spoken(language),
                "choices": options,
                "look": look(item, options),
                "anchors": anchors(item, language),
                "wrong": item.id == wrong,
            }
        )
    return asked


def look(item: Item, options: list[dict[str, Any]]) -> str:
    """How the choices stand: "scale" (numbers in a row), "segmented" (short words in a row) or "" (one under the other)."""
    if item.scale:
        return "scale"
    return "segmented" if sum(len(option["label"]) for option in options) <= ROW_OF_WORDS else ""


def anchors(item: Item, language: str) -> list[tuple[int, str]]:
    """What the worded points of a scale mean."""
    return [(value, text.spoken(language)) for value, text in sorted(item.scale.anchors.items())] if item.scale else []


def read_answers(form: Instrument, posted: Mapping[str, Any]) -> list[int | None]:
    """The answers in published order from posted radios; what is not a whole number counts as not answered."""
    return [
        int(value) if (value := str(posted.get(name_of(item), "")).strip()).isdecimal() else None for item in form.items
    ]


def kept(form: Instrument, answers: list[int | None], language: str) -> dict[str, Any]:
    """The answers with everything a reader needs later: the words asked, the options offered and the one chosen."""
    return {
        "prompt": form.prompt.spoken(language),
        "recall": form.recall.en if language != "es" else form.recall.es or form.recall.en,
        "options": [[option.value, option.label.spoken(language)] for option in form.options],
        "items": [kept_item(form, item, value, language) for item, value in zip(form.items, answers, strict=True)],
    }


def kept_item(form: Instrument, item: Item, value: int | None, language: str) -> dict[str, Any]:
    said = {option.value: option.label.spoken(language) for option in form.choices(item)}
    row: dict[str, Any] = {
        "id": item.id,
        "wording": item.wording.spoken(language),
        "value": value,
        "chosen": "" if value is None else said.get(value, ""),
    }
    if item.options or item.scale:
        row["options"] = [[points, label] for points, label in said.items()]
    return row
