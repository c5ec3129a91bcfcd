"""A site's opening hours are set on their page; each fault stands beside its field; what is booked outside them is told and stays."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from middleground.clinic import actions
from middleground.clinic.models import Site
from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything, system
from middleground.kernel.errors import Invalid, NotAllowed, Refused
from middleground.kernel.models import AuditEntry
from middleground.kernel.who import STAFF, system_only
from middleground.program import actions as program
from middleground.program.keeping import SiteClosed
from middleground.program.models import Session
from tests.asking import asked
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

HALVES = ["mon 08:00-12:00", "mon 13:00-24:00", "fri 09:15-17:00"]


@action("Put hours on file for a test", by=system_only())
def _put(act: Act, site: Site, hours: list) -> Site:
    site.hours = hours
    site.save(update_fields=["hours"])
    return site


def set_hours(clinic, hours, role="administrator", **facts):
    return actions.set_hours.run(clinic.actor(role), site=clinic.site, hours=hours, **facts)


def on_file(clinic):
    return Site.objects.get(pk=clinic.site.pk).hours


def typed(**days):
    """mon=("08:00", "12:00", "13:00", "17:00") as the fields of the form."""
    names = ("1_from", "1_to", "2_from", "2_to")
    return {f"{day}_{name}": at for day, times in days.items() for name, at in zip(names, times, strict=False)}


@pytest.fixture
def keeper(client, clinic):
    client.force_login(clinic.people["administrator"])
    return client


@pytest.fixture
def address(clinic):
    return f"/settings/sites/{clinic.site.pk}/hours/"


def beside(page, field):
    """The fault that stands at a field of the form."""
    found = re.search(rf'id="id_{field}_error">.*?<li>(.*?)</li>', page, re.S)
    return html.unescape(found[1]) if found else ""


def test_hours_are_kept_by_day_and_time_and_the_audit_says_them(clinic):
    before = on_file(clinic)
    set_hours(clinic, ["fri 09:15-17:00", "mon 08:00-12:00", "mon 13:00-24:00"])
    assert on_file(clinic) == HALVES
    entry = AuditEntry.objects.filter(verb="Set a site's opening hours").last()
    assert entry.words == f"Set the opening hours of North to {', '.join(HALVES)}" and entry.facts["was"] == before
    set_hours(clinic, [])
    assert on_file(clinic) == []
    assert AuditEntry.objects.filter(verb="Set a site's opening hours").last().words.endswith("to open whenever")


@pytest.mark.parametrize(
    ("hours", "field", "says"),
    [
        (["mon 08:10-12:00"], "mon_1_from", "Choose a quarter hour."),
        (["mon 08:00-12:07"], "mon_1_to", "Choose a quarter hour."),
        (["tue 24:00-24:00"], "tue_1_from", "Choose a quarter hour."),
        (["mon 08:00-24:15"], "mon_1_to", "Choose a quarter hour."),
        (["mon 12:00-08:00"], "mon_1_to", "It would close before it opens."),
        (["sun 12:00-12:00"], "sun_1_to", "It would close before it opens."),
        (["mon 08:00-12:00", "mon 11:00-17:00"], "mon_2_from", "It would open again before it has closed."),
        (["mon 08:00-09:00", "mon 10:00-11:00", "mon 12:00-13:00"], "mon_3_from", "A day has at most 2 stretches."),
    ],
)
def test_a_fault_is_named_by_day_stretch_and_end(clinic, hours, field, says):
    before = on_file(clinic)
    with pytest.raises(Invalid) as no:
        set_hours(clinic, ["wed 08:00-09:00", *hours])
    assert no.value.errors == {field: [says]} and on_file(clinic) == before


@pytest.mark.parametrize("text", ["every morning", "mon 8:00-12:00", "mon 08:00", "", None, "mon 08:00-12:00 "])
def test_what_is_no_stretch_is_refused(clinic, text):
    before = on_file(clinic)
    with pytest.raises(Refused, match="is no stretch of opening hours"):
        set_hours(clinic, [text])
    with pytest.raises(Refused, match="is no stretch of opening hours"):
        actions.open_site.run(clinic.actor("administrator"), name="South", hours=[text])
    assert on_file(clinic) == before and not Site.objects.filter(name="South").exists()


@pytest.mark.parametrize("role", [role for role in STAFF if role != "administrator"])
def test_only_administrators_set_them(client, clinic, address, role):
    with pytest.raises(NotAllowed):
        set_hours(clinic, HALVES, role)
    client.force_login(clinic.people[role])
    assert client.get(address).status_code == client.post(address, typed(mon=("08:00", "12:00"))).status_code == 403


def test_the_page_shows_sets_and_shows_again(keeper, clinic, address):
    assert 'href="' + address in keeper.get("/settings/").content.decode()
    page = keeper.get(address).content.decode()
    assert re.search(r'name="mon_1_from" value="07:00"', page) and "Booked outside" not in page
    answer = keeper.post(address, typed(mon=("08:00", "12:00", "13:00", "00:00"), fri=("09:15", "17:00")), follow=True)
    page = answer.content.decode()
    assert "The opening hours are saved." in page and on_file(clinic) == HALVES
    assert all(
        re.search(rf'name="mon_{name}" value="{at}"', page) for name, at in (("2_from", "13:00"), ("2_to", "00:00"))
    )
    shown = "Monday 8:00 am to 12:00 pm and 1:00 pm to midnight; Friday 9:15 am to 5:00 pm"
    assert shown in keeper.get("/settings/").content.decode()
    keeper.post(address, {})
    assert on_file(clinic) == [] and "open whenever" in keeper.get("/settings/").content.decode()


@pytest.mark.parametrize(
    ("day", "field", "says"),
    [
        (("08:00", ""), "mon_1_to", "Say when it closes, or leave both empty."),
        (("", "12:00"), "mon_1_from", "Say when it opens, or leave both empty."),
        (("08:00", "12:00", "13:00", ""), "mon_2_to", "Say when it closes, or leave both empty."),
        (("", "", "13:00", "17:00"), "mon_1_from", "Use these fields first."),
        (("8 o'clock", "12:00"), "mon_1_from", "Enter a valid time."),
        (("08:10", "12:00"), "mon_1_from", "Choose a quarter hour."),
        (("12:00", "08:00"), "mon_1_to", "It would close before it opens."),
        (("08:00", "12:00", "11:00", "17:00"), "mon_2_from", "It would open again before it has closed."),
    ],
)
def test_each_fault_stands_beside_its_field_and_nothing_typed_is_lost(keeper, clinic, address, day, field, says):
    before = on_file(clinic)
    answer = keeper.post(address, typed(mon=day, fri=("09:15", "17:00")))
    page = answer.content.decode()
    assert answer.status_code == 422 and beside(page, field) == says
    assert len(re.findall(r'aria-invalid="true"', page)) == 1
    assert re.search(r'name="fri_1_from" value="09:15', page) and on_file(clinic) == before


def test_the_slower_of_two_is_told_once_and_may_save_then(keeper, clinic, address):
    seen = re.search(r'name="seen_version" value="(\d+)"', keeper.get(address).content.decode())[1]
    set_hours(clinic, HALVES)
    mine = typed(tue=("08:00", "12:00"))
    refused = keeper.post(address, mine | {"seen_version": seen})
    page = refused.content.decode()
    assert refused.status_code == 422 and "Someone else changed this" in page and on_file(clinic) == HALVES
    seen = re.search(r'name="seen_version" value="(\d+)"', page)[1]
    assert keeper.post(address, mine | {"seen_version": seen}).status_code == 302
    assert on_file(clinic) == ["tue 08:00-12:00"]


def test_what_is_booked_outside_stays_and_is_told(keeper, clinic, address):
    now = groups.local(groups.next_weekday(), 7)
    with clock.at(now):
        evening = groups.a_group(clinic, weeks=10)
        groups.a_group(clinic, title="By video", room=None, leader=clinic.people["case-manager"])
        assert "Booked outside" not in keeper.get(address).content.decode()
        with CaptureQueriesContext(connection) as seen:
            keeper.get(address)
        day = f"{now:%a}".lower()
        page = keeper.post(address, typed(**{day: ("08:00", "12:00")}), follow=True).content.decode()
        assert "10 sessions to come lie outside the hours on file" in page and "and 2 more" in page
        assert page.count("Coping Skills in Maple with Counselor Person") == 8 and "By video" not in page
        with everything("test"):
            assert Session.objects.filter(group=evening, status="scheduled").count() == 10
        with CaptureQueriesContext(connection) as seen_now:
            keeper.get(address)
        assert len(asked(seen_now)) == len(asked(seen)) <= 12


def test_the_hours_are_those_sessions_are_planned_by(clinic, wren):
    day = groups.next_weekday()
    told = {"sort": "individual", "leader": clinic.people["counselor"], "room": clinic.rooms[1]}
    set_hours(clinic, [f"{day:%a}".lower() + " 08:00-12:00"])
    plan = program.schedule_session.run
    with pytest.raises(SiteClosed, match="8:00 am to 12:00 pm"):
        plan(clinic.actor("counselor"), client=wren, start=groups.local(day, 13), **told)
    assert plan(clinic.actor("counselor"), client=wren, start=groups.local(day, 10), **told).pk


def test_hours_on_file_that_nobody_can_read_are_said_to_be_so(keeper, clinic, address):
    _put.run(system("test"), site=clinic.site, hours=["every morning"])
    page = keeper.get(address)
    assert page.status_code == 200 and "can't be read" in html.unescape(page.content.decode())


@pytest.mark.parametrize("hours", ["[" * 39_000, "3", '{"mon": "08:00-17:00"}'], ids=lambda text: text[:10])
def test_hours_of_a_new_site_that_are_no_list_are_refused_and_its_name_stays(keeper, hours):
    answer = keeper.post("/settings/", {"which": "site", "name": "Westend", "hours": hours})
    assert answer.status_code == 422 and 'value="Westend"' in answer.text
    assert "Enter a valid JSON" in answer.text
    assert not Site.objects.filter(name="Westend").exists()
