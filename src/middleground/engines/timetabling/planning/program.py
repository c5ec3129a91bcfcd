"""A linear program that grows: columns and rules come in from round to round, and each solution begins with the last one.

Solved by a first-order method (PDLP: Applegate and others 2021), which is quick where prices need not be exact."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy
from numpy.typing import NDArray
from ortools.pdlp import solve_log_pb2, solvers_pb2
from ortools.pdlp.python import pdlp
from scipy import sparse

from .counts import Numbers
from .day_ways import Prices

FEWEST = 100  # iterations, however large the program is
ONE = 2_000  # steps that an iteration takes beside those for entries, rows and columns
SOUND = {
    solve_log_pb2.TERMINATION_REASON_OPTIMAL,
    solve_log_pb2.TERMINATION_REASON_ITERATION_LIMIT,
    solve_log_pb2.TERMINATION_REASON_TIME_LIMIT,
}


@dataclass(slots=True, frozen=True)
class Solution:
    """`values` of columns; `prices` and `activity` of rows; `beyond`: what each column costs more than what it uses is worth;
    `steps`: numbers of the program looked at; `done`: as near the best as was asked."""

    value: float
    values: Prices
    prices: Prices
    activity: Prices
    beyond: Prices
    steps: int
    done: bool


class Program:
    """Least cost: the activity of each row that `counts` between `low` and `high`, each column between `least` and `most`."""

    def __init__(self, low: Prices, high: Prices) -> None:
        self.low, self.high = low, high
        self.counts = numpy.ones(len(low), dtype=bool)
        self.rows: list[Numbers] = []
        self.factors: list[Prices] = []
        self.cost: list[float] = []
        self.least: list[float] = []
        self.most: list[float] = []
        self.last: Solution | None = None

    @property
    def columns(self) -> int:
        return len(self.cost)

    def add(self, rows: Numbers, factors: Prices, cost: float, least: float = 0.0, most: float = math.inf) -> int:
        """A column; says which it is."""
        self.rows.append(rows)
        self.factors.append(factors)
        self.cost.append(cost)
        self.least.append(least)
        self.most.append(most)
        return self.columns - 1

    def bounds(self, column: int, least: float, most: float) -> None:
        self.least[column], self.most[column] = least, most

    def wish(self, costs: Mapping[int, float]) -> None:
        """Other costs of columns. The next solution begins with the values of the last one, but not with its prices."""
        for column, cost in costs.items():
            self.cost[column] = cost
        if self.last is not None:
            self.last = replace(self.last, prices=numpy.zeros(len(self.low)))

    def matrix(self) -> sparse.csc_array:
        ends = numpy.concatenate([[0], numpy.cumsum([len(rows) for rows in self.rows])])
        return sparse.csc_array(
            (numpy.concatenate(self.factors), numpy.concatenate(self.rows), ends), shape=(len(self.low), self.columns)
        )

    def solve(self, near: float, steps: int, seconds: float = math.inf) -> Solution | None:
        """A solution `near` the best, as a share of its value, or what is found in so many steps and seconds from the last one on.
        None when it got nowhere; then the next one begins from nothing."""
        matrix, counts, cost = self.matrix(), self.counts, numpy.array(self.cost)
        least, most = numpy.array(self.least), numpy.array(self.most)
        can = (least != 0) | (most != 0)
        asked = pdlp.QuadraticProgram()
        asked.objective_vector = cost[can]
        asked.constraint_matrix = sparse.csc_matrix(matrix[:, can][counts])
        asked.constraint_lower_bounds, asked.constraint_upper_bounds = self.low[counts], self.high[counts]
        asked.variable_lower_bounds, asked.variable_upper_bounds = least[can], most[can]
        size = int(asked.constraint_matrix.nnz) + int(counts.sum()) + int(can.sum()) + ONE
        ends = settings(near, max(FEWEST, steps // size), seconds)
        found = pdlp.primal_dual_hybrid_gradient(asked, ends, self.beginning(can))
        self.last = None
        if found.solve_log.termination_reason not in SOUND:
            return None
        prices = numpy.zeros(len(self.low))
        prices[counts] = found.dual_solution
        values = numpy.zeros(self.columns)
        values[can] = found.primal_solution
        self.last = Solution(
            value=float(cost @ values),
            values=values,
            prices=prices,
            activity=matrix @ values,
            beyond=cost - matrix.T @ prices,
            steps=found.solve_log.iteration_count * size,
            done=found.solve_log.termination_reason == solve_log_pb2.TERMINATION_REASON_OPTIMAL,
        )
        return self.last

    def beginning(self, can: NDArray[numpy.bool_]) -> pdlp.PrimalAndDualSolution | None:
        """The last solution, of the columns that can be more than nothing."""
        if self.last is None:
            return None
        begin = pdlp.PrimalAndDualSolution()
        values = numpy.zeros(self.columns)
        values[: len(self.last.values)] = self.last.values
        begin.primal_solution = values[can]
        begin.dual_solution = self.last.prices[self.counts]
        return begin


def settings(near: float, iterations: int, seconds: float) -> solvers_pb2.PrimalDualHybridGradientParams:
    params = solvers_pb2.PrimalDualHybridGradientParams()
    ends = params.termination_criteria
    ends.iteration_limit, ends.time_sec_limit = iterations, seconds
    ends.eps_primal_infeasible = ends.eps_dual_infeasible = 0.0
    ends.simple_optimality_criteria.eps_optimal_relative = near
    ends.simple_optimality_criteria.eps_optimal_absolute = near
    return params
