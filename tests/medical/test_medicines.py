"""The medication list: what it shows, what it refuses, what a stop sets in motion."""

from datetime import timedelta

import pytest

from middleground.kernel import clock
from middleground.kernel.errors import Invalid, NotAllowed, Refused, Stale
from middleground.medical import actions, queries
from middleground.medical.prescribing import NotTaken, OnlyByAnOTP
from middleground.records.models import Task
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def scriber(clinic):
    return clinic.actor("prescriber")


@pytest.fixture
def film(scriber, wren):
    return actions.list_medication.run(
        scriber,
        client=wren,
        drug="buprenorphine-sl",
        dose="8 mg",
        route="sublingual",
        prescribed_here=True,
        started_on=clock.today() - timedelta(days=10),
    )


def test_recovery_medicines_come_first_and_stopped_ones_leave_the_list(clinic, scriber, wren, film):
    other = actions.list_medication.run(scriber, client=wren, drug="acetaminophen")
    gone = actions.list_medication.run(scriber, client=wren, name="Grandmother's tea")
    actions.stop_medication.run(scriber, medication=gone, reason="no-benefit")
    with clinic.seen_by("counselor"):
        assert list(queries.medications(wren)) == [film, other]
        assert list(queries.mat(wren)) == [film]
        assert gone in queries.medications(wren, stopped=True)
    assert film.name.startswith("buprenorphine") and film.prescriber_name == "Prescriber Person"


@pytest.mark.parametrize("given", [{"drug": "methadone"}, {"name": "Methadone 40 mg"}])
def test_methadone_is_never_prescribed_here_but_is_listed_from_its_program(scriber, wren, given):
    with pytest.raises(OnlyByAnOTP, match="opioid treatment program") as no:
        actions.list_medication.run(scriber, client=wren, prescribed_here=True, **given)
    assert no.value.field == "prescribed_here"
    listed = actions.list_medication.run(scriber, client=wren, prescriber_name="River OTP", **given)
    assert listed.is_mat and listed.drug == "methadone"


@pytest.mark.parametrize("given", [{}, {"drug": "acamprosate", "name": "Acamprosate"}])
def test_one_medicine_is_named_once(scriber, wren, given):
    with pytest.raises(Refused) as no:
        actions.list_medication.run(scriber, client=wren, **given)
    assert no.value.field == "drug"


def test_a_changed_dose_replaces_the_row_and_keeps_the_first_day(clinic, scriber, wren, film):
    more = actions.change_dose.run(scriber, medication=film, dose="16 mg", seen_version=film.version)
    with clinic.seen_by("prescriber"):
        assert list(queries.medications(wren)) == [more]
        assert list(queries.doses_before(more)) == [film]
        assert len(queries.medicine_course(wren)) == 2
    assert (more.since, more.started_on) == (film.since, clock.today())
    with pytest.raises(NotTaken):
        actions.change_dose.run(scriber, medication=film, dose="24 mg")


def test_an_older_page_is_stale(scriber, wren):
    shot = actions.list_medication.run(scriber, client=wren, drug="naltrexone-xr")
    actions.record_dispensing.run(scriber, medication=shot, seen_version=1)
    with pytest.raises(Stale):
        actions.stop_medication.run(scriber, medication=shot, reason="access", seen_version=1)


def test_a_long_acting_dose_sets_the_next_day(clinic, scriber, wren):
    today = clock.today()
    shot = actions.list_medication.run(
        scriber, client=wren, drug="naltrexone-xr", last_given_on=today - timedelta(days=30)
    )
    assert (shot.frequency, shot.route, shot.next_due_on) == (
        "every 28 days",
        "intramuscular",
        today - timedelta(days=2),
    )
    given = actions.record_dispensing.run(scriber, medication=shot, given_where="here")
    assert given.next_due_on == today + timedelta(days=28)
    with clinic.seen_by("prescriber"):
        assert [dose.given_on for dose in queries.doses_given(given)] == [today]
        assert not queries.due_injections().exists()
        assert queries.due_injections(within_days=28).get() == shot


