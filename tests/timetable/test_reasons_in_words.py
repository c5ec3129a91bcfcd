"""What keeps a client from their hours, as the chart says it: about the client in English, to them in their own language."""

import pytest

from middleground.engines.timetabling.reasons import Best, Reasons, reasons_text
from middleground.timetable.fitting import Payer, newcomer
from middleground.timetable.waiting import reasons_of

BUSY = ["mon 12:00-13:00", "tue 09:00-10:00"]
ABOUT = ["Today's timetable gives 410 of 540 minutes a week.", "In the way: the hours this person is free."]
HELP = "One change helps most: free time on Friday. Then 590 minutes are possible."
TOGETHER = {"en": "We will look for a way with you.", "es": "Buscaremos una manera junto con usted."}


def told(reach=410, best=None, language="en", **more):
    """The reasons as the page has them: from the engine's answer, which is in English."""
    found = Reasons("c1", 540, reach, ("free",) if reach < 540 else (), best, ("free:fri",) if best else None, **more)
    client = newcomer([], {}, "en", 540, Payer(540, 3), BUSY)
    (reason,) = reasons_of({"explanations": [reasons_text(found, client)]}, {"busy": BUSY}, language)
    return reason


def test_a_change_that_the_engine_says_itself_has_no_headline():
    reason = told(best=Best("free:fri", 590))
    assert (reason.change, reason.says) == ("", [*ABOUT, HELP])
    assert reason.to_client == [
        "Right now we can plan 410 of your 540 minutes a week.",
        "It would help most if you were free on Friday.",
        TOGETHER["en"],
    ]


def test_a_client_is_spoken_to_in_spanish_and_spoken_of_in_english():
    reason = told(best=Best("free:fri", 590), language="es")
    assert (reason.language, reason.says) == ("es", [*ABOUT, HELP])
    assert reason.to_client == [
        "Por ahora podemos planear 410 de sus 540 minutos por semana.",
        "Lo que más ayudaría es que usted tuviera libre el viernes.",
        TOGETHER["es"],
    ]


def test_a_commitment_is_named_by_its_own_hours():
    assert "pudiera mover lo que tiene martes 09:00-10:00" in told(best=Best("busy:1", 590), language="es").to_client[1]


def test_a_language_without_words_is_answered_in_english():
    reason = told(best=Best("free:fri", 590), language="so")
    assert (reason.language, reason.to_client[-1]) == ("en", TOGETHER["en"])


def test_hours_they_have_beside_the_plan_are_counted_in_every_sentence():
    """Three hours: six more are prescribed, seven the payer asks for, and 230 minutes of them can be had."""
    asked = {"busy": BUSY, "had": 180, "targets": [540, 600]}
    client = newcomer([], {}, "en", 360, Payer(420, 3), BUSY)
    found = [
        Reasons("c1", target, 230, ("free",), Best("free:fri", 410), None if target > 360 else ("free:fri",))
        for target in (360, 420)
    ]
    ours, payers = reasons_of({"explanations": [reasons_text(each, client) for each in found]}, asked, "es")
    assert (ours.target, ours.reach, ours.says) == ("9 h", "6 h 50 min", [*ABOUT, HELP])
    assert ours.to_client[0] == "Por ahora podemos planear 410 de sus 540 minutos por semana."
    assert payers.says[0] == "Today's timetable gives 410 of 600 minutes a week."


@pytest.mark.parametrize("language", ["en", "es"])
def test_without_a_change_that_helps_only_the_reasons_stay(language):
    reason = told(language=language)
    assert (reason.change, reason.says, reason.reached) == ("", [*ABOUT, "No change named here is enough."], False)
    assert (len(reason.to_client), reason.to_client[-1]) == (2, TOGETHER[language])


@pytest.mark.parametrize("best", [None, Best("free:fri", 590)])
def test_what_was_not_looked_at_is_said_to_staff_and_nothing_doubtful_to_the_client(best):
    reason = told(best=best, cut=True, language="es")
    assert reason.says[:2] == [ABOUT[0], "There was no time to look at everything: more may be possible."]
    assert reason.to_client == [TOGETHER["es"]]


def test_a_search_that_ended_early_says_what_it_had_found():
    for best in (None, Best("free:fri", 590)):
        reason = told(best=best, cut=True)
        assert (reason.cut, reason.reach, reason.reached) == (True, "6 h 50 min", False)
    nothing = told(0, cut=True)
    assert nothing.reach == "" and not nothing.reached


def test_hours_in_reach_are_said_once():
    reason = told(540)
    assert reason.reached and reason.to_client == ["Your week can have all the hours you need."]
    assert reason.says == ["Today's timetable gives 540 of 540 minutes a week.", "No change named here is enough."]
