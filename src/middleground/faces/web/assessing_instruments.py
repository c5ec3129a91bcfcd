"""Pages of the instruments: give one, read a result with its course, correct a wrong entry."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.assessment import actions, asking, queries
from middleground.assessment.models import InstrumentResult
from middleground.engines import scoring
from middleground.faces.doors import found, page
from middleground.faces.web.assessing import READERS
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import desk
from middleground.kernel.actions import Submission
from middleground.records.models import Client

GIVERS = ("intake-coordinator", "counselor", "prescriber", "case-manager")
LANGUAGES = {"en": "English", "es": "Español"}


def form_in_force(instrument: str) -> scoring.Instrument:
    """The instrument, or the designed not-found page."""
    return found(scoring.instrument(instrument) if instrument in dict(asking.choices()) else None)


@page("clients/<int:client_id>/instruments/<str:instrument>/", name="instrument", by=GIVERS, title="Instrument")
def instrument(request: HttpRequest, client_id: int, instrument: str) -> HttpResponse:
    """One page of questions; the total is shown when it is sent."""
    client, form = client_or_404(client_id), form_in_force(instrument)
    language = language_of(request, client, form)
    if request.method != "POST":
        draft = desk.draft(request.actor.user_id, f"instrument:{form.id}:{client.pk}")  # type: ignore[attr-defined]
        typed = {name: values[-1] for name, values in draft[0].items() if values} if draft else {}
        return ask(request, client, form, language, typed, restored=draft[1] if draft else None)
    done = actions.give_instrument.submit(
        request,
        form=forms.Form(request.POST),
        client=client,
        instrument=form.id,
        language=language,
        answers=asking.read_answers(form, request.POST),
    )
    return answered(request, done) if done.ok else ask(request, client, form, language, request.POST, done)


@page("instrument-results/<int:result_id>/correct/", name="instrument-correct", by=GIVERS, title="Correct an entry")
def instrument_correct(request: HttpRequest, result_id: int) -> HttpResponse:
    """Enter the answers again; the first entry stays readable."""
    result = found(queries.result(result_id))
    form = form_in_force(result.instrument)
    why = actions.correct_instrument.form(request.POST if request.method == "POST" else None, result=result, answers=[])
    if request.method != "POST":
        kept = {f"q-{item['id']}": item["value"] for item in result.answers["items"] if item["value"] is not None}
        return ask(request, result.client, form, result.language, kept, correcting=result, why=why)
    done = actions.correct_instrument.submit(
        request, form=why, result=result, answers=asking.read_answers(form, request.POST)
    )
    if done.ok:
        return answered(request, done)
    return ask(request, result.client, form, result.language, request.POST, done, correcting=result, why=done.form)


def language_of(request: HttpRequest, client: Client, form: scoring.Instrument) -> str:
    """The language asked for, else the client's, where the instrument is worded in it."""
    wanted = request.POST.get("language") or request.GET.get("language") or client.language
    return "es" if wanted == "es" and form.prompt.es else "en"


def ask(
    request: HttpRequest,
    client: Client,
    form: scoring.Instrument,
    language: str,
    typed: Any,
    done: "Submission[InstrumentResult] | None" = None,
    *,
    restored: Any = None,
    correcting: InstrumentResult | None = None,
    why: forms.Form | None = None,
) -> HttpResponse:
    """The questions, with what was chosen so far."""
    other = {code: name for code, name in LANGUAGES.items() if code != language} if form.prompt.es else {}
    return chart_page(
        request,
        "web/instrument.html",
        client,
        {
            "instrument": form,
            "draft_key": f"instrument:{form.id}:{client.pk}",
            "language": language,
            "other_languages": other,
            "prompt": form.prompt.spoken(language),
            "recall": form.recall.es if language == "es" and form.recall.es else form.recall.en,
            "precondition": form.precondition,
            "precondition_words": form.precondition.wording.spoken(language) if form.precondition else "",
            "questions": asking.questions(form, language, typed),
            "restored": restored,
            "correcting": correcting,
            "why": why,
            "refused": done.refused if done is not None else None,
        },
        tab="chart-assessment",
        status=200 if done is None else 422,
    )


def answered(request: HttpRequest, done: "Submission[InstrumentResult]") -> HttpResponse:
    result = found(done.result)
    messages.success(request, f"{result.title}: {result.shown_total} of {result.most:g}, {result.band_label.lower()}.")
    if result.flags:
        messages.warning(request, "An answer needs a conversation today. A task has been made.")
    return redirect("instrument-result", result_id=result.pk)


@page("instrument-results/<int:result_id>/", name="instrument-result", by=READERS, title="Instrument result")
def instrument_result(request: HttpRequest, result_id: int) -> HttpResponse:
    """Total, band, answers as they were asked, and the course over time."""
    result = found(queries.result(result_id))
    course = queries.scores_over_time(result.client, result.instrument)
    return chart_page(
        request,
        "web/instrument_result.html",
        result.client,
        {
            "result": result,
            "course": [(f"{at:%b %-d}", int(total) if total.is_integer() else total) for at, total, _ in course[-24:]],
            "items": result.answers["items"],
            "corrects": result.superseded_at is None and actions.correct_instrument.might(request.actor),  # type: ignore[attr-defined]
        },
        tab="chart-assessment",
    )
