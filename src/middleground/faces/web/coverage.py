"""The coverage tab of the chart: who pays, the fee in a sentence, authorizations burning down; treatment days, payments, balance."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from middleground.coverage import actions, paying, queries, terms
from middleground.coverage.models import Authorization, Payment, Policy
from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import clock
from middleground.kernel.errors import Refused
from middleground.records.models import Client

READERS = ("biller", "intake-coordinator", "counselor", "case-manager", "program-director", "compliance-officer")
DESK = ("biller", "intake-coordinator", "case-manager", "program-director")
NEW: dict[str, Any] = {
    "fee": actions.set_fee,
    "request": actions.request_authorization,
    "payment": actions.record_payment,
    "estimate": actions.make_estimate,
}
OLD: dict[str, tuple[Any, str, Any]] = {
    "verify": (actions.verify_policy, "policy", Policy),
    "answer": (actions.record_authorization, "authorization", Authorization),
    "reverse": (actions.reverse_payment, "payment", Payment),
}
SAID = {
    "fee": "Fee agreed.",
    "request": "Authorization asked for.",
    "payment": "Payment recorded.",
    "estimate": "Estimate made.",
    "verify": "Coverage verified.",
    "answer": "Answer recorded.",
    "reverse": "Payment reversed.",
}
SHOWN = 50
TONES = {
    "posted": "info",
    "held": "watch",
    "billed": "accent",
    "paid": "good",
    "requested": "info",
    "approved": "good",
    "partly-approved": "watch",
    "denied": "danger",
}
Failed = tuple[str, str, forms.Form] | None


@page("clients/<int:client_id>/coverage/", name="chart-coverage", by=READERS, title="Coverage")
def chart_coverage(request: HttpRequest, client_id: int) -> HttpResponse:
    """Who pays: plans, authorizations, the fee. The what-if form only asks (GET); every other form posts what to `do`."""
    client = client_or_404(client_id)
    return changed(request, client, plans_shown) if request.method == "POST" else plans_shown(request, client, None)


@page("clients/<int:client_id>/account/", name="coverage-account", by=READERS, title="Account")
def account(request: HttpRequest, client_id: int) -> HttpResponse:
    """Treatment days, payments, the balance and the estimate in writing."""
    client = client_or_404(client_id)
    return changed(request, client, account_shown) if request.method == "POST" else account_shown(request, client, None)


@page("clients/<int:client_id>/coverage/add/", name="coverage-add", by=DESK, title="Add coverage")
def coverage_add(request: HttpRequest, client_id: int) -> HttpResponse:
    """Add a plan as the client shows it."""
    client = client_or_404(client_id)
    form = actions.add_policy.form(request.POST or None, initial={"since": clock.today()}, client=client)
    if request.method == "POST":
        done = actions.add_policy.submit(request, form=form, client=client)
        if done:
            messages.success(request, "Coverage added. Verify it before it pays.")
            return redirect("chart-coverage", client_id=client.pk)
    return chart_page(
        request,
        "web/coverage_add.html",
        client,
        {"form": form},
        tab="chart-coverage",
        status=422 if request.method == "POST" else 200,
    )


def changed(request: HttpRequest, client: Client, shown: Callable[..., HttpResponse]) -> HttpResponse:
    """Do what the posted form asks for, then show the page again."""
    do, at = request.POST.get("do", ""), request.POST.get("at", "")
    if do in NEW:
        done: Any = NEW[do].submit(request, form=new_form(do, client, request.POST), client=client)
    else:
        action, name, model = found(OLD.get(do))
        row = found(model.objects.filter(client=client, pk=int(at) if at.isdecimal() else 0).first())
        done = action.submit(request, form=old_form(do, at, request.POST), **{name: row})
    if not done:
        return shown(request, client, (do, at, done.form), status=422)
    messages.success(request, SAID[do])
    return redirect(request.path)


def new_form(do: str, client: Client, data: Any = None) -> forms.Form:
    """An empty form to add something, with ids of its own; coverage is chosen among this client's."""
    today = clock.today()
    initial = {
        "request": {"starts": today, "days_requested": 12},
        "payment": {"on": today},
        "estimate": {"first_day": today},
    }
    form = NEW[do].form(data, initial=initial.get(do), client=client, services=None)
    form.auto_id = f"{do}-%s"
    if do == "request":
        form.fields["policy"].queryset = queries.policies(client)  # type: ignore[attr-defined]
    return form


