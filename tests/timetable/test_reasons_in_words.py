"""What keeps a client from their hours, as the chart says it: about the client, never to them, and no half sentence."""

from middleground.timetable.waiting import reasons_of

ABOUT = ["Today's timetable gives 410 of 540 minutes a week.", "In the way: the hours this person is free."]
HELP = "One change helps most: free time on Friday. Then 590 minutes are possible."
TO_THEM = ["Right now we can plan 410 of your 540 minutes a week.", "It would help most if you were free on Friday."]
TOGETHER = "We will look for a way with you."


def told(reach, best, text):
    return {"explanations": [{"target": 540, "reach": reach, "best": best, "text": text}]}


def test_a_change_that_the_engine_says_itself_has_no_headline():
    best = {"change": "free:fri", "reach": 590}
    (reason,) = reasons_of(told(410, best, [*ABOUT, HELP, *TO_THEM, TOGETHER]))
    assert (reason.change, reason.says) == ("", [*ABOUT, HELP])
    assert reason.to_client == [*TO_THEM, TOGETHER]


def test_without_a_change_that_helps_only_the_reasons_stay():
    (reason,) = reasons_of(told(410, None, [*ABOUT, TO_THEM[0], TOGETHER]))
    assert (reason.change, reason.says, reason.reached) == ("", ABOUT, False)


def test_hours_in_reach_are_said_once():
    (reason,) = reasons_of(told(540, None, ["All 540 minutes fit.", "All your 540 minutes fit."]))
    assert reason.reached and reason.says == ["All 540 minutes fit."]
