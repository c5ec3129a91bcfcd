"""Family: a sign-in shows nothing, a consent shows what it names, revoking hides it at once; the line only listens."""

from datetime import timedelta

import pytest

from middleground.clinic.models import User
from middleground.family import actions, queries
from middleground.family.models import FamilyLesson, FamilyMember, FamilyMessage
from middleground.kernel import clock, gate
from middleground.kernel.context import everything, visitor
from middleground.kernel.errors import NotAllowed, Refused
from middleground.records import actions as records
from middleground.records.models import Client, Consent, Task
from middleground.recovery import actions as recovery
from middleground.recovery.models import CheckIn
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def wrens(clinic, wren):
    return builders.client_user(clinic, wren)


@pytest.fixture
def ana(wren, wrens):
    """Wren's sister, invited by Wren, with a sign-in and no consent."""
    return actions.invite_family_member.run(wrens.actor(), client=wren, name="Ana Alder", relation="sibling")


def share(user, member, kinds=("check-in",)):
    return actions.share_with_family.run(
        user.actor(),
        member=member,
        kinds=list(kinds),
        ends_on=clock.today() + timedelta(days=90),
        signed_name="Wren Alder",
    )


def seen_by(member, purpose="family"):
    return gate.access(User.objects.get(pk=member.user_id).actor(), purpose, "test")


def test_an_invitation_gives_a_sign_in_by_code_that_names_nobody(ana):
    name, code = ana.sign_in.split(" / ")
    assert "wren" not in name and "ana" not in name
    assert records.give_client_sign_in and len(code) == 9
    assert User.objects.get(username=name).roles == ["family"]


def test_without_a_consent_a_family_member_sees_no_client_fact(wren, wrens, ana):
    recovery.check_in.run(wrens.actor(), client=wren, craving=3)
    with seen_by(ana):
        for model in (Client, CheckIn, FamilyMember, FamilyMessage, Consent, Task):
            assert not model.objects.exists()
        assert queries.shared_with(ana.user_id) == []


def test_a_consent_shows_what_it_names_and_revoking_hides_it_at_once(wren, wrens, ana):
    recovery.check_in.run(wrens.actor(), client=wren, craving=3)
    recovery.record_milestone.run(wrens.actor(), client=wren, words_said="First week")
    consent = share(wrens, ana, ["check-in"])
    with seen_by(ana):
        assert CheckIn.objects.count() == 1
        assert not Client.objects.exists()
        assert [(s.called, s.kinds) for s in queries.shared_with(ana.user_id)] == [("Wren", {"check-in"})]
    records.revoke_consent.run(wrens.actor(), consent=consent)
    with seen_by(ana):
        assert not CheckIn.objects.exists() and queries.shared_with(ana.user_id) == []


def test_the_consent_keeps_the_text_that_was_signed(wrens, ana):
    consent = share(wrens, ana, ["schedule", "attendance"])
    assert "Ana Alder" in consent.text and "Attendance" in consent.text and "take this consent back" in consent.text


@pytest.mark.parametrize("kinds", [["counseling-note"], ["session-note"], []])
def test_a_consent_for_what_family_can_never_see_is_refused(wrens, ana, kinds):
    with pytest.raises(Refused):
        share(wrens, ana, kinds)


def test_ending_access_revokes_every_consent_and_the_sign_in(clinic, wren, wrens, ana):
    share(wrens, ana)
    actions.end_family_access.run(clinic.actor("counselor"), member=ana)
    with clinic.seen_by("counselor"):
        assert not Consent.objects.filter(revoked_at=None).exists()
        assert not queries.current(wren).exists()
    assert User.objects.get(pk=ana.user_id).is_active is False


def test_the_same_person_is_not_invited_twice(wren, wrens, ana):
    with pytest.raises(Refused) as no:
        actions.invite_family_member.run(wrens.actor(), client=wren, name="ana alder", relation="sibling")
    assert no.value.field == "name"


