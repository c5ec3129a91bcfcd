"""Groups held for some people only, led by whoever is licensed for them, full at a size without a co-leader."""

from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.clinic.models import User
from middleground.kernel import clock
from middleground.kernel.actions import action
from middleground.kernel.context import everything, system
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.who import system_only
from middleground.program import actions
from middleground.program.asking import Taken
from middleground.program.held_for import NotForThem, NotLicensed
from middleground.program.models import Session
from middleground.records import actions as records
from middleground.timetable import actions as timetable
from middleground.timetable import queries
from middleground.timetable.instance import clinic_week
from tests import builders
from tests.timetable.repairs import answer_of, group_row, proposed, seen_week
from tests.timetable.weeks import EVENINGS, an_evening, book, free, monday_to_come

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture(autouse=True)
def this_morning():
    """Seven on a Monday, in place of this room's usual morning."""
    with monday_to_come() as now:
        yield now


@pytest.fixture
def groups(clinic):
    return an_evening(clinic)


@action("Give somebody a credential for a test", by=system_only())
def _licensed(act, user: User, credentials: list) -> User:
    user.credentials = credentials
    user.save(update_fields=["credentials"])
    return user


def licensed(clinic, role, *credentials):
    clinic.people[role] = _licensed.run(system("test"), user=clinic.people[role], credentials=list(credentials))


def say(clinic, group, role="program-director", **rules):
    return actions.set_group_rules.run(clinic.actor(role), group=group, **rules)


def join(clinic, client, group):
    return actions.join_group.run(clinic.actor("program-director"), client=client, group=group)


def first(group):
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").first()


def counts_in(clinic, client, *chosen):
    records.set_populations.run(clinic.actor("counselor"), client=client, chosen=list(chosen))


def test_a_group_for_some_takes_those_who_count_themselves_in(clinic, wren, groups):
    say(clinic, groups[0], only=["women", "veterans"])
    counts_in(clinic, wren, "women")
    with pytest.raises(NotForThem, match=r"Recovery is held for: Women, Veterans\. If that is this person"):
        join(clinic, wren, groups[0])
    with pytest.raises(NotForThem):
        actions.add_walk_in.run(clinic.actor("program-director"), session=first(groups[0]), client=wren)
    counts_in(clinic, wren, "veterans", "women")
    join(clinic, wren, groups[0])


def test_weeks_with_it_are_offered_to_them_alone(clinic, wren, groups):
    free(clinic, wren, *EVENINGS)
    say(clinic, groups[1], only=["women"])
    with clinic.seen_by("counselor"):
        found = queries.offers(wren)
    assert [g.name for g in found.weeks[0].groups] == ["Recovery", "Process"]
    with pytest.raises(NotForThem):
        book(clinic, wren, groups)
    counts_in(clinic, wren, "women")
    with clinic.seen_by("counselor"):
        assert len(queries.offers(wren).weeks[0].groups) == 3
    book(clinic, wren, groups)


def test_the_planner_knows_it_and_whoever_sits_there_already_stays(clinic, wren, groups):
    licensed(clinic, "counselor", "LPC")
    join(clinic, wren, groups[0])
    say(clinic, groups[0], only=["men"], credentials=["LPC"], co_leader_above=1)
    robin = builders.a_client(clinic, "Robin", "Birch")
    counts_in(clinic, robin, "lgbtq")
    data = clinic_week(clock.today()).data
    row = next(each for each in data["groups"] if each["id"] == f"g{groups[0].pk}")
    assert (row["only"], row["credentials"], row["co_above"]) == (["men"], ["LPC"], 1)
    tags = {each["id"]: each["tags"] for each in data["clients"]}
    assert tags == {f"c{wren.pk}": ["men"], f"c{robin.pk}": ["lgbtq"]}
    assert f"c{wren.pk}" in data["current"]["groups"][0]["members"]


