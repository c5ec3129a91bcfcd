"""What an instrument is: the frozen form of a file in `knowledge/instruments/`, to be scored and to be rendered."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import msgspec

from middleground.engines import knowing
from middleground.engines.errors import BadLine

AREA = "instruments"
Confidence = Literal["V", "V2", "G", "D"]
Number = int | float


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of an instrument's file; a misspelt field is refused."""


class Text(Part, frozen=True):
    """Words in English, and in Spanish where clients read them."""

    en: str
    es: str | None = None

    def spoken(self, language: str) -> str:
        """The words in `language` ("en" or "es"), English where there is no Spanish."""
        return self.es if language == "es" and self.es else self.en


class Option(Part, frozen=True):
    """One answer that can be chosen: its points and its words."""

    value: int
    label: Text


class Scale(Part, frozen=True):
    """An unbroken run of whole points; `anchors` words the points that the publication words."""

    low: int
    high: int
    anchors: dict[int, Text] = {}

    def choices(self) -> tuple[Option, ...]:
        return tuple(Option(v, self.anchors.get(v) or Text(str(v))) for v in range(self.low, self.high + 1))


class Item(Part, frozen=True):
    """One question. Its own `options` or `scale` outrank the instrument's. `reverse`: its points are mirrored."""

    id: str
    wording: Text
    options: tuple[Option, ...] = ()
    scale: Scale | None = None
    reverse: bool = False


class Band(Part, frozen=True):
    """A named stretch of totals, both ends included."""

    id: str
    low: Number
    high: Number
    label: Text


class Subscale(Part, frozen=True):
    """A named sum over some of the items."""

    id: str
    items: tuple[str, ...]


class Alarm(Part, frozen=True):
    """A flag raised when any of `items` is answered with `at_least` or more; `unanswered` when one was left out."""

    items: tuple[str, ...]
    at_least: int
    flag: str
    unanswered: str | None = None


class Skip(Part, frozen=True):
    """A published jump: when the items in `when` sum to `total`, unanswered items in `skip` count `value` points."""

    when: tuple[str, ...]
    total: int
    skip: tuple[str, ...]
    value: int


class Missing(Part, frozen=True):
    """How many answers may be left out, and what is done then: the mean of the others stands in, rounded half up."""

    at_most: int = 0
    then: Literal["prorate"] = "prorate"
    confidence: Confidence = "G"


class Total(Part, frozen=True):
    """How items make a total: a sum, or a mean shown with `decimals`."""

    rule: Literal["sum", "mean"] = "sum"
    decimals: int = 0


class Change(Part, frozen=True):
    """The smallest change in the total that counts: in points, or in percent of the first total."""

    source: str
    confidence: Confidence
    points: Number | None = None
    percent: Number | None = None
    better: Literal["lower", "higher"] = "lower"


class Recall(Part, frozen=True):
    """The stretch of time that the questions ask about; 0 days is now."""

    days: int
    en: str
    es: str | None = None


class Precondition(Part, frozen=True):
    """A question that decides whether the instrument is given at all; it scores nothing."""

    wording: Text
    if_no: Text


class Instrument(Part, frozen=True):
    """A published instrument as data. `confidence` covers the file; `notes` say what is less sure, in plain words."""

    id: str
    title: Text
    measures: str
    source: str
    version: str
    licence: str
    effective: dt.date
    confidence: Confidence
    administered: Literal["self", "clinician"]
    recall: Recall
    prompt: Text
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    notes: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    total: Total = Total()
    missing: Missing = Missing()
    bands_by_sex: dict[Literal["female", "male"], tuple[Band, ...]] = {}
    subscales: tuple[Subscale, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    skips: tuple[Skip, ...] = ()
    change: Change | None = None
    precondition: Precondition | None = None

    def choices(self, item: Item) -> tuple[Option, ...]:
        """The answers that `item` offers, mildest points first."""
        if item.scale:
            return item.scale.choices()
        return item.options or self.options

    def values(self, item: Item) -> tuple[int, ...]:
        return tuple(option.value for option in self.choices(item))

    def bands_for(self, sex: str | None) -> tuple[Band, ...]:
        """The bands for `sex` where the publication has them, else the instrument's own: the cautious ones."""
        by_sex: Mapping[Any, tuple[Band, ...]] = self.bands_by_sex
        return by_sex.get(sex, self.bands)


@cache
def instrument(id: str) -> Instrument:
    """The instrument with this id. Raises `BadLine` (`unknown-instrument`) or `knowing.BadKnowledge`."""
    data = knowing.load(AREA).get(id)
    if data is None:
        raise BadLine("unknown-instrument", f"There is no instrument called {id[:60]}.", "/instrument")
    try:
        return msgspec.convert(data, Instrument)
    except msgspec.ValidationError as fault:
        raise knowing.BadKnowledge(f"{id}: {fault}") from fault


def instruments() -> tuple[Instrument, ...]:
    """Every instrument in force, by id."""
    return tuple(instrument(id) for id in sorted(knowing.load(AREA)))
