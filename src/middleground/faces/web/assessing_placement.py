"""Pages of the dimension ratings and the placement decision."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.assessment import actions, placing, queries
from middleground.faces.doors import page
from middleground.faces.web import assessing_forms as asked
from middleground.faces.web import assessing_words as words
from middleground.faces.web.assessing import READERS, WRITERS, decided
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import desk
from middleground.kernel.asking import NOT_CHOSEN
from middleground.kernel.errors import Refused
from middleground.records.models import Client

EDITION = 4
LEVELS = [("", "By the rating"), *((level, level) for level in placing.LEVELS)]


# ---- dimension ratings -----------------------------------------------------------------------------------------


def edition_of(request: HttpRequest) -> int:
    return 3 if (request.POST.get("edition") or request.GET.get("edition")) == "3" else EDITION


def rating_fields(edition: int) -> dict[str, forms.Field]:
    """Rating, evidence and, where the assessor knows better, the level a dimension needs."""
    anchors = words.choices("ratings")
    made: dict[str, forms.Field] = {}
    for number, dimension in words.table("dimensions")[str(edition)].items():
        if int(number) in placing.EDITIONS[edition]:
            made[f"rating_{number}"] = forms.TypedChoiceField(
                label=f"{number}. {dimension['label']}",
                help_text=dimension["ask"],
                required=False,
                coerce=int,
                empty_value=None,
                choices=[(value, f"{value} · {anchor}") for value, anchor in anchors],
                widget=forms.RadioSelect,
            )
            made[f"need_{number}"] = forms.ChoiceField(
                label=f"Level needed for dimension {number}", choices=LEVELS, required=False
            )
        made[f"evidence_{number}"] = forms.CharField(
            label=f"What dimension {number} rests on"
            if f"rating_{number}" in made
            else f"{number}. {dimension['label']}",
            help_text="" if f"rating_{number}" in made else dimension["ask"],
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )
    return made


@page("clients/<int:client_id>/dimensions/", name="dimensions", by=WRITERS, title="Dimension ratings")
def dimensions(request: HttpRequest, client_id: int) -> HttpResponse:
    """Rate each dimension, with the evidence beside it."""
    client, edition = client_or_404(client_id), edition_of(request)
    made = rating_fields(edition)
    if request.method != "POST":
        initial, restored = begun_ratings(request, client, edition, made)
        return show_ratings(request, client, edition, asked.of("RatingForm", made, None, initial), restored)
    form = asked.of("RatingForm", made, request.POST, {})
    given = ratings_of(form.cleaned_data, edition) if form.is_valid() else {}
    done = actions.rate_dimensions.submit(request, form=form, client=client, edition=edition, ratings=given)
    if not done:
        return show_ratings(request, client, edition, done.form, None, status=422)
    messages.success(request, "Ratings kept.")
    return redirect("placement", client_id=client.pk)


def begun_ratings(
    request: HttpRequest, client: Client, edition: int, made: dict[str, forms.Field]
) -> tuple[dict[str, Any], Any]:
    draft = desk.draft(request.actor.user_id, f"dimensions:{client.pk}")  # type: ignore[attr-defined]
    if draft is not None:
        return asked.restored(made, draft[0]), draft[1]
    initial: dict[str, Any] = {}
    for row in queries.ratings(client, edition):
        initial |= {
            f"rating_{row.dimension}": row.rating,
            f"evidence_{row.dimension}": row.evidence,
            f"need_{row.dimension}": row.need,
        }
    return initial, None


def ratings_of(typed: dict[str, Any], edition: int) -> dict[str, Any]:
    """The dimensions that were rated or described; one with only a rating or only evidence goes along, to be refused by name."""
    given = {}
    for number in words.table("dimensions")[str(edition)]:
        rating, evidence = typed.get(f"rating_{number}"), typed.get(f"evidence_{number}")
        if rating is not None or evidence:
            given[number] = {"rating": rating, "evidence": evidence, "need": typed.get(f"need_{number}")}
    return given


def show_ratings(
    request: HttpRequest, client: Client, edition: int, form: forms.Form, restored: Any, status: int = 200
) -> HttpResponse:
    rows = [
        {
            "number": number,
            "rating": form[f"rating_{number}"] if f"rating_{number}" in form.fields else None,
            "need": form[f"need_{number}"] if f"need_{number}" in form.fields else None,
            "evidence": form[f"evidence_{number}"],
        }
        for number in words.table("dimensions")[str(edition)]
    ]
    return chart_page(
        request,
        "web/assess_dimensions.html",
        client,
        {
            "form": form,
            "draft_key": f"dimensions:{client.pk}",
            "rows": rows,
            "edition": edition,
            "other_edition": 3 if edition == 4 else 4,
            "restored": restored,
        },
        tab="chart-assessment",
        status=status,
    )


# ---- placement -------------------------------------------------------------------------------------------------


def placement_form(data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    """The facts the rules ask for, the level chosen and, if it is another one, why."""
    made: dict[str, forms.Field] = {
        "pathway": asked.select("How the client comes to us", "pathways"),
        "sud_diagnosis": asked.radios("Meets criteria for a substance use disorder", asked.YES_NO),
        "gates": asked.several(
            "Immediate dangers", words.choices("gates"), "Tick None of these when you asked and there is none."
        ),
        "hours_needed": asked.number(
            "Hours of treatment needed each week", 0, 168, help="Leave empty if the level's usual hours fit."
        ),
        "reason_below": forms.ChoiceField(
            label="If less than 2.1 would fit every dimension: why 2.1",
            required=False,
            choices=[("", NOT_CHOSEN), *words.choices("reasons_below")],
        ),
        "selected": forms.ChoiceField(
            label="Level of care chosen", required=False, choices=[("", NOT_CHOSEN), *choosable()]
        ),
        "discrepancy_reason": forms.ChoiceField(
            label="If it is another level than recommended: why",
            required=False,
            choices=[("", NOT_CHOSEN), *words.choices("discrepancy_reasons")],
        ),
        "override_text": forms.CharField(
            label="In a sentence", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
        ),
    }
    return asked.of("PlacementForm", made, data, initial or {})


def choosable() -> list[tuple[str, str]]:
    return [(level, label) for level, label in words.levels() if level in placing.LEVELS]


def facts_of(typed: dict[str, Any]) -> dict[str, Any]:
    """The facts as the placement rules take them; what was not asked stays null."""
    gates = asked.several_of(typed.get("gates") or [])
    return {
        "pathway": typed.get("pathway") or None,
        "sud_diagnosis": asked.flag(typed.get("sud_diagnosis")),
        "gates": None if not gates["asked"] else gates.get("chosen", []),
        "hours_needed": typed.get("hours_needed"),
        "reason_below": typed.get("reason_below") or None,
    }


@page("clients/<int:client_id>/placement/", name="placement", by=READERS, title="Level of care")
def placement(request: HttpRequest, client_id: int) -> HttpResponse:
    """The recommendation with its reasons; a clinician decides."""
    client = client_or_404(client_id)
    ready = queries.readiness(client)
    if request.method != "POST":
        initial, restored = begun_placement(request, client, ready)
        return show_placement(request, client, ready, placement_form(initial=initial), initial, restored)
    form = placement_form(request.POST)
    valid = form.is_valid()
    if valid and request.POST.get("do") == "ask":
        return show_placement(request, client, ready, form, form.cleaned_data, None)
    done = actions.decide_placement.submit(
        request, form=form, client=client, edition=EDITION, facts=facts_of(form.cleaned_data) if valid else {}
    )
    if not done or done.result is None:
        return show_placement(
            request, client, ready, done.form, getattr(done.form, "cleaned_data", {}), None, status=422
        )
    messages.success(request, f"Decided: {words.level(done.result.selected)}.")
    return redirect("chart-assessment", client_id=client.pk)


def begun_placement(request: HttpRequest, client: Client, ready: queries.Readiness) -> tuple[dict[str, Any], Any]:
    """An unsaved draft, else what is on record."""
    draft = desk.draft(request.actor.user_id, f"placement:{client.pk}")  # type: ignore[attr-defined]
    if draft is not None:
        return asked.restored(placement_form().fields, draft[0]), draft[1]
    return initial_of(placing.facts_on_record(ready)), None


def initial_of(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as the form shows them."""
    gates = facts["gates"]
    return {
        "pathway": facts["pathway"] or "",
        "sud_diagnosis": asked.yes_or_no(facts["sud_diagnosis"]),
        "gates": ["none"] if gates == [] else gates or [],
    }


