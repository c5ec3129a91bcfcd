"""The small forms of the medical chart: one page per change, all of one shape."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import desk
from middleground.kernel.actions import Action, Submission
from middleground.kernel.errors import NotAllowed
from middleground.medical import actions, queries, words
from middleground.records.models import Client

WRITERS = ("prescriber", "counselor")


@dataclass(frozen=True)
class Change:
    """One change: the action, what the page says, and the input that holds the row it is about."""

    action: Action[Any]
    title: str
    button: str
    done: str
    about: str = "client"
    says: str = ""
    rule: str = ""
    tone: str = "primary"


NEW = {
    "medicine": Change(
        actions.list_medication,
        "List a medicine",
        "List it",
        "Medicine listed.",
        says="Whoever prescribes it. Methadone for opioid use disorder is listed with its opioid treatment program.",
    ),
    "allergy": Change(actions.record_allergy, "Record an allergy", "Record it", "Allergy recorded."),
    "condition": Change(actions.record_condition, "Record a condition", "Record it", "Condition recorded."),
    "naloxone": Change(actions.give_naloxone, "Naloxone", "Record it", "Naloxone recorded.", rule="M25"),
    "naloxone-declined": Change(
        actions.decline_naloxone, "Naloxone was declined", "Note it", "Noted. It is offered again.", rule="M25"
    ),
    "screen": Change(
        actions.order_drug_screen,
        "Order a drug screen",
        "Order it",
        "Screen ordered.",
        says="A screen opens a conversation. It is never a reason for discharge.",
    ),
}
OF_MEDICINE = {
    "dose": Change(actions.change_dose, "Change the dose", "Change it", "Dose changed.", "medication"),
    "stop": Change(
        actions.stop_medication,
        "Stop this medicine",
        "Stop it",
        "Medicine stopped.",
        "medication",
        rule="M24",
        tone="danger",
    ),
    "given": Change(
        actions.record_dispensing, "Record a dose given", "Record it", "Dose recorded, next one planned.", "medication"
    ),
}
RESOLVE = Change(actions.resolve_condition, "Resolve this condition", "Resolve it", "Condition resolved.", "condition")
WITHDRAW = Change(actions.withdraw_allergy, "Withdraw this allergy", "Withdraw it", "Allergy withdrawn.", "allergy")
DISCUSS = Change(
    actions.discuss_drug_screen,
    "Talk over the result",
    "Keep what was said",
    "Talked over.",
    "screen",
    says="Begin with what the client makes of it. Nothing about their care changes before this talk.",
)
CLOSE = Change(
    actions.close_drug_screen, "Close without a result", "Close it", "Screen closed.", "screen",
    says="No specimen is a fact of its own. It does not count as positive.",
)  # fmt: skip


def change(
    request: HttpRequest,
    made: Change,
    client: Client,
    row: Any,
    *,
    back: Callable[[], HttpResponse] | None = None,
    draft_key: str = "",
    facts: list[str] | None = None,
) -> HttpResponse:
    """Ask for the change and make it; a refused form comes back with what was typed."""
    if not made.action.might(request.actor):  # type: ignore[attr-defined]
        raise NotAllowed()
    if request.method != "POST":
        form, restored = begun(request, made, row, draft_key)
        return show(request, made, client, row, form, draft_key=draft_key, facts=facts, restored=restored)
    done: Submission[Any] = made.action.submit(request, **{made.about: row})
    if not done:
        return show(request, made, client, row, done.form, draft_key=draft_key, facts=facts, status=422)
    messages.success(request, made.done)
    return back() if back else redirect("chart-medical", client_id=client.pk)


def begun(request: HttpRequest, made: Change, row: Any, draft_key: str) -> tuple[forms.Form, Any]:
    """An empty form, or one with what this person had typed before."""
    draft = desk.draft(request.actor.user_id, draft_key) if draft_key else None  # type: ignore[attr-defined]
    typed = {name: values[-1] for name, values in draft[0].items() if values} if draft else {}
    return made.action.form(initial=typed, **{made.about: row}), draft[1] if draft else None


def show(
    request: HttpRequest,
    made: Change,
    client: Client,
    row: Any,
    form: forms.Form,
    *,
    draft_key: str = "",
    facts: list[str] | None = None,
    restored: Any = None,
    status: int = 200,
) -> HttpResponse:
    return chart_page(
        request,
        "web/medical_change.html",
        client,
        {
            "made": made, "form": form, "row": row, "draft_key": draft_key, "restored": restored, "facts": facts or [],
            "rule": words.rule(made.rule) if made.rule else None,
            "seen_version": request.POST.get("seen_version") or getattr(row, "version", ""),
        },
        tab="chart-medical",
        status=status,
    )  # fmt: skip


@page("clients/<int:client_id>/medical/new/<str:what>/", name="medical-new", by=WRITERS, title="Medical")
def medical_new(request: HttpRequest, client_id: int, what: str) -> HttpResponse:
    """List a medicine, record an allergy, a condition or naloxone, order a screen."""
    client, made = client_or_404(client_id), found(NEW.get(what))
    return change(request, made, client, client)


@page(
    "medicines/<int:medication_id>/",
    name="medicine",
    by=(*WRITERS, "case-manager", "program-director"),
    title="Medicine",
)
def medicine(request: HttpRequest, medication_id: int) -> HttpResponse:
    """One medicine: what to watch, its doses over time, what can be changed."""
    row = found(queries.medication(medication_id))
    known = words.medicine(row.drug)
    return chart_page(
        request,
        "web/medical_medicine.html",
        row.client,
        {
            "row": row,
            "route": words.label("routes", row.route) if row.route else "",
            "purpose": known.get("purpose", {}).get("en", ""),
            "watch": [each["text"]["en"] for each in known.get("watch", ())],
            "stop_reason": words.label("stop_reasons", row.stop_reason) if row.stop_reason else "",
            "doses": queries.doses_before(row)[:20],
            "given": queries.doses_given(row)[:20] if row.every_days else [],
            "changes": row.is_taken and actions.change_dose.might(request.actor),  # type: ignore[attr-defined]
        },
        tab="chart-medical",
    )


@page(
    "medicines/<int:medication_id>/<str:what>/", name="medicine-change", by=("prescriber",), title="Change a medicine"
)
def medicine_change(request: HttpRequest, medication_id: int, what: str) -> HttpResponse:
    """Change the dose, stop the medicine, record a long-acting dose."""
    made, row = found(OF_MEDICINE.get(what)), found(queries.medication(medication_id))
    rule = words.rule("M24")
    warns = what == "stop" and words.in_classes(row.drug, rule)
    facts = [f"{row}", row.frequency] + (rule["checklist"] if warns else [])
    return change(request, made, row.client, row, facts=[fact for fact in facts if fact])


@page(
    "conditions/<int:condition_id>/resolve/", name="condition-resolve", by=("prescriber",), title="Resolve a condition"
)
def condition_resolve(request: HttpRequest, condition_id: int) -> HttpResponse:
    """It is over, or it was never so."""
    row = found(queries.condition(condition_id))
    return change(request, RESOLVE, row.client, row, facts=[row.name])


@page("allergies/<int:allergy_id>/withdraw/", name="allergy-withdraw", by=("prescriber",), title="Withdraw an allergy")
def allergy_withdraw(request: HttpRequest, allergy_id: int) -> HttpResponse:
    """Entered in error, or ruled out."""
    row = found(queries.allergy(allergy_id))
    return change(request, WITHDRAW, row.client, row, facts=[row.what])
