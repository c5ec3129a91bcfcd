"""A group that ends, or begins later: offered, booked and counted only for weeks in which it is held; theirs to whoever is in it."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.models import Notice
from middleground.program import actions as program
from middleground.program.models import Membership
from middleground.timetable import previews, queries
from middleground.timetable.actions import ask_for_week, book_planned_week, book_whole_plan, look_at_week
from middleground.timetable.models import WeekPlan
from middleground.timetable.queries import Seen
from tests import builders
from tests.timetable.repairs import answer_of, group_row, proposed
from tests.timetable.test_week import seats_of
from tests.timetable.weeks import EVENINGS, a_group, a_track, an_evening, another_site, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]
WEEK = timedelta(days=7)


@pytest.fixture
def evening(clinic):
    """Recovery on Monday, Skills on Wednesday, Process on Thursday."""
    return an_evening(clinic)


@pytest.fixture
def stopped(clinic, evening):
    """A planned week that stops Skills from next Monday on is booked."""
    week = look_at_week.run(clinic.actor("program-director"), site_id=clinic.site.pk, week=clock.today() + WEEK)
    answer = answer_of(week)
    answer["groups"].remove(group_row(answer, evening[1]))
    proposal = proposed(clinic, week, answer, "plan", keep="week")
    book_whole_plan.run(clinic.actor("program-director"), proposal=proposal)
    return evening[1]


def ending(clinic, last: date, title="Short", **facts):
    """A group on Wednesdays up to a last day."""
    return a_group(clinic, a_track(clinic, title), title, 2, ends_on=last, **facts)


def offered(clinic, client):
    with clinic.seen_by("counselor"):
        return {group.name for week in queries.offers(client).weeks for group in week.groups}


def days_offered(found):
    return {meeting.day for week in found.weeks for meeting in week.meetings}


def to_visitors():
    cache.clear()
    return days_offered(previews.for_visitor([{"at": at, "cost": 0} for at in EVENINGS], {}, "en"))


def to_themselves(clinic, client):
    with clinic.seen_by("counselor"):
        return days_offered(previews.for_client(Seen(client)))


def own(clinic, client):
    with clinic.seen_by("counselor"):
        return [group.name for group in Seen(client).own]


def week_in_force(client):
    with everything("test"):
        return WeekPlan.objects.filter(client=client, status="booked").first()


def test_a_group_that_stops_on_sunday_is_offered_to_nobody(clinic, wren, stopped):
    free(clinic, wren, *EVENINGS)
    assert offered(clinic, wren) == {"Recovery", "Process"}
    assert to_themselves(clinic, wren) == {0, 3} and to_visitors() == {0, 3}
    with pytest.raises(Refused, match="no longer open"):
        ask_for_week.run(builders.client_user(clinic, wren).actor(), client=wren, groups=[stopped.pk])


def test_nor_booked_from_the_monday_on(clinic, wren, evening, stopped):
    reader = builders.client_user(clinic, wren)
    with pytest.raises(Refused, match=r"Skills ends on Sunday, .+ and isn't held from this day on") as no:
        book(clinic, wren, [evening[0], stopped], since=clock.today() + WEEK)
    assert no.value.field == "since" and week_in_force(wren) is None and seats_of(wren) == 0
    assert not Notice.objects.filter(to=reader).exists()


def test_its_last_session_can_still_be_booked(clinic, wren, stopped):
    book(clinic, wren, [stopped])
    assert seats_of(wren) == 1
    with pytest.raises(Refused, match="ends on Sunday"):
        book(clinic, builders.a_client(clinic, "Ash", "Birch"), [stopped], since=clock.today() + timedelta(days=3))


def test_a_group_with_a_last_day_is_offered_while_it_is_held_this_week_and_the_next(clinic, wren):
    wednesday = clock.today() + timedelta(days=2)
    ending(clinic, wednesday + WEEK)
    ending(clinic, wednesday + WEEK - timedelta(days=1), title="Shorter", hour=12)
    free(clinic, wren, "wed 08:00-22:00")
    assert offered(clinic, wren) == {"Short"} and to_visitors() == {2}
    with clock.at(clock.now() + timedelta(days=3)):
        assert offered(clinic, wren) == set() and to_visitors() == set()


def test_whoever_sits_in_it_has_it_until_it_ends_and_cannot_keep_it_beyond(clinic, wren, evening, client):
    last = clock.today() + timedelta(days=2)
    group = ending(clinic, last, hour=14)
    book(clinic, wren, [evening[0], group], since=clock.today())
    free(clinic, wren, "mon 08:00-22:00", "wed 13:00-22:00", "thu 17:00-22:00")
    assert own(clinic, wren) == ["Recovery", "Short"] and offered(clinic, wren) == {"Recovery", "Skills", "Process"}
    client.force_login(clinic.people["counselor"])
    assert "6 h a week in 2 groups" in client.get(reverse("chart-week", args=[wren.pk])).text
    book(clinic, wren, [*evening[:2], group])
    assert own(clinic, wren) == ["Recovery", "Short", "Skills"]
    with pytest.raises(Refused, match="Short ends on Wednesday"):
        book(clinic, wren, [*evening[:2], group], since=last + timedelta(days=1))


def test_the_page_says_beside_the_day_why_it_cannot_be_booked(clinic, wren, evening, stopped, client):
    client.force_login(clinic.people["counselor"])
    address = reverse("week-plan", args=[wren.pk])
    told = {"group": [evening[0].pk, stopped.pk], "seen_plan": 0, "since": clock.today() + WEEK}
    answer = client.post(address, told)
    assert answer.status_code == 422 and answer.context["form"].errors.keys() == {"since"}
    assert "Skills ends on Sunday" in answer.text


def test_a_group_that_begins_in_two_months_does_not_run_now(clinic, wren, evening):
    first = clock.today() + 8 * WEEK + timedelta(days=2)
    later = a_group(clinic, a_track(clinic, "Later"), "Later", 4, starts_on=first)
    free(clinic, wren, *EVENINGS, "fri 17:00-22:00")
    assert "Later" not in offered(clinic, wren)
    assert 4 not in to_themselves(clinic, wren)
    cache.clear()
    assert "Later" not in {group.name for group in previews.running_now()}
    with pytest.raises(Refused, match=r"Later is first held on Friday") as no:
        book(clinic, wren, [later])
    assert no.value.field == "since"
    book(clinic, wren, [later], since=first)
    assert own(clinic, wren) == ["Later"] and seats_of(wren) == 3
    assert "Later" in offered(clinic, wren)


def test_by_hand_somebody_joins_within_the_days_on_which_a_group_is_held(clinic, wren, evening, client):
    """Without a day from its first one on."""
    first = clock.today() + 3 * WEEK
    later = a_group(clinic, a_track(clinic, "Later"), "Later", 4, starts_on=first)
    gone = ending(clinic, clock.today() + timedelta(days=2), hour=14)
    client.force_login(clinic.people["program-director"])
    for group, since, told in ((later, first - WEEK, "Later is first held on"), (gone, first, "Short ends on")):
        data = {"do": "join", "client": wren.pk, "since": since}
        answer = client.post(reverse("group", args=[group.pk]), data)
        assert answer.status_code == 422 and told in answer.context["joining"].errors["since"][0]
    made = program.join_group.run(clinic.actor("program-director"), client=wren, group=later)
    with everything("test"):
        assert Membership.objects.get(client=wren) == made and made.since == first


@pytest.mark.parametrize("at_once", [True, False])
def test_a_planned_week_counts_no_group_elsewhere_that_is_over_by_then(clinic, wren, evening, at_once):
    south = another_site(clinic)
    friday = {"room": south.rooms[0], "ends_on": clock.today() + timedelta(days=6)}
    far = a_group(south, a_track(south, "Far"), "Far", 4, **friday)
    book(south, wren, [*evening[:2], far], role="program-director", since=clock.today())
    director = clinic.actor("program-director")
    week = look_at_week.run(director, site_id=clinic.site.pk, week=clock.today() + WEEK)
    answer = answer_of(week)
    group_row(answer, evening[1])["members"].remove(f"c{wren.pk}")
    group_row(answer, evening[2])["members"].append(f"c{wren.pk}")
    proposal = proposed(clinic, week, answer, "plan", keep="groups")
    if at_once:
        book_whole_plan.run(director, proposal=proposal)
    else:
        book_planned_week.run(director, proposal=proposal, client=wren)
    made = week_in_force(wren)
    assert (made.week["groups"], made.week["minutes"]) == ([evening[0].pk, evening[2].pk], 360)
