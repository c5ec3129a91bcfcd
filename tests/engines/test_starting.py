"""A promised start date: what is known on the day, whole days, and a share that holds when the past is like the present."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleground.engines.outcomes.starting import Began, back_test, holds, interval, promised, rule

FIRST = date(2025, 1, 1)


def past(count=400, seed=1, spread=0.6, step=2):
    chance = random.Random(seed)
    days = (max(1, min(60, round(chance.lognormvariate(2.7, spread)))) for _ in range(count))
    return [
        Began(FIRST + timedelta(days=n // step), FIRST + timedelta(days=n // step + wait), n % 7)
        for n, wait in enumerate(days)
    ]


def test_the_stated_share_holds_on_the_past():
    for seed in range(6):
        test = back_test(past(seed=seed))
        assert test.judged > 200
        assert holds(test), test.share


def arrivals(seed, crowding=0.2, slower_after=None, count=600):
    """People who ask at random, each waiting `crowding` days more for everybody ahead; from number `slower_after` on all wait
    three weeks more."""
    chance, on, made = random.Random(seed), FIRST, []
    for n in range(count):
        on += timedelta(days=chance.choice((0, 0, 1, 1, 2)))
        ahead = sum(each.began > on for each in made)
        wait = 3 + crowding * ahead + chance.lognormvariate(1.8, 0.6)
        late = 21 if slower_after is not None and n >= slower_after else 0
        made.append(Began(on, on + timedelta(days=round(wait) + late), ahead))
    return made


def test_the_stated_share_holds_for_a_list_that_is_now_long_and_now_short():
    for seed in range(4):
        test = back_test(arrivals(seed))
        assert test.judged > 400
        assert holds(test), (seed, test.share)


@pytest.mark.parametrize("past", [{"crowding": 0.6}, {"slower_after": 400}])
def test_promises_of_a_clinic_whose_waits_only_grow_do_not_hold_and_that_is_told(past):
    """A list longer than ever, or a clinic that has become slower: nobody of the past met the like."""
    test = back_test(arrivals(0, **past))
    assert test.share < rule()["holds"]["low"] and not holds(test)


def test_with_too_few_nothing_is_promised():
    few = past(rule()["least"] - 1)
    assert promised(few, FIRST + timedelta(days=900), 0) is None
    assert back_test(few).share is None
    assert not holds(back_test([]))


def test_only_what_was_known_that_day_counts():
    """Somebody who began later, or asked so lately that the slow ones are still waiting, says nothing yet."""
    known, on = past(100), FIRST + timedelta(days=400)
    told = promised(known, on, 0)
    later = [Began(on - timedelta(days=1), on - timedelta(days=1), 0)] * 50 + [Began(FIRST, on, 0)] * 50
    assert promised(known + later, on, 0) == told


def test_waits_of_a_list_like_todays_count_first():
    short = [Began(FIRST + timedelta(days=n), FIRST + timedelta(days=n + 5), 0) for n in range(rule()["like"])]
    long = [Began(FIRST + timedelta(days=n), FIRST + timedelta(days=n + 30), 20) for n in range(rule()["like"])]
    on = FIRST + timedelta(days=600)
    assert promised(short + long, on, 1).late == 5
    assert promised(short + long, on, 18).early == 30


@given(st.lists(st.integers(0, 90), min_size=1, max_size=200))
def test_the_interval_holds_at_least_the_share_of_its_own_waits(days):
    ordered = sorted(days)
    told = interval(ordered, 0.8)
    assert told.early <= told.likely <= told.late or told.early == told.late
    assert told.early in ordered or told.late in ordered or told.early < told.late
    assert sum(told.early <= each <= told.late for each in days) >= min(len(days), int(0.8 * len(days)))


def test_a_wait_is_never_less_than_nothing():
    assert Began(FIRST, FIRST - timedelta(days=3)).days == 0
