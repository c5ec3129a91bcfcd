"""The medical and the clinical assessment: opened, filled in by several hands, signed, added to."""

from typing import Annotated, Any

from django.utils import timezone

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.desk import forget
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import close_tasks, content_hash, sign
from middleground.records.models import Client

from . import sections
from .models import Assessment

WRITERS = ("counselor", "prescriber", "intake-coordinator")
NAME = Ask("Type your full name to sign", most=160)


class AlreadySigned(Refused):
    message = "This assessment is signed and stays as it is. Write an addendum."


class NotYetAsked(Refused):
    """A question that must be asked has no answer yet; the message names them."""


@action("Open an assessment", by=role(*WRITERS))
def open_assessment(act: Act, client: Client, sort: Annotated[Assessment.Sort, Ask("Assessment")]) -> Assessment:
    """Begin the medical or the clinical assessment, or go on with the open one. What the client told us before comes along,
    marked with its day, to be asked "still true?" and not all over again."""
    act.says(f"Opened the {sort.label.lower()}")
    if found := Assessment.objects.filter(client=client, sort=sort, status=Assessment.Status.DRAFT).first():
        return found
    content, carried = told_before(client, sort)
    return Assessment.objects.create(
        client=client,
        sort=sort,
        content=content,
        carried=carried,
        opened_at=act.now,
        opened_by_id=act.user_id,
        saved_at=act.now,
        saved_by_id=act.user_id,
    )


def told_before(client: Client, sort: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers from the last assessment of this sort, and those shared with the other one, each with the day it was told."""
    content: dict[str, Any] = {}
    carried: dict[str, str] = {}
    wanted = sections.questions(sort)
    for earlier in Assessment.objects.filter(client=client).order_by("saved_at"):
        for id in set(earlier.content) & (set(wanted) if earlier.sort == sort else sections.shared(sort)):
            if wanted[id].form in ("told", "substances", "several", "text"):
                content[id], carried[id] = (
                    earlier.content[id],
                    earlier.carried.get(id) or timezone.localdate(earlier.saved_at).isoformat(),
                )
    return content, carried


@action("Save an assessment", by=role(*WRITERS), fresh="assessment")
def save_assessment(act: Act, assessment: Assessment, content: dict) -> Assessment:
    """Keep the answers so far. `content` holds every answer of the form (see `sections`); an id left out is not asked."""
    act.says(f"Saved the {assessment.get_sort_display().lower()}")
    fill_in(act, assessment, content)
    return assessment


def fill_in(act: Act, assessment: Assessment, content: dict[str, Any]) -> None:
    if assessment.is_signed:
        raise AlreadySigned()
    new = sections.read(assessment.sort, content)
    assessment.carried = {
        id: day for id, day in assessment.carried.items() if new.get(id) == assessment.content.get(id)
    }
    assessment.content, assessment.saved_at, assessment.saved_by_id = new, act.now, act.user_id
    assessment.save()
    forget(act, f"assessment:{assessment.pk}")


def sign_it(
    act: Act, assessment: Assessment, sort: str, signed_name: str, content: dict[str, Any] | None, part: str
) -> Assessment:
    if assessment.sort != sort:
        raise Refused("This is the other assessment.")
    if content is not None:
        fill_in(act, assessment, content)
    if assessment.is_signed:
        raise AlreadySigned()
    if open_questions := sections.not_asked(sort, assessment.content):
        raise NotYetAsked("Not asked yet: " + "; ".join(question.label for question in open_questions) + ".")
    assessment.form = sections.wording(sort)
    signed = {"form": assessment.form, "content": assessment.content}
    sign(act, assessment.client, f"assessment:{assessment.pk}", signed, signed_name, part)
    assessment.status, assessment.content_hash = Assessment.Status.SIGNED, content_hash(signed)
    assessment.signed_at, assessment.signed_by_id, assessment.signed_name = act.now, act.user_id, signed_name.strip()
    assessment.carried = {}
    assessment.save()
    close_tasks(act, f"assessment:{sort}:{assessment.client_id}", "Signed")
    act.says(f"Signed the {assessment.get_sort_display().lower()}")
    return assessment


@action("Sign the medical assessment", by=role("prescriber"), fresh="assessment")
def sign_medical_assessment(
    act: Act, assessment: Assessment, signed_name: Annotated[str, NAME], content: dict | None = None
) -> Assessment:
    """The prescriber signs; from then on it stays as it is. `content` saves the last answers first. Raises `NotYetAsked`."""
    return sign_it(act, assessment, Assessment.Sort.MEDICAL, signed_name, content, "prescriber")


@action("Sign the clinical assessment", by=role("counselor"), fresh="assessment")
def sign_clinical_assessment(
    act: Act, assessment: Assessment, signed_name: Annotated[str, NAME], content: dict | None = None
) -> Assessment:
    """The counselor signs; from then on it stays as it is. `content` saves the last answers first. Raises `NotYetAsked`."""
    return sign_it(act, assessment, Assessment.Sort.CLINICAL, signed_name, content, "counselor")


@action("Add to a signed assessment", by=role(*WRITERS))
def add_assessment_addendum(
    act: Act, assessment: Assessment, text: Annotated[str, Ask("Addendum", lines=4, most=4000)]
) -> Assessment:
    """Write what became known later under a signed assessment; what was signed is not touched."""
    if not assessment.is_signed:
        raise Refused("This assessment is still open: write it into the form itself.", "text")
    added = {"at": act.now.isoformat(), "by": act.user_id, "name": act.actor.name, "text": text.strip()}
    assessment.addenda = [*assessment.addenda, added]
    assessment.save(update_fields=["addenda"])
    act.says(f"Added to the signed {assessment.get_sort_display().lower()}")
    return assessment
