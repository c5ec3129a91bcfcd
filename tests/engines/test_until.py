"""How long to look: time and work shared out among many, and nobody looked at once it is over."""

import time
from threading import Event

import pytest

from middleground.engines.timetabling import offering, reasons
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.offering import offer
from middleground.engines.timetabling.reasons import explain
from middleground.engines.timetabling.until import TimeUp, Until

from .open_weeks import open_clinic, out_of_reach

UNKNOWN = ["There was no time to look at everything: more may be possible.", "We will look for a way with you."]


def test_what_some_leave_of_the_time_goes_to_those_who_were_cut_short() -> None:
    """The first needs more than its half; the second needs nothing."""
    until = Until(time.monotonic() + 1.0)

    def answer(asked: str, share: Until) -> bool:
        share.late = asked == "long" and share.left < 0.4
        while share.late and not share.due:
            time.sleep(0.01)
        return not share.late

    assert until.each(["long", "short", "short"], answer, bool) == [True, True, True]
    assert not until.late


def test_once_it_is_over_nobody_is_looked_at_and_what_was_found_stays() -> None:
    stop, looked = Event(), []

    def answer(asked: int, share: Until) -> str:
        looked.append(asked)
        share.late = asked == 0
        if len(looked) == 3:
            stop.set()
        return "found"

    until = Until(stop=stop)
    assert until.each(range(5), answer, lambda asked: f"nothing of {asked}") == [
        "found", "found", "found", "nothing of 3", "nothing of 4",
    ]  # fmt: skip
    assert (looked, until.late) == ([0, 1, 2], True)


def test_of_many_asks_those_that_are_late_are_answered_without_reading_the_timetable(monkeypatch) -> None:
    stop = Event()
    stop.set()
    read: list[object] = []
    monkeypatch.setattr(reasons.possible, "Frozen", read.append)
    data = out_of_reach() | {"asks": [{"client": "c", "target": 1000 + n} for n in range(500)]}
    until = Until(stop=stop)
    told = explain(clinic_of(data, "explain"), until)
    nothing = {"client": "c", "reach": 0, "because": [], "best": None, "enough": None, "text": UNKNOWN}
    assert told == [nothing | {"target": 1000 + n} for n in range(500)]
    assert until.late and read == []
    with pytest.raises(TimeUp):
        reasons.possible.Bookable(clinic_of(data, "explain"), clinic_of(data).clients["c"], until)
    assert read == []


def test_of_many_newcomers_those_that_are_late_are_offered_nothing_without_a_look(monkeypatch) -> None:
    stop = Event()
    stop.set()
    looked: list[object] = []
    monkeypatch.setattr(offering, "Newcomer", lambda *asked: looked.append(asked))
    clinic = clinic_of(open_clinic(1, 1), "offer")
    assert offer(clinic, Until(stop=stop)) == [{"client": "n0", "weeks": []}]
    assert looked == []


@pytest.mark.parametrize(
    ("ask", "data", "question", "units"),
    [
        (offer, open_clinic(3, 3), "offer", 2.0),
        (explain, out_of_reach() | {"asks": [{"client": "c", "target": 2000}]}, "explain", 4.4),
    ],
)
def test_the_same_work_gives_the_same_answer_however_slow_the_machine(monkeypatch, ask, data, question, units) -> None:
    answers = []
    for slow in (0.0, 2e-4):
        until = Until(units=units)
        look = Until.ask

        def slowly(self: Until, look=look, slow=slow) -> None:
            time.sleep(slow)
            look(self)

        with monkeypatch.context() as loaded:
            loaded.setattr(Until, "ask", slowly)
            answers.append((ask(clinic_of(data, question), until), until.late))
        assert until.work.done < 1.02 * until.most
    assert answers[0] == answers[1]
    assert answers[0][1]


def test_work_is_shared_out_and_a_search_cut_short_has_spent_its_part() -> None:
    until = Until(units=4)
    first = until.shared(4)
    assert (until.left, first.left, first.endless) == (4, 1, False)
    first.spend(0.25, cut=False)
    assert (first.left, until.left) == (0.75, 3.75)
    first.spend(0.25, cut=True)
    assert first.due and until.left == 3
    assert until.within(9).left == 3
