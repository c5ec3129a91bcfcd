"""Craving help: the card that works without a network, its printed twin, and the pages that make it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from middleground.engines.knowing import load
from middleground.faces.doors import Nav, page
from middleground.faces.portal.frame import CLIENT, me, show, spoken
from middleground.kernel import clock
from middleground.kernel.actions import Action
from middleground.records.models import Client
from middleground.recovery import actions, queries, words

PEOPLE = 5


@page(
    "me/craving/",
    name="portal-craving",
    by=CLIENT,
    title=_("Craving help"),
    nav=Nav("client", _("Craving help"), "lifebuoy", 30),
)
def craving(request: HttpRequest) -> HttpResponse:
    """What to do in the next ten minutes, in the client's own words. The phone keeps this page for when there is no network."""
    return show(request, "craving", {"card": queries.craving_card(me(request)), "lines": lines()})


@page("me/craving/print/", name="portal-craving-print", by=CLIENT, title=_("My craving card"))
def craving_print(request: HttpRequest) -> HttpResponse:
    """The card on one sheet of paper."""
    given = {"card": queries.craving_card(me(request)), "lines": lines(), "back_url": reverse("portal-craving")}
    return render(request, "portal/craving_print.html", {**given, "document_date": clock.today()})


def lines() -> list[dict[str, Any]]:
    """The crisis lines. Source: knowledge/crisis/now."""
    return spoken(load("crisis")["crisis-now"]["lines"])


def several(label: Any, list_id: str) -> dict[str, forms.Field]:
    """A vocabulary list to tick, and room for own words."""
    ticks = forms.MultipleChoiceField(
        label=label, choices=list(words.labels(list_id).items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    own = forms.CharField(
        label=_("In my own words"), help_text=_("One on each line"), required=False, widget=forms.Textarea({"rows": 3})
    )
    return {"known": ticks, "own": own}


def list_form(part: str, label: Any, list_id: str, have: list[str], data: Any) -> forms.Form:
    known = words.labels(list_id)
    initial = {"known": [w for w in have if w in known], "own": "\n".join(w for w in have if w not in known)}
    return type("ListForm", (forms.Form,), several(label, list_id))(data, initial=initial, prefix=part)


def people_form(client: Client, data: Any) -> forms.Form:
    have = list(queries.support_people(client))[:PEOPLE]
    fields: dict[str, forms.Field] = {}
    initial: dict[str, str] = {}
    for n in range(PEOPLE):
        fields[f"name{n}"] = forms.CharField(label=_("Name"), max_length=80, required=False)
        phone = forms.TextInput({"type": "tel", "autocomplete": "off"})
        fields[f"phone{n}"] = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=phone)
        if n < len(have):
            initial |= {f"name{n}": have[n].name, f"phone{n}": have[n].phone}
    return type("PeopleForm", (forms.Form,), fields)(data, initial=initial, prefix="people")


def picked(form: forms.Form, have: list[str]) -> list[str]:
    """What was ticked, those the client had before in their old order, then own words."""
    ticked = form.cleaned_data["known"]
    before = [w for w in have if w in ticked]
    return (
        before
        + [w for w in ticked if w not in before]
        + [line.strip() for line in form.cleaned_data["own"].splitlines() if line.strip()]
    )


def people_of(form: forms.Form) -> list[dict[str, str]]:
    rows = [{"name": form.cleaned_data[f"name{n}"], "phone": form.cleaned_data[f"phone{n}"]} for n in range(PEOPLE)]
    return [row for row in rows if row["name"] or row["phone"]]


@page("me/craving/edit/", name="portal-craving-edit", by=CLIENT, title=_("My craving card"))
def craving_edit(request: HttpRequest) -> HttpResponse:
    """Triggers, steps, people: three short forms, each saved by itself."""
    client = me(request)
    triggers = {t.what: t.likelihood for t in queries.triggers(client)}
    steps = [s.text for s in queries.coping_steps(client)]
    part = request.POST.get("part", "")
    made = {
        "triggers": list_form(
            "triggers", _("What sets off a craving?"), "triggers", list(triggers), posted(request, "triggers")
        ),
        "steps": list_form("steps", _("What helps me?"), "coping-steps", steps, posted(request, "steps")),
        "people": people_form(client, posted(request, "people")),
    }
    wanted: dict[str, tuple[Action[Any], Any]] = {
        "triggers": (
            actions.set_triggers,
            lambda f: [{"what": w, "likelihood": triggers.get(w, 50)} for w in picked(f, list(triggers))],
        ),
        "steps": (actions.set_coping_steps, lambda f: picked(f, steps)),
        "people": (actions.set_support_people, people_of),
    }
    if part in made and made[part].is_valid():
        action, of = wanted[part]
        if action.submit(request, form=made[part], client=client, **{part: of(made[part])}):
            return redirect(f"{reverse('portal-craving-edit')}?saved={part}#{part}")
    saved = request.GET.get("saved", "")
    rows = [(made["people"][f"name{n}"], made["people"][f"phone{n}"]) for n in range(PEOPLE)]
    return show(request, "craving_edit", {**made, "people_rows": rows, "saved": saved}, made.get(part))


def posted(request: HttpRequest, part: str) -> Any:
    return request.POST if request.method == "POST" and request.POST.get("part") == part else None