def show_placement(
    request: HttpRequest,
    client: Client,
    ready: queries.Readiness,
    form: forms.Form,
    typed: dict[str, Any],
    restored: Any,
    status: int = 200,
) -> HttpResponse:
    said: dict[str, Any] = {}
    refused = ""
    try:
        _, said = placing.recommend(client, EDITION, facts_of(typed), ready=ready)
    except Refused as no:
        refused = no.message
    if said.get("recommended") and not form.is_bound and not form.initial.get("selected"):
        form.initial["selected"] = said["recommended"]
    names = words.table("dimensions")[str(EDITION)]
    return chart_page(
        request,
        "web/placement.html",
        client,
        {
            "form": form,
            "draft_key": f"placement:{client.pk}",
            "said": said,
            "refused": refused,
            "restored": restored,
            "decision": decided(ready),
            "status_words": words.table("statuses").get(said.get("status", ""), {}),
            "recommended": words.level(said.get("recommended") or ""),
            "deciding": [
                f"{number}. {names[number]['label']}" for number in said.get("deciding", ()) if number in names
            ],
            "missing": words.missing(said.get("missing", ())),
            "changes": words.would_change(said.get("would_change", ())),
            "companions": [words.word("companions", code) for code in said.get("companions", ())],
            "decides": actions.decide_placement.might(request.actor),  # type: ignore[attr-defined]
        },
        tab="chart-assessment",
        status=status,
    )