def test_a_late_entry_of_an_earlier_dose_does_not_pull_the_next_day_back(scriber, wren):
    today = clock.today()
    shot = actions.list_medication.run(
        scriber, client=wren, drug="naltrexone-xr", last_given_on=today - timedelta(days=2)
    )
    again = actions.record_dispensing.run(scriber, medication=shot, given_on=today - timedelta(days=30))
    assert again.next_due_on == today + timedelta(days=26)


def test_weekly_and_monthly_forms_must_be_told_apart(scriber, wren):
    with pytest.raises(Refused, match="how many days"):
        actions.list_medication.run(scriber, client=wren, drug="buprenorphine-xr")
    weekly = actions.list_medication.run(
        scriber, client=wren, drug="buprenorphine-xr", every_days="7", started_on=clock.today()
    )
    assert weekly.next_due_on == clock.today() + timedelta(days=7)
    with pytest.raises(Refused, match="28 days"):
        actions.list_medication.run(scriber, client=wren, drug="naltrexone-xr", every_days="7")


def test_stopping_a_medicine_for_opioid_use_asks_for_a_talk_today(clinic, scriber, wren, film):
    actions.stop_medication.run(scriber, medication=film, reason="client-choice")
    with clinic.seen_by("prescriber"):
        task = Task.objects.get(key=f"medicine-stopped:{film.pk}")
    assert task.owner == clinic.people["prescriber"]
    assert task.due_at.date() >= clock.now().date() and (task.due_at - clock.now()) < timedelta(days=1)
    assert (
        "buprenorphine" not in f"{task.what} {task.why}".lower() and "overdose" not in f"{task.what} {task.why}".lower()
    )


def test_stopping_another_medicine_asks_for_nothing(clinic, scriber, wren):
    for drug in ("acamprosate", "naloxone"):
        listed = actions.list_medication.run(scriber, client=wren, drug=drug)
        actions.stop_medication.run(scriber, medication=listed, reason="finished")
    with clinic.seen_by("prescriber"):
        assert not Task.objects.filter(key__startswith="medicine-stopped").exists()


def test_a_stop_in_the_future_or_for_no_known_reason_is_refused(scriber, film):
    with pytest.raises(Refused):
        actions.stop_medication.run(
            scriber, medication=film, reason="finished", stopped_on=clock.today() + timedelta(days=2)
        )
    with pytest.raises(Invalid):
        actions.stop_medication.run(scriber, medication=film, reason="because")


def test_an_allergy_is_listed_once_and_withdrawn_with_a_reason(clinic, scriber, wren):
    row = actions.record_allergy.run(scriber, client=wren, what="Penicillin", reaction="Hives")
    with pytest.raises(Refused):
        actions.record_allergy.run(scriber, client=wren, what="penicillin")
    actions.withdraw_allergy.run(scriber, allergy=row, why="Tested, not allergic")
    with clinic.seen_by("prescriber"):
        assert not queries.allergies(wren).exists()


@pytest.mark.parametrize(
    "role", ["biller", "administrator", "intake-coordinator", "case-manager", "counselor", "program-director"]
)
def test_only_a_prescriber_changes_the_list(clinic, wren, film, role):
    with pytest.raises(NotAllowed):
        actions.list_medication.run(clinic.actor(role), client=wren, drug="acamprosate")
    with pytest.raises(NotAllowed):
        actions.stop_medication.run(clinic.actor(role), medication=film, reason="finished")


@pytest.mark.parametrize("role", ["biller", "administrator", "intake-coordinator"])
def test_other_roles_see_no_medicine(clinic, wren, film, role):
    with clinic.seen_by(role, "operations") as access:
        assert not queries.medications(wren).exists()
        assert "medical" in access.withheld


def test_a_counselor_without_a_relation_sees_no_medicine_and_the_client_sees_their_own(clinic, wren, film):
    from middleground.kernel import gate

    other = builders.a_client(clinic, "Robin", "Birch")
    with gate.access(builders.a_second(clinic, "counselor", "stranger").actor(), "treatment", "test"):
        assert not queries.medications(wren).exists()
    with gate.access(builders.client_user(clinic, wren).actor(), "own-request", "test"):
        assert list(queries.medications(wren)) == [film]
    with gate.access(builders.client_user(clinic, other).actor(), "own-request", "test"):
        assert not queries.medications(wren).exists()
