"""What clients share, as rows of a linear program: seats, leaders, rooms, clinicians' time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from .counts import Numbers
from .day_ways import Prices
from .model import Model

ENDLESS = 1e30
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
        parts = [slice(int(self.ends[i - 1]) if i else 0, int(self.ends[i])) for i in literals]
        if not parts:
            return numpy.array([], dtype=numpy.int64), numpy.array([])
        rows = numpy.concatenate([self.row[part] for part in parts])
        factors = numpy.concatenate([self.factor[part] for part in parts])
        found, where = numpy.unique(rows, return_inverse=True)
        return found, numpy.bincount(where, weights=factors)

    def each(self, literals: Numbers) -> tuple[Numbers, Numbers, Prices]:
        """What each of these literals adds to the rows, one after the other, and where each begins."""
        begins = numpy.where(literals > 0, self.ends[literals - 1], 0)
        sizes = self.ends[literals] - begins
        ends = sizes.cumsum()
        entries = numpy.arange(int(sizes.sum())) + numpy.repeat(begins - (ends - sizes), sizes)
        return (ends - sizes).astype(numpy.int32), self.row[entries].astype(numpy.int32), self.factor[entries]

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
            yield max(-ENDLESS, domain[0]), min(ENDLESS, domain[-1]), terms
        elif each.has_at_most_one():
            yield between(list(each.at_most_one.literals), -ENDLESS, 1)
        elif each.has_exactly_one():
            yield between(list(each.exactly_one.literals), 1, 1)
        elif each.has_bool_or():
            yield between([*each.bool_or.literals, *(-g - 1 for g in given)], 1, ENDLESS)
        elif each.has_bool_and():
            for literal in each.bool_and.literals:
                yield between([literal, *(-g - 1 for g in given)], 1, ENDLESS)


def between(literals: list[int], low: float, high: float) -> Row:
    """So many of the literals are true; one that is negated counts 1 less what it is."""
    terms: Counter[int] = Counter()
    negated = 0
    for literal in literals:
        terms[literal if literal >= 0 else -literal - 1] += 1 if literal >= 0 else -1
        negated += literal < 0
    return low - negated if low > -ENDLESS else low, high - negated if high < ENDLESS else high, terms
