"""The biller's desk: days to post, what is ready and what is held and why, authorizations to renew, lists to take out."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from middleground.coverage import actions, queries
from middleground.coverage.models import Service
from middleground.faces.doors import Nav, page
from middleground.faces.ui.forms import Day
from middleground.faces.web.coverage import TONES
from middleground.kernel import clock
from middleground.kernel.errors import Refused

DESK = ("biller", "program-director")
PER_PAGE = 50


class Filter(forms.Form):
    """Which days are shown: a range, a payer, a state."""

    first = forms.DateField(label="From", widget=Day())
    last = forms.DateField(label="To", widget=Day())
    payer = forms.ChoiceField(label="Payer", required=False)
    status = forms.ChoiceField(label="State", required=False, choices=[("", "Any"), *Service.Status.choices])

    def __init__(self, data: Any, payers: list[Any]) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.fields["payer"].choices = [("", "Any"), ("client", "The client"), *((str(p.pk), p.name) for p in payers)]  # type: ignore[attr-defined]


def this_month() -> tuple[date, date]:
    today = clock.today()
    return today.replace(day=1), today


@page("billing/", name="billing", by=DESK, title="Billing", nav=Nav("staff", "Billing", "folder", 50))
def billing(request: HttpRequest) -> HttpResponse:
    """The days of a range with their totals; posts days, marks them as billed, adds a payer, hands out the list."""
    if request.method != "POST":
        return show(request)
    do = request.POST.get("do", "")
    if do == "export":
        return taken_out(request)
    if do == "bill":
        done: Any = actions.mark_billed.submit(
            request, form=forms.Form(request.POST), services=request.POST.getlist("services")
        )
    elif do == "payer":
        done = actions.add_payer.submit(request, form=payer_form(request.POST))
    else:
        do, done = "post", actions.post_services.submit(request, form=post_form(request.POST), client=None)
    if not done:
        return show(request, (do, done.form), status=422)
    said = {"bill": f"{done.result} day(s) marked as billed.", "payer": "Payer added."}
    messages.success(request, said.get(do, f"{done.result or 0} day(s) posted or changed."))
    return redirect(f"{reverse('billing')}?{request.GET.urlencode()}" if request.GET else "billing")


def payer_form(data: Any = None) -> forms.Form:
    form = actions.add_payer.form(data)
    form.auto_id = "payer-%s"
    return form


def post_form(data: Any = None, first: date | None = None, last: date | None = None) -> forms.Form:
    form = actions.post_services.form(data, initial={"first": first, "last": last}, client=None)
    form.auto_id = "post-%s"
    return form


def show(request: HttpRequest, failed: tuple[str, forms.Form] | None = None, status: int = 200) -> HttpResponse:
    payers = list(queries.payers())
    first, last = this_month()
    asked = Filter(request.GET if "first" in request.GET else {"first": first, "last": last}, payers)
    wanted: dict[str, Any] = (
        asked.cleaned_data if asked.is_valid() else {"first": first, "last": last, "payer": "", "status": ""}
    )
    rows = queries.services(wanted["first"], wanted["last"], wanted["status"], wanted["payer"])
    totals = queries.totals(rows)
    count, start = sum(days for days, _ in totals.values()), offset(request)
    shown: list[Any] = list(rows[start : start + PER_PAGE])
    for each in shown:
        each.tone = TONES[each.status]
    do, bad = failed or ("", None)
    until = min(wanted["last"], clock.today())
    return render(
        request,
        "web/billing.html",
        {
            "filter": asked,
            "rows": shown,
            "pager": pager(request, start, count),
            "count": count,
            "do": do,
            "bad": bad,
            "totals": [
                (Service.Status(name).label, totals[name][0], f"${totals[name][1]:,}")
                for name in ("posted", "held", "billed", "paid")
            ],
            "total": f"${sum((amount for _, amount in totals.values()), start=Decimal(0)):,}",
            "waiting": queries.days_to_post(wanted["first"], until),
            "ending": queries.ending_count(),
            "billable": any(each.status == Service.Status.POSTED for each in shown),
            "post": bad if do == "post" else post_form(first=wanted["first"], last=until),
            "payer_form": bad if do == "payer" else payer_form(),
            "first": wanted["first"],
            "last": wanted["last"],
            "payers": payers,
            "tabs": tabs("billing"),
        },
        status=status,
    )


def tabs(current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for name, label in (("billing", "Treatment days"), ("billing-authorizations", "Authorizations to renew"))
    ]


def offset(request: HttpRequest) -> int:
    given = request.GET.get("start", "")
    return int(given) // PER_PAGE * PER_PAGE if given.isdecimal() and len(given) < 8 else 0


def pager(request: HttpRequest, start: int, count: int) -> dict[str, Any]:
    """Where the list stands, with the addresses of the pages before and after."""

    def at(place: int) -> str:
        query = request.GET.copy()
        query["start"] = str(place)
        return f"?{query.urlencode()}"

    return {
        "from": start + 1,
        "to": min(start + PER_PAGE, count),
        "count": count,
        "before": at(start - PER_PAGE) if start else "",
        "after": at(start + PER_PAGE) if start + PER_PAGE < count else "",
    }


def taken_out(request: HttpRequest) -> HttpResponse:
    """The services of the range as a spreadsheet; the action writes down who took them out."""
    form = actions.export_services.form(request.POST)
    if not form.is_valid():
        return show(request, ("export", form), status=422)
    try:
        rows = actions.export_services.run(request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
    except Refused as no:
        form.add_error(no.field if no.field in form.fields else None, no.message)
        return show(request, ("export", form), status=422)
    name = f"services-{form.cleaned_data['first']}-{form.cleaned_data['last']}.csv"
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    csv.writer(answer).writerows(rows)
    return answer


@page("billing/authorizations/", name="billing-authorizations", by=DESK, title="Authorizations to renew")
def authorizations(request: HttpRequest) -> HttpResponse:
    """Authorizations that end or run out soon, the most pressing first, each with the last safe day to ask."""
    rows = queries.ending_soon()
    return render(
        request,
        "web/billing_authorizations.html",
        {"rows": rows, "today": clock.today(), "tabs": tabs("billing-authorizations")},
    )
