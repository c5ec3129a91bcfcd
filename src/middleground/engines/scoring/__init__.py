"""Scoring of published instruments: totals, bands, subscales, flags and reliable change.

    >>> score("phq-9", [1, 2, 0, 3, 0, 1, 2, 0, 1]).band
    'moderate'

An instrument is a file in `knowledge/instruments/`; a clinic overrides one by id in its own folder.
"""

from middleground.engines.scoring.definition import AREA, Band, Instrument, Item, Option, Text, instrument, instruments
from middleground.engines.scoring.line import INPUT, OUTPUT, answer
from middleground.engines.scoring.points import Score, band, score
from middleground.engines.scoring.progress import Verdict, change

AREAS = (AREA,)
SCHEMAS = {"input": INPUT, "output": OUTPUT}

__all__ = [
    "AREAS",
    "INPUT",
    "OUTPUT",
    "SCHEMAS",
    "Band",
    "Instrument",
    "Item",
    "Option",
    "Score",
    "Text",
    "Verdict",
    "answer",
    "band",
    "change",
    "instrument",
    "instruments",
    "score",
]
