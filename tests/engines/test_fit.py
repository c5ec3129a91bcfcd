"""Weeks of the running groups that fit one person's life."""

import time
from itertools import pairwise

import msgspec
import pytest

from middleground.engines.errors import BadLine
from middleground.engines.timetabling import (
    FitClient,
    FitGroup,
    Free,
    Payer,
    explain,
    fit,
    interval,
    interval_text,
    moment,
    moment_text,
    occupied,
    why_words,
)


def group(name: str, start: str, minutes: int = 170, place: str = "north", **changes) -> FitGroup:
    facts = {"kind": "process", "seats_left": 3, "language": "en", "series": "evening"} | changes
    return FitGroup(id=name, start=start, minutes=minutes, place=place, **facts)


EVENINGS = [group("m", "mon 18:00"), group("w", "wed 18:00"), group("t", "thu 18:00")]


def client(*free: str, **changes) -> FitClient:
    facts = {"languages": frozenset({"en"}), "prescribed": 510, "travel": {"north": 30}, "payer": Payer(360, 3)}
    return FitClient(free=[Free(at) for at in free], **(facts | changes))


DANA = client("mon 17:00-22:00", "wed 17:00-22:00", "thu 17:00-22:00")


def why(person: FitClient, *groups: FitGroup) -> dict[str, str]:
    return {each.group: each.why for each in explain(person, groups).because}


@pytest.mark.parametrize("text", ["mon 00:00", "wed 18:15", "sun 23:45"])
def test_a_moment_reads_as_it_is_written(text):
    assert moment_text(moment(text)) == text


@pytest.mark.parametrize("text", ["mon 18:00-21:15", "sun 00:00-24:00"])
def test_an_interval_reads_as_it_is_written(text):
    assert interval_text(interval(text)) == text


@pytest.mark.parametrize("text", ["mon 18:05", "Mon 18:00", "mon 24:00", "mon 7:00", "day 10:00", "mon 10:75", ""])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(BadLine, match="quarter hour"):
        moment(text)


@pytest.mark.parametrize("text", [
    "mon 18:00-18:00", "mon 19:00-18:00", "mon 18:00-24:15", "mon 18:00", "mon 18:00-tue 19:00"])
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(BadLine):
        interval(text)


def test_a_session_occupies_whole_quarter_hours():
    assert (occupied(85), occupied(50), occupied(60)) == (90, 60, 60)


def test_the_evening_track_fits_someone_who_works_by_day():
    best = fit(DANA, EVENINGS)[0]
    assert best.groups == ("m", "w", "t")
    assert (best.minutes, best.days, best.vector, best.missing, best.proved) == (510, 3, (0, 0, 0, 0, 0), None, True)


def test_travel_counts_before_and_after():
    home_late = client("mon 17:45-22:00", "wed 17:30-21:30", "thu 17:30-21:15")
    assert why(home_late, *EVENINGS) == {"m": "travel", "t": "travel"}


def test_telehealth_needs_no_travel():
    online = [msgspec.structs.replace(each, place="telehealth") for each in EVENINGS]
    assert fit(client("mon 18:00-21:00", travel={}), online)[0].groups == ("m",)
    assert not fit(client("mon 18:00-21:00", travel={}, telehealth_max=60), online)


@pytest.mark.parametrize(("changes", "reason"), [
    ({"seats_left": 0}, "full"), ({"language": "es"}, "language"), ({"only": frozenset({"women"})}, "population"),
    ({"place": "south"}, "travel"), ({"start": "tue 18:00"}, "not-free"), ({"kind": "education/sleep"}, "topic"),
])
def test_what_stands_in_the_way_is_named(changes, reason):
    other = msgspec.structs.replace(EVENINGS[0], id="x", **changes)
    person = msgspec.structs.replace(DANA, prescribed=900, done=frozenset({"education/sleep"}))
    assert why(person, *EVENINGS[1:], other)["x"] == reason
    assert why_words(reason) and why_words(reason, "es")


def test_groups_at_the_same_time_clash_and_limits_bind():
    person = msgspec.structs.replace(DANA, prescribed=900)
    assert why(person, *EVENINGS, group("x", "mon 18:30", minutes=60)) == {"x": "clash"}
    assert why(msgspec.structs.replace(person, days_max=2, payer=Payer()), *EVENINGS) == {"t": "limit"}


def test_tags_open_a_group_for_some():
    women = [group("x", "mon 18:00", only=frozenset({"women"}))]
    assert fit(msgspec.structs.replace(DANA, tags=frozenset({"women"})), women)[0].groups == ("x",)


def test_the_same_topic_is_not_sat_through_twice():
    sleep = [group("a", "mon 18:00", kind="education/sleep"), group("b", "wed 18:00", kind="education/sleep")]
    assert all(len(week.groups) == 1 for week in fit(DANA, sleep))