def old_form(do: str, at: str, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    action, name, _ = OLD[do]
    form = action.form(data, initial=initial, **{name: None})
    form.auto_id = f"{do}-{at}-%s"
    return form


def added(request: HttpRequest, client: Client, names: tuple[str, ...], failed: Failed) -> dict[str, forms.Form]:
    """The forms to add things that this role may add; the refused one as it was typed."""
    actor = request.actor  # type: ignore[attr-defined]
    return {
        name: failed[2] if failed and failed[0] == name else new_form(name, client)
        for name in names
        if NEW[name].might(actor)
    }


def with_forms(request: HttpRequest, rows: Iterable[Any], do: str, failed: Failed) -> None:
    """Give each row the form that changes it, where the role may."""
    might = OLD[do][0].might(request.actor)  # type: ignore[attr-defined]
    for row in rows:
        row.open = bool(failed and failed[:2] == (do, str(row.pk)))
        row.form = (failed[2] if failed and row.open else known(row, do)) if might else None
        row.tone = TONES.get(getattr(row, "status", ""), "plain")


def known(row: Any, do: str) -> forms.Form:
    """The form that changes a row, with what is on record filled in."""
    initial = {
        name: getattr(row, name) for name in {"verify": ("until",), "answer": ("number", "starts", "ends")}.get(do, ())
    }
    if do == "answer":
        initial |= {"status": "approved", "days_authorized": row.days_authorized or row.days_requested}
    return old_form(do, str(row.pk), initial=initial)


def plans_shown(request: HttpRequest, client: Client, failed: Failed, status: int = 200) -> HttpResponse:
    policies: list[Any] = list(queries.policies(client))
    burning = queries.burn_down(client)
    with_forms(request, policies, "verify", failed)
    with_forms(request, [each.authorization for each in burning], "answer", failed)
    for each in policies:
        each.verify_label = "Verify again" if each.verified_at else "Verify"
    new = added(request, client, ("fee", "request"), failed)
    if "request" in new:
        new["request"].fields["policy"].choices = [(p.pk, str(p)) for p in policies]  # type: ignore[attr-defined]
    return chart_page(
        request,
        "web/coverage.html",
        client,
        {
            "policies": policies,
            "burning": burning,
            "fee": queries.current_fee(client),
            "what_if": what_if(request),
            "new": new,
            "adds": actions.add_policy.might(request.actor),
            "do": failed[0] if failed else "",  # type: ignore[attr-defined]
            "parts": parts(client, "chart-coverage"),
        },
        tab="chart-coverage",
        status=status,
    )


def account_shown(request: HttpRequest, client: Client, failed: Failed, status: int = 200) -> HttpResponse:
    services: list[Any] = list(queries.services_of(client)[:SHOWN])
    payments = list(queries.payments(client)[:SHOWN])
    with_forms(request, payments, "reverse", failed)
    for each in services:
        each.tone = TONES[each.status]
    new = added(request, client, ("payment", "estimate"), failed)
    if "payment" in new:
        payers = {each.payer_id: each.payer.name for each in services if each.payer}
        new["payment"].fields["payer"].choices = [("", "The client"), *payers.items()]  # type: ignore[attr-defined]
    return chart_page(
        request,
        "web/coverage_account.html",
        client,
        {
            "services": services,
            "payments": payments,
            "balance": queries.balance(client),
            "estimate": queries.latest_estimate(client),
            "new": new,
            "do": failed[0] if failed else "",
            "parts": parts(client, "coverage-account"),
        },
        tab="chart-coverage",
        status=status,
    )


def parts(client: Client, current: str) -> list[dict[str, Any]]:
    """The two halves of the tab."""
    return [
        {"label": label, "url": reverse(name, args=[client.pk]), "current": name == current}
        for name, label in (("chart-coverage", "Plans and fee"), ("coverage-account", "Days and payments"))
    ]


class WhatIf(forms.Form):
    """Ask what somebody would pay; writes nothing."""

    income = forms.DecimalField(
        label="Household income a year, in dollars", min_value=Decimal(0), max_digits=10, decimal_places=2
    )
    household = forms.IntegerField(label="People in the household", min_value=1, max_value=30)
    region = forms.ChoiceField(label="Where they live", choices=paying.REGIONS, required=False)


def what_if(request: HttpRequest) -> dict[str, Any]:
    asked = "income" in request.GET
    form = WhatIf(request.GET if asked else None, auto_id="what-if-%s")
    answer = None
    if asked and form.is_valid():
        try:
            answer = paying.work_out(
                form.cleaned_data["income"], form.cleaned_data["household"], form.cleaned_data["region"] or "48"
            )
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, no.message)
    return {"form": form, "answer": answer, "asked": asked}


@page("fees/<int:fee_id>/print/", name="fee-print", by=READERS, title="Fee agreement")
def fee_print(request: HttpRequest, fee_id: int) -> HttpResponse:
    """The fee as it was agreed, by the table of its year, also when a later one is in force."""
    agreed = found(queries.fee_agreement(fee_id))
    return paper(
        request, "web/coverage_fee_print.html", agreed.client, {"fee": agreed, "again": queries.as_agreed(agreed)}
    )


@page("estimates/<int:estimate_id>/print/", name="estimate-print", by=READERS, title="Good faith estimate")
def estimate_print(request: HttpRequest, estimate_id: int) -> HttpResponse:
    """The good faith estimate to hand over."""
    made = found(queries.estimate(estimate_id))
    return paper(
        request, "web/coverage_estimate_print.html", made.client, {"estimate": made, "dispute": terms.dispute_over()}
    )


def paper(request: HttpRequest, template: str, client: Client, more: dict[str, Any]) -> HttpResponse:
    back = reverse("chart-coverage", args=[client.pk])
    return render(
        request,
        template,
        {"client": client, "back_url": back, "document_date": timezone.localtime(clock.now()), **more},
    )
