"""Linear programs that grow from round to round."""

import math

import numpy
import pytest

from middleground.engines.timetabling.planning.program import Program, Solution

EXACT, ENOUGH = 1e-6, 10_000_000


def column(*entries: tuple[int, float]) -> tuple[numpy.ndarray, numpy.ndarray]:
    rows, factors = zip(*entries, strict=True)
    return numpy.array(rows), numpy.array(factors, dtype=float)


def solved(program: Program, near: float = EXACT, steps: int = ENOUGH) -> Solution:
    found = program.solve(near, steps)
    assert found is not None
    return found


def shared_out() -> Program:
    """Two people want one of two seats each; seat 0 is cheap, and there is one of it."""
    program = Program(numpy.array([-math.inf, 1.0, 1.0]), numpy.array([1.0, 1.0, 1.0]))
    for person in (1, 2):
        program.add(*column((0, 1.0), (person, 1.0)), cost=1.0)
        program.add(*column((person, 1.0)), cost=4.0)
    return program


def test_the_least_cost_and_what_the_scarce_seat_is_worth() -> None:
    found = solved(shared_out())
    assert found.done and found.value == pytest.approx(5.0, abs=1e-3)
    assert found.activity == pytest.approx([1.0, 1.0, 1.0], abs=1e-3)
    assert found.prices == pytest.approx([-3.0, 4.0, 4.0], abs=1e-2)
    assert found.beyond == pytest.approx(numpy.zeros(4), abs=1e-2)


def test_a_row_that_does_not_count_costs_nothing_but_its_activity_is_told() -> None:
    program = shared_out()
    program.counts[0] = False
    found = solved(program)
    assert found.value == pytest.approx(2.0, abs=1e-3) and found.prices[0] == 0.0
    assert found.activity[0] == pytest.approx(2.0, abs=1e-3)
    program.counts[0] = True
    assert solved(program).value == pytest.approx(5.0, abs=1e-3)


def test_columns_that_come_in_and_bounds_that_change_count_from_the_next_solution_on() -> None:
    program = shared_out()
    solved(program)
    new = program.add(*column((1, 1.0)), cost=2.0)
    found = solved(program)
    assert found.value == pytest.approx(3.0, abs=1e-3) and found.values[new] == pytest.approx(1.0, abs=1e-3)
    program.bounds(new, 0.0, 0.25)
    assert solved(program).value == pytest.approx(0.25 * 2 + 0.75 * 4 + 1, abs=1e-3)


def test_what_is_stopped_early_goes_on_from_there() -> None:
    """The same for the same steps, whatever the clock says."""
    program, again = shared_out(), shared_out()
    first = solved(program, 1e-9, 1)
    assert not first.done and first.steps > 0
    assert solved(again, 1e-9, 1).value == first.value
    rounds = 1
    while not solved(program, 1e-9, 1).done:
        rounds += 1
        assert rounds < 100
    assert program.last is not None and program.last.value == pytest.approx(5.0, abs=1e-4)


def one_of_many(most: float) -> Program:
    program = Program(numpy.array([1.0]), numpy.array([1.0]))
    for cost in range(1500, 0, -1):
        program.add(*column((0, 1.0)), cost=float(cost), most=most)
    return program


def test_of_many_columns_the_cheapest_is_found() -> None:
    assert solved(one_of_many(1.0), steps=100 * ENOUGH).value == pytest.approx(1.0, abs=0.05)


def test_numbers_that_get_out_of_hand_are_no_solution() -> None:
    program = one_of_many(math.inf)
    assert program.solve(EXACT, 100 * ENOUGH) is None and program.last is None