def test_busy_time_is_not_free():
    dosing = msgspec.structs.replace(DANA, busy=["mon 17:00-17:45"])
    assert why(dosing, *EVENINGS) == {"m": "travel"}


def test_one_more_free_evening_is_named_with_its_hours():
    told = fit(client("mon 17:00-22:00", "wed 17:00-22:00"), EVENINGS)[0].missing
    assert (told.change.at, told.change.reach) == ("thu 17:30-21:30", 510)
    assert "thu 17:30-21:30" in told.text_en
    assert "340 de 510" in told.text_es


def test_someone_with_no_free_time_gets_no_week_but_an_explanation():
    assert fit(client(), EVENINGS) == []
    told = explain(client(), EVENINGS)
    assert {each.why for each in told.because} == {"not-free"}
    assert told.change.reach == 170


def test_nothing_to_explain_when_all_is_reached():
    assert explain(DANA, EVENINGS) is None


def test_a_change_of_free_time_is_not_offered_when_it_would_not_help():
    told = explain(DANA, [msgspec.structs.replace(each, seats_left=0) for each in EVENINGS])
    assert told.change is None


def test_one_series_comes_before_preference():
    day = [group(f"d{n}", f"{day} 10:00", series="day") for n, day in enumerate(("mon", "tue", "wed"))]
    liked = [group("l", "wed 18:00", series="late")]
    person = client("mon 09:00-14:00", "tue 09:00-14:00", prescribed=510, payer=Payer(360, 3))
    person = msgspec.structs.replace(person, free=[*person.free, Free("wed 09:00-14:00", 3), Free("wed 17:00-22:00")])
    first, second = fit(person, day + liked)[:2]
    assert (first.groups, first.vector) == (("d0", "d1", "d2"), (0, 0, 0, 36, 0))
    assert (second.groups, second.vector) == (("d0", "d1", "l"), (0, 0, 1, 0, 0))


def test_two_sites_on_one_day_need_the_way_between_them():
    two = [group("a", "mon 09:00", minutes=90), group("b", "mon 11:00", minutes=90, place="south")]
    person = client("mon 08:00-14:00", travel={"north": 15, "south": 15})
    assert fit(person, two)[0].minutes == 90
    assert fit(person, two, between=[("south", "north", 30)])[0].minutes == 180
    assert fit(person, two, between=[("south", "north", 45)])[0].minutes == 90


def test_a_long_wait_makes_a_split_day():
    two = [group("a", "mon 09:00", minutes=90), group("b", "mon 12:30", minutes=90)]
    assert fit(client("mon 08:00-20:00"), two)[0].vector[4] == 8 + 8


def test_a_group_without_minutes_is_refused():
    with pytest.raises(BadLine, match="no minutes"):
        fit(DANA, [group("x", "mon 18:00", minutes=0)])


@pytest.mark.parametrize("changes", [{"max_week": 0}, {"days_max": 0}, {"day_max": 0}, {"telehealth_max": 0}])
def test_someone_who_can_do_nothing_gets_no_week(changes):
    online = [msgspec.structs.replace(each, place="telehealth") for each in EVENINGS]
    person = msgspec.structs.replace(DANA, **changes)
    assert fit(person, online) == []
    assert {each.why for each in explain(person, online).because} == {"limit"}


GENEROUS = 1.0  # seconds of a slow, busy machine; about a fifth of it on a quiet one


def clinic(series: int, each: int) -> list[FitGroup]:
    days, hours = ("mon", "tue", "wed", "thu", "fri"), ("09:00", "11:00", "13:30", "15:30", "18:00", "19:45")
    return [group(f"g{s}-{n}", f"{days[(s + n) % 5]} {hours[(s * 3 + n) % 6]}", minutes=85, series=f"s{s}",
                  place=("north", "south", "telehealth")[s % 3]) for s in range(series) for n in range(each)]


@pytest.mark.parametrize(("series", "each"), [(60, 1), (30, 2), (20, 3), (15, 4), (10, 6), (6, 10), (1, 60)])
@pytest.mark.parametrize("prescribed", [540, 1140])
def test_sixty_groups_are_answered_at_once(series, each, prescribed):
    free = [f"{day} 08:00-22:00" for day in ("mon", "tue", "wed", "thu", "fri")]
    person = client(*free, travel={"north": 20, "south": 45}, prescribed=prescribed, day_max=300, days_max=4)
    begun = time.process_time()
    weeks = fit(person, clinic(series, each), between=[("north", "south", 30)])
    assert time.process_time() - begun < GENEROUS
    assert len(weeks) == 5
    assert all(a.vector <= b.vector for a, b in pairwise(weeks))
