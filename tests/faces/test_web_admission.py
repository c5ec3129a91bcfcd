"""The admission page: a checklist, forms signed on screen, the first day."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.admissions import queries
from middleground.kernel import clock
from middleground.records import queries as records
from tests.admissions import people

pytestmark = pytest.mark.django_db
REASON = "Leaves the hospital today and the prescriber comes tomorrow at nine"


def asked_of(seen) -> int:
    """Queries, without the savepoints that only a test's own transaction brings."""
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE")) for q in seen.captured_queries)


@pytest.fixture
def intake(clinic, client):
    client.force_login(clinic.people["intake-coordinator"])
    return client


def where(inquiry) -> str:
    return reverse("admission", args=[inquiry.client_id])


def team(clinic, **more):
    return {
        "do": "admit",
        "level_of_care": "2.1",
        "prescribed_minutes": 540,
        "admitted_on": clock.today().isoformat(),
        "primary_counselor": clinic.people["counselor"].pk,
        "prescriber": clinic.people["prescriber"].pk,
        **more,
    }


def test_what_is_missing_is_shown_and_there_is_no_button_to_admit(clinic, intake):
    body = intake.get(where(people.seen(clinic))).content.decode()
    for words in (
        "The medical assessment is not signed",
        "No clinician has decided",
        "Notice of your privacy rights",
        "Our agreement",
    ):
        assert words in body
    assert "Admit Rowan" not in body


def test_the_forms_are_read_and_signed_on_the_page(clinic, intake):
    inquiry = people.seen(clinic)
    empty = intake.post(where(inquiry), {"do": "tpo-single", "signed_name": ""})
    assert empty.status_code == 422 and "required" in empty.content.decode()
    for form in ("patient-notice", "tpo-single", "program-agreement"):
        assert intake.post(where(inquiry), {"do": form, "signed_name": "Rowan Field"}).status_code == 302
    with clinic.seen_by("intake-coordinator"):
        signed = {c.form: c for c in records.consents(inquiry.client)}
    assert set(signed) == {"patient-notice", "tpo-single", "program-agreement"}
    assert signed["tpo-single"].signed_name == "Rowan Field"
    assert "To read and sign" not in intake.get(where(inquiry)).content.decode()


def test_a_client_who_reads_spanish_signs_in_spanish(clinic, intake):
    inquiry = people.seen(clinic, language="es")
    body = intake.get(where(inquiry)).content.decode()
    assert "Aviso de sus derechos de privacidad" in body and 'lang="es"' in body
    intake.post(where(inquiry), {"do": "patient-notice", "signed_name": "Rowan Field"})
    with clinic.seen_by("intake-coordinator"):
        assert "ley federal" in records.consents(inquiry.client).get().text


def test_a_form_that_is_not_one_is_not_found(clinic, intake):
    assert intake.post(where(people.seen(clinic)), {"do": "counseling-notes", "signed_name": "X"}).status_code == 404


def test_with_everything_there_one_press_admits(clinic, intake):
    inquiry = people.ready(clinic)
    assert "Admit Rowan" in intake.get(where(inquiry)).content.decode()
    wrong = intake.post(where(inquiry), team(clinic, expected_end_on="2001-01-01"))
    assert wrong.status_code == 422 and "before the first" in wrong.content.decode()
    answer = intake.post(where(inquiry), team(clinic), follow=True)
    assert "Admitted" in answer.content.decode()
    with clinic.seen_by("intake-coordinator"):
        assert queries.inquiry(inquiry.pk).status == "admitted"


def test_only_the_director_is_offered_an_override(clinic, client, intake):
    inquiry = people.seen(clinic)
    people.sign_forms(clinic, inquiry.client)
    assert "the program director can override" in intake.get(where(inquiry)).content.decode()
    refused = intake.post(where(inquiry), team(clinic, override_reason=REASON))
    assert refused.status_code == 422 and "Only the program director" in refused.content.decode()
    client.force_login(clinic.people["program-director"])
    assert "Admit by override" in client.get(where(inquiry)).content.decode()
    assert client.post(where(inquiry), team(clinic, override_reason=REASON)).status_code == 302


@pytest.mark.parametrize(
    "role", ["counselor", "prescriber", "case-manager", "biller", "compliance-officer", "administrator"]
)
def test_other_roles_are_turned_away(clinic, client, role):
    inquiry = people.seen(clinic)
    client.force_login(clinic.people[role])
    assert client.get(where(inquiry)).status_code == 403


def test_the_page_stays_within_its_queries(clinic, intake):
    for inquiry in (people.seen(clinic, hours=30), people.ready(clinic)):
        intake.get(where(inquiry))
        with CaptureQueriesContext(connection) as seen:
            intake.get(where(inquiry))
        assert asked_of(seen) <= 12


def test_a_client_without_an_inquiry_has_the_page_too(clinic, intake, wren):
    assert "Admitted" in intake.get(reverse("admission", args=[wren.pk])).content.decode()
    assert intake.get(reverse("admission", args=[999])).status_code == 404
