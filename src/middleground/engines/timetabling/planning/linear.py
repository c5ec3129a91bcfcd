"""What clients share, as rows of a linear program: seats, leaders, rooms, clinicians' time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy
from scipy import sparse

from .counts import Numbers
from .day_ways import Prices
from .model import Model

ENDLESS = math.inf
MOST = 1 << 62  # in a model: no limit
Row = tuple[float, float, list[int], list[int]]  # least and most, literals, factors


@dataclass(slots=True)
class Shared:
    """`low` <= `matrix` @ literals <= `high`, a row for each rule; `least`, `most`: what each literal may be."""

    low: Prices
    high: Prices
    matrix: sparse.csc_array
    least: Prices
    most: Prices

    @property
    def literals(self) -> int:
        return len(self.least)

    def of(self, literals: Numbers) -> tuple[Numbers, Prices]:
        """What these literals together add to the rows."""
        if not len(literals):
            return numpy.array([], dtype=numpy.int64), numpy.array([])
        rows, factors = map(numpy.concatenate, zip(*map(self.entries, literals), strict=True))
        found, where = numpy.unique(rows, return_inverse=True)
        return found, numpy.bincount(where, weights=factors)

    def entries(self, literal: Any) -> tuple[Numbers, Prices]:
        """What this literal adds to the rows."""
        part = slice(self.matrix.indptr[literal], self.matrix.indptr[literal + 1])
        return self.matrix.indices[part], self.matrix.data[part]

    def prices(self, duals: Prices) -> Prices:
        """What each literal uses at these prices of the rows."""
        return self.matrix.T @ duals


def shared(model: Model) -> Shared:
    """The rules of a model whose solutions are all whole numbers; what can't be said as a row is left out."""
    rows, domains = list(rows_of(model.cp.proto)), [list(each.domain) for each in model.cp.proto.variables]
    low, high = (numpy.array([each[i] for each in rows], dtype=numpy.float64) for i in (0, 1))
    literal = numpy.array([each for _, _, literals, _ in rows for each in literals], dtype=numpy.int64)
    factor = numpy.array([each for *_, factors in rows for each in factors], dtype=numpy.float64)
    row = numpy.repeat(numpy.arange(len(rows)), [len(literals) for _, _, literals, _ in rows])
    matrix = sparse.csc_array((factor, (row, literal)), shape=(len(rows), len(domains)))
    matrix.eliminate_zeros()
    least, most = (numpy.array([each[i] for each in domains], dtype=numpy.float64) for i in (0, -1))
    return Shared(low, high, matrix, least, most)


def rows_of(proto: Any) -> Iterator[Row]:
    for each in proto.constraints:
        given = list(each.enforcement_literal)
        if each.has_linear() and not given:
            low, *_, high = each.linear.domain
            yield endless(low), endless(high), list(each.linear.vars), list(each.linear.coeffs)
        elif each.has_at_most_one():
            yield between(list(each.at_most_one.literals), -ENDLESS, 1)
        elif each.has_exactly_one():
            yield between(list(each.exactly_one.literals), 1, 1)
        elif each.has_bool_or():
            yield between([*each.bool_or.literals, *(-g - 1 for g in given)], 1, ENDLESS)
        elif each.has_bool_and():
            for literal in each.bool_and.literals:
                yield between([literal, *(-g - 1 for g in given)], 1, ENDLESS)


def endless(limit: int) -> float:
    """A limit of a rule as the linear program has it: what a model counts as no limit is none."""
    return math.copysign(ENDLESS, limit) if abs(limit) >= MOST else limit


def between(literals: list[int], low: float, high: float) -> Row:
    """So many of the literals are true; one that is negated counts 1 less what it is."""
    negated = sum(literal < 0 for literal in literals)
    factors = [1 if literal >= 0 else -1 for literal in literals]
    return low - negated, high - negated, [max(literal, -literal - 1) for literal in literals], factors
