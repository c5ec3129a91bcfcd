"""The planner's pages for somebody who comes, goes, or can't come any more at the hours they are booked in."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.models import Cell, Notice
from middleground.program.models import Membership, Session
from middleground.program.sheets import rosters
from middleground.timetable import solves
from middleground.timetable.proposed import Proposal
from tests import builders
from tests.faces.planners import TOO_LONG, away, counted, first_session, followed
from tests.timetable.repairs import answer_of, proposed, seen_week
from tests.timetable.weeks import EVENINGS, a_group, a_track, an_evening, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine is no fault of the planner: it ends as soon as it has proved its answer."""
    monkeypatch.setattr(solves, "knowledge", lambda: {"repair": {"seconds": TOO_LONG // 2}})


@pytest.fixture
def director(client, clinic):
    client.force_login(clinic.people["program-director"])
    return client


@pytest.fixture
def evening(clinic, wren):
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups, since=clock.today())
    return groups


def groups_in(client):
    with everything("test"):
        return Membership.objects.filter(client=client, until=None).count()


def come_or_go(director, clinic, what, client):
    page = followed(director, director.post(reverse("planner-away"), away(clinic, who=f"{what}:{client.pk}")))
    with everything("test"):
        proposal = Proposal.objects.get()
    url = reverse("planner-proposal", args=[proposal.pk])
    done = director.post(url, {"do": "apply", "end": proposal.ends[0]}, follow=True).content.decode()
    assert "Everybody it touches has been told" in done
    return page.content.decode(), url


def test_a_client_who_joins_gets_seats_for_good_and_it_is_taken_back(director, clinic, wren, evening):
    lark = builders.a_client(clinic, "Lark", "Birch")
    free(clinic, lark, *EVENINGS)
    assert f"joins:{lark.pk}" in (told := counted(director, reverse("planner"))) and f"joins:{wren.pk}" not in told
    page, url = come_or_go(director, clinic, "joins", lark)
    assert "Lark B. joins from Monday" in page
    assert groups_in(lark) == 3
    director.post(url, {"do": "undo"})
    assert groups_in(lark) == 0 and groups_in(wren) == 3


def test_a_client_who_leaves_is_in_no_group_and_comes_back_by_undo(director, clinic, wren, evening):
    page, url = come_or_go(director, clinic, "leaves", wren)
    assert "Wren A. leaves from Monday" in page
    assert groups_in(wren) == 0
    director.post(url, {"do": "undo"})
    assert groups_in(wren) == 3


def test_before_the_day_somebody_leaves_their_sessions_stand(director, clinic, wren, evening):
    """Wren leaves on Wednesday, and comes to Recovery on Monday with Lark, who stays."""
    lark = builders.a_client(clinic, "Lark", "Birch")
    free(clinic, lark, *EVENINGS)
    book(clinic, lark, evening, since=clock.today())
    monday = first_session(evening[0])
    at = clock.today() + timedelta(days=2)
    told = away(clinic, who=f"leaves:{wren.pk}", on=at.isoformat())
    page = followed(director, director.post(reverse("planner-away"), told)).content.decode()
    assert page.count("Leaves: Wren A.") == 2 and "Not expected" not in page
    with everything("test"):
        proposal = Proposal.objects.get()
    director.post(reverse("planner-proposal", args=[proposal.pk]), {"do": "apply", "end": proposal.ends[0]})
    with everything("test"):
        assert Cell.objects.filter(resource=f"client:{wren.pk}", at=monday.start).exists()
        assert not Cell.objects.filter(resource=f"client:{wren.pk}", at__gte=monday.start + timedelta(days=1)).exists()
        assert wren.pk in rosters([monday])[monday.pk]


def test_who_has_a_week_does_not_join(director, clinic, wren, evening):
    page = director.post(reverse("planner-away"), away(clinic, who=f"joins:{wren.pk}"))
    assert page.status_code == 422


def expected(group):
    with everything("test"):
        sessions = list(Session.objects.filter(group=group).order_by("start"))
    return [rosters(sessions)[each.pk] for each in sessions]


def test_a_lasting_change_of_times_is_mended_for_one_week_and_said_to_be_that(director, clinic, wren, evening):
    """Recovery is on Mondays; Wren's shift now takes them, Ash comes on. Another group of Tuesdays has a seat."""
    track = a_track(clinic, "Days")
    tuesday = a_group(clinic, track, "Bridge", 1, leader=builders.a_second(clinic, "counselor", "dana"))
    ash = builders.a_client(clinic, "Ash", "Birch")
    free(clinic, ash, *EVENINGS)
    book(clinic, ash, evening, since=clock.today())
    free(clinic, wren, "tue 17:00-22:00", *EVENINGS[1:])
    reader = builders.client_user(clinic, wren)
    page = counted(director, reverse("chart-week", args=[wren.pk]))
    button = re.search(r'action="([^"]+/week/repair/)".*?name="week" value="([^"]+)".*?name="site" value="(\d+)"', page)
    assert "Find another week for them" in page
    answer = director.post(button[1], {"week": button[2], "site": button[3]})
    page = followed(director, answer).content.decode()
    assert f"{wren.short} can&#x27;t come on Monday 5:30 to 9:30 pm" in page
    assert "This changes this one week only." in page and f"{reverse('chart-week', args=[wren.pk])}#fits" in page
    with everything("test"):
        proposal = Proposal.objects.get()
    url = reverse("planner-proposal", args=[proposal.pk])
    counted(director, url)
    done = director.post(url, {"do": "apply", "end": proposal.ends[0]}, follow=True).content.decode()
    assert "Everybody it touches has been told" in done
    assert expected(evening[0])[:2] == [[ash.pk], [wren.pk, ash.pk]], "out of this Monday's, in the next one"
    assert expected(tuesday)[:2] == [[wren.pk], []], "a guest of this Tuesday's"
    words = set(Notice.objects.filter(to=reader).values_list("words", flat=True))
    assert any(each.startswith("You are not expected on Monday") for each in words)
    assert any(each.startswith("You have a seat in a session on Tuesday") for each in words)
    page = director.get(reverse("chart-week", args=[wren.pk])).content.decode()
    assert "Mondays, 6:00 to 9:00 pm" in page, "for good it is as before"
    assert button[2] not in re.findall(r'name="week" value="([^"]+)"', page), "this week is mended"
    back = director.post(url, {"do": "undo"}, follow=True).content.decode()
    assert "Taken back" in back and expected(evening[0])[0] == [wren.pk, ash.pk] and expected(tuesday)[0] == []


def test_a_week_that_fits_again_or_is_no_week_begins_no_repair(director, clinic, wren, evening):
    at = reverse("week-repair", args=[wren.pk])
    said = director.post(at, {"week": clock.today().isoformat(), "site": clinic.site.pk}, follow=True)
    assert "outside their times any more" in said.content.decode()
    for wrong in ({}, {"week": "soon", "site": "1"}, {"week": clock.today().isoformat(), "site": "x"}):
        assert "Choose the week to look for" in director.post(at, wrong, follow=True).content.decode()
    free(clinic, wren, *EVENINGS[1:])
    far = director.post(at, {"week": clock.today().isoformat(), "site": "999"}, follow=True).content.decode()
    assert "outside their times any more" in far
    assert director.get(at).status_code == 302


def test_the_way_to_a_repair_is_the_planners(client, clinic, wren, evening):
    free(clinic, wren, *EVENINGS[1:])
    client.force_login(clinic.people["counselor"])
    told = {"week": clock.today().isoformat(), "site": clinic.site.pk}
    assert client.post(reverse("week-repair", args=[wren.pk]), told).status_code == 403


def test_it_is_asked_again_where_it_was_asked(director, clinic, wren, evening):
    free(clinic, wren, *EVENINGS[1:])
    week = seen_week(clinic)
    at = clock.now().isoformat()
    proposal = proposed(
        clinic, week, answer_of(week), sort="client", who=wren.pk, start=at, end=at, hours=["mon 17:30-21:30"]
    )
    url = reverse("planner-proposal", args=[proposal.pk])
    director.post(url, {"do": "drop"})
    page = director.post(url, {"do": "apply", "end": "hours"}).content.decode()
    form = re.search(rf'action="{reverse("week-repair", args=[wren.pk])}".*?</form>', page, re.S)[0]
    assert f'name="week" value="{week.monday}"' in form and f'name="site" value="{clinic.site.pk}"' in form
