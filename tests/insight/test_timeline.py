"""The recovery timeline: one axis for everything, nothing that resets, what may not be seen named and left out."""

from datetime import date, timedelta

import pytest

from middleground.insight import queries
from middleground.insight.strands import Row
from middleground.insight.timeline import screens, unexplained
from middleground.kernel import clock
from middleground.recovery import actions as recovery
from tests import builders
from tests.insight.stories import a_story

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def told(clinic, wren):
    return a_story(clinic, wren)


def test_every_lane_stands_on_one_axis(clinic, told):
    with clinic.seen_by("counselor"):
        line = queries.timeline(told)
    assert line.first <= clock.today() - timedelta(weeks=6) and line.last == clock.today()
    assert [s.instrument for s in line.scores] == ["phq-9"] and line.scores[0].change == "improved"
    assert [m.craving for m in line.check_ins] == [8, 5, 2]
    assert [s.state for s in line.screens] == ["positive", "negative"]
    assert line.medications[0].name == "Buprenorphine" and line.medications[0].last is None
    assert {"admission", "return-to-use", "milestone"} <= {e.sort for e in line.events}
    assert sum(w.delivered for w in line.weeks) == line.totals.minutes == 15 * 180
    assert sum(w.missed for w in line.weeks) == 3


def test_a_full_week_in_care_is_prescribed_the_whole_dose(clinic, told):
    with clinic.seen_by("counselor"):
        line = queries.timeline(told)
    assert line.weeks[2].prescribed == 540


def test_a_return_to_use_takes_nothing_away(clinic, told):
    with clinic.seen_by("counselor"):
        before = queries.timeline(told).totals
    recovery.record_return_to_use.run(clinic.actor("counselor"), client=told, on=clock.today(), substance="alcohol")
    with clinic.seen_by("counselor"):
        after = queries.timeline(told)
    assert after.totals == before
    assert [e.sort for e in after.events].count("return-to-use") == 2


def test_a_later_beginning_draws_less_and_counts_all(clinic, told):
    with clinic.seen_by("counselor"):
        whole, part = queries.timeline(told), queries.timeline(told, since=clock.today() - timedelta(days=7))
    assert len(part.weeks) < len(whole.weeks) and len(part.check_ins) == 1
    assert part.totals == whole.totals


def test_kinds_a_biller_may_not_see_are_left_out_and_named(clinic, told):
    with clinic.seen_by("biller", "payment"):
        line = queries.timeline(told)
    assert line.weeks and not line.scores and not line.check_ins and not line.screens and not line.medications
    assert {e.sort for e in line.events} == {"admission"}
    assert "drug screens" in line.withheld and "check-ins" in line.withheld and "attendance" not in line.withheld


def test_a_client_reads_their_own_line_and_hears_of_nothing_withheld(clinic, told):
    with_access = builders.client_user(clinic, told).actor()
    from middleground.kernel import gate

    with gate.access(with_access, "own-request"):
        line = queries.timeline(told)
    assert len(line.check_ins) == 3 and line.withheld == []


def test_somebody_elses_client_has_no_line(clinic, told):
    other = builders.a_second(clinic, "counselor", "other").actor()
    from middleground.kernel import gate

    with gate.access(other, "treatment"):
        assert queries.timeline(told).events == []


def test_the_story_takes_one_statement_whatever_the_size(clinic, told, django_assert_num_queries):
    a_story(clinic, builders.a_client(clinic, "Fern", "Birch"), weeks=8)
    with clinic.seen_by("counselor"), django_assert_num_queries(1):
        queries.story(told)


def test_the_head_of_the_chart_says_what_is_due(clinic, told):
    with clinic.seen_by("counselor"):
        story = queries.story(told)
    assert story.episode.is_open and story.episode.week == 7 and story.plan == "missing"
    assert ("Primary counselor", "Counselor Person") in story.team
    assert any(a.words.startswith("Return to use") for a in story.alerts)
    assert any("after a return to use" in t.what.lower() or "plan" in t.what.lower() for t in story.tasks)


def test_reading_a_story_names_the_client_and_the_kinds_in_the_log(clinic, told):
    with clinic.seen_by("counselor") as access:
        queries.timeline(told)
        assert {"attendance", "check-in", "drug-screen", "event"} <= access.seen[told.pk]


def test_a_medicine_that_is_taken_is_no_finding_of_a_screen() -> None:
    row = Row(
        "drug-screen",
        "screen",
        None,
        date(2026, 11, 2),
        None,
        0,
        None,
        '["buprenorphine"]',
        "[]",
        '{"buprenorphine": "positive", "cocaine": "positive", "alcohol": "negative"}',
    )
    assert unexplained(row) == ["cocaine"]
    assert screens([row._replace(more='{"buprenorphine": "positive"}')])[0].state == "negative"
