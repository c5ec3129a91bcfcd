"""Admission as a checklist: assessments, gate, decision, forms signed on screen, treatment team, fee, the first day."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from middleground.admissions import actions, queries
from middleground.admissions.forms import Form, admission_forms
from middleground.admissions.models import Inquiry
from middleground.admissions.words import rules
from middleground.clinic.queries import everyone, organization
from middleground.faces.doors import PAGES, found, page
from middleground.kernel import asking, clock
from middleground.kernel.actions import Submission
from middleground.kernel.errors import Refused
from middleground.records.actions import sign_consent

INTAKE = ("intake-coordinator", "program-director")
TEAM = (("primary_counselor", "counselor"), ("prescriber", "prescriber"), ("case_manager", "case-manager"))
NAME = asking.Input(
    "signed_name", str, asking.Ask("The client types their full name to sign", most=160), False, False, None
)


@page("clients/<int:client_id>/admission/", name="admission", by=INTAKE, title="Admission")
def admission(request: HttpRequest, client_id: int) -> HttpResponse:
    """What is there and what is missing; forms are read and signed here; at the end, the first day."""
    way = found(queries.way_in(client_id))
    do = request.POST.get("do", "")
    done: Submission[Any] | None = None
    if request.method == "POST" and do == "admit":
        done = actions.admit.submit(request, client=way.client, inquiry=way.inquiry if _is_open(way.inquiry) else None)
    elif request.method == "POST":
        done = _sign(request, way, found(next((form for form in _papers(way) if form.id == do), None)))
    if done:
        messages.success(request, f"{way.client.called} is admitted." if do == "admit" else "Signed and kept.")
        return redirect("admission", client_id=client_id)
    return _page(request, way, do, done)


def _is_open(inquiry: Inquiry | None) -> bool:
    return inquiry is not None and not inquiry.is_closed


def _papers(way: queries.WayIn) -> list[Form]:
    return admission_forms(way.client.language, organization().name)


def _sign(request: HttpRequest, way: queries.WayIn, paper: Form) -> Submission[Any]:
    """`sign_consent` has an input called `form`, so it is run here and not through `submit`."""
    typed = _name(request.POST)
    if not typed.is_valid():
        return Submission(False, typed, None, None)
    try:
        made = sign_consent.run(
            request.actor,
            key=request.POST.get("request_key") or None,
            client=way.client,  # type: ignore[attr-defined]
            signed_name=typed.cleaned_data["signed_name"],
            **paper.terms,
        )
    except Refused as no:
        typed.add_error("signed_name" if no.field == "signed_name" else None, no.message)
        return Submission(False, typed, None, no)
    return Submission(True, typed, made, None)


def _name(data: Any = None) -> forms.Form:
    return type("Name", (forms.Form,), {"signed_name": asking.field(NAME)})(data)


def _page(request: HttpRequest, way: queries.WayIn, do: str, done: Submission[Any] | None) -> HttpResponse:
    lines = queries.checklist(way.client)
    missing = [line for line in lines if not line.is_done]
    can_override = "program-director" in request.actor.roles  # type: ignore[attr-defined]
    context = {
        "way": way,
        "client": way.client,
        "lines": [_line(line, way.client.pk, request.actor.roles) for line in lines],  # type: ignore[attr-defined]
        **_to_sign(way, missing, do, done),
        "missing": missing,
        "hard": any(line.hard for line in missing),
        "can_admit": not missing or (can_override and not any(line.hard for line in missing)),
        "do": do,
        "override_hours": rules()["override"]["hours"],
        "fee_url": _url("chart-coverage", way.client.pk, request.actor.roles),
    }  # type: ignore[attr-defined]
    if context["can_admit"] and way.admitted_on is None:
        context["form"] = _admit_form(way, bool(missing), done if do == "admit" else None)
    elif done is not None and do == "admit":
        context["form"] = done.form
    return render(request, "web/admission.html", context, status=200 if done is None else 422)


def _line(line: queries.Checked, client_id: int, roles: frozenset[str]) -> dict[str, Any]:
    leads = {
        "medical": "assessment",
        "clinical": "assessment",
        "withdrawal": "withdrawal",
        "decision": "placement",
    }.get(line.id, "")
    url = (
        f"#sign-{line.id.removeprefix('form-')}"
        if line.id.startswith("form-")
        else _url(leads, client_id, roles) or _url("assessment", client_id, roles)
    )
    return {
        "line": line,
        "url": url if not line.is_done else "",
        "action": "Read and sign" if line.id.startswith("form-") else "Open",
    }


def _url(name: str, client_id: int, roles: frozenset[str]) -> str:
    """The page's address if it is in this installation and this role may open it."""
    return reverse(name, args=[client_id]) if name in PAGES and PAGES[name].by & roles else ""


def _to_sign(
    way: queries.WayIn, missing: list[queries.Checked], do: str, done: Submission[Any] | None
) -> dict[str, Any]:
    """The forms not yet signed, each with its line for the name; the program they name is read once for the whole page."""
    lacks, program = {line.id for line in missing}, organization()
    shown = []
    for paper in admission_forms(way.client.language, program.name):
        if f"form-{paper.id}" in lacks:
            form = done.form if done is not None and do == paper.id else _name()
            form.auto_id = f"{paper.id}_%s"
            shown.append({"paper": paper, "form": form, "open": do == paper.id})
    return {"papers": shown, "organization": program}


def _admit_form(way: queries.WayIn, overriding: bool, done: Submission[Any] | None) -> forms.Form:
    usual, today = rules()["usual_stay"], clock.today()
    form = (
        done.form
        if done is not None
        else actions.admit.form(
            client=way.client,
            inquiry=way.inquiry,
            initial={
                "level_of_care": "2.1",
                "prescribed_minutes": usual["minutes"]["2.1"],
                "admitted_on": today,
                "expected_end_on": today + timedelta(weeks=usual["weeks"]),
            },
        )
    )
    people = list(everyone().filter(is_active=True))
    for name, role in TEAM:
        form.fields[name].choices = [("", asking.NOT_CHOSEN), *((p.pk, p.name) for p in people if role in p.roles)]  # type: ignore[attr-defined]
    if not overriding and "override_reason" in form.fields:
        form.fields["override_reason"].widget = forms.HiddenInput()
    return form
