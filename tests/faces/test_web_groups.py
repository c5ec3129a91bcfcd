"""The pages of groups: the list, one group, joining and leaving, opening."""

import pytest
from django.urls import reverse

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock
from middleground.program.models import Group, Track
from tests import builders
from tests.program import groups

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning():
    with clock.at(groups.local(clock.today(), 9)) as at:
        yield at


def page(client, clinic, role, name, *args):
    client.force_login(clinic.people[role])
    return client.get(reverse(name, args=args))


def test_no_groups_yet_says_what_to_do(client, clinic):
    assert "Open a track, then its groups" in page(client, clinic, "program-director", "groups").content.decode()
    assert "The program director opens groups" in page(client, clinic, "counselor", "groups").content.decode()
    assert "Open a track first" in page(client, clinic, "administrator", "group-new").content.decode()


def test_a_director_opens_a_track_and_a_group(client, clinic):
    client.force_login(clinic.people["program-director"])
    done = client.post(reverse("track-new"), {"site": clinic.site.pk, "name": "Morning", "series": "morning"})
    assert done.status_code == 302
    data = {
        "track": Track.objects.get().pk,
        "title": "Coping Skills",
        "session_kind": "group",
        "weekday": "2",
        "start_time": "09:00",
        "minutes": "90",
        "leader": clinic.people["counselor"].pk,
        "room": clinic.rooms[0].pk,
        "language": "en",
        "weeks": "4",
    }
    wrong = client.post(reverse("group-new"), {**data, "capacity": "99"})
    assert wrong.status_code == 422 and "at most 16 people" in wrong.content.decode()
    assert "Coping Skills" in wrong.content.decode()
    late = client.post(reverse("group-new"), {**data, "start_time": "21:00"})
    said = "<li>North is not open then: on Wednesday it is open 7:00 am to 10:00 pm."
    beside = late.content.decode().partition('id="id_start_time_error"')[2].partition("</ul>")[0]
    assert late.status_code == 422 and said in beside
    assert client.post(reverse("group-new"), data).status_code == 302
    assert Group.objects.get().weekday == 2
    assert "Wednesday" in client.get(reverse("groups")).content.decode()


def test_the_room_taken_is_named_on_the_form(client, clinic):
    group = groups.a_group(clinic)
    other = builders.a_second(clinic, "counselor", "other")
    client.force_login(clinic.people["program-director"])
    data = {
        "track": group.track_id,
        "title": "Another",
        "session_kind": "group",
        "weekday": str(group.weekday),
        "start_time": "18:30",
        "minutes": "60",
        "leader": other.pk,
        "room": clinic.rooms[0].pk,
        "language": "en",
    }
    answer = client.post(reverse("group-new"), data)
    assert answer.status_code == 422
    assert "Maple is taken on" in answer.content.decode()


def test_joining_and_leaving_on_the_groups_page(client, clinic, wren):
    group = groups.a_group(clinic)
    url = reverse("group", args=[group.pk])
    client.force_login(clinic.people["counselor"])
    assert "Nobody is in this group today" in client.get(url).content.decode()
    assert client.post(url, {"do": "join", "client": ""}).status_code == 422
    assert client.post(url, {"do": "join", "client": wren.pk}).status_code == 302
    shown = client.get(url)
    assert "Wren Alder" in shown.content.decode() and "1 of 12" in shown.content.decode()
    member = shown.context["members"][0]
    assert client.post(url, {"do": "join", "client": wren.pk}).status_code == 422
    tomorrow = groups.tomorrow().isoformat()
    assert client.post(url, {"do": "leave", "membership": member.pk, "last_day": tomorrow}).status_code == 302
    assert client.post(url, {"do": "leave", "membership": "999"}).status_code == 404
    with clock.at(groups.local(groups.tomorrow() + (groups.tomorrow() - clock.today()), 9)):
        assert client.get(url).context["members"] == []


def test_more_weeks(client, clinic):
    group = groups.a_group(clinic)
    client.force_login(clinic.people["program-director"])
    assert client.post(reverse("group", args=[group.pk]), {"do": "extend", "weeks": "2"}).status_code == 302
    assert group.sessions.model.__name__ == "Session"
    assert len(client.get(reverse("group", args=[group.pk])).context["coming"]) == 5


def test_an_administrator_sees_counts_and_no_names(client, clinic):
    group = groups.a_group(clinic)
    people = groups.members(clinic, group, 2)
    shown = page(client, clinic, "administrator", "group", group.pk).content.decode()
    assert "2 of 12" in shown and people[0].last_name not in shown


@pytest.mark.parametrize("role", ["biller", "compliance-officer"])
def test_other_roles_are_turned_away(client, clinic, role):
    assert page(client, clinic, role, "groups").status_code == 403


@pytest.mark.parametrize("role", ["counselor", "intake-coordinator"])
def test_only_planners_open(client, clinic, role):
    assert page(client, clinic, role, "group-new").status_code == 403


def test_a_group_of_another_site_is_not_found(client, clinic):
    group = groups.a_group(clinic)
    south = clinic_actions.open_site.run(groups.SYSTEM, name="South")
    clinic.people["south"] = clinic_actions.add_user.run(
        groups.SYSTEM,
        username="south",
        name="South Person",
        password=builders.PASSWORD,
        roles=["counselor"],
        site_ids=[south.pk],
    )
    assert page(client, clinic, "south", "group", group.pk).status_code == 404


@pytest.mark.parametrize("size", [2, 10])
def test_the_number_of_queries_does_not_grow(client, clinic, size, django_assert_max_num_queries):
    group = groups.a_group(clinic)
    groups.members(clinic, group, size)
    page(client, clinic, "program-director", "group", group.pk)
    with django_assert_max_num_queries(14):  # two of them are savepoints
        client.get(reverse("group", args=[group.pk]))
