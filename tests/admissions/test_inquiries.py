"""From a request on the public site to the day somebody comes in."""

from datetime import timedelta

import pytest

from middleground.admissions import actions, queries
from middleground.admissions.models import ContactAttempt, Inquiry
from middleground.kernel import clock, gate
from middleground.kernel.actions import REGISTRY
from middleground.kernel.context import visitor
from middleground.kernel.errors import NotAllowed, NotBookable, Refused, Stale
from middleground.records.models import CareTeamMember
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
DETAILS = {"first_name": "Rowan", "phone": "555-0142 77"}


@pytest.fixture
def rowan(clinic):
    return actions.request_assessment.run(
        visitor(), site=clinic.site, message="I drink too much", availability=["mon 18:00-21:15"], **DETAILS
    )


def book(clinic, inquiry, hours=24, **more):
    given = {
        "assessor": clinic.people["counselor"],
        "room": clinic.rooms[1],
        "at": clock.now() + timedelta(hours=hours),
        **more,
    }
    return actions.book_assessment.run(clinic.actor("intake-coordinator"), inquiry=inquiry, **given)


def test_a_visitor_asks_and_intake_is_told_without_any_detail(clinic, rowan):
    assert (rowan.status, rowan.came_through, rowan.next_step) == ("new", "site", "Call back")
    told = clinic.people["intake-coordinator"].notices.get()
    assert told.words == "Someone asked for a call."
    assert told.url == f"/inquiries/{rowan.pk}/"


def test_the_same_request_key_asks_once(clinic):
    first = actions.request_assessment.run(visitor(), key="k", **DETAILS)
    again = actions.request_assessment.run(visitor(), key="k", **DETAILS)
    assert first.pk == again.pk
    with clinic.seen_by("intake-coordinator"):
        assert Inquiry.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"phone": "123"}, "phone"),
        ({"for_whom": "the cat"}, "for_whom"),
        ({"pathway": "nowhere"}, "pathway"),
        ({"language": "xx"}, "language"),
        ({"availability": ["mon 25:00-26:00"]}, "availability"),
        ({"availability": ["mon 19:00-18:00"]}, "availability"),
        ({"availability": [7]}, "availability"),
    ],
)
def test_bad_input_is_refused_beside_its_field(clinic, wrong, field):
    with pytest.raises(Refused) as no:
        actions.request_assessment.run(visitor(), **{**DETAILS, **wrong})
    assert no.value.field == field or field in no.value.errors


def test_a_flood_of_requests_is_turned_to_the_phone(clinic):
    for _ in range(60):
        actions.request_assessment.run(visitor(), **DETAILS)
    with pytest.raises(actions.TooManyRequests):
        actions.request_assessment.run(visitor(), **DETAILS)


@pytest.mark.parametrize("role", ["counselor", "prescriber", "case-manager", "biller", "administrator"])
def test_other_roles_see_no_inquiry_and_no_contact(clinic, rowan, role):
    actions.log_contact.run(clinic.actor("intake-coordinator"), inquiry=rowan, channel="phone", outcome="reached")
    with clinic.seen_by(role):
        assert not Inquiry.objects.exists()
        assert not ContactAttempt.objects.exists()


def test_an_intake_coordinator_of_another_site_sees_it_not(clinic, rowan):
    elsewhere = builders.a_second(clinic, "intake-coordinator", "south")
    with gate.access(
        elsewhere.actor().__class__("South", frozenset({"intake-coordinator"}), elsewhere.pk, None, frozenset({999})),
        "treatment",
    ):
        assert not Inquiry.objects.exists()


def test_a_visitor_sees_nothing(clinic, rowan):
    with gate.access(visitor(), "own-request"):
        assert not Inquiry.objects.exists()


def test_only_intake_and_the_director_work_with_inquiries(clinic, rowan):
    for role in ("counselor", "biller", "administrator", "compliance-officer"):
        with pytest.raises(NotAllowed):
            actions.own_inquiry.run(clinic.actor(role), inquiry=rowan)
    assert (
        actions.own_inquiry.run(clinic.actor("program-director"), inquiry=rowan).owner
        == clinic.people["program-director"]
    )


def test_a_phone_inquiry_is_its_own_first_call(clinic):
    taken = actions.take_inquiry.run(
        clinic.actor("intake-coordinator"), site=clinic.site, referral_source="court", **DETAILS
    )
    assert (taken.status, taken.owner) == ("contacted", clinic.people["intake-coordinator"])
    assert queries.clock(taken, clock.now())[0].state == "kept"


def test_a_referral_from_elsewhere_still_needs_a_call(clinic):
    taken = actions.take_inquiry.run(
        clinic.actor("intake-coordinator"), site=clinic.site, came_through="referral", pathway="step-down", **DETAILS
    )
    assert (taken.status, taken.first_called_at) == ("new", None)


def test_an_unanswered_call_counts_as_called_but_not_as_contacted(clinic, rowan):
    actions.log_contact.run(clinic.actor("intake-coordinator"), inquiry=rowan, channel="phone", outcome="no-answer")
    with clinic.seen_by("intake-coordinator"):
        seen = queries.inquiry(rowan.pk)
        assert (seen.status, seen.first_called_at is not None) == ("new", True)
    actions.log_contact.run(clinic.actor("intake-coordinator"), inquiry=rowan, channel="phone", outcome="reached")
    with clinic.seen_by("intake-coordinator"):
        assert queries.inquiry(rowan.pk).status == "contacted"
        assert queries.contacts(rowan).count() == 2


