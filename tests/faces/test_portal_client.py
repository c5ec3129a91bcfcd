"""The client's companion: each page, what it does, that nothing typed is lost, and that it costs few queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from middleground.careplan import actions as careplan
from middleground.careplan.terms import goal_library
from middleground.family import actions as family
from middleground.kernel import clock
from middleground.records import queries as records
from middleground.records.models import Consent, Task
from middleground.recovery import actions, queries
from middleground.recovery.models import CheckIn, UseEpisode
from tests import builders
from tests.asking import asked

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
PAGES = [
    "/me/", "/me/week/", "/me/week/?week=next", "/me/check-in/", "/me/craving/", "/me/craving/print/", "/me/craving/edit/",
    "/me/lessons/", "/me/plan/", "/me/prevention/", "/me/built/", "/me/return-to-use/", "/me/return-to-use/next/", "/me/consents/",
    "/me/family/invite/", "/me/record/", "/me/questions/", "/me/questions/phq-9/", "/me/more/", "/me/offline/",
]  # fmt: skip


@pytest.fixture
def me(clinic, wren, client):
    """Wren on her phone."""
    user = builders.client_user(clinic, wren)
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def full(me, wren):
    """Wren with a card, a plan for hard days, check-ins, a family member with a consent."""
    who = me.user.actor()
    for days in range(12):
        with clock.at(clock.now() - timedelta(days=12 - days)):
            actions.check_in.run(who, client=wren, craving=max(0, 8 - days), mood=5)
    actions.set_triggers.run(who, client=wren, triggers=[{"what": "payday"}, {"what": "The blue bar"}])
    actions.set_coping_steps.run(who, client=wren, steps=["walk", "Call Ana"])
    actions.set_support_people.run(who, client=wren, people=[{"name": "Ana", "phone": "555-0101"}])
    actions.write_prevention_plan.run(
        who, client=wren, early_signs="I skip meals", after_use="Go to Ana's", reasons="Leo"
    )
    actions.record_milestone.run(who, client=wren, words_said="Two weeks of quiet evenings")
    ana = family.invite_family_member.run(who, client=wren, name="Ana Alder", relation="sibling")
    family.share_with_family.run(
        who, member=ana, kinds=["check-in"], ends_on=clock.today() + timedelta(days=30), signed_name="Wren Alder"
    )
    return me


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_in_both_languages_within_its_queries(full, address):
    for language in ("en", "es"):
        full.cookies["mg_language"] = language
        with CaptureQueriesContext(connection) as ran:
            answer = full.get(address)
        assert answer.status_code == 200
        assert len(asked(ran)) <= MOST_QUERIES, "\n".join(sql[:160] for sql in asked(ran))


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_for_somebody_who_just_began(me, address):
    assert me.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/me/", "/me/craving/", "/me/record/", "/me/consents/"])
@pytest.mark.parametrize("role", ["counselor", "program-director", "biller"])
def test_staff_do_not_open_a_clients_companion(clinic, client, address, role):
    client.force_login(clinic.people[role])
    assert client.get(address).status_code == 403


def test_signed_out_leads_to_the_door(client):
    assert client.get("/me/").status_code == 302


def test_a_check_in_takes_one_form_and_thanks(me, clinic, wren):
    sent = {"craving": "4", "mood": "6", "sleep_hours": "7", "paws-sleep": "5", "note": "Walked", "request_key": "k1"}
    answer = me.post("/me/check-in/", sent, follow=True)
    assert answer.status_code == 200 and "That counts" in answer.text
    me.post("/me/check-in/", sent)
    with clinic.seen_by("counselor"):
        kept = CheckIn.objects.get()
    assert (kept.craving, kept.paws, kept.note) == (4, {"sleep": 5}, "Walked")


def test_a_strong_craving_leads_to_the_card_and_a_call(me, clinic, wren):
    answer = me.post("/me/check-in/", {"craving": "9"}, follow=True)
    assert "Craving help: the next 10 minutes" in answer.text and "asked to call you" in answer.text
    with clinic.seen_by("counselor"):
        assert Task.objects.filter(key=f"craving:{wren.pk}").exists()


def test_a_check_in_without_a_craving_keeps_what_was_typed(me):
    answer = me.post("/me/check-in/", {"mood": "6", "note": "Long day", "paws-sleep": "4"})
    assert answer.status_code == 422 and "Long day" in answer.text


def test_a_check_in_says_when_it_happened_if_the_phone_was_offline(me, clinic):
    before = clock.now() - timedelta(hours=5)
    me.post("/me/check-in/", {"craving": "3", "happened_at": before.isoformat()})
    with clinic.seen_by("counselor"):
        assert CheckIn.objects.get().at == before
    assert me.post("/me/check-in/", {"craving": "3", "happened_at": "31/99"}).status_code == 302


def test_another_clients_check_in_is_not_found(me, clinic):
    sol = builders.a_client(clinic, "Sol", "Reyes")
    made = actions.check_in.run(builders.client_user(clinic, sol).actor(), client=sol, craving=2)
    assert me.get(f"/me/check-in/{made.pk}/").status_code == 404


def test_with_too_few_points_no_trend_is_claimed(me, wren):
    answer = me.post("/me/check-in/", {"craving": "4"}, follow=True)
    assert "1 check-ins so far" in answer.text and "<polyline" not in answer.text


def test_the_card_has_own_words_phones_and_the_same_steps_on_paper(full):
    card, paper = full.get("/me/craving/").text, full.get("/me/craving/print/").text
    for words in ("The blue bar", "Call Ana", "Leo", "Breathe in for 4"):
        assert words in card and words in paper
    assert 'href="tel:555-0101"' in card and "555-0101" in paper and 'href="tel:988"' in card


def test_the_card_is_changed_list_by_list(full, clinic, wren):
    steps = {"part": "steps", "steps-known": ["walk", "breathe"], "steps-own": "Call Ana\nBake"}
    assert full.post("/me/craving/edit/", steps).status_code == 302
    full.post("/me/craving/edit/", {"part": "people", "people-name0": "Ben", "people-phone0": "555-0102"})
    full.post("/me/craving/edit/", {"part": "triggers", "triggers-known": ["payday"], "triggers-own": ""})
    with clinic.seen_by("counselor"):
        assert [s.text for s in queries.coping_steps(wren)] == ["walk", "breathe", "Call Ana", "Bake"]
        assert [p.name for p in queries.support_people(wren)] == ["Ben"]
        assert [t.what for t in queries.triggers(wren)] == ["payday"]


def test_a_person_without_a_name_is_refused_and_kept_on_the_page(me):
    answer = me.post("/me/craving/edit/", {"part": "people", "people-name0": "", "people-phone0": "555-0102"})
    assert answer.status_code == 422 and "555-0102" in answer.text


def test_a_lesson_is_read_and_answered(me, clinic, wren):
    assert me.get("/me/lessons/cravings/").status_code == 200
    answer = me.post("/me/lessons/cravings/", {}, follow=True)
    assert "A better answer" in answer.text and "Try this" in answer.text
    assert me.get("/me/lessons/family-talking/").status_code == 404
    assert me.post("/me/lessons/cravings/", {"nonsense": "x"}).status_code == 302


def test_a_return_to_use_is_met_with_kind_words_and_removes_nothing(full, clinic, wren):
    answer = full.post("/me/return-to-use/", {"on": clock.today().isoformat(), "substance": "alcohol"}, follow=True)
    assert "It erases nothing" in answer.text and "Go to Ana&#x27;s" in answer.text
    with clinic.seen_by("counselor"):
        assert UseEpisode.objects.count() == 1 and CheckIn.objects.count() == 12
    assert "Two weeks of quiet evenings" in full.get("/me/built/").text


def test_a_day_still_to_come_is_put_right_beside_its_field(me):
    later = (clock.today() + timedelta(days=3)).isoformat()
    answer = me.post("/me/return-to-use/", {"on": later, "context": "A hard week"})
    assert answer.status_code == 422 and "A hard week" in answer.text


def test_the_prevention_plan_is_written_and_a_stale_one_is_not_overwritten(full, clinic, wren):
    page = full.get("/me/prevention/")
    seen = page.context["form"]["seen_plan"].value()
    sent = {"early_signs": "I skip meals\nI stop calling", "seen_plan": seen}
    assert full.post("/me/prevention/", sent).status_code == 302
    again = full.post("/me/prevention/", {**sent, "early_signs": "Mine"})
    assert again.status_code == 422 and "Mine" in again.text


@pytest.fixture
def planned(clinic, wren):
    """A plan of care that the counselor signed and Wren did not yet."""
    who = clinic.actor("counselor")
    with clinic.seen_by("counselor"):
        episode = records.open_episode(wren)
    plan = careplan.start_plan.run(who, client=wren, episode=episode, strengths="Funny and stubborn")
    for goal in list(goal_library())[:2]:
        careplan.adopt_goal.run(who, plan=plan, goal_id=goal)
    return careplan.sign_plan.run(who, plan=plan, signed_name="Counselor Person")


def test_the_plan_is_read_commented_and_signed(full, clinic, wren, planned):
    assert "Read it and sign" in full.get("/me/").text
    with CaptureQueriesContext(connection) as ran:
        page = full.get("/me/plan/")
    assert len(asked(ran)) <= MOST_QUERIES and "Funny and stubborn" in page.text
    assert full.post("/me/plan/", {"do": "comment", "text": ""}).status_code == 422
    assert full.post("/me/plan/", {"do": "comment", "text": "I want Fridays off"}).status_code == 302
    assert full.post("/me/plan/", {"do": "sign", "signed_name": ""}).status_code == 422
    assert full.post("/me/plan/", {"do": "sign", "signed_name": "Wren Alder"}).status_code == 302
    assert "You signed it" in full.get("/me/plan/").text and "Read it and sign" not in full.get("/me/").text


def test_a_consent_shows_what_they_see_and_is_taken_back_at_once(full, clinic, wren):
    with clinic.seen_by("counselor"):
        consent = Consent.objects.get()
    page = full.get(f"/me/consents/{consent.pk}/")
    assert "craving 0 of 10" in page.text
    full.post(f"/me/consents/{consent.pk}/", {"request_key": "r1"})
    with clinic.seen_by("counselor"):
        assert Consent.objects.get().revoked_at is not None


def test_inviting_and_sharing_with_family(me, clinic, wren):
    answer = me.post("/me/family/invite/", {"name": "Pat", "relation": "parent", "request_key": "i1"})
    member = answer.context["member"]
    assert member.sign_in.split(" / ")[1] in answer.text
    refused = me.post(f"/me/consents/family/{member.pk}/", {"kinds": ["schedule"], "signed_name": ""})
    assert refused.status_code == 422
    until = (clock.today() + timedelta(days=60)).isoformat()
    signed = {"kinds": ["schedule", "attendance"], "ends_on": until, "signed_name": "Wren Alder"}
    assert me.post(f"/me/consents/family/{member.pk}/", signed).status_code == 302
    assert "Pat" in me.get("/me/consents/").text
    assert me.post(f"/me/family/{member.pk}/end/").status_code == 302
    with clinic.seen_by("counselor"):
        assert Consent.objects.get().revoked_at is not None


def test_the_record_page_says_who_looked_and_takes_the_wish_for_a_copy(full, clinic, wren):
    with clinic.seen_by("counselor"):
        list(queries.check_ins(wren))
    page = full.get("/me/record/").text
    assert "Counselor Person" in page and "looked at: check-ins" in page
    assert full.post("/me/copy/", follow=True).status_code == 200
    with clinic.seen_by("compliance-officer"):
        assert Task.objects.filter(key=f"record-copy:{wren.pk}").exists()


def test_a_questionnaire_is_answered_alone(me):
    answers = {f"q-{item}": "1" for item in range(1, 10)}
    page = me.get("/me/questions/phq-9/")
    names = [question["name"] for question in page.context["questions"]]
    done = me.post("/me/questions/phq-9/", dict.fromkeys(names, "1"))
    assert done.status_code == 200 and "988" in done.text and answers
    assert me.post("/me/questions/phq-9/", {}).status_code == 422
    assert me.get("/me/questions/cows/").status_code == 404


def test_signing_out_asks_the_browser_to_forget(me):
    answer = me.post("/me/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"' and me.get("/me/").status_code == 302


def test_the_companion_installs_under_a_neutral_name(client):
    manifest = client.get("/me/manifest.webmanifest")
    assert manifest.json()["name"] == "Middleground" and manifest.json()["scope"] == "/me/"
    worker = client.get("/me/sw.js")
    assert worker["Service-Worker-Allowed"] == "/me/" and worker["Content-Type"].startswith("text/javascript")
    assert worker.text.count("\n") < 100


def test_a_client_sees_nothing_of_another_client(full, clinic):
    from django.test import Client as Browser

    browser = Browser()
    browser.force_login(builders.client_user(clinic, builders.a_client(clinic, "Sol", "Reyes")))
    for address in PAGES:
        text = browser.get(address).text
        assert not any(word in text for word in ("Wren", "Ana", "The blue bar", "quiet evenings")), address
