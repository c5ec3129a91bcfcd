"""A session's page: marking, writing and signing by hand, what comes back when something is wrong, and who may read it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.kernel import clock, desk
from middleground.kernel.context import everything
from middleground.program import actions
from middleground.program.models import NotePart, Session
from tests import builders
from tests.program import groups
from tests.timetable.weeks import another_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def evening(clinic):
    """After a group of three that met today at six."""
    with clock.at(groups.local(clock.today(), 9)):
        group = groups.a_group(clinic)
        people = groups.members(clinic, group, 3)
    with groups.this_evening():
        yield groups.first_session(group), people


def signed_in(client, clinic, role="counselor"):
    client.force_login(clinic.people[role])
    return client


def at(session):
    return reverse("session", args=[session.pk])


def filled(people, **more):
    data = {"shared": "Practiced a plan for the evening.", "method": "cbt", "do": "save"}
    for n, person in enumerate(people):
        data[f"mark-{person.pk}"] = "present"
        data[f"response-{person.pk}"] = f"Named moment {n} and a step of {n * 9}."
    return {**data, **more}


def test_nobody_is_marked_when_the_page_opens(client, clinic, evening):
    session, people = evening
    page = signed_in(client, clinic).get(at(session)).content.decode()
    assert page.count('value="unrecorded"') == 3
    assert 'value="present" checked' not in page
    assert "3 not recorded" in page


def test_one_form_marks_writes_and_signs(client, clinic, evening):
    session, people = evening
    signed_in(client, clinic)
    done = client.post(at(session), filled(people, do="sign"))
    assert done.status_code == 302
    page = client.get(at(session)).content.decode()
    assert "Signed by Counselor Person" in page
    assert "Named moment 2" in page
    assert groups.marks(session) == {p.pk: ("present", 90) for p in people}


def test_the_rest_is_present_only_when_asked(client, clinic, evening):
    session, people = evening
    signed_in(client, clinic)
    client.post(at(session), {f"mark-{people[0].pk}": "no-show", "do": "rest"})
    assert sorted(groups.marks(session).values()) == [("no-show", 0), ("present", 90), ("present", 90)]


def test_bad_input_comes_back_as_typed_with_the_error_beside_it(client, clinic, evening):
    session, people = evening
    signed_in(client, clinic)
    data = filled(people, **{f"mark-{people[1].pk}": "late", f"mark-{people[2].pk}": "excused"})
    answer = client.post(at(session), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say how many minutes, or when." in page
    assert "Say why." in page
    assert 'value="late"' in page and "Practiced a plan for the evening." in page and "Named moment 1" in page
    assert page.count('value="present" id') == 3
    assert groups.marks(session) == {}


def test_the_page_asks_again_before_signing_a_copied_line_and_then_signs(client, clinic, evening):
    session, people = evening
    signed_in(client, clinic)
    same = {f"response-{p.pk}": "Shared openly and listened well to the others." for p in people}
    answer = client.post(at(session), filled(people, do="sign", **same))
    assert answer.status_code == 422
    assert "Reads much like the line of" in answer.content.decode()
    assert 'name="warned"' in answer.content.decode()
    assert client.post(at(session), filled(people, do="sign", warned="1", **same)).status_code == 302
    assert len(groups.hashes(session)) == 3


def test_signing_says_what_is_missing(client, clinic, evening):
    session, people = evening
    answer = signed_in(client, clinic).post(at(session), {"do": "sign", f"mark-{people[0].pk}": "present"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Not recorded yet.") >= 2
    assert "Say in a line how they took part." in page
    assert "Write what the group did." in page


def test_a_stale_page_keeps_what_was_typed(client, clinic, evening):
    session, people = evening
    signed_in(client, clinic)
    client.post(at(session), filled(people))
    answer = client.post(at(session), filled(people, shared="My other words", seen_version="1"))
    assert answer.status_code == 422
    assert "Someone else changed this" in answer.content.decode()
    assert "My other words" in answer.content.decode()


def test_a_draft_is_restored_and_can_be_thrown_away(client, clinic, evening):
    session, people = evening
    signed_in(client, clinic)
    client.post(
        reverse("draft", args=[f"note:{session.pk}"]), {"shared": "Half a sentence", f"risk-{people[0].pk}": "on"}
    )
    page = client.get(at(session)).content.decode()
    assert "Half a sentence" in page and "Restored what you had typed" in page
    client.post(at(session), {"do": "drop"})
    assert desk.draft(clinic.people["counselor"].pk, f"note:{session.pk}") is None


def test_saving_forgets_the_draft(client, clinic, evening):
    session, people = evening
    signed_in(client, clinic)
    client.post(reverse("draft", args=[f"note:{session.pk}"]), {"shared": "Half"})
    client.post(at(session), filled(people))
    assert "Restored" not in client.get(at(session)).content.decode()


def test_the_same_form_twice_is_done_once(client, clinic, evening):
    session, people = evening
    signed_in(client, clinic)
    for _ in range(2):
        client.post(at(session), filled(people, request_key="k-1"))
    with everything("test"):
        assert NotePart.objects.count() == 3


@pytest.mark.parametrize("size", [3, 12])
def test_the_number_of_queries_does_not_grow(client, clinic, size, django_assert_max_num_queries):
    with clock.at(groups.local(clock.today(), 9)):
        group = groups.a_group(clinic)
        people = groups.members(clinic, group, size)
    session = groups.first_session(group)
    signed_in(client, clinic)
    with groups.this_evening():
        client.get(at(session))
        with django_assert_max_num_queries(14):  # two of them are savepoints
            client.get(at(session))
        groups.documented(clinic, session, people)
        with django_assert_max_num_queries(14):  # two of them are savepoints
            client.get(at(session))


def test_after_signing_one_person_can_be_corrected(client, clinic, evening):
    session, people = evening
    groups.documented(clinic, session, people)
    before = groups.hashes(session)
    url = reverse("session-correct", args=[session.pk, people[1].pk])
    signed_in(client, clinic)
    assert client.get(url).status_code == 200
    refused = client.post(url, {"do": "attendance", "mark": "late", "minutes": "35", "why": ""})
    assert refused.status_code == 422
    assert (
        client.post(url, {"do": "attendance", "mark": "late", "minutes": "35", "why": "Came late"}).status_code == 302
    )
    assert client.post(url, {"do": "part", "response": "Other words.", "why": "Mixed up"}).status_code == 302
    after = groups.hashes(session)
    assert {c for c in after if after[c] != before[c]} == {people[1].pk}
    page = client.get(at(session)).content.decode()
    assert "Corrected" in page and "Other words." in page


def test_addendum_and_co_signature(client, clinic, evening):
    session, people = evening
    groups.documented(clinic, session, people)
    signed_in(client, clinic)
    assert client.post(at(session), {"do": "addendum", "text": ""}).status_code == 422
    client.post(at(session), {"do": "addendum", "text": "The handout was another one."})
    assert "Co-sign</button>" not in client.get(at(session)).content.decode()
    signed_in(client, clinic, "program-director")
    page = client.get(at(session)).content.decode()
    assert "The handout was another one." in page and "Co-sign</button>" in page
    client.post(at(session), {"do": "cosign"})
    assert "Co-signed by Program-Director Person" in client.get(at(session)).content.decode()


@pytest.mark.parametrize(
    "role, sees_names, sees_note",
    [
        ("program-director", True, True),
        ("compliance-officer", True, True),
        ("prescriber", True, True),
        ("case-manager", True, False),
        ("intake-coordinator", True, False),
    ],
)
def test_what_other_roles_see(client, clinic, evening, role, sees_names, sees_note):
    session, people = evening
    groups.documented(clinic, session, people)
    page = signed_in(client, clinic, role).get(at(session)).content.decode()
    assert (people[0].short in page) is sees_names
    assert ("Named moment number 1" in page) is sees_note


def test_a_counselor_without_relation_sees_a_number_and_no_names(client, clinic, evening):
    session, people = evening
    clinic.people["stranger"] = builders.a_second(clinic, "counselor", "stranger")
    page = signed_in(client, clinic, "stranger").get(at(session)).content.decode()
    assert people[0].short not in page
    assert "3 more people are expected" in page


@pytest.mark.parametrize("role", ["biller", "administrator"])
def test_roles_without_sessions_are_turned_away(client, clinic, evening, role):
    assert signed_in(client, clinic, role).get(at(evening[0])).status_code == 403


def test_changing_a_session(client, clinic, evening):
    session, people = evening
    stand_in = builders.a_second(clinic, "counselor", "stand-in")
    guest = builders.a_client(clinic, "Guest", "Walker")
    url = reverse("session-change", args=[session.pk])
    signed_in(client, clinic)
    assert client.get(url).status_code == 200
    assert client.post(url, {"do": "walk-in", "client": guest.pk}).status_code == 302
    assert "Guest W." in client.get(at(session)).content.decode()
    assert client.post(url, {"do": "off", "reason": ""}).status_code == 422
    assert client.post(url, {"do": "cover", "leader": stand_in.pk}).status_code == 302
    assert client.post(url, {"do": "off", "reason": "weather"}).status_code == 403  # no longer theirs to change
    signed_in(client, clinic, "program-director")
    assert client.post(url, {"do": "off", "reason": "weather"}).status_code == 302
    assert "did not happen" in client.get(at(session)).content.decode()


def test_a_walk_in_who_can_not_come_is_taken_off_before_it_begins(client, clinic, evening):
    session, people = evening
    guest = builders.a_client(clinic, "Guest", "Walker")
    url = reverse("session-change", args=[session.pk])
    with clock.at(groups.local(clock.today(), 9)):
        signed_in(client, clinic)
        assert "Somebody can't come" not in client.get(url).text
        client.post(url, {"do": "walk-in", "client": guest.pk})
        page = client.get(url).text
        assert "Somebody can't come" in page
        assert client.post(url, {"do": "away", "client": people[0].pk}).status_code == 422
    assert "Somebody can't come" not in client.get(url).text  # it has begun
    assert client.post(url, {"do": "away", "client": guest.pk}).status_code == 403
    with clock.at(groups.local(clock.today(), 9)):
        assert client.post(url, {"do": "away", "client": guest.pk}).status_code == 302
        assert "Guest W." not in client.get(at(session)).text and "Somebody can't come" not in client.get(url).text


def test_an_appointment_is_booked_and_documented(client, clinic, wren):
    signed_in(client, clinic)
    day = (
        groups.tomorrow() if groups.tomorrow().weekday() < 6 else groups.tomorrow() + timedelta(days=1)
    )  # Sundays are closed
    start = groups.local(day, 10)
    url = reverse("session-new")
    assert client.get(f"{url}?client={wren.pk}").status_code == 200
    data = {
        "client": wren.pk,
        "sort": "individual",
        "start": f"{start:%Y-%m-%dT%H:%M}",
        "minutes": "50",
        "leader": clinic.people["counselor"].pk,
        "room": clinic.rooms[1].pk,
    }
    wrong = client.post(url, {**data, "minutes": "1"})
    assert wrong.status_code == 422
    made = client.post(url, data)
    assert made.status_code == 302
    taken = client.post(url, data)
    assert taken.status_code == 422 and "taken on" in taken.content.decode()
    with clock.at(groups.local(day, 11)):
        client.post(
            made.url, {"do": "sign", f"mark-{wren.pk}": "present", f"response-{wren.pk}": "Made a plan for the week."}
        )
        page = client.get(made.url).content.decode()
    assert "Made a plan for the week." in page and "Signed by" in page


def test_no_page_books_an_appointment_at_another_site(client, clinic, wren):
    south = another_site(clinic)
    signed_in(client, clinic)
    day = groups.tomorrow() + timedelta(days=groups.tomorrow().weekday() == 6)
    data = {
        "client": wren.pk,
        "sort": "individual",
        "start": f"{groups.local(day, 10):%Y-%m-%dT%H:%M}",
        "minutes": "50",
        "leader": clinic.people["counselor"].pk,
        "site": south.site.pk,
    }
    assert client.post(reverse("session-new"), data).status_code == 302
    with everything("test"):
        assert Session.objects.get(client=wren).site_id == clinic.site.pk


def test_a_case_manager_reads_the_notes_of_the_talks_they_lead_and_no_others(client, clinic, wren):
    kept = {}
    for role, hour, words in (
        ("case-manager", 10, "Found a room to rent."),
        ("counselor", 12, "Spoke of the first month."),
    ):
        with clock.at(groups.local(clock.today(), 8)):
            kept[role] = actions.schedule_session.run(
                clinic.actor(role),
                client=wren,
                sort="individual",
                leader=clinic.people[role],
                start=groups.local(clock.today(), hour),
            )
        with clock.at(groups.local(clock.today(), hour + 1)):
            actions.document_session.run(
                clinic.actor(role),
                session=kept[role],
                marks=[{"client": wren.pk, "mark": "present"}],
                parts=[{"client": wren.pk, "response": words}],
                sign=True,
            )
    signed_in(client, clinic, "case-manager")
    assert "Found a room to rent." in client.get(at(kept["case-manager"])).content.decode()
    assert "Spoke of the first month." not in client.get(at(kept["counselor"])).content.decode()
    chart = client.get(reverse("chart-sessions", args=[wren.pk])).content.decode()
    assert "Found a room to rent." in chart and "Spoke of the first month." not in chart and "withheld" in chart


def test_the_chart_shows_attendance_with_the_clients_own_line(client, clinic, evening):
    session, people = evening
    groups.documented(clinic, session, people)
    url = reverse("chart-sessions", args=[people[1].pk])
    page = signed_in(client, clinic).get(url).content.decode()
    assert "Named moment number 1" in page and "Named moment number 2" not in page
    page = signed_in(client, clinic, "case-manager").get(url).content.decode()
    assert "Named moment" not in page and "withheld" in page


def test_an_empty_chart_says_what_comes_here(client, clinic, wren):
    page = signed_in(client, clinic).get(reverse("chart-sessions", args=[wren.pk])).content.decode()
    assert "No session so far" in page


def test_what_is_written_is_escaped(client, clinic, evening):
    session, people = evening
    groups.documented(clinic, session, people)
    actions.add_addendum.run(clinic.actor("counselor"), session=session, text="<script>alert(1)</script>")
    assert "<script>alert" not in signed_in(client, clinic).get(at(session)).content.decode()
