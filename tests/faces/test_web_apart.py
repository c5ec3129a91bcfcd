"""The page of whom a client must not meet."""

import pytest
from django.urls import reverse

from middleground.program import actions as program
from middleground.records.actions import keep_apart
from tests import builders
from tests.timetable.weeks import an_evening, monday_to_come

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def early_in_the_week():
    with monday_to_come() as now:
        yield now


@pytest.fixture
def robin(clinic):
    return builders.a_client(clinic, "Robin", "Birch")


def url(client):
    return reverse("chart-apart", args=[client.pk])


def new(client):
    return reverse("chart-apart-new", args=[client.pk])


def test_a_counselor_sets_and_ends_it_on_the_clients_page(client, clinic, wren, robin):
    client.force_login(clinic.people["counselor"])
    assert "must not meet" in client.get(reverse("chart-week", args=[wren.pk])).content.decode()
    assert "Somebody they must not meet" in client.get(url(wren)).content.decode()
    told = {"other": robin.pk, "staff": "", "where": "site", "why": "A court order"}
    done = client.post(new(wren), told, follow=True).content.decode()
    assert "No booking brings them together" in done and "Robin Birch" in done and "A court order" in done
    assert "Wren Alder" in client.get(url(robin)).content.decode()
    end = next(part.split('"')[0] for part in done.split('action="') if "/end/" in part.split('"')[0])
    assert "They may be booked together again" in client.post(end, follow=True).content.decode()
    assert "A court order" not in client.get(url(robin)).content.decode()


def test_what_is_wrong_stands_beside_the_field_and_nothing_typed_is_lost(client, clinic, wren, robin):
    client.force_login(clinic.people["program-director"])
    wrong = client.post(new(wren), {"other": "", "staff": "", "where": "group", "why": "A court order"})
    assert wrong.status_code == 422
    assert "Choose another client, or somebody on staff." in wrong.content.decode()
    assert "A court order" in wrong.content.decode()


def test_what_is_booked_for_both_already_is_shown(client, clinic, wren, robin):
    group = an_evening(clinic)[0]
    for each in (wren, robin):
        program.join_group.run(clinic.actor("program-director"), client=each, group=group)
    keep_apart.run(clinic.actor("program-director"), client=wren, other=robin)
    client.force_login(clinic.people["counselor"])
    page = client.get(url(wren)).content.decode()
    assert "Booked together already" in page and page.count(">Recovery</a>") == 1 and "and 2 more" in page


def test_the_other_is_no_name_to_who_may_not_see_them(client, clinic, wren, robin):
    keep_apart.run(clinic.actor("program-director"), client=wren, other=robin)
    stranger = builders.a_second(clinic, "counselor", "dana")
    program_team(clinic, wren, stranger)
    client.force_login(stranger)
    page = client.get(url(wren)).content.decode()
    assert "Somebody in care you may not see" in page and "Robin" not in page
    assert client.get(url(robin)).status_code == 404


def program_team(clinic, wren, counselor):
    from middleground.records.actions import set_team

    set_team.run(clinic.actor("program-director"), client=wren, primary_counselor=counselor)


def test_compliance_reads_it_and_sets_nothing(client, clinic, wren, robin):
    kept = keep_apart.run(clinic.actor("program-director"), client=wren, other=robin)
    client.force_login(clinic.people["compliance-officer"])
    page = client.get(url(wren)).content.decode()
    assert "Robin Birch" in page and "Somebody they must not meet" not in page
    assert client.get(new(wren)).status_code in (403, 404)
    assert client.post(reverse("chart-apart-end", args=[wren.pk, kept.pk])).status_code in (403, 404)
    client.force_login(clinic.people["biller"])
    assert client.get(url(wren)).status_code in (403, 404)
