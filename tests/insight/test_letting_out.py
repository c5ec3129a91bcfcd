"""What leaves under a consent: preview, letter and family page all lose the same rows when the scope narrows."""

from datetime import timedelta

import pytest

from middleground.clinic.models import User
from middleground.family import actions as family
from middleground.family.models import FamilyMember
from middleground.insight import queries
from middleground.kernel import clock, gate
from middleground.kernel.context import everything
from middleground.program import queries as program
from middleground.records import actions as records
from tests.insight.stories import a_story

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
WIDE = ["attendance", "schedule", "drug-screen"]


@pytest.fixture
def told(clinic, wren):
    return a_story(clinic, wren)


def look(clinic, client, kinds, recipient="employer", purposes=("own-request",), role="counselor"):
    with clinic.seen_by(role):
        return queries.preview(client, recipient, purposes, kinds)


def letter(clinic, client, kinds, role="counselor"):
    with clinic.seen_by(role):
        return queries.attendance_letter(client, "Acme Tools", "employer", ["own-request"], kinds, "Middleground Demo")


def test_the_preview_shows_real_rows_of_the_chosen_kinds_only(clinic, told):
    shown = look(clinic, told, WIDE)
    assert [s.kind for s in shown.given] == WIDE
    assert {s.kind: s.count for s in shown.given}["attendance"] == 18
    assert "check-ins" in shown.kept


def test_a_narrower_scope_loses_exactly_its_rows_in_preview_and_letter(clinic, told):
    wide, narrow = look(clinic, told, WIDE), look(clinic, told, ["schedule"])
    assert {s.kind: s.lines for s in narrow.given}["schedule"] == {s.kind: s.lines for s in wide.given}["schedule"]
    assert wide.rows - narrow.rows == sum(s.count for s in wide.given if s.kind != "schedule")
    labels = {label for label, _ in letter(clinic, told, WIDE).lines} - {
        label for label, _ in letter(clinic, told, ["schedule"]).lines
    }
    assert labels == {
        "Name of this program",
        "In care since",
        "Sessions attended in the last 30 days",
        "Sessions missed in the last 30 days",
        "Drug screens in the last 30 days",
    }


def test_a_schedule_only_letter_names_neither_program_nor_care(clinic, told):
    written = letter(clinic, told, ["schedule"])
    assert written.program == "" and "Middleground" not in written.text and written.kinds == ["schedule"]
    assert ("Sessions attended in the last 30 days", "the consent does not cover attendance") in written.left_out


def test_a_letter_counts_what_the_record_says(clinic, told):
    facts = dict(letter(clinic, told, ["attendance"]).lines)
    assert facts["Sessions missed in the last 30 days"].endswith("sessions")
    assert "hours" in facts["Sessions attended in the last 30 days"]


def test_a_kind_the_writer_may_not_see_is_said_and_not_written(clinic, told):
    shown = look(clinic, told, WIDE, role="case-manager")
    section = {s.kind: s for s in shown.given}["drug-screen"]
    assert section.not_yours and section.lines == []
    assert "Drug screens in the last 30 days" in {
        label for label, _ in letter(clinic, told, WIDE, role="case-manager").left_out
    }


def test_a_purpose_that_does_not_fit_the_recipient_shows_nothing_and_says_why(clinic, told):
    section = look(clinic, told, ["attendance"], purposes=["treatment"]).given[0]
    assert section.lines == [] and "cannot confirm or deny" in section.refused


def test_family_never_sees_a_kind_that_is_not_for_families(clinic, told):
    shown = look(clinic, told, ["attendance", "drug-screen"], recipient="family", purposes=["family"])
    assert {s.kind: bool(s.lines) for s in shown.given} == {"attendance": True, "drug-screen": False}


def test_revoking_hides_at_once_for_the_family(clinic, told):
    family.invite_family_member.run(clinic.actor("counselor"), client=told, name="Robin Alder", relation="sibling")
    with everything("test"):
        member = FamilyMember.objects.get(client=told)
        robin = User.objects.get(pk=member.user_id)
    consent = family.share_with_family.run(
        clinic.actor("counselor"),
        member=member,
        kinds=["attendance"],
        ends_on=clock.today() + timedelta(days=60),
        signed_name="Wren Alder",
    )
    assert _seen_by(robin, told)
    records.revoke_consent.run(clinic.actor("counselor"), consent=consent)
    assert not _seen_by(robin, told)


def _seen_by(user, client):
    with gate.access(user.actor(), "family"):
        return list(program.attendance_of(client).values_list("on"))
