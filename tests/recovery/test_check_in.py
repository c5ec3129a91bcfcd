"""Checking in: once per key, honest about small samples, and a strong craving becomes somebody's task."""

from datetime import timedelta

import pytest

from middleground.kernel import clock
from middleground.kernel.errors import Invalid, NotAllowed, Refused
from middleground.records.models import Task
from middleground.recovery import actions, queries
from middleground.recovery.models import CheckIn
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def wrens(clinic, wren):
    return builders.client_user(clinic, wren)


def a_row_of_check_ins(user, client, cravings):
    start = clock.now() - timedelta(days=len(cravings))
    for day, craving in enumerate(cravings):
        with clock.at(start + timedelta(days=day)):
            actions.check_in.run(user.actor(), client=client, craving=craving, mood=5)


def test_a_client_checks_in_with_everything_a_check_in_holds(clinic, wren, wrens):
    actions.check_in.run(
        wrens.actor(),
        client=wren,
        craving=3,
        mood=6,
        sleep_hours="7.5",
        paws={"sleep": 4},
        triggers=["payday"],
        used_coping=["walk"],
        note="A good walk",
    )
    with clinic.seen_by("counselor"):
        kept = queries.check_ins(wren).get()
    assert (kept.craving, kept.mood, kept.paws, kept.triggers) == (3, 6, {"sleep": 4}, ["payday"])
    assert float(kept.sleep_hours) == 7.5


def test_the_same_check_in_sent_twice_is_kept_once(clinic, wren, wrens):
    first = actions.check_in.run(wrens.actor(), key="phone-1", client=wren, craving=2)
    again = actions.check_in.run(wrens.actor(), key="phone-1", client=wren, craving=2)
    with clinic.seen_by("counselor"):
        assert again.pk == first.pk and CheckIn.objects.count() == 1


def test_a_phone_that_was_offline_says_when_it_happened(wren, wrens):
    yesterday = clock.now() - timedelta(days=1)
    assert actions.check_in.run(wrens.actor(), client=wren, craving=2, happened_at=yesterday).at == yesterday


@pytest.mark.parametrize("off", [timedelta(days=-8), timedelta(hours=1)])
def test_a_check_in_from_the_future_or_long_ago_is_refused(wren, wrens, off):
    with pytest.raises(Refused) as no:
        actions.check_in.run(wrens.actor(), client=wren, craving=2, happened_at=clock.now() + off)
    assert no.value.field == "happened_at"


@pytest.mark.parametrize("craving", [-1, 11])
def test_a_craving_outside_the_scale_is_refused(wren, wrens, craving):
    with pytest.raises(Invalid):
        actions.check_in.run(wrens.actor(), client=wren, craving=craving)


@pytest.mark.parametrize("paws", [{"sleep": 11}, {"nonsense": 2}, {"sleep": "much"}])
def test_a_rating_that_is_not_on_the_list_is_refused(wren, wrens, paws):
    with pytest.raises(Refused) as no:
        actions.check_in.run(wrens.actor(), client=wren, craving=1, paws=paws)
    assert no.value.field == "paws"


def test_a_strong_craving_asks_the_primary_counselor_to_call_once(clinic, wren, wrens):
    for craving in (7, 9):
        actions.check_in.run(wrens.actor(), client=wren, craving=craving)
    with clinic.seen_by("counselor"):
        task = Task.objects.get(key=f"craving:{wren.pk}")
    assert task.owner_id == clinic.people["counselor"].pk


def test_an_ordinary_craving_asks_nobody(clinic, wren, wrens):
    actions.check_in.run(wrens.actor(), client=wren, craving=6)
    with clinic.seen_by("counselor"):
        assert not Task.objects.filter(client=wren).exists()


def test_two_symptoms_rising_from_week_to_week_are_talked_about(clinic, wren, wrens):
    for days, rating in ((10, 3), (3, 6)):
        with clock.at(clock.now() - timedelta(days=days)):
            actions.check_in.run(wrens.actor(), client=wren, craving=1, paws={"sleep": rating, "energy": rating})
    with clinic.seen_by("counselor"):
        assert Task.objects.filter(key=f"paws:{wren.pk}").count() == 1


def test_one_symptom_rising_is_not(clinic, wren, wrens):
    for days, rating in ((10, 3), (3, 6)):
        with clock.at(clock.now() - timedelta(days=days)):
            actions.check_in.run(wrens.actor(), client=wren, craving=1, paws={"sleep": rating, "energy": 4})
    with clinic.seen_by("counselor"):
        assert not Task.objects.filter(key=f"paws:{wren.pk}").exists()


def test_seven_points_make_no_claim_and_eight_do(clinic, wren, wrens):
    a_row_of_check_ins(wrens, wren, [8, 8, 7, 7, 3, 3, 2])
    with clinic.seen_by("counselor"):
        few = queries.trend(wren)
    assert (few.enough, few.claim) == (False, "") and "7 check-ins so far" in few.sentence()
    actions.check_in.run(wrens.actor(), client=wren, craving=2, mood=6)
    with clinic.seen_by("counselor"):
        assert queries.trend(wren).claim == "lower"


@pytest.mark.parametrize(("cravings", "claim"), [([2] * 4 + [6] * 4, "higher"), ([4, 5] * 4, "same")])
def test_the_claim_follows_the_two_halves(clinic, wren, wrens, cravings, claim):
    a_row_of_check_ins(wrens, wren, cravings)
    with clinic.seen_by("counselor"):
        assert queries.trend(wren).claim == claim


def test_a_hard_weekday_is_named_only_with_enough_points(clinic, wren, wrens):
    a_row_of_check_ins(wrens, wren, [2, 2, 2, 8, 2, 2, 2])
    with clinic.seen_by("counselor"):
        assert queries.week_pattern(wren).peak is None
    a_row_of_check_ins(wrens, wren, [2, 2, 2, 8, 2, 2, 2] * 3)
    with clinic.seen_by("counselor"):
        assert queries.week_pattern(wren).peak is not None


def test_another_client_can_neither_write_nor_read_it(clinic, wren, wrens):
    other = builders.a_client(clinic, "Sol", "Reyes")
    sols = builders.client_user(clinic, other)
    actions.check_in.run(wrens.actor(), client=wren, craving=1)
    with pytest.raises(NotAllowed):
        actions.check_in.run(sols.actor(), client=wren, craving=1)
    from middleground.kernel import gate

    with gate.access(sols.actor(), "own-request", "test"):
        assert not CheckIn.objects.exists()


@pytest.mark.parametrize("role", ["biller", "intake-coordinator", "administrator"])
def test_these_roles_never_see_check_ins(clinic, wren, wrens, role):
    actions.check_in.run(wrens.actor(), client=wren, craving=1)
    with clinic.seen_by(role):
        assert not CheckIn.objects.exists()
