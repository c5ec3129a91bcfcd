"""Pages of the pain plan and of withdrawal monitoring: an instrument beside a plan."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.assessment import asking
from middleground.engines import scoring
from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import desk
from middleground.kernel.errors import Stale
from middleground.medical import actions, queries, words
from middleground.medical.models import PainPlan
from middleground.records.models import Client

VITALS = {
    "heart_rate": ("Heart rate, per minute", 0, 300),
    "systolic": ("Blood pressure, upper", 0, 300),
    "diastolic": ("Blood pressure, lower", 0, 200),
    "resp_rate": ("Breaths per minute", 0, 100),
    "spo2": ("Oxygen saturation, %", 0, 100),
    "temp_c": ("Temperature, °C", 20, 46),
}
AWAKE = [
    ("", "Not checked"),
    ("alert", "Alert"),
    ("drowsy", "Drowsy"),
    ("confused", "Confused"),
    ("unrousable", "Can't be woken"),
]
WHOLE = ("heart_rate", "systolic", "diastolic", "resp_rate")


@page("clients/<int:client_id>/medical/pain-plan/", name="pain-plan", by=("prescriber",), title="Pain plan")
def pain_plan(request: HttpRequest, client_id: int) -> HttpResponse:
    """Write the pain plan, on the one before it when there is one."""
    client = client_or_404(client_id)
    before, peg = queries.pain_plan(client), scoring.instrument(words.rule("pain-plan")["instrument"])
    if request.method != "POST":
        draft = desk.draft(request.actor.user_id, f"pain-plan:{client.pk}")  # type: ignore[attr-defined]
        kept = {name: values[-1] for name, values in draft[0].items() if values} if draft else kept_plan(before)
        return show_plan(
            request, client, before, plan_form(client, initial=kept), peg, kept, draft[1] if draft else None
        )
    form = plan_form(client, request.POST)
    answers = asking.read_answers(peg, request.POST)
    done = actions.write_pain_plan.submit(
        request, form=form, client=client, tried=tried(form), replaces=seen_plan(request, before),
        peg=answers if any(each is not None for each in answers) else None,
    )  # fmt: skip
    if not done:
        newest = before if isinstance(done.refused, Stale) else None
        return show_plan(request, client, before, done.form, peg, request.POST, None, status=422, newest=newest)
    messages.success(request, "Pain plan written.")
    return redirect("chart-medical", client_id=client.pk)


def seen_plan(request: HttpRequest, before: PainPlan | None) -> PainPlan | None:
    """The plan this person had before their eyes; another one since then is refused as stale."""
    return before if before is not None and request.POST.get("replaces", "") == str(before.pk) else None


def plan_form(client: Client, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    """The action's questions, and how each option went."""
    form = actions.write_pain_plan.form(data, initial=initial, client=client, tried={}, peg=[], replaces=None)
    options = [("", "Not tried"), *words.choices("tried_results")]
    for step, label in words.choices("pain_steps"):
        form.fields[f"tried_{step}"] = forms.ChoiceField(
            label=label, choices=options, required=False, initial=(initial or {}).get(f"tried_{step}")
        )
    return form


def tried(form: forms.Form) -> dict[str, str]:
    values = form.cleaned_data if form.is_valid() else {}
    return {name.removeprefix("tried_"): value for name, value in values.items() if name.startswith("tried_") and value}


def kept_plan(before: PainPlan | None) -> dict[str, Any]:
    """The plan in force as the form's first values; the day to look again is asked anew."""
    if before is None:
        return {}
    kept = {name: getattr(before, name) for name in ("site", "goal", "plan", "recovery_medicine")}
    return kept | {f"tried_{step}": how for step, how in before.tried.items()}


def show_plan(
    request: HttpRequest,
    client: Client,
    before: PainPlan | None,
    form: forms.Form,
    peg: scoring.Instrument,
    typed: Any,
    restored: Any,
    status: int = 200,
    newest: PainPlan | None = None,
) -> HttpResponse:
    return chart_page(
        request,
        "web/medical_pain.html",
        client,
        {
            "before": before, "form": form, "newest": newest, "restored": restored, "draft_key": f"pain-plan:{client.pk}",
            "questions": asking.questions(peg, "en", typed), "peg": peg, "rule": words.rule("pain-plan"),
            "tried": [form[name] for name in form.fields if name.startswith("tried_")],
            "rest": [form[name] for name in form.fields if not name.startswith("tried_")],
            "replaces": request.POST.get("replaces") if request.method == "POST" and newest is None else getattr(before, "pk", ""),
        },
        tab="chart-medical",
        status=status,
    )  # fmt: skip


@page(
    "clients/<int:client_id>/medical/check/<str:scale>/",
    name="withdrawal-monitoring",
    by=("prescriber",),
    title="Withdrawal check",
)
def withdrawal_monitoring(request: HttpRequest, client_id: int, scale: str) -> HttpResponse:
    """One look at somebody in withdrawal: the scale, the vital signs, when to look again."""
    client = client_or_404(client_id)
    form_of = found(scoring.instrument(scale) if scale in words.rule("withdrawal-check")["scales"] else None)
    if request.method != "POST":
        return show_check(request, client, form_of, check_form(client, scale), {})
    form = check_form(client, scale, request.POST)
    done = actions.record_withdrawal_check.submit(
        request,
        form=form,
        client=client,
        scale=scale,
        answers=asking.read_answers(form_of, request.POST),
        vitals=vitals(form),
    )
    if not done or done.result is None:
        return show_check(request, client, form_of, done.form, request.POST, status=422)
    if done.result.concern:
        messages.warning(
            request,
            "Danger signs: a medical review is needed today. " + " ".join(r["text"] for r in done.result.reasons),
        )
    else:
        messages.success(request, "Check recorded.")
    return redirect("chart-medical", client_id=client.pk)


def check_form(client: Client, scale: str, data: Any = None) -> forms.Form:
    """Vital signs, then the action's own questions."""
    form = actions.record_withdrawal_check.form(data, client=client, scale=scale, answers=[], vitals={})
    signs: dict[str, forms.Field] = {}
    for name, (label, low, high) in VITALS.items():
        kind = forms.IntegerField if name in WHOLE else forms.FloatField
        step = {"step": "1" if name in WHOLE else "0.1", "inputmode": "decimal"}
        signs[name] = kind(
            label=label, required=False, min_value=low, max_value=high, widget=forms.NumberInput(attrs=step)
        )
    signs["consciousness"] = forms.ChoiceField(label="Awake", choices=AWAKE, required=False)
    form.fields = {**signs, **form.fields}
    return form


def vitals(form: forms.Form) -> dict[str, Any]:
    values = form.cleaned_data if form.is_valid() else {}
    return {name: values[name] for name in (*VITALS, "consciousness") if values.get(name) not in (None, "")}


def show_check(
    request: HttpRequest, client: Client, scale: scoring.Instrument, form: forms.Form, typed: Any, status: int = 200
) -> HttpResponse:
    signs = (*VITALS, "consciousness")
    return chart_page(
        request,
        "web/medical_check.html",
        client,
        {
            "scale": scale, "form": form, "questions": asking.questions(scale, "en", typed), "signs": [form[name] for name in signs],
            "rest": [form[name] for name in form.fields if name not in signs], "rule": words.rule("withdrawal-check"),
        },
        tab="chart-medical",
        status=status,
    )  # fmt: skip
