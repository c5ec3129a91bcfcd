"""Pages that change supports: a need, a step, a referral and its way to an outcome."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.faces.web.supports import READERS, area, referral_row
from middleground.records import queries as records
from middleground.records.models import Client
from middleground.supports import actions, queries, words
from middleground.supports.models import Need, SupportReferral

HELPERS = ("case-manager", "counselor")


def show(
    request: HttpRequest, client: Client, form: forms.Form, title: str, button: str, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"form": form, "form_title": title, "button": button, **more}
    return chart_page(request, "web/supports_form.html", client, context, tab="chart-supports", status=status)


@page("clients/<int:client_id>/supports/need/", name="need-new", by=HELPERS, title="A need")
def need_new(request: HttpRequest, client_id: int) -> HttpResponse:
    """Write down what the client wants help with."""
    client = client_or_404(client_id)
    title, button = "What would help?", "Keep it"
    asks = [(row["label"]["en"], row["ask"]["en"]) for row in words.rows("need-areas") if row.get("ask")]
    if request.method != "POST":
        return show(request, client, actions.identify_need.form(client=client), title, button, asks=asks)
    done = actions.identify_need.submit(request, client=client)
    if not done:
        return show(request, client, done.form, title, button, 422, asks=asks)
    messages.success(request, "Need written down. Refer, or note a first step.")
    return redirect("chart-supports", client_id=client.pk)


@page("needs/<int:need_id>/met/", name="need-met", by=HELPERS, title="Need met")
def need_met(request: HttpRequest, need_id: int) -> HttpResponse:
    """The client says it is taken care of."""
    need = found(queries.need(need_id))
    more = {"need": need, "area": area(need), "seen_version": request.POST.get("seen_version") or need.version}
    if request.method != "POST":
        return show(request, need.client, actions.meet_need.form(need=need), "This need is met", "Mark as met", **more)
    done = actions.meet_need.submit(request, need=need)
    if not done:
        return show(request, need.client, done.form, "This need is met", "Mark as met", 422, **more)
    messages.success(request, "Need met.")
    return redirect("chart-supports", client_id=need.client_id)


@page("clients/<int:client_id>/supports/step/", name="step-new", by=HELPERS, title="A step")
def step_new(request: HttpRequest, client_id: int) -> HttpResponse:
    """Note a step taken, for a need (`?need=`) or for none."""
    client = client_or_404(client_id)
    need = need_of(request, client)
    more: dict[str, Any] = {"need": need, "area": area(need)}
    if request.method != "POST":
        return show(request, client, actions.take_step.form(client=client, need=need), "Note a step", "Keep it", **more)
    done = actions.take_step.submit(request, client=client, need=need)
    if not done:
        return show(request, client, done.form, "Note a step", "Keep it", 422, **more)
    messages.success(request, "Step noted.")
    return redirect("chart-supports", client_id=client.pk)


def need_of(request: HttpRequest, client: Client) -> Need | None:
    given = request.POST.get("need") or request.GET.get("need") or ""
    need = queries.need(int(given)) if given.isdecimal() else None
    return need if need and need.client_id == client.pk else None


# ---- referrals -------------------------------------------------------------------------------------------------


@page("needs/<int:need_id>/refer/", name="support-refer", by=HELPERS, title="Refer")
def support_refer(request: HttpRequest, need_id: int) -> HttpResponse:
    """Refer to a place, from the directory or another one."""
    need = found(queries.need(need_id))
    if request.method != "POST":
        chosen = {"resource": request.GET.get("resource")} if request.GET.get("resource", "").isdecimal() else {}
        return ask_where(request, need, refer_form(need, initial=chosen))
    done = actions.refer.submit(request, form=refer_form(need, request.POST), need=need)
    if not done or done.result is None:
        return ask_where(request, need, done.form, 422)
    messages.success(request, "Referred. You will be reminded to ask how it went.")
    return redirect("support-referral", referral_id=done.result.pk)


def refer_form(need: Need, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    """The action's questions; only this client's consents in force, and places of this area first."""
    form = actions.refer.form(data, initial=initial, need=need)
    in_force = [each.pk for each in records.consents(need.client) if records.is_in_force(each)]
    consent: Any = form.fields["consent"]
    consent.queryset = records.consents(need.client).filter(pk__in=in_force)
    consent.label_from_instance = lambda each: f"{each.recipient}, signed {each.signed_at:%b %-d}"
    consent.empty_label = "None: the client makes the contact"
    resource: Any = form.fields["resource"]
    resource.queryset = queries.places(need.area)
    resource.label_from_instance = lambda each: f"{each.name} ({words.label('need-areas', each.area)})"
    return form


def ask_where(request: HttpRequest, need: Need, form: forms.Form, status: int = 200) -> HttpResponse:
    return show(request, need.client, form, "Refer", "Refer", status, need=need, area=area(need), refers=True)


@page("support-referrals/<int:referral_id>/", name="support-referral", by=READERS, title="Referral")
def support_referral(request: HttpRequest, referral_id: int) -> HttpResponse:
    """One referral: its way so far, and the two things that can be done: say where it stands, or how it went."""
    row = found(queries.referral(referral_id))
    if request.method != "POST":
        return show_referral(request, row)
    closing = request.POST.get("do") == "close"
    action = actions.close_referral if closing else actions.update_referral
    done = action.submit(request, referral=row)
    if not done:
        return show_referral(request, row, "close" if closing else "update", done.form, 422)
    messages.success(request, "Closed: the loop is complete." if closing else "Kept.")
    return redirect("support-referral", referral_id=row.pk)


def show_referral(
    request: HttpRequest, row: SupportReferral, which: str = "", bad: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    helps = row.is_open and actions.update_referral.might(request.actor)  # type: ignore[attr-defined]
    asked = {"update": actions.update_referral.form(referral=row), "close": actions.close_referral.form(referral=row)}
    if bad is not None:
        asked[which] = bad
    asked["close"].auto_id = "close_%s"  # two forms on one page have a note each
    return chart_page(
        request,
        "web/supports_referral.html",
        row.client,
        {
            **referral_row(row),
            "history": [told(each) for each in row.history],
            "helps": helps,
            "forms": asked,
            "wrong": which,
            "seen_version": request.POST.get("seen_version") or row.version,
        },
        tab="chart-supports",
        status=status,
    )


def told(entry: dict[str, Any]) -> dict[str, Any]:
    """One line of a referral's way, with its moment and its words."""
    moment = datetime.fromisoformat(entry["at"])
    return {**entry, "at": moment, "label": words.label("referral-statuses", entry["status"])}
