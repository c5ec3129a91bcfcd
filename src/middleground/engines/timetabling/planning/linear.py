"""What clients share, as rows of a linear program: seats, leaders, rooms, clinicians' time."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from .counts import Numbers
from .day_ways import Prices
from .model import Model

ENDLESS = math.inf
MOST = 1 << 62  # in a model: no limit
Row = tuple[float, float, dict[int, int]]


@dataclass(slots=True)
class Shared:
    """`low` <= sum of `factor` x literal <= `high` for each row; `row`, `literal`, `factor` list what isn't zero, sorted by
    literal; `ends[n]`: where the entries of literal n end; `least`, `most`: what each literal may be."""

    low: Prices
    high: Prices
    row: Numbers
    literal: Numbers
    factor: Prices
    ends: Numbers
    least: Prices
    most: Prices
    literals: int

    def of(self, literals: Numbers) -> tuple[Numbers, Prices]:
        """What these literals together add to the rows."""
        if not len(literals):
            return numpy.array([], dtype=numpy.int64), numpy.array([])
        rows, factors = map(numpy.concatenate, zip(*map(self.entries, literals), strict=True))
        found, where = numpy.unique(rows, return_inverse=True)
        return found, numpy.bincount(where, weights=factors)

    def entries(self, literal: Any) -> tuple[Numbers, Prices]:
        """What this literal adds to the rows."""
        part = slice(int(self.ends[literal - 1]) if literal else 0, int(self.ends[literal]))
        return self.row[part], self.factor[part]

    def prices(self, duals: Prices) -> Prices:
        """What each literal uses at these prices of the rows."""
        return numpy.bincount(self.literal, weights=duals[self.row] * self.factor, minlength=self.literals)


def shared(model: Model) -> Shared:
    """The rules of a model whose solutions are all whole numbers; what can't be said as a row is left out."""
    rows = list(rows_of(model.cp.proto))
    entries = [(literal, i, factor) for i, (_, _, terms) in enumerate(rows) for literal, factor in terms.items()]
    literal, row, factor = numpy.array(sorted(entries), dtype=numpy.int64).reshape(-1, 3).T
    number = len(model.cp.proto.variables)
    ends: NDArray[numpy.int64] = numpy.searchsorted(literal, numpy.arange(number), side="right").astype(numpy.int64)
    low, high = (numpy.array([each[i] for each in rows], dtype=numpy.float64) for i in (0, 1))
    domains = [list(each.domain) for each in model.cp.proto.variables]
    least, most = (numpy.array([each[i] for each in domains], dtype=numpy.float64) for i in (0, -1))
    return Shared(low, high, row, literal, factor.astype(numpy.float64), ends, least, most, number)


def rows_of(proto: Any) -> Iterator[Row]:
    for each in proto.constraints:
        given = list(each.enforcement_literal)
        if each.has_linear() and not given:
            domain = list(each.linear.domain)
            terms: Counter[int] = Counter()
            for literal, factor in zip(each.linear.vars, each.linear.coeffs, strict=True):
                terms[literal] += factor
            yield endless(domain[0]), endless(domain[-1]), terms
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
    terms: Counter[int] = Counter()
    negated = 0
    for literal in literals:
        terms[literal if literal >= 0 else -literal - 1] += 1 if literal >= 0 else -1
        negated += literal < 0
    return low - negated if low > -ENDLESS else low, high - negated if high < ENDLESS else high, terms
