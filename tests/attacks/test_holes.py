"""Holes that were found by trying to get in, each kept shut by a test: replayed sign-ins, words for other eyes, silent reads."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from middleground.admissions import actions as admissions
from middleground.admissions.models import Inquiry
from middleground.clinic.models import User
from middleground.family import actions as family
from middleground.kernel import clock
from middleground.kernel.context import everything, visitor
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.models import AuditEntry
from middleground.program import actions as program
from middleground.records import actions as records
from middleground.records.models import Episode, Task
from middleground.recovery import actions as recovery
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def wrens(clinic, wren):
    return builders.client_user(clinic, wren)


def signed_in(browser) -> bool:
    return "_auth_user_id" in browser.session


def test_a_form_sent_again_does_not_sign_in_whoever_sends_it(clinic, wren):
    """Back button on a shared computer: the kept form carries the request key of a sign-in that worked."""
    name, code = records.give_client_sign_in.run(clinic.actor("counselor"), client=wren).split(" / ")
    form = {"username": name, "code": code, "request_key": "kept-in-the-browser"}
    first, next_person = Browser(), Browser()
    assert first.post("/account/code/", form).status_code == 302 and signed_in(first)
    for again in (form, {**form, "code": "WRONG"}):
        assert next_person.post("/account/code/", again).status_code == 422
        assert not signed_in(next_person)


def test_wrong_codes_are_counted_though_nothing_came_of_them(clinic, wren):
    name, code = records.give_client_sign_in.run(clinic.actor("counselor"), client=wren).split(" / ")
    browser = Browser()
    for _ in range(5):
        assert browser.post("/account/code/", {"username": name, "code": "AAAA-AAAA"}).status_code == 422
    assert browser.post("/account/code/", {"username": name, "code": code}).status_code == 422
    assert not signed_in(browser)


def tries(name, code, **sent):
    browser = Browser(**sent)
    browser.post("/account/code/", {"username": name, "code": code})
    return signed_in(browser)


def test_a_stranger_who_tries_codes_shuts_out_only_their_own_network(clinic, wren):
    name, code = records.give_client_sign_in.run(clinic.actor("counselor"), client=wren).split(" / ")
    for number in range(6):
        assert not tries(name, "AAAA-AAAA", REMOTE_ADDR="198.51.100.7")
        assert not tries(name, "AAAA-AAAA", REMOTE_ADDR=f"2001:db8::{number}")
    assert not tries(name, code, REMOTE_ADDR="198.51.100.7")
    assert not tries(name, code, REMOTE_ADDR="2001:db8::ffff"), "another address of the same network"
    assert not tries(name, code, REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_FOR="203.0.113.9"), (
        "a place is not what the sender says"
    )
    assert tries(name, code, REMOTE_ADDR="203.0.113.9")


def test_guessing_from_many_networks_ends_too(clinic, wren, monkeypatch):
    monkeypatch.setattr("middleground.clinic.actions.CODE_TRIES_IN_ALL", 8)
    name, code = records.give_client_sign_in.run(clinic.actor("counselor"), client=wren).split(" / ")
    for number in range(8):
        assert not tries(name, "AAAA-AAAA", REMOTE_ADDR=f"198.51.100.{number}")
    assert not tries(name, code, REMOTE_ADDR="203.0.113.9")


def test_what_was_read_while_signed_in_is_kept_by_no_browser(clinic, wren):
    """The Back button after signing out, on a shared computer."""
    browser = Browser()
    assert not browser.get("/what-is-iop/").has_header("Cache-Control")
    browser.force_login(clinic.people["counselor"])
    for address in (f"/clients/{wren.pk}/", f"/clients/{wren.pk}/plan/", "/day/", "/tasks/"):
        assert "no-store" in browser.get(address)["Cache-Control"]


@pytest.fixture
def use_told(clinic, wren, wrens):
    """Tasks whose words say that Wren returned to use."""
    recovery.record_return_to_use.run(wrens.actor(), client=wren, on=clock.today())
    with everything("test"):
        return list(Task.objects.filter(client=wren, done_at=None))


@pytest.mark.parametrize("role", ["biller", "intake-coordinator"])
def test_tasks_about_care_are_not_read_outside_of_it(clinic, wren, use_told, role):
    assert use_told
    browser = Browser()
    browser.force_login(clinic.people[role])
    page = browser.get(f"/clients/{wren.pk}/").content.decode()
    for task in use_told:
        assert task.what not in page
        assert browser.get(f"/tasks/{task.pk}/").status_code == 404
        with pytest.raises(NotAllowed):
            records.finish_task.run(clinic.actor(role), task=task, outcome="Seen")


def test_those_who_treat_or_oversee_still_read_them(clinic, wren, use_told):
    for role in ("counselor", "prescriber", "program-director", "compliance-officer"):
        with clinic.seen_by(role):
            assert Task.objects.filter(pk__in=[t.pk for t in use_told]).count() == len(use_told)


def test_a_family_members_reading_of_counts_and_times_is_on_the_clients_log(clinic, wren, wrens):
    ana = family.invite_family_member.run(wrens.actor(), client=wren, name="Ana Alder", relation="sibling")
    family.share_with_family.run(
        wrens.actor(),
        member=ana,
        kinds=["schedule", "attendance"],
        ends_on=clock.today() + timedelta(days=30),
        signed_name="Wren Alder",
    )
    browser = Browser()
    browser.force_login(User.objects.get(pk=ana.user_id))
    assert browser.get("/family/").status_code == 200
    entry = AuditEntry.objects.filter(actor_id=ana.user_id, verb="Read", client_id=wren.pk).latest("seq")
    assert {"schedule", "attendance"} <= set(entry.facts["kinds"])


def test_nobody_joins_a_group_in_another_clients_episode(clinic, wren):
    other = builders.a_client(clinic, "Ash", "Birch")
    director = clinic.actor("program-director")
    track = program.open_track.run(director, site=clinic.site, name="Evening", series="evening")
    group = program.open_group.run(
        director,
        track=track,
        title="Coping Skills",
        session_kind="group",
        weekday=clock.today().weekday(),
        start_time=clock.now().time().replace(hour=18, minute=0, second=0, microsecond=0),
        minutes=90,
        room=clinic.rooms[0],
        leader=clinic.people["counselor"],
        starts_on=clock.today(),
    )
    with everything("test"):
        episode = Episode.objects.get(client=other)
    with pytest.raises(Refused):
        program.join_group.run(director, client=wren, group=group, episode=episode)


def test_the_next_person_at_a_shared_computer_is_not_answered_for_the_one_before(clinic):
    """The browser kept the sent form with its key; somebody else types over it."""
    sol = {"first_name": "Sol", "phone": "555-0142", "for_whom": "me", "pathway": "first-line", "language": "en"}
    sol["request_key"] = "kept-in-the-browser"
    browser = Browser()
    first = browser.post("/request-assessment/", sol)["Location"]
    assert browser.post("/request-assessment/", sol)["Location"] == first  # a double click asks once
    assert browser.post("/request-assessment/", {**sol, "first_name": "Mar", "phone": "555-0143"})["Location"] != first
    with everything("test"):
        assert sorted(Inquiry.objects.values_list("first_name", flat=True)) == ["Mar", "Sol"]


def test_an_inquiry_of_one_is_not_closed_by_referring_another(clinic, wren):
    asked = admissions.request_assessment.run(visitor(), first_name="Sol", phone="555-0142", availability=[])
    begun = admissions.begin_assessment.run(clinic.actor("intake-coordinator"), inquiry=asked, last_name="Reyes")
    with pytest.raises(Refused):
        admissions.refer_out.run(
            clinic.actor("intake-coordinator"), to="Bridge House", reason="Closer", inquiry=begun, client=wren
        )
