"""The directory of places that help."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.faces.doors import found, page
from middleground.supports import actions, queries, words
from middleground.supports.models import SupportResource

KEEPERS = ("case-manager", "counselor", "program-director")
SHOWN = 50


class Look(forms.Form):
    """What is looked for."""

    q = forms.CharField(label="Search", required=False, max_length=80)
    area = forms.ChoiceField(
        label="Kind of support", required=False, choices=[("", "All"), *words.choices("need-areas")]
    )
    language = forms.ChoiceField(label="Language", required=False, choices=[("", "Any"), *words.languages()])


@page("supports/directory/", name="resources", by=(*KEEPERS, "prescriber", "intake-coordinator"), title="Directory")
def resources(request: HttpRequest) -> HttpResponse:
    """Find a place by kind of support, word or language."""
    look = Look(request.GET)
    wanted = look.cleaned_data if look.is_valid() else {}
    rows = queries.resources(wanted.get("area", ""), wanted.get("q", ""), wanted.get("language", ""))
    shown = Paginator([place(row) for row in rows], SHOWN).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    return render(
        request,
        "web/supports_directory.html",
        {
            "look": look, "places": shown, "kept": kept.urlencode(), "looking": any(wanted.values()),
            "keeps": actions.add_resource.might(request.actor),  # type: ignore[attr-defined]
        },
    )  # fmt: skip


def place(row: SupportResource) -> dict[str, Any]:
    said = dict(words.languages())
    return {
        "row": row,
        "area": words.label("need-areas", row.area),
        "languages": ", ".join(said.get(each, each) for each in row.languages),
    }


@page("supports/directory/new/", name="resource-new", by=KEEPERS, title="Add a place")
def resource_new(request: HttpRequest) -> HttpResponse:
    """Add a place to the directory."""
    if request.method != "POST":
        return ask(request, actions.add_resource.form(), "Add a place", "Add it")
    done = actions.add_resource.submit(request)
    if not done:
        return ask(request, done.form, "Add a place", "Add it", status=422)
    messages.success(request, "Added to the directory.")
    return redirect("resources")


@page("supports/directory/<int:resource_id>/", name="resource-edit", by=KEEPERS, title="Bring a place up to date")
def resource_edit(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Check what is written about a place."""
    row = found(queries.resource(resource_id))
    if request.method != "POST":
        kept = {
            name: getattr(row, name) for name in ("phone", "address", "eligibility", "languages", "note", "is_current")
        }
        return ask(request, actions.update_resource.form(initial=kept, resource=row), row.name, "Checked today", row)
    form = actions.update_resource.form(request.POST, resource=row)
    still_there = form.cleaned_data["is_current"] if form.is_valid() else True
    done = actions.update_resource.submit(request, form=form, resource=row, is_current=still_there)
    if not done:
        return ask(request, done.form, row.name, "Checked today", row, status=422)
    messages.success(request, "Directory brought up to date.")
    return redirect("resources")


def ask(
    request: HttpRequest,
    form: forms.Form,
    title: str,
    button: str,
    row: SupportResource | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = request.POST.get("seen_version") or getattr(row, "version", "")
    return render(
        request,
        "web/supports_place.html",
        {"form": form, "form_title": title, "button": button, "row": row, "seen_version": seen},
        status=status,
    )
