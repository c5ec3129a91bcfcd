"""A week is billable by the rule of whoever pays for this client; where nobody is known to pay, by the conservative one."""

from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.coverage import actions as coverage
from middleground.kernel import clock, gate
from middleground.timetable import move_facts, payers, queries
from middleground.timetable.instance import clinic_week
from middleground.timetable.models import WeekPlan
from middleground.timetable.move_facts import Target
from tests import builders
from tests.coverage.days import a_payer
from tests.timetable.weeks import a_group, a_track, an_evening, book, free, monday_to_come

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

WIDE = tuple(f"{day} 08:00-22:00" for day in ("mon", "tue", "wed", "thu"))


@pytest.fixture(autouse=True)
def monday():
    with monday_to_come() as now:
        yield now


@pytest.fixture
def medicare(clinic):
    return a_payer(clinic, "Medicare", rule="medicare")


def insured(clinic, client, payer, since=-60, until=None, verified=True):
    day = [None if days is None else clock.today() + timedelta(days=days) for days in (since, until)]
    biller = clinic.actor("biller")
    made = coverage.add_policy.run(biller, client=client, payer=payer, member_id="M-1", since=day[0], until=day[1])
    return coverage.verify_policy.run(biller, policy=made) if verified else made


def spread(clinic):
    """Nine hours on four days, none of which has three."""
    track = a_track(clinic)
    return [a_group(clinic, track, title, day, minutes=135) for day, title in enumerate("ABCD")]


def test_nine_hours_however_spread_are_enough_for_whoever_asks_no_more(clinic, wren, medicare):
    spread(clinic)
    free(clinic, wren, *WIDE)
    with clinic.seen_by("counselor"):
        assert not queries.offers(wren).weeks[0].payer_met
    insured(clinic, wren, medicare)
    with clinic.seen_by("counselor"):
        found = queries.offers(wren)
    assert found.weeks[0].payer_met and found.need.payer_words == "9 h"


def test_the_dose_counts_by_it_also_in_another_week(clinic, wren, medicare):
    book(clinic, wren, spread(clinic), since=clock.today())
    insured(clinic, wren, medicare, until=3)
    with clinic.seen_by("counselor"):
        seen = queries.Seen(wren)
        doses = [queries.dose(wren, week) for week in (None, clock.today() + timedelta(days=8))]
        assert queries.dose(wren, seen=seen) == doses[0]
    assert [dose.payer.reachable for dose in doses] == [True, False]  # the coverage has ended by then


def test_a_booked_week_remembers_whether_it_meets_it(clinic, wren, medicare):
    insured(clinic, wren, medicare, since=3)
    groups = spread(clinic)
    assert not book(clinic, builders.a_client(clinic, "Lark", "Birch"), groups).week["payer_met"]
    assert book(clinic, wren, groups).week["payer_met"]


def test_a_page_does_not_say_which_rule_it_is(client, clinic, wren):
    client.force_login(clinic.people["counselor"])
    groups = spread(clinic)
    url = f"{reverse('week-plan', args=[wren.pk])}?group={groups[0].pk}"
    assert 'name="payer"' not in client.get(url).content.decode()
    asked = {"group": [g.pk for g in groups], "since": clock.today().isoformat(), "seen_plan": 0, "payer": "medicare"}
    assert client.post(url, asked).status_code == 302
    with clinic.seen_by("counselor"):
        assert WeekPlan.objects.get(client=wren).week["payer_met"] is False


def test_the_clinics_week_has_everybodys_own(clinic, wren, medicare):
    lark = builders.a_client(clinic, "Lark", "Birch")
    groups = an_evening(clinic)
    for person in (wren, lark):
        book(clinic, person, groups, since=clock.today())
    insured(clinic, wren, medicare)
    found = {row["id"]: row["payer"] for row in clinic_week(clock.today()).data["clients"]}
    assert found == {f"c{wren.pk}": {"minutes": 540, "days": 0}, f"c{lark.pk}": {"minutes": 540, "days": 3}}


def test_a_move_onto_one_day_is_against_the_rule_of_those_who_need_three(clinic, wren, medicare):
    lark = builders.a_client(clinic, "Lark", "Birch")
    groups = an_evening(clinic)
    for person in (wren, lark):
        free(clinic, person, *WIDE)
        book(clinic, person, groups, since=clock.today())
    insured(clinic, wren, medicare)
    leader = next(u for u in move_facts.leaders_at(clinic.site.pk) if u.pk == clinic.people["counselor"].pk)
    wednesday = Target(
        2, clock.now().time().replace(hour=13), clinic.rooms[0], leader, clock.today() + timedelta(days=7)
    )
    with gate.access(clinic.actor("intake-coordinator"), "operations", "test"):
        found = move_facts.preview(move_facts.group_of(groups[0].pk, None), wednesday).broken
    assert (found.below, found.not_free) == ((lark.pk,), ())


@pytest.mark.parametrize(
    ("since", "until", "counts"), [(-60, -1, False), (7, None, False), (6, None, True), (-60, 0, True)]
)
def test_it_is_who_pays_in_that_week(clinic, wren, medicare, since, until, counts):
    insured(clinic, wren, medicare, since, until)
    assert payers.rule_of(wren, clock.today() + timedelta(days=2)) == ("medicare" if counts else payers.DEFAULT)


def test_of_several_the_verified_one_then_the_latest(clinic, wren, medicare):
    va, indiana = (a_payer(clinic, name, rule=name) for name in ("va", "in-medicaid"))
    insured(clinic, wren, medicare, since=-30)
    insured(clinic, wren, va, since=-60)
    insured(clinic, wren, indiana, since=-10, verified=False)
    assert payers.rule_of(wren, clock.today()) == "medicare"


def test_somebody_elses_coverage_is_none_of_it(clinic, wren, medicare):
    insured(clinic, builders.a_client(clinic, "Lark", "Birch"), medicare)
    assert payers.rule_of(wren, clock.today()) == payers.DEFAULT


def test_where_nobody_says_who_pays_the_conservative_rule_stands(clinic, wren, medicare, monkeypatch):
    insured(clinic, wren, medicare)
    monkeypatch.setattr(payers, "_told", [])
    assert payers.rule_of(wren, clock.today()) == payers.DEFAULT
