"""What a solution of the program over whole weeks says of a model's literals: where a search had best begin."""

import numpy

from .columns import Columns
from .day_ways import Prices
from .model import Model
from .settling import Told

SURE = 0.8  # at least so much of a literal is told as 1, and what is missing of that as 0
KINDS = ("runs", "leads", "cos", "rooms", "seats", "visits", "serves")


def likely(columns: Columns, model: Model) -> Told:
    """Those that are nearly 0 or 1 in the program's solution."""
    much, whole = shares(columns), columns.model
    told: Told = {}
    for kind in KINDS:
        known = getattr(whole, kind)
        for key, literal in getattr(model, kind).items():
            if key in known and not 1 - SURE < (share := much[known[key].index]) < SURE:
                told[literal.index] = int(share >= SURE)
    return told


def shares(columns: Columns) -> Prices:
    """How much of each literal of the whole week the solution has."""
    much = numpy.zeros(columns.shared.literals)
    much[columns.others] = columns.values[: len(columns.others)]
    for literals, known in zip(columns.literals, columns.known, strict=True):
        for booked, column in known.items():
            if share := columns.much(column):
                much[literals[list(booked)]] += share
    return much
