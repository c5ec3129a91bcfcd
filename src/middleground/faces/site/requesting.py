"""Asking for an assessment: one short form, no account, a reference and a promise at the end."""

from typing import Any

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from middleground.admissions import actions
from middleground.admissions.words import rules
from middleground.clinic.queries import sites
from middleground.faces.doors import EVERYONE, Nav, page
from middleground.faces.ui.painted import PaintedWeek, at_one_cost, tones

from .availability import Week, week_of
from .frame import show, told, unnumbered
from .limits import too_often

SEAL = signing.Signer(salt="inquiry-reference")
COMING_FROM = (
    ("first-line", _("I am starting here")),
    ("after-withdrawal", _("I finished detox")),
    ("step-down", _("I am leaving a hospital or residential center")),
)
MOST_SAID = 300  # characters of a week in words
ASKED = ("for_whom", "first_name", "phone", "safe_contact", "language", "pathway", "transfer_on", "message")


class Request(Week):
    """The public form: the inputs of `request_assessment`, the week, and a field only machines fill in."""

    website = forms.CharField(
        required=False,
        label=_("Leave this empty"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = actions.request_assessment.form(site=None, last_name="", availability=[]).fields
        self.fields.update({name: asked[name] for name in ASKED})
        for name, hint in (("first_name", "given-name"), ("phone", "tel")):
            self.fields[name].widget.attrs["autocomplete"] = hint
        self.fields["phone"].widget.input_type = "tel"
        self.fields["pathway"].choices = COMING_FROM  # type: ignore[attr-defined]
        open_sites = {str(site.pk): site for site in sites()}
        if len(open_sites) > 1:
            self.fields["site"] = forms.TypedChoiceField(
                choices=[("", pgettext_lazy("site", "Any")), *((pk, site.name) for pk, site in open_sites.items())],
                coerce=open_sites.__getitem__,
                empty_value=None,
                label=_("Which place is best for you?"),
                required=False,
            )


def _blank(**known: Any) -> Request:
    usual = {"language": (get_language() or "en")[:2], "for_whom": "me", "pathway": "first-line"}
    return Request(initial={**usual, **known})


def _carried(request: HttpRequest) -> Request:
    """The blank form with the times and the week that somebody looked at before they asked."""
    try:
        week = PaintedWeek().clean(request.POST.get("painted"))
    except forms.ValidationError:
        week = None
    chosen = request.POST.get("week", "")[:MOST_SAID]
    said = _("This week would suit me: %(week)s") % {"week": chosen} if chosen else ""
    plain = week_of([each["at"] for each in at_one_cost(week or [])])
    return _blank(painted=week, message=said, **plain)


@page(
    "request-assessment/",
    name="request-assessment",
    by=EVERYONE,
    title=_("Ask for an assessment"),
    nav=Nav("public", _("Ask for a call"), "phone", 60),
)
def request_assessment(request: HttpRequest) -> HttpResponse:
    """The form. What was typed stays when something is wrong; nothing is kept until it is sent."""
    if request.method != "POST":
        return _page(request, _blank())
    if "carry" in request.POST:
        return _page(request, _carried(request))
    form = Request(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    if form.cleaned_data["website"]:
        return redirect("request-thanks", sealed=SEAL.sign("R-000000"))
    if too_often(request):
        form.add_error(None, _("This form was sent many times from here. Please call us instead."))
        return _page(request, form, 429)
    done = actions.request_assessment.submit(request, form=form, availability=form.intervals())
    return (
        redirect("request-thanks", sealed=SEAL.sign(done.result.reference))
        if done and done.result
        else _page(request, form, 422)
    )


def _page(request: HttpRequest, form: Request, status: int = 200) -> HttpResponse:
    week = [name for name in form.day_names() if form.errors.get(name)]
    return show(
        request,
        "site/request.html",
        {},
        {"form": form, "mode": "plain" if week else tones(form), "hours": _hours()},
        status=status,
    )


def _hours() -> dict[str, int]:
    """Hours of each promise, for the page to say."""
    return {promise["id"].replace("-", "_"): promise["hours"] for promise in rules()["promises"]}


@page("request-assessment/thanks/<str:sealed>/", name="request-thanks", by=EVERYONE, title=_("Thank you"))
def thanks(request: HttpRequest, sealed: str) -> HttpResponse:
    """The reference, what happens next, and when. Reads nothing: the reference comes sealed in the address."""
    try:
        reference = SEAL.unsign(sealed)
    except signing.BadSignature:
        raise Http404 from None
    steps = unnumbered(told("site", "getting-started")["sections"][1]["steps"])
    return show(request, "site/thanks.html", {}, {"reference": reference, "steps": steps, "hours": _hours()})
