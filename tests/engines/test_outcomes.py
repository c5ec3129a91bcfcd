"""What came of it: hours, days, waits, continuation, completion, retention and change."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleground.engines.errors import BadLine
from middleground.engines.outcomes import (
    Mark,
    Stay,
    WeekRule,
    benchmark,
    completion,
    continuation_30,
    countable_day,
    dose_week,
    measure_change,
    median_stay,
    retention_curve,
    waits,
    week_rule,
)

MONDAY = date(2026, 11, 2)
ADULT = week_rule("adult", "nc-saiop")


def on(day: int, planned: int = 180, mark: str | None = None, attended: int = 0, **changes) -> Mark:
    return Mark(MONDAY + timedelta(days=day), planned, mark, attended, **changes)


def test_a_full_week_meets_the_program_and_the_payer():
    dose = dose_week([on(n, 180, "present", 180) for n in (0, 2, 3)], ADULT)
    assert (dose.planned, dose.delivered, dose.days_counted) == (540, 540, 3)
    assert dose.program.met
    assert dose.payer.met


def test_a_week_under_way_shows_what_can_still_be_reached():
    dose = dose_week([on(0, 180, "present", 180), on(2), on(3)], ADULT)
    assert (dose.delivered, dose.reachable, dose.days_counted, dose.days_reachable) == (180, 540, 1, 3)
    assert not dose.program.met
    assert dose.program.reachable
    assert "still be reached" in dose.program.text


def test_a_missed_evening_puts_the_minimum_out_of_reach():
    dose = dose_week([on(0, 180, "absent"), on(2), on(3)], ADULT)
    assert (dose.reachable, dose.program.reachable, dose.program.short_minutes) == (360, False, 540)


def test_the_payers_day_and_the_programs_hours_are_kept_apart():
    """Four short days reach nine hours, but no day has the three hours that the payer wants."""
    dose = dose_week([on(n, 135, "present", 135) for n in range(4)], ADULT)
    assert dose.program.met
    assert not dose.payer.met
    assert (dose.days_counted, dose.payer.short_days) == (0, 3)


def test_breaks_and_missing_notes_do_not_count():
    dose = dose_week([on(0, 30, "present", 30, clinical=False), on(0, 180, "present", 180, documented=False)], ADULT)
    assert (dose.planned, dose.delivered, dose.undocumented, dose.reachable) == (180, 0, 180, 180)


def test_adolescents_have_their_own_minimum():
    assert (week_rule("adult").program_minutes, week_rule("adolescent").program_minutes) == (540, 360)
    assert week_rule("adult").payer_minutes == 0


@pytest.mark.parametrize("names", [("toddler", None), ("adult", "nobody")])
def test_unknown_rules_are_refused(names):
    with pytest.raises(BadLine):
        week_rule(*names)


@pytest.mark.parametrize(
    ("minutes", "counts", "short"), [(180, True, 0), (179, False, 1), (0, False, 180), (240, True, 0)]
)
def test_a_day_counts_from_three_hours_on(minutes, counts, short):
    verdict = countable_day(minutes, "nc-saiop")
    assert (verdict.counts, verdict.short_minutes) == (counts, short)
    assert str(minutes) in verdict.text
    assert verdict.text_es and verdict.source


def test_a_payer_without_a_rule_for_days():
    assert countable_day(30, "medicare").code == "no-rule"
    with pytest.raises(BadLine):
        countable_day(30, "nobody")


MARKS = st.builds(
    on,
    st.integers(0, 6),
    st.integers(0, 240),
    st.sampled_from([None, "present", "late", "absent"]),
    st.integers(0, 240),
    clinical=st.booleans(),
    documented=st.booleans(),
)


@given(st.lists(MARKS), st.integers(0, 900), st.integers(0, 900), st.integers(0, 5), st.integers(0, 240))
def test_what_is_met_was_reachable(marks, program, minutes, days, day):
    dose = dose_week(marks, WeekRule(program, minutes, days, day))
    assert dose.delivered <= dose.reachable
    assert dose.days_counted <= dose.days_reachable
    assert all(each.reachable or not each.met for each in (dose.program, dose.payer))


def test_waits_are_counted_for_those_who_began():
    begun = [(MONDAY, MONDAY + timedelta(days=days)) for days in (3, 8, 0)]
    told = waits([*begun, (MONDAY, None)])
    assert (told.count, told.waiting, told.mean_days, told.median_days, told.longest_days) == (3, 1, 11 / 3, 3, 8)
    assert waits([]).mean_days is None


def stay(*days: int) -> Stay:
    return Stay(MONDAY, frozenset(MONDAY + timedelta(days=day) for day in days))


@pytest.mark.parametrize(
    ("days", "continued"), [((0, 2, 3, 7, 30), 1), ((0, 2, 3, 7, 31), 0), ((0, 2, 3, 7), 0), ((1, 2, 3, 4), 1), ((), 0)]
)
def test_continuation_is_four_further_days_within_thirty(days, continued):
    assert continuation_30([stay(*days)], MONDAY + timedelta(days=31)).part == continued


def test_who_is_not_thirty_days_in_is_left_out():
    rate = continuation_30([stay(1, 2, 3, 4)], MONDAY + timedelta(days=30))
    assert (rate.part, rate.whole, rate.left_out, rate.share) == (0, 0, 1, None)


def test_completion_leaves_out_what_says_nothing_about_it():
    rate = completion(["completed", "completed", "left", "died", "transferred", "custody"])
    assert (rate.part, rate.whole, rate.left_out, rate.share) == (2, 3, 3, 2 / 3)


def test_benchmarks_come_from_the_file():
    assert (benchmark("continuation"), benchmark("no_show")) == (0.8, 0.2)


REMISSION = [
    (6, True),
    (6, True),
    (6, True),
    (6, False),
    (7, True),
    (9, False),
    (10, True),
    (10, False),
    (11, False),
    (13, True),
    (16, True),
    (17, False),
    (19, False),
    (20, False),
    (22, True),
    (23, True),
    (25, False),
    (32, False),
    (32, False),
    (34, False),
    (35, False),
]


def test_the_curve_equals_the_textbook_example():
    """Freireich 1963, the 6-MP group: the example of nearly every survival textbook."""
    curve = retention_curve(REMISSION)
    assert [(p.day, p.at_risk, p.left, round(p.share, 3)) for p in curve] == [
        (6, 21, 3, 0.857),
        (7, 17, 1, 0.807),
        (10, 15, 1, 0.753),
        (13, 12, 1, 0.690),
        (16, 11, 1, 0.627),
        (22, 7, 1, 0.538),
        (23, 6, 1, 0.448),
    ]
    assert median_stay(curve) == 23


@given(st.lists(st.tuples(st.integers(0, 200), st.booleans())))
def test_a_curve_only_falls(stays):
    shares = [1.0, *(point.share for point in retention_curve(stays))]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)


@given(st.lists(st.integers(0, 50), min_size=1))
def test_when_everybody_has_left_the_curve_is_a_plain_share(days):
    for point in retention_curve([(day, True) for day in days]):
        assert abs(point.share - sum(day > point.day for day in days) / len(days)) < 1e-9


def test_the_median_is_unknown_while_most_are_in_care():
    assert median_stay(retention_curve([(5, True), (9, False), (9, False)])) is None


@pytest.mark.parametrize(
    ("scores", "direction"),
    [((18, 13), "better"), ((18, 14), "same"), ((8, 13), "worse"), ((8,), "too-few"), ((), "too-few")],
)
def test_a_measure_changes_by_five_points(scores, direction):
    dated = [(MONDAY + timedelta(days=14 * n), score) for n, score in enumerate(scores)]
    told = measure_change("phq-9", reversed(dated))
    assert told.direction == direction
    assert told.text and told.text_es


def test_a_measure_without_a_known_change_is_refused():
    with pytest.raises(BadLine):
        measure_change("mood-ring", [])
