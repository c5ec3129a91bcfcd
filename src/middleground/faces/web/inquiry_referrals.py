"""Referring somebody out: where to, the hand-off record, the answer, and a page to print and send along."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.admissions import actions, queries
from middleground.admissions.models import ReferralOut
from middleground.admissions.referring import REFERRERS, missing_items
from middleground.admissions.words import items, label, said
from middleground.engines.disclosure import redisclosure_notice
from middleground.faces.doors import found, page
from middleground.faces.web.charting import client_or_404
from middleground.kernel.actions import Action, Submission

INTAKE = ("intake-coordinator", "program-director")
CONSENT = "consent-to-share"


@page("inquiries/<int:inquiry_id>/refer-out/", name="refer-out", by=INTAKE, title="Refer out")
def refer_out(request: HttpRequest, inquiry_id: int) -> HttpResponse:
    """Refer somebody who asked here to another place."""
    inquiry = found(queries.inquiry(inquiry_id))
    return _refer(request, str(inquiry), {"inquiry": inquiry, "client": inquiry.client})


@page("clients/<int:client_id>/refer-out/", name="refer-out-client", by=REFERRERS, title="Refer out")
def refer_out_client(request: HttpRequest, client_id: int) -> HttpResponse:
    """Refer a client to another place."""
    client = client_or_404(client_id)
    return _refer(request, str(client), {"client": client, "inquiry": None})


def _refer(request: HttpRequest, name: str, who: dict[str, Any]) -> HttpResponse:
    form = _items_form(actions.refer_out.form(items=[], **who), done=[])
    if request.method != "POST":
        return render(request, "web/inquiry_refer_out.html", {"form": form, "name": name, "who": who})
    bound = _items_form(actions.refer_out.form(request.POST, items=[], **who), done=[])
    chosen = bound.cleaned_data.get("done", []) if bound.is_valid() else []
    done = actions.refer_out.submit(request, form=bound, items=chosen, **who)
    if done and done.result:
        messages.success(request, "The referral is made. Tick what goes along, and note the answer here.")
        return redirect("referral", referral_id=done.result.pk)
    return render(request, "web/inquiry_refer_out.html", {"form": bound, "name": name, "who": who}, status=422)


def _items_form(form: forms.Form, done: list[str]) -> forms.Form:
    options = [
        (item["id"], said(item["label"]) + ("" if item.get("required") else " (if it applies)"))
        for item in items("hand-off-items")
    ]
    form.fields["done"] = forms.MultipleChoiceField(
        label="What goes along, done so far",
        choices=options,
        required=False,
        initial=done,
        widget=forms.CheckboxSelectMultiple,
    )
    return form


DOES: dict[str, Action[Any]] = {
    "items": actions.update_hand_off,
    "accept": actions.accept_handoff,
    "close": actions.close_referral,
}
SAID = {"items": "Saved the hand-off.", "accept": "Noted: they accepted.", "close": "The referral is closed."}


@page("referrals-out/<int:referral_id>/", name="referral", by=REFERRERS, title="Referral out")
def referral(request: HttpRequest, referral_id: int) -> HttpResponse:
    """The hand-off record: what is done, what is missing, who accepted, what came of it."""
    row = found(queries.referral(referral_id))
    do = request.POST.get("do", "")
    done = _do(request, row, do) if request.method == "POST" and do in DOES else None
    if done:
        messages.success(request, SAID[do])
        return redirect("referral", referral_id=row.pk)
    return _page(request, row, do, done)


def _do(request: HttpRequest, row: ReferralOut, do: str) -> Submission[Any]:
    if do != "items":
        return DOES[do].submit(request, referral=row)
    form = _items_form(forms.Form(request.POST), done=[])
    return DOES[do].submit(
        request, form=form, referral=row, done=form.cleaned_data["done"] if form.is_valid() else [], notes=None
    )


def _page(request: HttpRequest, row: ReferralOut, do: str, done: Submission[Any] | None) -> HttpResponse:
    made = {
        "items": _items_form(forms.Form(), done=[i["id"] for i in row.items if i["done"]]),
        "accept": actions.accept_handoff.form(referral=row),
        "close": actions.close_referral.form(referral=row),
    }
    if done is not None:
        made[do] = done.form
    for name, form in made.items():
        form.auto_id = f"{name}_%s"
    missing = [label("hand-off-items", name) for name in missing_items(row)]
    return render(
        request,
        "web/inquiry_referral.html",
        {
            "referral": row,
            "forms": made,
            "do": do,
            "missing": missing,
            "level": label("levels-of-care", row.level_of_care) if row.level_of_care else "",
            "done_count": sum(i["done"] for i in row.items),
            "may_send": CONSENT not in missing_items(row),
        },
        status=200 if done is None else 422,
    )


@page("referrals-out/<int:referral_id>/print/", name="referral-print", by=REFERRERS, title="Hand-off record")
def referral_print(request: HttpRequest, referral_id: int) -> HttpResponse:
    """The hand-off record on paper, with the notice that goes with a disclosure (42 CFR 2.32)."""
    row = found(queries.referral(referral_id))
    listed = [{**item, "label": label("hand-off-items", item["id"])} for item in row.items]
    return render(
        request,
        "web/inquiry_referral_print.html",
        {
            "referral": row,
            "items": listed,
            "notice": redisclosure_notice(),
            "may_send": CONSENT not in missing_items(row),
            "level": label("levels-of-care", row.level_of_care) if row.level_of_care else "",
            "document_date": row.made_at,
        },
    )
