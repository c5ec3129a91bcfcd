"""Pages of families, the listen-only line, and the staff's side of both."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from middleground.clinic.models import User
from middleground.family import actions as family
from middleground.family import queries as families
from middleground.family.models import FamilyMessage
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.records.actions import revoke_consent
from middleground.recovery import actions
from tests import builders
from tests.asking import asked

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
FAMILY_PAGES = ["/family/", "/family/lessons/", "/family/lessons/family-talking/", "/family/more/"]
TOLD = {"from_name": "Ana", "words": "I found a bottle.", "phone": "555-0199"}


@pytest.fixture
def wrens(clinic, wren):
    return builders.client_user(clinic, wren)


@pytest.fixture
def ana(clinic, wren, wrens):
    made = family.invite_family_member.run(wrens.actor(), client=wren, name="Ana Alder", relation="sibling")
    actions.check_in.run(wrens.actor(), client=wren, craving=3)
    actions.record_milestone.run(wrens.actor(), client=wren, words_said="Baked bread")
    return made


@pytest.fixture
def anas(ana):
    browser = Browser()
    browser.force_login(User.objects.get(pk=ana.user_id))
    return browser


def share(wrens, ana, *kinds):
    ends = clock.today() + timedelta(days=30)
    return family.share_with_family.run(
        wrens.actor(), member=ana, kinds=list(kinds), ends_on=ends, signed_name="Wren Alder"
    )


@pytest.mark.parametrize("address", FAMILY_PAGES)
def test_a_family_account_without_consent_sees_lessons_and_no_client_fact(anas, address):
    answer = anas.get(address)
    assert answer.status_code == 200
    assert not any(word in answer.text for word in ("Wren", "craving 3", "Baked bread"))


def test_a_consent_shows_its_kinds_and_names_the_rest_as_not_shared(anas, wrens, ana):
    consent = share(wrens, ana, "check-in")
    page = anas.get("/family/").text
    assert "What Wren shares with you" in page and "craving 3 of 10" in page and "Not shared" in page
    assert "Baked bread" not in page
    revoke_consent.run(wrens.actor(), consent=consent)
    after = anas.get("/family/").text
    assert "Wren" not in after and "craving 3" not in after


def test_a_family_page_stays_within_its_queries(anas, wrens, ana):
    share(wrens, ana, "schedule", "attendance", "plan", "check-in", "event")
    with CaptureQueriesContext(connection) as ran:
        anas.get("/family/")
    assert len(asked(ran)) <= 12, "\n".join(sql[:120] for sql in asked(ran))


def test_somebody_who_stands_by_two_clients_sees_each_on_its_own_page(anas, wrens, ana, clinic):
    sol = builders.a_client(clinic, "Sol", "Reyes")
    sols = builders.client_user(clinic, sol)
    also = family.invite_family_member.run(sols.actor(), client=sol, name="Ana Alder", relation="friend")
    share(wrens, ana, "check-in")
    assert anas.get(f"/family/shared/{wrens.client_id}/").status_code == 200
    assert anas.get(f"/family/shared/{sol.pk}/").status_code == 404
    assert also.user_id != ana.user_id


def test_a_family_lesson_is_finished(anas, ana):
    assert "Well done" in anas.post("/family/lessons/family-talking/", {}).text
    assert families.lessons_finished(ana.user_id) == {"family-talking"}
    assert anas.get("/family/lessons/cravings/").status_code == 404


@pytest.mark.parametrize("address", ["/me/", "/me/craving/", "/me/consents/", "/family-line/"])
def test_a_family_member_does_not_open_other_peoples_pages(anas, address):
    assert anas.get(address).status_code == 403


def answers_to(browser, about):
    """Everything that comes back for a message about this name: the post's answer and the page it leads to."""
    post = browser.post("/families/message/", {**TOLD, "about_name": about})
    page = browser.get(post["Location"])
    return [(a.status_code, sorted(a.headers.items()), a.content) for a in (post, page)]


