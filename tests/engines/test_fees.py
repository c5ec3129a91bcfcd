"""The sliding fee and the good faith estimate."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleground.engines.errors import BadLine
from middleground.engines.fees import (
    NoGuideline,
    fee,
    good_faith_due,
    good_faith_due_after_asking,
    guideline,
    new_estimate_due,
)

IN_2025 = date(2025, 6, 2)
CHARGE = Decimal("150.00")


def charged(income: str, household: int = 1, on: date = IN_2025, **changes):
    return fee(Decimal(income), household, on, full_charge=changes.pop("full_charge", CHARGE), **changes)


def test_a_family_of_three_with_41000_dollars_pays_the_class_151_to_175():
    answer = charged("41000", 3)
    assert round(answer.percent, 1) == Decimal("153.8")
    assert (answer.class_name, answer.per_session, answer.table_year) == ("151-175", Decimal("90.00"), 2025)
    assert "You pay $90.00 for each day you come to treatment" in answer.sentence_en
    assert "Usted paga $90.00 por cada día que venga a tratamiento" in answer.sentence_es


def test_booking_twelve_business_days_ahead_makes_the_estimate_due_in_three():
    assert good_faith_due(date(2025, 6, 2), date(2025, 6, 18)) == date(2025, 6, 5)


@pytest.mark.parametrize(("household", "amount"), [(1, 15650), (2, 21150), (3, 26650), (8, 54150), (9, 59650)])
def test_the_2025_guideline_grows_with_the_household(household, amount):
    assert guideline(household, IN_2025).amount == amount


@pytest.mark.parametrize(("household", "amount"), [(1, 15960), (4, 33000), (8, 55720)])
def test_the_2026_guideline_holds_from_its_day(household, amount):
    assert guideline(household, date(2026, 1, 13)).amount == amount
    assert guideline(household, date(2026, 1, 12)).year == 2025


def test_alaska_and_hawaii_have_their_own_lines():
    assert (guideline(2, IN_2025, "AK").amount, guideline(1, IN_2025, "HI").amount) == (26430, 17990)


@pytest.mark.parametrize(
    ("income", "name"),
    [
        ("0", "nominal"),
        ("15650", "nominal"),
        ("15650.01", "101-125"),
        ("19562.50", "101-125"),
        ("19562.51", "126-150"),
        ("23475", "126-150"),
        ("27387.50", "151-175"),
        ("31300", "176-200"),
        ("31300.01", "full"),
    ],
)
def test_an_edge_belongs_to_the_lower_class(income, name):
    assert charged(income).class_name == name


def test_the_nominal_charge_never_exceeds_the_next_class():
    assert charged("0").per_session == Decimal("5.00")
    assert charged("0", full_charge=Decimal("10")).per_session == Decimal("2.00")


@pytest.mark.parametrize("on", [date(2024, 12, 31), date(2027, 3, 1)])
def test_a_day_without_a_table_is_refused(on):
    with pytest.raises(NoGuideline, match=on.isoformat()):
        charged("1000", on=on)


def test_a_region_without_a_table_is_refused():
    with pytest.raises(NoGuideline, match="AK"):
        charged("1000", on=date(2026, 5, 1), region="AK")


@pytest.mark.parametrize(
    ("income", "household"), [(Decimal("-1"), 1), (Decimal("NaN"), 1), (1.5, 1), (Decimal("1"), 0)]
)
def test_impossible_money_and_households_are_refused(income, household):
    with pytest.raises(BadLine):
        fee(income, household, IN_2025, full_charge=CHARGE)


@given(st.integers(0, 100_000), st.integers(0, 20_000), st.integers(1, 12))
def test_more_income_never_costs_less_and_more_people_never_cost_more(income, more, household):
    here = charged(str(income), household).per_session
    assert here <= charged(str(income + more), household).per_session
    assert here >= charged(str(income), household + 1).per_session


@pytest.mark.parametrize(
    ("service", "due"),
    [
        (date(2025, 6, 4), None),
        (date(2025, 6, 5), date(2025, 6, 3)),
        (date(2025, 6, 13), date(2025, 6, 3)),
        (date(2025, 6, 16), date(2025, 6, 5)),
        (date(2025, 6, 1), None),
    ],
)
def test_the_estimate_is_due_by_how_far_ahead_the_visit_is(service, due):
    assert good_faith_due(date(2025, 6, 2), service) == due


def test_weekends_and_holidays_are_not_business_days():
    assert good_faith_due(date(2025, 7, 3), date(2025, 7, 9), {date(2025, 7, 4)}) == date(2025, 7, 7)
    assert good_faith_due_after_asking(date(2025, 6, 5)) == date(2025, 6, 10)
    assert new_estimate_due(date(2025, 6, 9)) == date(2025, 6, 6)
