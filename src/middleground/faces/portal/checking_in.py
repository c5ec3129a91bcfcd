"""The 30-second check-in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from middleground.engines.knowing import load
from middleground.faces.doors import found, page
from middleground.faces.portal import reading
from middleground.faces.portal.frame import CLIENT, me, show, spoken
from middleground.records.models import Client
from middleground.recovery import queries, words
from middleground.recovery.actions import check_in

SCALE = [(str(n), str(n)) for n in range(11)]
HOURS = [("3", _("3 or less")), *((str(n), str(n)) for n in range(4, 10)), ("10", _("10 or more"))]


def scale(label: Any, low: Any, high: Any, required: bool = False) -> forms.ChoiceField:
    """0 to 10 as eleven buttons, with words for both ends."""
    help_text = f"0: {low} · 10: {high}"
    return forms.ChoiceField(
        label=label, help_text=help_text, choices=SCALE, required=required, widget=forms.RadioSelect
    )


def chosen(label: Any, options: Iterable[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(options), required=False, widget=forms.CheckboxSelectMultiple
    )


def check_in_form(client: Client, data: Any = None) -> forms.Form:
    """The scales, and the client's own triggers and steps (the common ones until they made their card)."""
    asked = {item["id"]: spoken(item) for item in load("vocabulary")["check-in-scales"]["items"]}
    craving, mood = asked["craving-now"], asked["mood"]
    own = [t.what for t in queries.triggers(client)] or list(words.labels("triggers"))
    steps = [s.text for s in queries.coping_steps(client)] or list(words.labels("coping-steps"))
    fields: dict[str, forms.Field] = {
        "craving": scale(craving["label"], craving["low_label"], craving["high_label"], required=True),
        "mood": scale(mood["label"], mood["low_label"], mood["high_label"]),
        "sleep_hours": forms.ChoiceField(
            label=_("How many hours did you sleep?"), choices=HOURS, required=False, widget=forms.RadioSelect
        ),
        "triggers": chosen(_("Did something set it off?"), [(t, words.label("triggers", t)) for t in own]),
        "used_coping": chosen(_("What did you try?"), [(s, words.label("coping-steps", s)) for s in steps]),
        "note": forms.CharField(
            label=_("Anything else?"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
        ),
    }
    paws = load("vocabulary")["paws-items"]
    ends = spoken(paws["anchors"])
    fields |= {
        f"paws-{item}": scale(label, ends["low"], ends["high"]) for item, label in words.labels("paws-items").items()
    }
    return type("CheckInForm", (forms.Form,), fields)(data)


def happened_at(request: HttpRequest) -> datetime | None:
    """When an offline phone says it was; None for now, and for what is no moment."""
    try:
        moment = parse_datetime(request.POST.get("happened_at", ""))
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


@page("me/check-in/", name="portal-check-in", by=CLIENT, title=_("Check in"))
def check_in_page(request: HttpRequest) -> HttpResponse:
    """One page, a few taps; only the craving has to be answered."""
    client = me(request)
    form = check_in_form(client, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        paws = {name.removeprefix("paws-"): form.data.get(name) for name in form.fields if name.startswith("paws-")}
        rated = {item: value for item, value in paws.items() if value}
        done = check_in.submit(request, form=form, client=client, paws=rated, happened_at=happened_at(request))
        if done and done.result is not None:
            return redirect("portal-checked-in", check_in_id=done.result.pk)
    weekly = [form[name] for name in form.fields if name.startswith("paws-")]
    first_line = words.said(load("vocabulary")["paws-items"]["first_line"])
    open_weekly = any(field.errors or form.data.get(field.name) for field in weekly)
    return show(
        request,
        "check_in",
        {"form": form, "weekly": weekly, "first_line": first_line, "open_weekly": open_weekly},
        form,
    )


@page("me/check-in/<int:check_in_id>/", name="portal-checked-in", by=CLIENT, title=_("Thank you"))
def checked_in(request: HttpRequest, check_in_id: int) -> HttpResponse:
    """Thanks, what may help now, and the trend once there is one."""
    client = me(request)
    made = found(queries.check_in(check_in_id))
    trend = queries.trend(client)
    points = [(reading.day_words(day), craving) for day, craving, _mood in trend.points]
    return show(
        request,
        "checked_in",
        {"made": made, "strong": made.craving >= words.high_craving(), "trend": trend, "points": points},
    )
