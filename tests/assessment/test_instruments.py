"""Instruments: given, corrected, flagged, and readable as they were."""

from datetime import timedelta

import pytest
from django.utils import timezone

from middleground.assessment import actions, queries
from middleground.assessment.models import InstrumentResult
from middleground.engines import knowing, scoring
from middleground.engines.scoring import definition
from middleground.kernel import clock
from middleground.kernel.errors import Invalid, NotAllowed, Refused
from middleground.records.models import Task
from tests import builders

from .people import MORNING, PHQ_9

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def test_an_instrument_is_scored_and_kept_with_its_wording(clinic, wren):
    result = actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="phq-9", answers=PHQ_9)
    assert (result.total, result.band, result.flags, result.by_client) == (9, "mild", [], False)
    first = result.answers["items"][0]
    assert first["wording"].startswith("Little interest") and first["chosen"] == "Several days"


@pytest.mark.parametrize("last, flag", [(1, "suicidality-item"), (None, "suicidality-item-unanswered")])
def test_a_flag_gives_the_primary_counselor_a_task_for_the_same_day_without_saying_why(clinic, wren, last, flag):
    with clock.at(MORNING):
        result = actions.give_instrument.run(
            clinic.actor("case-manager"), client=wren, instrument="phq-9", answers=[*PHQ_9[:8], last]
        )
        with clinic.seen_by("counselor"):
            task = Task.objects.get(client=wren)
    assert result.flags == [flag]
    assert task.owner == clinic.people["counselor"]
    assert timezone.localdate(task.due_at) == MORNING.date()
    assert "PHQ" not in task.what + task.why and "suicid" not in (task.what + task.why).lower()
    assert clinic.people["counselor"].notices.filter(words__icontains="task").exists()


def test_before_there_is_a_counselor_intake_sees_the_flag(clinic):
    new = builders.a_client(clinic, "Rue", "Moss", admitted=False)
    actions.give_instrument.run(clinic.actor("intake-coordinator"), client=new, instrument="phq-9", answers=[3] * 9)
    with clinic.seen_by("intake-coordinator"):
        assert Task.objects.get(client=new).owner_role == "intake-coordinator"


def test_a_client_answers_their_own_questions_and_nobody_elses(clinic, wren):
    me = builders.client_user(clinic, wren).actor()
    other = builders.a_client(clinic, "Rue", "Moss")
    result = actions.give_instrument.run(me, client=wren, instrument="gad-7", answers=[1] * 7, language="es")
    assert result.by_client and result.answers["items"][0]["chosen"] == "Varios días"
    with pytest.raises(NotAllowed):
        actions.give_instrument.run(me, client=other, instrument="gad-7", answers=[1] * 7)
    with pytest.raises(NotAllowed):
        actions.give_instrument.run(me, client=wren, instrument="cows", answers=[0] * 11)


@pytest.mark.parametrize("instrument, answers", [("phq-9", [1, 2]), ("phq-9", [9] * 9), ("phq-9", [None] * 9)])
def test_answers_the_instrument_does_not_allow_are_refused(clinic, wren, instrument, answers):
    with pytest.raises(Refused):
        actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument=instrument, answers=answers)
    with clinic.seen_by("counselor"):
        assert not queries.results(wren).exists()


def test_an_unknown_instrument_is_refused(clinic, wren):
    with pytest.raises(Invalid):
        actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="tea-leaves", answers=[])


def test_a_corrected_entry_is_replaced_and_stays_readable(clinic, wren):
    with clock.at(MORNING):
        wrong = actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="phq-9", answers=PHQ_9)
    right = actions.correct_instrument.run(
        clinic.actor("counselor"), result=wrong, answers=[0] * 9, why="Read the wrong column"
    )
    with clinic.seen_by("counselor"):
        assert queries.latest(wren, "phq-9") == right and right.given_at == MORNING
        old = InstrumentResult.objects.get(pk=wrong.pk)
        assert (old.total, old.superseded_by, old.superseded_why) == (9, right, "Read the wrong column")
    with pytest.raises(Refused):
        actions.correct_instrument.run(clinic.actor("counselor"), result=wrong, answers=[0] * 9, why="Again")


def test_answers_keep_their_wording_when_the_clinic_rewrites_the_instrument(clinic, wren, tmp_path, monkeypatch):
    old = actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="craving-vas", answers=[6])
    (tmp_path / "instruments").mkdir()
    text = (knowing.HOME / "instruments/craving-vas.yaml").read_text()
    wording = scoring.instrument("craving-vas").items[0].wording.en
    (tmp_path / "instruments/own.yaml").write_text(
        text.replace(wording, "How strong is the pull?").replace("high: 10", "high: 7")
    )
    monkeypatch.setenv("MIDDLEGROUND_KNOWLEDGE", str(tmp_path))
    caches = (knowing.load, knowing.content_hash, definition.instrument)
    for each in caches:
        each.cache_clear()
    try:
        new = actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="phq-9", answers=PHQ_9)
        with clinic.seen_by("counselor"):
            kept = queries.result(old.pk)
        assert (kept.answers["items"][0]["wording"], kept.total, kept.band) == (wording, 6, old.band)
        assert new.knowledge != kept.knowledge
    finally:
        monkeypatch.delenv("MIDDLEGROUND_KNOWLEDGE")
        for each in caches:
            each.cache_clear()


def test_measures_then_and_now(clinic, wren):
    with clock.at(MORNING):
        actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="phq-9", answers=[2] * 8 + [0])
    with clock.at(MORNING + timedelta(days=28)):
        actions.give_instrument.run(clinic.actor("counselor"), client=wren, instrument="phq-9", answers=[1] * 8 + [0])
        with clinic.seen_by("counselor"):
            (measure,) = queries.measures_then_and_now(wren)
            line = queries.scores_over_time(wren, "phq-9")
    assert (measure.first, measure.last, measure.change, measure.times) == (16, 8, "improved", 2)
    assert [total for _, total, _ in line] == [16, 8]
