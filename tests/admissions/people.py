"""Somebody on their way in, made through the actions: asked, assessed, with the forms signed."""

from datetime import timedelta

from middleground.admissions import actions
from middleground.admissions.forms import admission_forms
from middleground.admissions.models import Inquiry
from middleground.assessment import actions as assessing
from middleground.kernel import clock
from middleground.kernel.context import visitor
from middleground.records import actions as records
from middleground.records.models import Client
from tests.assessment import people as answers
from tests.builders import Clinic


def asking(clinic: Clinic, first: str = "Rowan", **more) -> Inquiry:
    return actions.request_assessment.run(visitor(), site=clinic.site, first_name=first, phone="555-014-2777", **more)


def seen(clinic: Clinic, hours: int = 3, **more) -> Inquiry:
    """An inquiry whose assessment has begun, with the counselor and the prescriber on it."""
    asked = asking(clinic, **more)
    intake = clinic.actor("intake-coordinator")
    booked = actions.book_assessment.run(
        intake, inquiry=asked, assessor=clinic.people["counselor"], at=clock.now() + timedelta(hours=hours)
    )
    return actions.begin_assessment.run(intake, inquiry=booked, last_name="Field")


def sign_assessments(clinic: Clinic, client: Client) -> None:
    for role, sort, answer, sign in (
        ("prescriber", "medical", answers.medical, assessing.sign_medical_assessment),
        ("counselor", "clinical", answers.clinical, assessing.sign_clinical_assessment),
    ):
        opened = assessing.open_assessment.run(clinic.actor(role), client=client, sort=sort)
        sign.run(clinic.actor(role), assessment=opened, signed_name=role.title(), content=answer())


def check_withdrawal(clinic: Clinic, client: Client, **line) -> None:
    check = assessing.check_withdrawal.run(clinic.actor("prescriber"), client=client, given=answers.safe_line(**line))
    if check.result in ("CLEAR", "AMBULATORY_1WM", "AMBULATORY_2WM"):
        assessing.sign_withdrawal_check.run(clinic.actor("prescriber"), check=check, signed_name="Pat Scriber")


def decide(clinic: Clinic, client: Client) -> None:
    assessing.rate_dimensions.run(clinic.actor("counselor"), client=client, edition=4, ratings=answers.ratings())
    assessing.decide_placement.run(clinic.actor("counselor"), client=client, selected="2.1", facts=answers.FACTS)


def sign_forms(clinic: Clinic, client: Client) -> None:
    for form in admission_forms("en", "Middleground Demo"):
        records.sign_consent.run(
            clinic.actor("intake-coordinator"), client=client, signed_name="Rowan Field", **form.terms
        )


def ready(clinic: Clinic) -> Inquiry:
    """An inquiry with everything there: the client can be admitted."""
    inquiry = seen(clinic)
    sign_assessments(clinic, inquiry.client)
    check_withdrawal(clinic, inquiry.client)
    decide(clinic, inquiry.client)
    sign_forms(clinic, inquiry.client)
    return inquiry
