"""The program at a glance, and what of it the public may read."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from middleground.engines.outcomes import Rate
from middleground.insight import board, public, queries
from middleground.insight.counting import Care, Day
from middleground.kernel import clock
from middleground.kernel.context import everything
from tests import builders
from tests.insight.stories import a_story

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def running(clinic, wren):
    a_story(clinic, wren)
    a_story(clinic, builders.a_client(clinic, "Fern", "Birch"), weeks=7)
    return clinic


def seen(clinic, period="8-weeks"):
    with clinic.seen_by("program-director", "operations"):
        return queries.board(period)


def test_the_board_counts_people_hours_and_change(running):
    shown = seen(running)
    assert shown.in_care == 2 and shown.census[-1] == (clock.today(), 2) and shown.admitted == 2
    assert sum(h.delivered for h in shown.hours) == (15 + 17) * 3
    assert shown.no_shows == Rate(7, 39)
    assert [(m.title, m.people, m.better) for m in shown.measures if m.people] == [("PHQ-9", 2, 2)]
    assert shown.continuation.whole == 2 and shown.continuation.share == 1
    assert shown.is_small and shown.retained[0] == (0, 100)


def test_it_names_the_documents_that_are_owed(running):
    owed = seen(running).documents
    assert owed["episodes-without-plan"].n == 2 and owed["episodes-without-plan"].oldest <= clock.today() - timedelta(
        weeks=6
    )
    assert owed["unsigned-notes"].n > 0 and owed["assessments-unsigned"].n == 0


def test_it_takes_four_statements_however_much_there_is(running, django_assert_num_queries):
    with running.seen_by("program-director", "operations"), django_assert_num_queries(4):
        queries.board("a-year")


def test_another_site_is_not_counted(running, clinic):
    from middleground.clinic import actions as clinic_actions
    from middleground.kernel import gate
    from middleground.kernel.context import system

    south = clinic_actions.open_site.run(system("test"), name="South")
    boss = clinic_actions.add_user.run(
        system("test"),
        username="south",
        name="South Boss",
        password=builders.PASSWORD,
        roles=["program-director"],
        site_ids=[south.pk],
    )
    with gate.access(boss.actor(), "operations"):
        shown = queries.board()
    assert (
        shown.in_care == 0 and sum(h.delivered for h in shown.hours) == 0 and shown.documents["unsigned-notes"].n == 0
    )


def test_a_counselor_counts_their_own_caseload_only(running):
    other = builders.a_second(running, "counselor", "other").actor()
    from middleground.kernel import gate

    with gate.access(other, "treatment"):
        assert queries.board().in_care == 0


def test_prescribed_hours_follow_the_days_in_care():
    monday = clock.today() - timedelta(days=clock.today().weekday() + 7)
    care = [Care(1, monday + timedelta(days=5), None, "", "2.1", 700, None)]
    weeks = board.hours(care, [Day(monday, 90, 1, 0)], monday, monday + timedelta(days=6))
    assert (weeks[0].prescribed, weeks[0].delivered) == (round(200 / 60, 1), 1.5)


def test_an_empty_clinic_has_an_empty_board(clinic):
    shown = seen(clinic)
    assert shown.in_care == 0 and shown.retention == [] and shown.median_stay is None and shown.completion.share is None


def test_deaths_and_custody_say_nothing_of_completion():
    today = clock.today()
    care = [
        Care(n, today, today, reason, "2.1", 540, None)
        for n, reason in enumerate(("completed", "left", "died", "custody"))
    ]
    assert board.completed(care) == Rate(1, 2, 2)


def test_the_public_reads_no_figure_of_a_few(running):
    cache.clear()
    told = queries.public_figures()
    assert set(told) == {
        "hours-per-week",
        "evening-share",
        "fee-range",
        "completion-rate",
        "continuation-rate",
        "family-sessions",
    }
    assert told["hours-per-week"] is None and told["continuation-rate"] is None
    assert told["evening-share"] == 1 and told["fee-range"][0] < told["fee-range"][1]


def test_a_figure_with_enough_people_is_told(running):
    with everything("test"):
        told = public.counted(clock.today(), least=2)
    assert 6 < told["hours-per-week"] < 9.1 and told["continuation-rate"] == 1 and told["family-sessions"] == 0


def test_the_public_figures_are_counted_once_a_day(running, django_assert_num_queries):
    cache.clear()
    queries.public_figures()
    with django_assert_num_queries(0):
        queries.public_figures()


def test_the_census_counts_the_day_of_admission_and_not_that_of_discharge():
    today = clock.today()
    came, left = (
        Care(1, today, None, "", "2.1", 540, None),
        Care(2, today - timedelta(days=9), today, "completed", "2.1", 540, None),
    )
    first = today - timedelta(days=today.weekday())
    assert board.census([came, left], first, today)[-1] == (today, 1)
    assert left.is_in_care_after(today - timedelta(days=1)) and not left.is_in_care_after(today)
