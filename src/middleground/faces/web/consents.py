"""The consents tab: what is in force, signing on screen with a preview, revoking, disclosing, the accounting of disclosures."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from middleground.clinic.queries import organization
from middleground.engines import disclosure
from middleground.faces.doors import found, page
from middleground.faces.ui.forms import Day
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.insight import queries, releases
from middleground.insight.releases import Release
from middleground.kernel.errors import NotAllowed, Refused
from middleground.records import actions
from middleground.records import queries as records
from middleground.records.models import Client, Consent, Disclosure

KEEPERS = ("intake-coordinator", "counselor", "case-manager", "prescriber", "program-director", "compliance-officer")
CHECKS = forms.CheckboxSelectMultiple

SENDERS = ("counselor", "case-manager", "prescriber", "program-director", "compliance-officer")


@page("clients/<int:client_id>/consents/", name="chart-consents", by=KEEPERS, title="Consents")
def consents(request: HttpRequest, client_id: int) -> HttpResponse:
    """What is in force, what was; what can be signed; everything that was disclosed."""
    client = client_or_404(client_id)
    listed = [_row(each) for each in records.consents(client)]
    sent = Paginator(records.disclosures(client), 50).get_page(request.GET.get("page"))
    context = {
        "now": [r for r in listed if r["in_force"]],
        "before": [r for r in listed if not r["in_force"]],
        "choices": releases.choices(),
        "sent": sent,
    }
    return chart_page(request, "web/consents.html", client, context, tab="chart-consents")


def _row(consent: Consent) -> dict[str, Any]:
    kinds = [each.record_kind for each in consent.kinds.all()]  # prefetched
    force = records.is_in_force(consent)
    return {
        "consent": consent,
        "kinds": kinds,
        "words": [disclosure.kind_words(k) for k in kinds],
        "purposes": releases.purpose_words(consent.purposes),
        "in_force": force,
        "title": releases.title_of(consent.form),
        "shares": consent.recipient_kind != "self",
        "state": "active" if force else "revoked" if consent.revoked_at else "expired",
    }


class ReleaseForm(forms.Form):
    """Who, what, what for, until when, and the signature (42 CFR 2.31(a)); a signature is asked for only when signing."""

    recipient = forms.CharField(label="Who may receive it", max_length=200, help_text="A name, or an office and place")
    kinds = forms.MultipleChoiceField(label="What may be shared", widget=CHECKS)
    purposes = forms.MultipleChoiceField(label="What for", widget=CHECKS)
    ends_on = forms.DateField(label="Ends on", widget=Day, required=False)
    ends_event = forms.CharField(
        label="Or ends when", max_length=200, required=False, help_text="An event, such as the end of the case"
    )
    signed_name = forms.CharField(
        label="The client's full name, typed as their signature", max_length=160, required=False
    )

    def __init__(self, wanted: Release, data: Any = None) -> None:
        first = {"kinds": wanted.suggested_kinds, "purposes": wanted.suggested_purposes}
        super().__init__(data, initial=first)
        self.fields["kinds"].choices = [(kind, capfirst(words)) for kind, words in wanted.kinds]  # type: ignore[attr-defined]
        self.fields["purposes"].choices = [(each, capfirst(words)) for each, words in wanted.purposes]  # type: ignore[attr-defined]
        if wanted.fixed:
            for name in ("recipient", "kinds", "purposes", "ends_on", "ends_event"):
                del self.fields[name]


@page("clients/<int:client_id>/consents/new/", name="consent-new", by=KEEPERS, title="Sign a consent")
def sign(request: HttpRequest, client_id: int) -> HttpResponse:
    """A form read in the client's language, what it would let out today, the signature."""
    client = client_or_404(client_id)
    wanted = found(
        releases.release(request.GET.get("form", ""), request.GET.get("to", ""), client.language, organization().name)
    )
    form, shown = ReleaseForm(wanted), None
    if request.method == "POST":
        form = ReleaseForm(wanted, request.POST)
        if form.is_valid() and request.POST.get("step") == "preview":
            terms = _terms(wanted, client, form.cleaned_data)
            shown = queries.preview(client, terms["recipient_kind"], terms["purposes"], terms["kinds"])
        elif form.is_valid() and (made := _signed(request, wanted, client, form)):
            messages.success(request, "Consent signed. The client gets a copy: print it from this page.")
            return redirect("consent", client_id=client.pk, consent_id=made.pk)
    context = {
        "wanted": wanted,
        "form": form,
        "shown": shown,
        "speech": client.language,
        "previewable": not wanted.fixed,
    }
    return chart_page(
        request, "web/consent_new.html", client, context, tab="chart-consents", status=422 if form.errors else 200
    )


def _terms(wanted: Release, client: Client, given: dict[str, Any]) -> dict[str, Any]:
    """What `sign_consent` takes besides client and name."""
    if wanted.fixed:
        return wanted.fixed
    program, chosen = (
        organization().name,
        {n: given[n] for n in ("recipient", "kinds", "purposes", "ends_on", "ends_event")},
    )
    text = releases.text_of(wanted, str(client), program, **chosen, language=client.language)
    return {
        "form": wanted.form,
        "form_version": wanted.version,
        "text": text,
        "from_party": program,
        "recipient_kind": wanted.recipient_kind,
        **chosen,
    }


