"""Reasons hold: against every set of constraints tried, and silent about what is secret."""

import json
import time
from dataclasses import replace
from threading import Event, Timer

import pytest

from middleground.engines.timetabling.clinic import Clinic, Pair, clinic_of
from middleground.engines.timetabling.reasons import Reasons, explain, reasons
from middleground.engines.timetabling.reasons.model import WeekModel
from middleground.engines.timetabling.until import Until

from .lifted_weeks import Explained
from .open_weeks import out_of_reach
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


@pytest.mark.parametrize("seed", QUICK)
def test_reasons_cut_short_at_any_question_still_hold(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped before the second question, the third, ...: what is said is true, and no more is said than is known."""
    clinic, tried = asked(seed)
    target = tried.reach() + 60
    whole = reasons(clinic, tried.client, target)
    ask, left, stop = WeekModel.ask, [0], Event()

    def stopping(model: WeekModel, *put: object) -> object:
        left[0] -= 1
        if not left[0]:
            stop.set()
        return ask(model, *put)  # type: ignore[arg-type]

    monkeypatch.setattr(WeekModel, "ask", stopping)
    for left[0] in range(1, 12):
        stop.clear()
        until = Until(stop=stop)
        found = reasons(clinic, tried.client, target, until)
        assert until.late == found.cut
        assert found.reach <= whole.reach
        if found.best:
            assert tried.reach((found.best.change,)) >= found.best.reach
        if found.enough is not None:
            assert tried.reach(found.enough) >= target
        assert found.because in ((), whole.because)
        if not found.cut:
            assert found == whole


def test_reasons_come_within_the_limit() -> None:
    clinic = clinic_of(out_of_reach(), "explain")
    began = time.monotonic()
    until = Until(began + 2.0)
    told = explain(clinic, until)
    assert time.monotonic() - began < 2.0 * 1.1 + 1
    assert until.late and len(told) == 2
    assert not any("No change named here" in text for each in told for text in each["text"] if each["enough"] is None)


def test_asked_to_stop_the_reasons_found_so_far_come_at_once() -> None:
    clinic, stop = clinic_of(out_of_reach(), "explain"), Event()
    began = time.monotonic()
    timer = Timer(1.0, stop.set)
    timer.start()
    explain(clinic, Until(stop=stop))
    timer.join()
    assert time.monotonic() - began < 4