@pytest.mark.parametrize("role", ["biller", "prescriber", "administrator", "program-director"])
def test_these_roles_do_not_invite(clinic, wren, role):
    with pytest.raises(NotAllowed):
        actions.invite_family_member.run(clinic.actor(role), client=wren, name="X", relation="friend")


def a_message(actor=None, about="Wren Alder"):
    return actions.leave_family_message.run(
        actor or visitor(), from_name="Ana", phone="555-0199", about_name=about, words="Hasn't slept for days"
    )


def test_anyone_may_tell_us_something_and_it_is_in_nobodys_record(clinic, wren):
    made = a_message()
    assert made.client_id is None
    with clinic.seen_by("counselor"):
        assert [m.pk for m in queries.line()] == [made.pk]
        assert not queries.messages(wren).exists()
    for role in ("biller", "prescriber", "administrator"):
        with clinic.seen_by(role):
            assert queries.line() == []


def test_leaving_a_message_looks_nobody_up(wren, django_assert_max_num_queries, clinic):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for about in ("Wren Alder", "Nobody Atall"):
        with CaptureQueriesContext(
            connection,
        ) as ran:
            a_message(about=about)
        counts.append(len(ran))
        assert not any("records_client" in q["sql"] for q in ran.captured_queries)
    assert counts[0] == counts[1]


def test_a_matched_message_is_the_primary_counselors_to_read(clinic, wren):
    made = a_message()
    actions.match_message.run(clinic.actor("counselor"), client=wren, message_id=made.pk)
    with clinic.seen_by("counselor"):
        message = queries.messages(wren).get()
        task = Task.objects.get(key=f"family-message:{made.pk}")
        assert queries.line() == [] and not queries.may_answer(message)
    assert task.owner_id == clinic.people["counselor"].pk
    actions.finish_message.run(clinic.actor("counselor"), message=message, outcome="Talked with Wren")
    with clinic.seen_by("counselor"):
        assert Task.objects.get(pk=task.pk).done_at is not None


def test_a_counselor_of_others_does_not_see_a_matched_message(clinic, wren):
    made = a_message()
    actions.match_message.run(clinic.actor("counselor"), client=wren, message_id=made.pk)
    other = builders.a_second(clinic, "counselor", "marlow")
    with gate.access(other.actor(), "treatment", "test"):
        assert queries.line() == [] and not FamilyMessage.objects.exists()
    with pytest.raises(NotAllowed):
        actions.match_message.run(other.actor(), client=wren, message_id=made.pk)


def test_answering_needs_a_consent_that_is_in_force(clinic, wren, wrens, ana):
    made = a_message(User.objects.get(pk=ana.user_id).actor())
    actions.match_message.run(clinic.actor("counselor"), client=wren, message_id=made.pk)
    with clinic.seen_by("counselor"):
        message = queries.messages(wren).get()
        assert message.member_id == ana.pk and not queries.may_answer(message)
    consent = share(wrens, ana)
    with clinic.seen_by("counselor"):
        assert queries.may_answer(queries.messages(wren).get())
    records.revoke_consent.run(wrens.actor(), consent=consent)
    with clinic.seen_by("counselor"):
        assert not queries.may_answer(queries.messages(wren).get())


def test_a_message_set_aside_is_kept(clinic):
    made = a_message()
    actions.set_message_aside.run(clinic.actor("case-manager"), message_id=made.pk, outcome="Nobody of this name")
    with clinic.seen_by("case-manager"):
        assert queries.line() == [] and [m.pk for m in queries.line(waiting=False)] == [made.pk]
    with everything("test"):
        assert FamilyMessage.objects.count() == 1


def test_family_lessons_are_the_readers_own_and_need_no_consent(ana):
    actor = User.objects.get(pk=ana.user_id).actor()
    actions.finish_family_lesson.run(actor, lesson="family-talking", answers={})
    actions.finish_family_lesson.run(actor, lesson="family-talking", answers={})
    assert FamilyLesson.objects.count() == 1 and queries.lessons_finished(actor.user_id) == {"family-talking"}
    with pytest.raises(Refused):
        actions.finish_family_lesson.run(actor, lesson="cravings")