def _signed(request: HttpRequest, wanted: Release, client: Client, form: ReleaseForm) -> Consent | None:
    given = form.cleaned_data
    try:
        return actions.sign_consent.run(
            request.actor,
            key=request.POST.get("request_key") or None,
            client=client,  # type: ignore[attr-defined]
            signed_name=given["signed_name"],
            **_terms(wanted, client, given),
        )
    except NotAllowed:
        raise
    except Refused as no:
        form.add_error(no.field if no.field in form.fields else None, no.message)
        return None


class DisclosureForm(forms.Form):
    """What is sent under a consent: only its own kinds and purposes can be chosen."""

    kinds = forms.MultipleChoiceField(label="What is sent", widget=CHECKS)
    what_for = forms.ChoiceField(label="What for")
    description = forms.CharField(
        label="What was sent, in a sentence or two",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the accounting: document, dates, how it was sent",
    )

    def __init__(self, row: dict[str, Any], data: Any = None) -> None:
        super().__init__(data)
        self.fields["kinds"].choices = list(zip(row["kinds"], row["words"], strict=True))  # type: ignore[attr-defined]
        self.fields["what_for"].choices = list(zip(row["consent"].purposes, row["purposes"], strict=True))  # type: ignore[attr-defined]


@page("clients/<int:client_id>/consents/<int:consent_id>/", name="consent", by=KEEPERS, title="Consent")
def consent(request: HttpRequest, client_id: int, consent_id: int) -> HttpResponse:
    """One consent: as it was signed, what it lets out today, revoking it, sending something under it."""
    client, row = _consent(client_id, consent_id)
    form, step = DisclosureForm(row), request.POST.get("step")
    if step == "revoke":
        done = actions.revoke_consent.submit(request, consent=row["consent"])
        if done:
            messages.success(request, "Revoked. From now on nothing more goes out under this consent.")
            return redirect("chart-consents", client_id=client.pk)
    elif step == "disclose":
        form = DisclosureForm(row, request.POST)
        sent = actions.disclose.submit(request, form=form, client=client, consent=row["consent"])
        if sent.result is not None:
            return redirect("disclosure", client_id=client.pk, disclosure_id=sent.result.pk)
    given = row["consent"]
    shown = (
        queries.preview(client, given.recipient_kind, given.purposes, row["kinds"])
        if row["in_force"] and row["shares"]
        else None
    )
    context = {
        **row,
        "shown": shown,
        "form": form,
        "may_send": bool(set(SENDERS) & request.actor.roles),  # type: ignore[attr-defined]
        "sent": given.disclosures.all()[:20],
        "limited": given.form == "criminal-justice",
    }
    return chart_page(
        request, "web/consent.html", client, context, tab="chart-consents", status=422 if form.errors else 200
    )


def _consent(client_id: int, consent_id: int) -> tuple[Client, dict[str, Any]]:
    client = client_or_404(client_id)
    return client, _row(found(records.consents(client).filter(pk=consent_id).first()))


@page(
    "clients/<int:client_id>/consents/<int:consent_id>/letter/",
    name="consent-letter",
    by=SENDERS,
    title="Attendance letter",
)
def letter(request: HttpRequest, client_id: int, consent_id: int) -> HttpResponse:
    """A letter with no more in it than the consent allows; sending it is a disclosure."""
    client, row = _consent(client_id, consent_id)
    given = row["consent"]
    if not row["in_force"]:
        messages.error(request, "This consent is not in force. Nothing may be sent under it.")
        return redirect("consent", client_id=client.pk, consent_id=given.pk)
    drawn = queries.attendance_letter(
        client, given.recipient, given.recipient_kind, given.purposes, row["kinds"], organization().name
    )
    form = forms.Form()
    if request.method == "POST":
        done = actions.disclose.submit(
            request,
            form=forms.Form(request.POST),
            client=client,
            consent=given,
            kinds=drawn.kinds,
            what_for=given.purposes[0],
            description=drawn.text,
        )
        if done.result is not None:
            return redirect("disclosure", client_id=client.pk, disclosure_id=done.result.pk)
        form = done.form
    return chart_page(
        request,
        "web/consent_letter.html",
        client,
        {**row, "letter": drawn, "form": form},
        tab="chart-consents",
        status=422 if form.errors else 200,
    )


@page("clients/<int:client_id>/disclosures/<int:disclosure_id>/", name="disclosure", by=KEEPERS, title="Disclosure")
def disclosed(request: HttpRequest, client_id: int, disclosure_id: int) -> HttpResponse:
    """What was sent, with the notice of 42 CFR 2.32 and the scope of its consent, for paper."""
    client = client_or_404(client_id)
    sent: Disclosure = found(records.disclosures(client).filter(pk=disclosure_id).first())
    heading, *lines = sent.description.splitlines()
    facts = [line.partition(": ")[::2] for line in lines]
    context = {
        "client": client,
        "sent": sent,
        "heading": heading,
        "facts": facts if all(f[1] for f in facts) else [],
        "words": [disclosure.kind_words(k) for k in sent.kinds],
        "purpose": releases.purpose_words([sent.purpose])[0],
        "document_date": timezone.localdate(sent.at),
        "back_url": reverse("chart-consents", args=[client.pk]),
    }
    if "attendance" not in sent.kinds:  # the letterhead would say what kind of care this is
        context["clinic_name"] = sent.by.name if sent.by else ""
    return render(request, "web/consent_disclosure.html", context)
