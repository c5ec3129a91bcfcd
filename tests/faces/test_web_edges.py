"""The edges of a day, of the calendar and of what there is: asked for, they are answered or refused in words, and no page breaks."""

from datetime import date

import pytest
from django.urls import reverse

from middleground.kernel import clock
from tests.admissions import people
from tests.faces.planners import away, followed
from tests.program import groups
from tests.timetable.weeks import EVENINGS, an_evening, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
EDGES = ["9999-12-31", "9999-12-27", "2200-01-01", "1899-12-31", "0001-01-01"]
SAYS = "Choose a day in the years 1900 to 2199."


@pytest.fixture
def director(client, clinic):
    client.force_login(clinic.people["program-director"])
    return client


@pytest.fixture
def coordinator(client, clinic):
    client.force_login(clinic.people["intake-coordinator"])
    return client


@pytest.mark.parametrize("on", EDGES)
def test_the_board_of_a_day_nobody_means_is_that_of_today(director, clinic, on):
    for name in ("day", "day-rooms"):
        page = director.get(reverse(name), {"on": on})
        assert page.status_code == 200 and page.context["on"] == clock.today()
    assert director.get(reverse("planner"), {"on": on, "week": on}).status_code == 200


def test_the_last_days_that_can_be_meant_are_shown(director, clinic):
    for on in (date(1900, 1, 1), date(2199, 12, 31)):
        for name in ("day", "day-rooms"):
            page = director.get(reverse(name), {"on": on.isoformat()})
            assert page.status_code == 200 and page.context["on"] == on


@pytest.mark.parametrize("who", ["staff", "leaves"])
@pytest.mark.parametrize("on", ["9999-12-31", "2200-01-01"])
def test_somebody_is_away_on_a_day_nobody_means(director, clinic, wren, who, on):
    book(clinic, wren, an_evening(clinic), since=clock.today())
    pk = clinic.people["counselor"].pk if who == "staff" else wren.pk
    page = director.post(reverse("planner-away"), away(clinic, who=f"{who}:{pk}", on=on, starts="10:00"))
    assert page.status_code == 422 and SAYS in page.text
    assert f'value="{on}"' in page.text and 'value="10:00"' in page.text


@pytest.mark.parametrize("ends", ["23:46", "23:59"])
def test_what_if_saturday_goes_on_to_the_end_of_the_day(director, clinic, ends):
    asked = {"site": clinic.site.pk, "change": "saturday", "who": clinic.people["counselor"].pk, "part": "evening"}
    answer = director.post(reverse("planner-what-if"), asked | {"starts": "20:00", "ends": ends})
    page = followed(director, answer).text
    assert "Saturday from 20:00 to 24:00 with Counselor Person" in page and "Before and after" in page
    late = director.post(reverse("planner-what-if"), asked | {"starts": "22:00", "ends": ends})
    assert late.status_code == 422 and "at least three hours" in late.text


def test_what_if_a_counselor_is_lost_where_no_group_meets(director, clinic, wren):
    free(clinic, wren, *EVENINGS)
    asked = {"site": clinic.site.pk, "change": "lose", "who": clinic.people["counselor"].pk, "part": "evening"}
    page = followed(director, director.post(reverse("planner-what-if"), asked)).text
    assert "Without Counselor Person" in page and "Before and after" in page


def test_a_member_leaves_a_group_on_a_day_nobody_means(coordinator, clinic, wren):
    group = groups.a_group(clinic)
    url = reverse("group", args=[group.pk])
    coordinator.post(url, {"do": "join", "client": wren.pk})
    member = coordinator.get(url).context["members"][0]
    asked = {"do": "leave", "membership": member.pk, "last_day": "9999-12-31", "why": "Moved away"}
    page = coordinator.post(url, asked)
    assert page.status_code == 422 and SAYS in page.text
    assert 'value="9999-12-31"' in page.text and 'value="Moved away"' in page.text
    assert page.context["members"][0].until is None


def test_an_appointment_and_an_assessment_on_a_day_nobody_means(coordinator, clinic, wren):
    rowan = people.asking(clinic, "Rowan")
    at = {"at": "9999-12-31T23:59", "minutes": 90, "assessor": clinic.people["counselor"].pk}
    page = coordinator.post(reverse("inquiry", args=[rowan.pk]), {"do": "book", **at})
    assert page.status_code == 422 and SAYS in page.text and 'value="9999-12-31T23:59"' in page.text
    coordinator.force_login(clinic.people["counselor"])
    leader = {"leader": clinic.people["counselor"].pk, "room": clinic.rooms[1].pk}
    asked = {"client": wren.pk, "sort": "individual", "start": "9999-12-31T23:59", "minutes": "50", **leader}
    page = coordinator.post(reverse("session-new"), asked)
    assert page.status_code == 422 and SAYS in page.text and 'value="9999-12-31T23:59"' in page.text
