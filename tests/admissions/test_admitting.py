"""Admission: what must be there, the override, and what nobody may override."""

from datetime import timedelta

import pytest

from middleground.admissions import actions, queries
from middleground.admissions.actions import NotReady
from middleground.admissions.forms import admission_form, admission_forms
from middleground.admissions.models import AdmissionOverride
from middleground.engines import disclosure
from middleground.kernel import clock
from middleground.kernel.actions import action
from middleground.kernel.context import system
from middleground.kernel.errors import Refused
from middleground.kernel.who import system_only
from middleground.records import queries as records
from middleground.records.models import CareTeamMember, Task

from . import people

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
REASON = "Leaves the hospital today and the prescriber comes tomorrow at nine"


def admit(clinic, person, role="intake-coordinator", **more):
    today = clock.today()
    given = {
        "client": person.client,
        "inquiry": person,
        "level_of_care": "2.1",
        "admitted_on": today,
        "expected_end_on": today + timedelta(days=56),
        "primary_counselor": clinic.people["counselor"],
        "prescriber": clinic.people["prescriber"],
        **more,
    }
    return actions.admit.run(clinic.actor(role), **given)


def missing(clinic, client):
    with clinic.seen_by("intake-coordinator"):
        return {line.id for line in queries.checklist(client) if not line.is_done}


def test_with_everything_there_somebody_is_admitted(clinic):
    inquiry = people.ready(clinic)
    assert missing(clinic, inquiry.client) == set()
    episode = admit(clinic, inquiry)
    assert (episode.level_of_care, episode.pathway, episode.prescribed_minutes) == ("2.1", "first-line", 540)
    with clinic.seen_by("intake-coordinator"):
        assert queries.inquiry(inquiry.pk).status == "admitted"
        assert CareTeamMember.objects.filter(
            client=inquiry.client, part="primary-counselor", user=clinic.people["counselor"]
        ).exists()
        assert not AdmissionOverride.objects.exists()
    with pytest.raises(Refused):
        admit(clinic, inquiry)


def test_the_board_moves_somebody_on_when_the_level_of_care_is_decided(clinic):
    inquiry, other = people.ready(clinic), people.seen(clinic, hours=30)
    with clinic.seen_by("intake-coordinator"):
        stages = {w.inquiry.pk: w.stage for w in queries.board(queries.inquiries("open"), clock.now())}
        assert stages == {inquiry.pk: "recommended", other.pk: "assessing"}
        assert [i.pk for i in queries.inquiries("recommended")] == [inquiry.pk]
        assert [i.pk for i in queries.inquiries("assessing")] == [other.pk]


def test_what_is_missing_is_named_line_by_line(clinic):
    inquiry = people.seen(clinic)
    assert missing(clinic, inquiry.client) == {
        "medical",
        "clinical",
        "withdrawal",
        "decision",
        "form-patient-notice",
        "form-tpo-single",
        "form-program-agreement",
    }
    with pytest.raises(NotReady) as no:
        admit(clinic, inquiry, override_reason=REASON, role="program-director")
    assert {line.id for line in no.value.lines} == {"form-patient-notice", "form-tpo-single", "form-program-agreement"}


def test_only_the_director_overrides_and_it_is_timed_and_on_the_board(clinic):
    inquiry = people.seen(clinic)
    people.sign_forms(clinic, inquiry.client)
    with pytest.raises(NotReady):
        admit(clinic, inquiry, role="program-director")
    with pytest.raises(Refused, match="Only the program director"):
        admit(clinic, inquiry, override_reason=REASON)
    with pytest.raises(Refused, match="full sentence"):
        admit(clinic, inquiry, role="program-director", override_reason="because")
    admit(clinic, inquiry, role="program-director", override_reason=REASON)
    with clinic.seen_by("compliance-officer", "audit"):
        open_now = queries.open_overrides().get()
        assert set(open_now.missing) == {"medical", "clinical", "withdrawal", "decision"}
        assert open_now.until - open_now.at == timedelta(hours=72)
        assert Task.objects.filter(
            key=f"admission-override:{open_now.pk}", owner=clinic.people["program-director"], due_at=open_now.until
        ).exists()
    assert clinic.people["compliance-officer"].notices.count() == 1


