"""Pages of the medical and the clinical assessment: open, fill in, sign, read, add to."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format

from middleground.assessment import actions, queries, sections
from middleground.assessment.models import Assessment
from middleground.faces.doors import found, page
from middleground.faces.ui import moments
from middleground.faces.web import assessing_forms as asked
from middleground.faces.web.assessing import READERS, WRITERS
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import desk
from middleground.kernel.actions import Action, Submission

SIGNING: dict[str, Action[Assessment]] = {
    "medical": actions.sign_medical_assessment,
    "clinical": actions.sign_clinical_assessment,
}


@page(
    "clients/<int:client_id>/assessment/open/<str:sort>/",
    name="assessment-open",
    by=WRITERS,
    title="Open an assessment",
)
def assessment_open(request: HttpRequest, client_id: int, sort: str) -> HttpResponse:
    """Begin an assessment, or go on with the open one."""
    client = client_or_404(client_id)
    if request.method != "POST" or sort not in SIGNING:
        raise Http404
    opened = actions.open_assessment.submit(request, client=client, sort=sort)
    if opened.result is None:
        messages.error(request, opened.refused.message if opened.refused else "That can't be done.")
        return redirect("chart-assessment", client_id=client_id)
    return redirect("assessment-form", assessment_id=opened.result.pk)


@page("assessments/<int:assessment_id>/", name="assessment-form", by=READERS, title="Assessment")
def assessment_form(request: HttpRequest, assessment_id: int) -> HttpResponse:
    """An open assessment as a form to those who write it; a signed one as it was signed."""
    assessment = found(queries.assessment(assessment_id))
    if assessment.is_signed or not set(WRITERS) & request.actor.roles:  # type: ignore[attr-defined]
        return read_assessment(request, assessment)
    parts = sections.sections(assessment.sort)
    if request.method != "POST":
        return show(request, assessment, *begun(request, assessment, parts))
    form = asked.assessment_form(parts, request.POST)
    done = keep(request, assessment, parts, form)
    if not done:
        return show(request, assessment, done.form, None, status=422)
    if done.result is not None and done.result.is_signed:
        messages.success(request, f"{assessment.get_sort_display()} signed.")
        return redirect("chart-assessment", client_id=assessment.client_id)
    messages.success(request, "Saved. Sign it when everything is asked.")
    return redirect("assessment-form", assessment_id=assessment.pk)


def keep(
    request: HttpRequest, assessment: Assessment, parts: tuple[sections.Section, ...], form: forms.Form
) -> Submission[Assessment]:
    """Save, or sign when the signing button was pressed. Only what is in the form is kept."""
    content = asked.content_of(parts, form.cleaned_data) if form.is_valid() else {}
    if request.POST.get("do") == "sign":
        return SIGNING[assessment.sort].submit(request, form=form, assessment=assessment, content=content)
    return actions.save_assessment.submit(request, form=form, assessment=assessment, content=content)


def begun(request: HttpRequest, assessment: Assessment, parts: tuple[sections.Section, ...]) -> tuple[forms.Form, Any]:
    """The form as kept, or as somebody left it unsaved: (form, when the draft was kept or None)."""
    blank = asked.assessment_form(parts, initial=asked.initial_of(parts, assessment.content))
    draft = desk.draft(request.actor.user_id, f"assessment:{assessment.pk}")  # type: ignore[attr-defined]
    if draft is None:
        return blank, None
    return asked.assessment_form(parts, initial=asked.restored(blank.fields, draft[0])), draft[1]


def show(
    request: HttpRequest, assessment: Assessment, form: forms.Form, restored: Any, status: int = 200
) -> HttpResponse:
    parts = sections.sections(assessment.sort)
    return chart_page(
        request,
        "web/assess_form.html",
        assessment.client,
        {
            "assessment": assessment,
            "form": form,
            "draft_key": f"assessment:{assessment.pk}",
            "restored": restored,
            "sections": asked.laid_out(form, parts, assessment.carried),
            "seen_version": request.POST.get("seen_version") or assessment.version,
            "open_questions": sections.not_asked(assessment.sort, assessment.content),
            "signs": SIGNING[assessment.sort].might(request.actor),  # type: ignore[attr-defined]
            "signer": "a prescriber" if assessment.sort == "medical" else "a counselor",
        },
        tab="chart-assessment",
        status=status,
    )


def read_assessment(
    request: HttpRequest, assessment: Assessment, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """A signed assessment in the words it was signed with, its addenda, and a place to add one."""
    parts = sections.worded(assessment.form) if assessment.form else sections.sections(assessment.sort)
    adds = actions.add_assessment_addendum.might(request.actor) and assessment.is_signed  # type: ignore[attr-defined]
    return chart_page(
        request,
        "web/assess_signed.html",
        assessment.client,
        {
            "assessment": assessment,
            "sections": [{"part": part, "answers": answers(part, assessment.content)} for part in parts],
            "form": (form or actions.add_assessment_addendum.form(assessment=assessment)) if adds else None,
        },
        tab="chart-assessment",
        status=status,
    )


@page("assessments/<int:assessment_id>/addendum/", name="assessment-addendum", by=WRITERS, title="Addendum")
def assessment_addendum(request: HttpRequest, assessment_id: int) -> HttpResponse:
    """Add what became known later."""
    assessment = found(queries.assessment(assessment_id))
    if request.method != "POST":
        return redirect("assessment-form", assessment_id=assessment_id)
    done = actions.add_assessment_addendum.submit(request, assessment=assessment)
    if not done:
        return read_assessment(request, assessment, done.form, status=422)
    messages.success(request, "Addendum written.")
    return redirect("assessment-form", assessment_id=assessment_id)


def answers(part: sections.Section, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Question and answer as a person reads them; what was not asked says so."""
    return [{"label": question.label, **answer(question, content.get(question.id))} for question in part.questions]


def answer(question: sections.Question, value: Any) -> dict[str, Any]:
    said = {option.id: option.label for option in question.options}
    if value is None:
        return {"text": "Not asked", "quiet": True}
    if question.form == "substances" and value["asked"] == "some":
        return {"rows": [substance(row) for row in value["rows"]]}
    if isinstance(value, dict):
        chosen = ", ".join(said.get(each, each) for each in value.get("chosen", ()))
        return {"text": "None" if value["asked"] == "none" else value.get("text") or chosen}
    return {"text": said.get(value, f"{value:g} {question.unit}" if isinstance(value, int | float) else value)}


def substance(row: dict[str, Any]) -> str:
    """One substance as a line."""
    names = {
        option.id: option.label
        for name in ("substances", "substance-frequencies", "substance-routes")
        for option in sections.words(name)
    }
    last = asked.dt.datetime.fromisoformat(row["last_use_at"]) if row.get("last_use_at") else None
    parts = [
        names.get(row["substance"], row["substance"]),
        f"last use {date_format(timezone.localtime(last), 'M j')}, {moments.clock(timezone.localtime(last))}"
        if last
        else "last use not known",
        "every day" if row.get("daily") else "",
        names.get(row.get("often") or "-", ""),
        row.get("amount") or "",
        names.get(row.get("route") or "-", ""),
        f"{row['weeks']:g} weeks" if row.get("weeks") is not None else "",
    ]
    return " · ".join(part for part in parts if part)