def test_only_the_licensed_come_to_lead_it(clinic, groups):
    with pytest.raises(Refused, match="Counselor Person, who leads it, has none of these"):
        say(clinic, groups[0], credentials=["LPC"])
    licensed(clinic, "counselor", "LPC")
    say(clinic, groups[0], credentials=["LPC", "LCSW"])
    director = clinic.people["program-director"]
    with pytest.raises(NotLicensed, match="led by somebody with LCSW or LPC"):
        actions.cover_session.run(clinic.actor("program-director"), session=first(groups[0]), leader=director)
    move = {"group": groups[0], "weekday": 0, "start_time": groups[0].start_time, "room": groups[0].room}
    move["since"] = clock.today() + timedelta(days=7)
    with pytest.raises(NotLicensed):
        timetable.move_group.run(clinic.actor("program-director"), leader=director, **move)
    licensed(clinic, "program-director", "LCSW")
    actions.cover_session.run(clinic.actor("program-director"), session=first(groups[0]), leader=director)


def test_without_a_co_leader_it_is_full_at_that_size(clinic, wren, groups):
    say(clinic, groups[0], co_leader_above=1)
    join(clinic, wren, groups[0])
    with pytest.raises(Taken, match="no free seat"):
        join(clinic, builders.a_client(clinic, "Robin", "Birch"), groups[0])


def test_a_smaller_number_than_are_in_it_needs_a_co_leader(clinic, wren, groups):
    for each in (wren, builders.a_client(clinic, "Robin", "Birch")):
        join(clinic, each, groups[0])
    with pytest.raises(Refused, match="More are in it now"):
        say(clinic, groups[0], co_leader_above=1)


def test_a_co_leader_is_not_taken_off_a_session_too_large_for_one(clinic, wren):
    pair = an_evening(clinic, co_leader=clinic.people["program-director"])[0]
    for each in (wren, builders.a_client(clinic, "Robin", "Birch")):
        join(clinic, each, pair)
    say(clinic, pair, co_leader_above=1)
    week = seen_week(clinic)
    assert row_of(week, pair)["co_above"] == 1
    answer = answer_of(week)
    group_row(answer, pair)["co"] = None
    with pytest.raises(Refused, match="too many members to be led by one person"):
        timetable.apply_repair.run(
            clinic.actor("program-director"), proposal=proposed(clinic, week, answer), end="hours"
        )
    with pytest.raises(Refused, match="co-leads it already"):
        actions.cover_session.run(
            clinic.actor("program-director"), session=first(pair), leader=clinic.people["program-director"]
        )


def row_of(week, group):
    return next(each for each in week.data["groups"] if each["id"] == f"g{group.pk}")


def test_more_weeks_seat_who_is_in_it_though_it_is_held_for_others_now(clinic, wren, groups):
    join(clinic, wren, groups[0])
    say(clinic, groups[0], only=["men"])
    actions.extend_group.run(clinic.actor("administrator"), group=groups[0], weeks=2)


def test_who_may_not_says_nothing_and_nonsense_is_refused(clinic, wren, groups):
    with pytest.raises(NotAllowed):
        say(clinic, groups[0], "counselor", only=["men"])
    with pytest.raises(Refused, match="Choose from the list"):
        say(clinic, groups[0], only=["nobody"])
    with pytest.raises(Refused, match="Choose from the list"):
        counts_in(clinic, wren, "nobody")
    with pytest.raises(NotAllowed):
        records.set_populations.run(clinic.actor("biller"), client=wren, chosen=["women"])


def test_the_director_says_it_on_the_groups_page_and_the_counselor_on_the_clients(client, clinic, wren, groups):
    licensed(clinic, "program-director", "LCSW")
    client.force_login(clinic.people["program-director"])
    url = reverse("group", args=[groups[0].pk])
    wrong = client.post(url, {"do": "rule", "only": ["women"], "credentials": ["LCSW"]})
    assert wrong.status_code == 422 and "has none of these" in wrong.content.decode()
    done = client.post(url, {"do": "rule", "only": ["women"], "co_leader_above": "8"}, follow=True).content.decode()
    assert "Women" in done and "Above 8 members with a co-leader." in done
    client.force_login(clinic.people["counselor"])
    page = reverse("chart-apart", args=[wren.pk])
    assert "None of them is open to Wren so far" in client.get(page).content.decode()
    done = client.post(page, {"chosen": ["women", "trauma"]}, follow=True).content.decode()
    assert "Open to Wren: Women, People who live with trauma." in done
    client.force_login(clinic.people["biller"])
    assert "trauma" not in client.get(reverse("chart", args=[wren.pk])).content.decode()