def test_the_emergency_contact_needs_a_consent(clinic, rowan):
    with pytest.raises(Refused) as no:
        actions.log_contact.run(
            clinic.actor("intake-coordinator"), inquiry=rowan, channel="emergency-contact", outcome="reached"
        )
    assert no.value.field == "channel"


def test_an_assessment_is_booked_and_the_same_time_is_taken_for_the_next(clinic, rowan):
    booked = book(clinic, rowan)
    assert (booked.status, booked.assessor) == ("assessment-booked", clinic.people["counselor"])
    other = actions.request_assessment.run(visitor(), **DETAILS)
    with pytest.raises(NotBookable) as no:
        book(clinic, other, assessor=clinic.people["prescriber"])
    assert no.value.taken == (f"room:{clinic.rooms[1].pk}",)
    with clinic.seen_by("intake-coordinator"):
        assert queries.inquiry(other.pk).assessment_at is None


def test_booking_anew_gives_the_first_time_back(clinic, rowan):
    booked = book(clinic, rowan)
    book(clinic, booked, hours=30)
    other = actions.request_assessment.run(visitor(), **DETAILS)
    assert book(clinic, other).status == "assessment-booked"


@pytest.mark.parametrize("hours", [-1, 0])
def test_a_time_gone_by_is_refused(clinic, rowan, hours):
    with pytest.raises(Refused):
        book(clinic, rowan, hours=hours)


def test_a_biller_does_not_assess(clinic, rowan):
    with pytest.raises(Refused) as no:
        book(clinic, rowan, assessor=clinic.people["biller"])
    assert no.value.field == "assessor"


def test_beginning_an_assessment_starts_a_record_once_and_gives_the_assessor_a_relation(clinic, rowan):
    booked = book(clinic, rowan)
    intake = clinic.actor("intake-coordinator")
    with pytest.raises(Refused) as no:
        actions.begin_assessment.run(intake, inquiry=booked)
    assert no.value.field == "last_name"
    begun = actions.begin_assessment.run(intake, inquiry=booked, last_name="Field")
    again = actions.begin_assessment.run(intake, inquiry=begun, last_name="Other")
    assert begun.client_id == again.client_id
    assert (begun.status, begun.client.last_name) == ("assessing", "Field")
    with clinic.seen_by("counselor"):
        assert CareTeamMember.objects.filter(
            client_id=begun.client_id, user=clinic.people["counselor"], part="assessor"
        ).exists()


def test_somebody_who_was_here_before_keeps_their_record(clinic, rowan, wren):
    begun = actions.begin_assessment.run(clinic.actor("intake-coordinator"), inquiry=rowan, known_client=wren)
    assert begun.client_id == wren.pk


def test_closing_needs_a_reason_gives_the_time_back_and_can_be_undone(clinic, rowan):
    booked = book(clinic, rowan)
    intake = clinic.actor("intake-coordinator")
    with pytest.raises(Refused) as no:
        actions.mark_lost.run(intake, inquiry=booked, reason="other")
    assert no.value.field == "note"
    lost = actions.mark_lost.run(intake, inquiry=booked, reason="schedule")
    assert (lost.status, lost.lost_reason) == ("lost", "schedule")
    with pytest.raises(actions.AlreadyClosed):
        book(clinic, lost)
    other = actions.request_assessment.run(visitor(), **DETAILS)
    assert book(clinic, other).status == "assessment-booked"
    assert actions.reopen.run(intake, inquiry=lost).status == "contacted"


def test_an_older_page_is_stale(clinic, rowan):
    intake = clinic.actor("intake-coordinator")
    actions.own_inquiry.run(intake, inquiry=rowan, seen_version=1)
    with pytest.raises(Stale):
        actions.own_inquiry.run(intake, inquiry=rowan, seen_version=1)


def test_the_board_filters(clinic, rowan):
    actions.take_inquiry.run(
        clinic.actor("intake-coordinator"),
        site=clinic.site,
        first_name="Sage",
        phone="555-010-9999",
        pathway="step-down",
    )
    with clinic.seen_by("intake-coordinator"):
        assert [i.first_name for i in queries.inquiries(pathway="step-down")] == ["Sage"]
        assert [i.first_name for i in queries.inquiries(search=rowan.reference)] == ["Rowan"]
        assert queries.inquiries(status="open").count() == 2
        assert queries.inquiries(status="closed").count() == 0
        assert [i.first_name for i in queries.inquiries(owner=clinic.people["intake-coordinator"].pk)] == ["Sage"]


def test_free_times_are_found_by_client_and_can_change(clinic, rowan):
    intake = clinic.actor("intake-coordinator")
    begun = actions.begin_assessment.run(intake, inquiry=rowan, last_name="Field")
    actions.change_availability.run(intake, inquiry=begun, availability=["tue 09:00-12:00"])
    with clinic.seen_by("intake-coordinator"):
        assert queries.availability_of(begun.client) == ["tue 09:00-12:00"]


def test_every_action_says_who_may():
    ours = [a for name, a in REGISTRY.items() if name.startswith("admissions.")]
    assert len(ours) == 15
    assert [a.id for a in ours if a.by.by_role().get("visitor")] == ["admissions.asking.request_assessment"]
