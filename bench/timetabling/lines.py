"""A linear program written line by line, handed to HiGHS as it stands."""

import time
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import highspy
import numpy as np

Terms = Mapping[int, float]
INFINITY = highspy.kHighsInf


class Lines:
    """Columns are whole numbers from 0 to `top`; each row says `low <= terms <= high`.

    `empty` is what the columns are in a week without bookings. Past `until` (time.monotonic) writing stops with TimeoutError.
    """

    def __init__(self, until: float = float("inf")) -> None:
        self.until = until
        self.tops, self.empty = array("d"), array("d")
        self.lows, self.highs = array("d"), array("d")
        self.starts, self.columns, self.factors = array("i", [0]), array("i"), array("d")

    def column(self, top: float = 1, empty: float = 0) -> int:
        self.tops.append(top)
        self.empty.append(empty)
        return len(self.tops) - 1

    def row(self, terms: Terms, low: float = -INFINITY, high: float = INFINITY) -> None:
        if time.monotonic() > self.until:
            raise TimeoutError
        self.columns.extend(terms.keys())
        self.factors.extend(terms.values())
        self.starts.append(len(self.columns))
        self.lows.append(low)
        self.highs.append(high)

    def most_one(self, columns: Iterable[int]) -> None:
        terms = dict.fromkeys(columns, 1.0)
        if len(terms) > 1:
            self.row(terms, high=1)

    def program(self, threads: int, seed: int) -> Any:
        """HiGHS with all lines and nothing to minimize yet."""
        n, lp = len(self.tops), highspy.HighsLp()
        lp.num_col_, lp.num_row_ = n, len(self.lows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(n), np.zeros(n), np.array(self.tops, dtype=float)
        lp.row_lower_, lp.row_upper_ = np.array(self.lows), np.array(self.highs)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self.starts)
        lp.a_matrix_.index_ = np.array(self.columns)
        lp.a_matrix_.value_ = np.array(self.factors, dtype=float)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * n
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", threads)
        solver.setOptionValue("random_seed", seed)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.passModel(lp)
        return solver


def add(total: dict[int, float], terms: Terms, factor: float = 1) -> dict[int, float]:
    """`total` with `factor` times `terms` added to it."""
    for column, value in terms.items():
        total[column] = total.get(column, 0) + factor * value
    return total
