"""Notes: one shared part, a part for each person, one signature, and corrections that touch one person alone."""

import pytest

from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, Refused
from middleground.program import actions, queries
from middleground.program.asking import NotReady, NotSigned, SessionSigned
from middleground.program.models import CounselingNote, GroupNote, NotePart
from middleground.records.models import Task
from tests import builders
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def people(clinic, evening):
    return groups.members(clinic, evening, 12)


@pytest.fixture
def session(evening):
    return groups.first_session(evening)


@pytest.fixture
def signed(clinic, people, session):
    with groups.this_evening():
        yield groups.documented(clinic, session, people)


def counselor(clinic):
    return clinic.actor("counselor")


def note_of(session):
    with everything("test"):
        return GroupNote.objects.get(session=session)


def test_one_signature_locks_twelve_parts_each_with_its_own_hash(clinic, people, signed):
    kept = groups.hashes(signed)
    assert set(kept) == {p.pk for p in people}
    assert len(set(kept.values())) == 12
    note = note_of(signed)
    assert (note.locked, note.present, note.signed_name) == (True, 12, "Counselor Person")


def test_correcting_one_persons_minutes_leaves_the_other_hashes(clinic, people, signed):
    before, shared = groups.hashes(signed), note_of(signed).signed_hash
    actions.amend_attendance.run(
        counselor(clinic), session=signed, client=people[3], mark="late", minutes=35, why="Came at five to seven"
    )
    after = groups.hashes(signed)
    assert {c for c in after if after[c] != before[c]} == {people[3].pk}
    assert note_of(signed).signed_hash == shared
    assert groups.marks(signed)[people[3].pk] == ("late", 35)


def test_correcting_one_persons_text_leaves_the_other_hashes_and_keeps_the_old_text(clinic, people, signed):
    before = groups.hashes(signed)
    actions.amend_part.run(
        counselor(clinic), session=signed, client=people[5], why="Wrong step", response="Chose to call his sponsor."
    )
    after = groups.hashes(signed)
    assert {c for c in after if after[c] != before[c]} == {people[5].pk}
    with everything("test"):
        old = NotePart.objects.get(client=people[5], superseded_at__isnull=False)
    assert (old.response, old.hash) == ("Named moment number 5 and chose step 35.", before[people[5].pk])


def test_someone_found_to_have_been_there_gets_a_line_and_a_hash(clinic, people, session):
    with groups.this_evening():
        actions.document_session.run(
            counselor(clinic),
            session=session,
            marks=[{"client": p.pk, "mark": "present"} for p in people[1:]]
            + [{"client": people[0].pk, "mark": "no-show"}],
            note={"shared": "Practiced."},
            parts=[{"client": p.pk, "response": f"Own line {p.pk}"} for p in people[1:]],
            sign=True,
        )
        with pytest.raises(Refused, match="how they took part"):
            actions.amend_attendance.run(
                counselor(clinic), session=session, client=people[0], mark="present", why="Was there"
            )
        actions.amend_attendance.run(
            counselor(clinic),
            session=session,
            client=people[0],
            mark="present",
            why="Was there",
            response="Sat in the back.",
        )
    assert people[0].pk in groups.hashes(session)


def test_a_late_walk_in_is_added_beside_the_signed_parts(clinic, people, signed):
    guest = builders.a_client(clinic, "Guest", "Walker")
    before = groups.hashes(signed)
    with pytest.raises(Refused):
        actions.add_walk_in.run(counselor(clinic), session=signed, client=guest)  # the room is full: twelve seats
    actions.leave_group.run(counselor(clinic), membership=_membership(people[0]), last_day=None)
    assert groups.hashes(signed) == before


def _membership(client):
    from middleground.program.models import Membership

    with everything("test"):
        return Membership.objects.get(client=client)


def test_signing_waits_for_every_mark_and_every_line(clinic, people, session):
    with groups.this_evening():
        actions.document_session.run(
            counselor(clinic), session=session, marks=[{"client": people[0].pk, "mark": "present"}]
        )
        with pytest.raises(NotReady) as bad:
            actions.sign_group_note.run(counselor(clinic), session=session)
    assert f"response-{people[0].pk}" in bad.value.errors
    assert f"mark-{people[1].pk}" in bad.value.errors
    assert "shared" in bad.value.errors


def test_the_absent_need_no_line(clinic, people, session):
    with groups.this_evening():
        actions.document_session.run(
            counselor(clinic),
            session=session,
            marks=[{"client": p.pk, "mark": "no-show"} for p in people[1:]],
            note={"shared": "Practiced."},
            parts=[{"client": people[0].pk, "response": "Took the lead."}],
            rest_present=True,
            sign=True,
        )
    assert set(groups.hashes(session)) == {people[0].pk}


def test_a_draft_keeps_what_is_not_mentioned(clinic, people, session):
    actions.save_note.run(
        counselor(clinic), session=session, shared="First", parts=[{"client": people[0].pk, "response": "A"}]
    )
    actions.save_note.run(
        counselor(clinic),
        session=session,
        parts=[{"client": people[0].pk, "risk": True}, {"client": people[1].pk, "response": "B"}],
    )
    with everything("test"):
        assert list(NotePart.objects.order_by("pk").values_list("response", "risk")) == [("A", True), ("B", False)]
    assert note_of(session).shared == "First"


