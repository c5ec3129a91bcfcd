"""The board of the week: blocks at their place; what a move breaks from one answer; moving, being slower, and taking it back."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock
from middleground.kernel.context import system
from middleground.program.models import Group
from middleground.records.actions import keep_apart
from middleground.timetable import moving
from tests import builders
from tests.asking import asked
from tests.timetable.weeks import EVENINGS, a_group, a_track, an_evening, book, closed_on_sundays, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def groups(clinic, wren):
    made = an_evening(clinic, weeks=4)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, made)
    return made


@pytest.fixture
def coordinator(client, clinic):
    client.force_login(clinic.people["intake-coordinator"])
    return client


def to(group, clinic, weekday=4, at="18:00", **more):
    return {"weekday": weekday, "start_time": at, "room": group.room_id, "leader": group.leader_id,
            "since": moving.coming_mondays()[0].isoformat(), "seen": moving.seen_of(group)} | more  # fmt: skip


def preview(group):
    return reverse("week-move-preview", args=[group.pk])


def form(group):
    return reverse("week-move", args=[group.pk])


def queries_of(browser, url, data=None):
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url, data).status_code == 200
    return asked(seen)


def test_blocks_stand_by_time_beside_each_other_and_tracks_are_told_by_letter(coordinator, clinic, groups):
    other = a_group(clinic, a_track(clinic, "Elders"), "Circle", 0, minutes=60, room=None,
                    leader=builders.a_second(clinic, "counselor", "dana"))  # fmt: skip
    page = coordinator.get(reverse("week-board")).content.decode()
    places = dict(re.findall(r'at-(\d+ span-\d+ lane-\d)[^>]*data-group="(\d+)"', page))
    assert places["4 span-12 lane-2"] == str(groups[0].pk) and places["4 span-4 lane-1"] == str(other.pk)
    assert ">Ev</span>" in page and ">El</span>" in page and "Undo" not in page


def test_a_day_without_groups_is_narrow_and_its_name_short(coordinator, clinic, groups):
    page = coordinator.get(reverse("week-board")).content.decode()
    assert '<h2 id="day-0">Monday</h2>' in page
    assert '<h2 id="day-5"><abbr title="Saturday">Sat</abbr></h2>' in page


def test_only_who_plans_can_move(client, clinic, groups):
    client.force_login(clinic.people["counselor"])
    assert "data-group" not in client.get(reverse("week-board")).content.decode()
    assert client.get(form(groups[0])).status_code == client.get(preview(groups[0])).status_code == 403


def test_the_preview_says_what_breaks_and_changes_nothing(coordinator, clinic, wren, groups):
    told = coordinator.get(preview(groups[0]), to(groups[0], clinic)).content.decode()
    assert (
        "This would break" in told
        and f"{wren.short} is not free then" in told
        and "below what the payer asks for" in told
    )
    told = coordinator.get(preview(groups[0]), to(groups[0], clinic, weekday=2)).content.decode()
    assert "data-blocked" in told and "Maple is taken by Skills on" in told and "booked for something else" in told
    assert Group.objects.get(pk=groups[0].pk).weekday == 0


def test_the_plain_form_moves_and_undo_takes_it_back(coordinator, clinic, groups):
    assert "This is where the group is now" not in coordinator.get(form(groups[0])).content.decode()
    answer = coordinator.post(form(groups[0]), to(groups[0], clinic), follow=True)
    page = answer.content.decode()
    assert "is moved" in page and "Undo this move" in page
    row = re.search(
        r'<strong><span class="sr-only">Moved, </span>from (\w{3} \d+)</strong> · (\d+ of \d+)</p>\s+</li>', page
    )
    assert row, "the move stands beside the seats: an hour's card has no room for one more line"
    assert Group.objects.get(pk=groups[0].pk).weekday == 4
    undo = re.search(r"/week/moves/\d+/undo/", page)[0]
    assert "Taken back: Recovery is on Mondays at 6:00 pm" in coordinator.post(undo, follow=True).content.decode()
    assert Group.objects.get(pk=groups[0].pk).weekday == 0
    assert "already" in coordinator.post(undo, follow=True).content.decode()
    assert coordinator.get(undo).status_code == 302


def test_the_slower_one_is_told_what_changed_and_can_go_on_from_there(coordinator, client, clinic, groups):
    slow = to(groups[0], clinic, weekday=5)
    coordinator.post(form(groups[0]), to(groups[0], clinic, weekday=4))
    client.force_login(clinic.people["program-director"])
    refused = client.post(form(groups[0]), slow)
    page = refused.content.decode()
    assert refused.status_code == 422 and "Somebody was quicker" in page
    assert "Intake-Coordinator Person changed Recovery while you looked: it is now on Fridays at 6:00 pm" in page
    assert Group.objects.get(pk=groups[0].pk).weekday == 4
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    assert client.post(form(groups[0]), slow | {"seen": seen}).status_code == 302
    assert Group.objects.get(pk=groups[0].pk).weekday == 5


def test_what_the_ledger_refuses_stays_in_the_form(coordinator, clinic, groups):
    refused = coordinator.post(form(groups[0]), to(groups[0], clinic, weekday=2))
    assert refused.status_code == 422 and b"taken" in refused.content and b"selected>Wednesday" in refused.content
    refused = coordinator.post(form(groups[0]), to(groups[0], clinic, at="18:07"))
    assert refused.status_code == 422 and b"quarter hour" in refused.content


def test_twelve_queries_however_many_groups(coordinator, clinic, wren, groups):
    asks = [
        (reverse("week-board"), None),
        (preview(groups[0]), to(groups[0], clinic)),
        (form(groups[0]), to(groups[0], clinic)),
    ]
    before = [queries_of(coordinator, *ask) for ask in asks]
    for n in range(4):
        made = a_group(clinic, a_track(clinic, f"Track {n}"), f"Group {n}", 5, 8 + 2 * n, minutes=60)
        book(clinic, builders.a_client(clinic, f"Ash{n}", "Alder"), [made], since=clock.today() + timedelta(days=1))
    after = [queries_of(coordinator, *ask) for ask in asks]
    assert [len(each) for each in after] == [len(each) for each in before]
    assert max(map(len, after)) <= 12, "\n".join(s[:120] for s in max(after, key=len))


def test_closed_days_and_days_away_are_told_without_another_query(coordinator, clinic, groups):
    ask = (form(groups[0]), to(groups[0], clinic))
    plain = queries_of(coordinator, *ask)
    fridays = [monday + timedelta(days=4) for monday in moving.coming_mondays()]
    clinic_actions.close_day.run(system("test"), on=fridays[0], why="Holiday", site=clinic.site)
    clinic_actions.close_day.run(system("test"), on=fridays[4], why="Holiday")
    for first in fridays[1:3]:
        clinic_actions.record_staff_absence.run(
            system("test"), user=clinic.people["counselor"], first=first - timedelta(days=1), last=first
        )
    page = coordinator.get(*ask).content.decode()
    assert f"Closed on {fridays[0]:%B} {fridays[0].day}: no session that day." in page
    assert f"Counselor Person is away on Friday, {fridays[1]:%B} {fridays[1].day} and Friday, " in page
    asked_now = queries_of(coordinator, *ask)
    assert len(asked_now) == len(plain) <= 12, "\n".join(s[:120] for s in asked_now)
    assert len(queries_of(coordinator, preview(groups[0]), ask[1])) <= 12


def test_after_the_move_the_days_away_are_told(coordinator, clinic, groups):
    later = moving.coming_mondays()[1] + timedelta(days=4)
    clinic_actions.record_staff_absence.run(system("test"), user=clinic.people["counselor"], first=later, last=later)
    page = coordinator.post(form(groups[0]), to(groups[0], clinic), follow=True).content.decode()
    assert f"Counselor Person is away on Friday, {later:%B} {later.day}: have it covered." in page


def test_outside_the_opening_hours_it_stays_in_the_form(coordinator, clinic, groups):
    closed_on_sundays(clinic)
    refused = coordinator.post(form(groups[0]), to(groups[0], clinic, weekday=6))
    page = refused.content.decode()
    assert refused.status_code == 422 and "North is not open then: on Sunday it is closed all day." in page
    assert Group.objects.get(pk=groups[0].pk).weekday == 0
    told = coordinator.get(preview(groups[0]), to(groups[0], clinic, weekday=6)).content.decode()
    assert "data-blocked" in told and "The site is not open then." in told


def test_who_is_kept_apart_is_known_without_another_query(coordinator, clinic, wren, groups):
    other = builders.a_client(clinic, "Robin", "Birch")
    book(clinic, other, [a_group(clinic, a_track(clinic, "Day"), "Morning", 4, 17, room=clinic.rooms[1],
                                 leader=builders.a_second(clinic, "counselor", "dana"))])  # fmt: skip
    asks = [(url, to(groups[0], clinic)) for url in (preview(groups[0]), form(groups[0]))]
    before = [len(queries_of(coordinator, *ask)) for ask in asks]
    keep_apart.run(clinic.actor("program-director"), client=wren, other=other, where="site")
    assert [len(queries_of(coordinator, *ask)) for ask in asks] == before and max(before) <= 12
    assert "data-blocked" in coordinator.get(*asks[0]).content.decode()


def test_a_week_whose_day_is_closed_is_told_before_and_after(coordinator, clinic, groups):
    """Leaving that day the group is held then, coming to it it is not."""
    mondays = moving.coming_mondays()
    clinic_actions.close_day.run(system("test"), on=mondays[3], why="Holiday")
    friday = mondays[3] + timedelta(days=4)
    group = a_group(clinic, a_track(clinic, "Day"), "Morning", 0, 9, weeks=6)
    told = coordinator.get(preview(group), to(group, clinic, at="09:00")).content.decode()
    day = f"Friday, {friday:%B} {friday.day}"
    assert f"Held on {day} too, where the day it has now is closed." in told
    page = coordinator.post(form(group), to(group, clinic, at="09:00"), follow=True).content.decode()
    assert f"Held on {day} too, where the day it had is closed." in page
    group.refresh_from_db()
    told = to(group, clinic, weekday=0, at="09:00")
    page = coordinator.post(form(group), told, follow=True).content.decode()
    assert f"Closed on Monday, {mondays[3]:%B} {mondays[3].day}: no session that day." in page
