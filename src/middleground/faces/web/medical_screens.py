"""Pages of a drug screen: read it, record its result, correct it, talk it over, close it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page
from middleground.faces.web.medical import mark
from middleground.faces.web.medical_forms import CLOSE, DISCUSS, WRITERS, change
from middleground.kernel.actions import Submission
from middleground.medical import actions, queries, words
from middleground.medical.models import DrugScreen


@page(
    "screens/<int:screen_id>/",
    name="screen",
    by=(*WRITERS, "program-director", "compliance-officer"),
    title="Drug screen",
)
def screen(request: HttpRequest, screen_id: int) -> HttpResponse:
    """A screen with its results, what to think of before believing them, and what the client said."""
    row = found(queries.drug_screen(screen_id))
    taken = list(queries.medications(row.client)) if row.resulted_at else []
    measures = {each["id"]: each for each in words.screens()["validity"]["measures"]}
    return chart_page(
        request,
        "web/medical_screen.html",
        row.client,
        {
            "row": row,
            "reason": words.label("reasons", row.reason),
            "method": words.label("methods", row.method),
            "specimen": words.label("specimens", row.specimen) if row.specimen else "",
            "why": words.label("not_collected", row.not_collected) if row.not_collected else "",
            "results": [(words.label("panel", test), mark(row, test)) for test in row.panel],
            "doubts": [measures[each]["words"]["en"] for each in row.doubts if each in measures],
            "measured": [
                (measures[name]["label"]["en"], value) for name, value in row.validity.items() if name in measures
            ],
            "cautions": queries.cautions(row, taken),
            "absent": [words.label("panel", test) for test in queries.not_seen_though_taken(row, taken)],
            "absent_words": words.screens()["expected_missing"]["text"]["en"],
            "practice": [note["text"]["en"] for note in words.screens()["practice"]["notes"]],
            "writes": actions.record_drug_screen_result.might(request.actor),  # type: ignore[attr-defined]
        },
        tab="chart-medical",
    )


def panel_fields() -> dict[str, forms.Field]:
    """One row of radios for each test, not run by default."""
    options = [("", "Not run"), *words.choices("results")]
    return {
        f"panel_{test}": forms.ChoiceField(label=label, choices=options, required=False, widget=forms.RadioSelect)
        for test, label in words.choices("panel")
    }


def measure_fields() -> dict[str, forms.Field]:
    number = {"step": "0.1", "inputmode": "decimal"}
    return {
        f"measure_{each['id']}": forms.FloatField(
            label=each["label"]["en"], required=False, widget=forms.NumberInput(attrs=number)
        )
        for each in words.screens()["validity"]["measures"]
    }


def result_form(action: Any, row: DrugScreen, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    """The action's own questions, and one row for each test of the panel."""
    form = action.form(data, initial=initial, screen=row)
    more = panel_fields() | (measure_fields() if action is actions.record_drug_screen_result else {})
    form.fields = {**more, **form.fields}
    return form


def typed(form: forms.Form, prefix: str) -> dict[str, Any]:
    """What was filled in under a prefix, by id."""
    values = form.cleaned_data if form.is_valid() else {}
    return {
        name.removeprefix(prefix): value
        for name, value in values.items()
        if name.startswith(prefix) and value not in (None, "")
    }


@page("screens/<int:screen_id>/result/", name="screen-result", by=WRITERS, title="Result of a drug screen")
def screen_result(request: HttpRequest, screen_id: int) -> HttpResponse:
    """Record the result, or correct it when there is one."""
    row = found(queries.drug_screen(screen_id))
    correcting = row.resulted_at is not None
    action = actions.correct_drug_screen_result if correcting else actions.record_drug_screen_result
    if request.method != "POST":
        before = {f"panel_{test}": result for test, result in row.panel.items()}
        return show_result(request, row, result_form(action, row, initial=before), correcting)
    form = result_form(action, row, request.POST)
    fixed = {"screen": row, "panel": typed(form, "panel_")}
    if not correcting:
        fixed["validity"] = typed(form, "measure_")
    done: Submission[DrugScreen] = action.submit(request, form=form, **fixed)
    if not done or done.result is None:
        return show_result(request, row, done.form, correcting, status=422)
    messages.success(
        request, "Result kept. Talk it over with the client next." if done.result.talk_due else "Result kept."
    )
    return redirect("screen", screen_id=row.pk)


def show_result(
    request: HttpRequest, row: DrugScreen, form: forms.Form, correcting: bool, status: int = 200
) -> HttpResponse:
    return chart_page(
        request,
        "web/medical_result.html",
        row.client,
        {
            "row": row,
            "form": form,
            "correcting": correcting,
            "tests": [form[name] for name in form.fields if name.startswith("panel_")],
            "measures": [form[name] for name in form.fields if name.startswith("measure_")],
            "rest": [form[name] for name in form.fields if not name.startswith(("panel_", "measure_"))],
            "always": [words.label("panel", each) for each in words.screens()["practice"]["always_include"]],
            "seen_version": request.POST.get("seen_version") or row.version,
        },
        tab="chart-medical",
        status=status,
    )


@page("screens/<int:screen_id>/talk/", name="screen-talk", by=WRITERS, title="Talk over a drug screen")
def screen_talk(request: HttpRequest, screen_id: int) -> HttpResponse:
    """What the client says about the result, in their words."""
    row = found(queries.drug_screen(screen_id))
    return change(
        request, DISCUSS, row.client, row, draft_key=f"screen-talk:{row.pk}", facts=findings(row),
        back=lambda: redirect("screen", screen_id=row.pk),
    )  # fmt: skip


def findings(row: DrugScreen) -> list[str]:
    found_here = [
        f"{words.label('panel', test)}: {words.label('results', result)}" for test, result in row.panel.items()
    ]
    return found_here + queries.cautions(row, list(queries.medications(row.client)))


@page("screens/<int:screen_id>/close/", name="screen-close", by=WRITERS, title="Close a drug screen")
def screen_close(request: HttpRequest, screen_id: int) -> HttpResponse:
    """No specimen was given."""
    row = found(queries.drug_screen(screen_id))
    return change(request, CLOSE, row.client, row)