def test_signed_is_locked(clinic, people, signed):
    for change in (
        lambda: actions.save_note.run(counselor(clinic), session=signed, shared="Other"),
        lambda: actions.record_attendance.run(counselor(clinic), session=signed, marks=[]),
        lambda: actions.sign_group_note.run(counselor(clinic), session=signed),
        lambda: actions.document_session.run(counselor(clinic), session=signed),
    ):
        with pytest.raises(SessionSigned):
            change()


def test_an_addendum_stands_beside_the_note(clinic, people, session):
    with groups.this_evening():
        with pytest.raises(NotSigned):
            actions.add_addendum.run(counselor(clinic), session=session, text="Later")
        groups.documented(clinic, session, people)
        before = groups.hashes(session)
        actions.add_addendum.run(counselor(clinic), session=session, text="The handout was changed.")
        actions.add_addendum.run(counselor(clinic), session=session, text="Called after group.", client=people[2])
        with clinic.seen_by("counselor"):
            page = queries.session_page(session)
    assert [a.text for a in page.addenda] == ["The handout was changed."]
    assert {s.client.pk for s in page.seats if s.addenda} == {people[2].pk}
    assert groups.hashes(session) == before


def test_without_an_independent_credential_somebody_else_co_signs(clinic, people, signed):
    assert note_of(signed).cosign_needed
    with pytest.raises(Refused, match="Somebody else"):
        actions.cosign_note.run(counselor(clinic), session=signed)
    actions.cosign_note.run(clinic.actor("program-director"), session=signed)
    assert note_of(signed).cosigned_name == "Program-Director Person"
    with everything("test"):
        assert not Task.objects.filter(key=f"cosign:{signed.pk}", done_at=None).exists()


def test_a_flagged_concern_becomes_a_task_at_the_signature(clinic, people, session):
    with groups.this_evening():
        groups.documented(clinic, session, people, sign=False)
        actions.save_note.run(counselor(clinic), session=session, parts=[{"client": people[4].pk, "risk": True}])
        actions.sign_group_note.run(counselor(clinic), session=session)
    with everything("test"):
        task = Task.objects.get(key__startswith="concern:")
    assert (task.client_id, task.owner_id) == (people[4].pk, clinic.people["counselor"].pk)


def test_an_objective_must_be_the_persons_own(clinic, people, session):
    with pytest.raises(Refused, match="not in the person's plan"):
        actions.save_note.run(counselor(clinic), session=session, parts=[{"client": people[0].pk, "objective": 999}])


@pytest.mark.parametrize("role", ["case-manager", "intake-coordinator", "biller", "administrator"])
def test_roles_without_notes_read_none(clinic, people, signed, role):
    with clinic.seen_by(role) as access:
        page = queries.session_page(signed) if role != "administrator" else None
        assert list(NotePart.objects.all()) == list(GroupNote.objects.all()) == []
        assert "session-note" in access.withheld
        assert page is None or all(seat.part is None for seat in page.seats)


def test_the_director_and_compliance_read_them(clinic, people, signed):
    for role in ("program-director", "compliance-officer"):
        with clinic.seen_by(role):
            assert NotePart.objects.filter(session=signed).count() == 12


def test_a_client_reads_only_their_own_part(clinic, people, signed):
    clinic.people["client"] = builders.client_user(clinic, people[0])
    with clinic.seen_by("client", "own-request"):
        assert [p.client_id for p in NotePart.objects.all()] == [people[0].pk]
        assert not GroupNote.objects.exists()


def test_a_counseling_note_is_its_authors_alone(clinic, people, session):
    actions.record_counseling_note.run(counselor(clinic), client=people[0], text="My own thoughts.", session=session)
    with clinic.seen_by("counselor"):
        assert queries.counseling_notes(people[0]).get().text == "My own thoughts."
    for role in ("program-director", "prescriber", "compliance-officer"):
        with clinic.seen_by(role):
            assert not CounselingNote.objects.exists()


def test_only_the_leader_or_a_director_signs(clinic, people, session):
    builders.a_second(clinic, "counselor", "stranger")
    clinic.people["stranger"] = builders.User.objects.get(username="stranger")
    with groups.this_evening():
        groups.documented(clinic, session, people, sign=False)
        with pytest.raises(NotAllowed):
            actions.sign_group_note.run(clinic.actor("stranger"), session=session)
        actions.sign_group_note.run(clinic.actor("program-director"), session=session)


def test_history_of_many_sessions_in_a_handful_of_statements(clinic, people, evening, django_assert_max_num_queries):
    from middleground.program.models import Session

    with everything("test"):
        held = list(Session.objects.filter(group=evening).order_by("start"))
    told = [
        {
            "session": s.pk,
            "marks": [{"client": p.pk, "mark": "present"} for p in people],
            "note": {"shared": "Practiced."},
            "parts": [{"client": p.pk, "response": f"Line {p.pk} of {s.pk}"} for p in people],
        }
        for s in held
    ]
    with groups.clock.at(held[-1].end), django_assert_max_num_queries(40):
        assert actions.hold_sessions.run(groups.SYSTEM, held=told) == 3
    assert all(len(groups.hashes(s)) == 12 for s in held)
    assert note_of(held[0]).signed_name == "Counselor Person"