def test_an_override_is_settled_only_when_everything_is_there(clinic):
    inquiry = people.seen(clinic)
    people.sign_forms(clinic, inquiry.client)
    admit(clinic, inquiry, role="program-director", override_reason=REASON)
    director = clinic.actor("program-director")
    with clinic.seen_by("program-director"):
        override = queries.open_overrides().get()
    with pytest.raises(NotReady):
        actions.settle_override.run(director, override=override)
    people.sign_assessments(clinic, inquiry.client)
    people.check_withdrawal(clinic, inquiry.client)
    people.decide(clinic, inquiry.client)
    assert actions.settle_override.run(director, override=override).settled_at is not None
    with clinic.seen_by("program-director"):
        assert not queries.open_overrides().exists()


@pytest.mark.parametrize("sign", ["disoriented", "seizure-now"])
def test_medical_withdrawal_care_first_is_never_overridden(clinic, sign):
    inquiry = people.seen(clinic)
    people.sign_forms(clinic, inquiry.client)
    people.check_withdrawal(clinic, inquiry.client, signs=[sign])
    with pytest.raises(NotReady, match="medically managed"):
        admit(clinic, inquiry, role="program-director", override_reason=REASON)


def test_a_warning_result_keeps_its_word_when_its_time_is_over(clinic):
    inquiry = people.seen(clinic)
    people.sign_forms(clinic, inquiry.client)
    people.check_withdrawal(clinic, inquiry.client, signs=["disoriented"])
    with clock.at(clock.now() + timedelta(days=3)), pytest.raises(NotReady, match="medically managed"):
        admit(clinic, inquiry, role="program-director", override_reason=REASON)


def test_another_level_than_decided_is_refused(clinic):
    with pytest.raises(NotReady, match="not 2.5"):
        admit(clinic, people.ready(clinic), role="program-director", level_of_care="2.5", override_reason=REASON)


def test_a_revoked_form_counts_no_more(clinic):
    from middleground.records import actions as records_actions

    inquiry = people.ready(clinic)
    with clinic.seen_by("intake-coordinator"):
        consent = records.consents(inquiry.client).get(form="tpo-single")
    records_actions.revoke_consent.run(clinic.actor("intake-coordinator"), consent=consent)
    assert missing(clinic, inquiry.client) == {"form-tpo-single"}


def test_the_end_is_after_the_beginning_and_the_inquiry_is_theirs(clinic, wren):
    inquiry = people.ready(clinic)
    with pytest.raises(Refused) as no:
        admit(clinic, inquiry, expected_end_on=clock.today() - timedelta(days=1))
    assert no.value.field == "expected_end_on"
    other = people.asking(clinic, "Sage")
    with pytest.raises(Refused, match="someone else"):
        admit(clinic, inquiry, inquiry=other)


def test_the_first_session_keeps_its_promise_once(clinic):
    inquiry = people.ready(clinic)
    admit(clinic, inquiry)
    held = clock.now() + timedelta(hours=20)

    @action("Hold a first session for a test", by=system_only())
    def hold(act, at):
        actions.note_first_sessions(act, {inquiry.client_id: at})

    hold.body.__annotations__.update(at=type(held))
    hold.run(system("test"), at=held)
    hold.run(system("test"), at=held + timedelta(days=1))
    with clinic.seen_by("intake-coordinator"):
        after = queries.inquiry(inquiry.pk)
    assert after.first_session_at == held
    assert [p.state for p in queries.clock(after, held)][-1] == "kept"
    assert queries.waits([after])[0][1] == pytest.approx(20, abs=0.1)


def test_forms_read_in_the_clients_language_and_share_no_counseling_notes():
    english, spanish = admission_forms("en", "North"), admission_forms("es", "North")
    assert [form.id for form in english] == ["patient-notice", "tpo-single", "program-agreement"]
    assert english[0].title != spanish[0].title
    terms = admission_form("tpo-single", "en", "North").terms
    assert set(terms["kinds"]) == set(disclosure.KINDS) - {"counseling-note"}
    assert "May be shared" in terms["text"]
    assert admission_form("patient-notice", "en", "North").terms["kinds"] == ["consent"]