@pytest.mark.parametrize("signed_in", [False, True])
def test_the_answer_is_the_same_bytes_for_enrolled_never_enrolled_and_discharged(
    clinic, wren, anas, wrens, ana, signed_in
):
    gone = builders.a_client(clinic, "Sol", "Reyes", admitted=False)
    if signed_in:
        share(wrens, ana, "check-in")
    browser = anas if signed_in else Browser()
    told = [answers_to(browser, name) for name in ("Wren Alder", "Nobody Atall", str(gone))]
    assert told[0] == told[1] == told[2]
    with everything("test"):
        assert FamilyMessage.objects.filter(client=None).count() == 3


def test_a_message_without_words_keeps_what_was_typed(client):
    answer = client.post("/families/message/", {"from_name": "Ana", "about_name": "Wren Alder", "words": ""})
    assert answer.status_code == 422 and "Wren Alder" in answer.text


def test_a_message_sent_twice_is_kept_once(client):
    for _ in range(2):
        client.post("/families/message/", {**TOLD, "about_name": "X", "request_key": "twice"})
    with everything("test"):
        assert FamilyMessage.objects.count() == 1


def test_staff_match_a_message_and_cannot_answer_without_a_consent(clinic, client, wren, wrens, ana):
    made = family.leave_family_message.run(User.objects.get(pk=ana.user_id).actor(), about_name="Wren A.", **TOLD)
    client.force_login(clinic.people["counselor"])
    page = client.get(f"/family-line/?message={made.pk}&name=Wren").text
    assert "I found a bottle." in page and "It is about them" in page and "555-0199" not in page
    assert client.post(f"/family-line/{made.pk}/match/", {"client": wren.pk}).status_code == 302
    chart = client.get(f"/clients/{wren.pk}/family/").text
    assert (
        "I found a bottle." in chart
        and "555-0199" not in chart
        and "can&#x27;t answer" in chart.replace("can't", "can&#x27;t")
    )
    share(wrens, ana, "schedule")
    assert "555-0199" in client.get(f"/clients/{wren.pk}/family/").text
    client.post(f"/family-line/{made.pk}/done/", {"outcome": "Talked with Wren", "seen_version": "2"})
    assert "Talked with Wren" in client.get(f"/clients/{wren.pk}/family/").text


def test_a_message_is_set_aside_with_a_reason(clinic, client):
    made = family.leave_family_message.run(clinic.actor("counselor"), about_name="X", **TOLD)
    client.force_login(clinic.people["case-manager"])
    client.post(f"/family-line/{made.pk}/aside/", {"outcome": ""})
    assert "I found a bottle." in client.get("/family-line/").text
    client.post(f"/family-line/{made.pk}/aside/", {"outcome": "Nobody of this name"})
    page = client.get("/family-line/").text
    assert "I found a bottle." not in page and "Nobody of this name" in page


def test_staff_invite_give_a_new_code_and_end_access(clinic, client, wren):
    client.force_login(clinic.people["counselor"])
    page = client.post(f"/clients/{wren.pk}/family/", {"name": "Pat", "relation": "parent"})
    assert page.context["given"].sign_in in page.text
    member = page.context["given"]
    assert "family-" in client.post(f"/family-members/{member.pk}/code/", follow=True).text
    assert "Access ended" in client.post(f"/family-members/{member.pk}/end/", follow=True).text
    again = client.post(f"/clients/{wren.pk}/family/", {"name": "", "relation": "parent"})
    assert again.status_code == 422


@pytest.mark.parametrize("address", ["/family-line/", "/clients/{}/family/"])
def test_staff_pages_stay_within_their_queries(clinic, client, wren, wrens, ana, address):
    share(wrens, ana, "schedule", "check-in")
    for _ in range(3):
        made = family.leave_family_message.run(User.objects.get(pk=ana.user_id).actor(), about_name="Wren", **TOLD)
        family.match_message.run(clinic.actor("counselor"), client=wren, message_id=made.pk)
    client.force_login(clinic.people["counselor"])
    with CaptureQueriesContext(connection) as ran:
        assert client.get(address.format(wren.pk)).status_code == 200
    assert len(asked(ran)) <= 12, "\n".join(sql[:120] for sql in asked(ran))


@pytest.mark.parametrize("role", ["biller", "prescriber", "administrator", "intake-coordinator"])
def test_these_roles_do_not_open_the_line(clinic, client, role):
    client.force_login(clinic.people[role])
    assert client.get("/family-line/").status_code == 403
