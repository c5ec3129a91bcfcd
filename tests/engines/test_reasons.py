"""Reasons hold: against every set of constraints tried, and silent about what is secret."""

import json
from dataclasses import replace

import pytest

from middleground.engines.timetabling.clinic import Clinic, Pair, clinic_of
from middleground.engines.timetabling.reasons import Reasons, explain, reasons

from .lifted_weeks import Explained
from .small_weeks import small_clinic

QUICK = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)


def asked(seed: int) -> tuple[Clinic, Explained]:
    clinic = clinic_of(small_clinic(seed), "explain")
    one = clinic.newcomers[0]
    clinic = replace(clinic, clients={**clinic.clients, one.id: one}, step=60)
    return clinic, Explained(clinic, one)


def holds(found: Reasons, tried: Explained, target: int) -> None:
    assert found.reach == tried.reach()
    assert (found.best and found.best.change) == tried.best(target)
    if found.best:
        assert found.best.reach == tried.reach((found.best.change,))
    if found.enough is None:
        assert tried.reach(tried.names) < target
        return
    assert tried.reach(found.enough) >= target
    size = min(len(found.enough), 2)
    assert tried.enough(target, size) == (found.enough if len(found.enough) == size else None)
    assert tried.out(found.because, target)
    assert not any(tried.out(set(found.because) - {each}, target) for each in found.because)


@pytest.mark.parametrize("seed", QUICK)
def test_reasons_hold_against_every_set_tried(seed: int) -> None:
    clinic, tried = asked(seed)
    for more in (1, 60, 140):
        target = tried.reach() + more
        holds(reasons(clinic, tried.client, target), tried, target)


def test_a_target_in_reach_needs_no_reasons() -> None:
    clinic, tried = asked(3)
    assert reasons(clinic, tried.client, 0) == Reasons(tried.client.id, 0, tried.reach(), (), None, ())


def test_words_are_free_of_codes_and_secrets() -> None:
    for seed in QUICK:
        clinic, tried = asked(seed)
        ask = {"client": tried.client.id, "target": tried.reach() + 60}
        told = " ".join(explain(replace(clinic, asks=(ask,)))[0]["text"])
        assert not any(
            code in told for code in (*clinic.groups, *clinic.staff, *clinic.rooms, "court", "women", "free:")
        )


def test_a_pair_that_changes_nothing_leaves_no_trace() -> None:
    clinic, tried = asked(2)
    ask = {"client": tried.client.id, "target": "prescribed"}
    before = explain(replace(clinic, asks=(ask,), apart=()))
    strangers = Pair("somebody", "nobody", True)
    assert json.dumps(before) == json.dumps(explain(replace(clinic, asks=(ask,), apart=(strangers,))))
