"""The assessment tab of the chart: what is done, what is next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from middleground.assessment import actions, queries
from middleground.assessment.models import Assessment, DimensionRating, InstrumentResult
from middleground.engines import scoring
from middleground.faces.doors import page
from middleground.faces.web import assessing_words as words
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel.context import Actor
from middleground.records.models import Client

WRITERS = ("intake-coordinator", "counselor", "prescriber")
READERS = (*WRITERS, "case-manager", "program-director")
RESULTS_READ = 200


@page("clients/<int:client_id>/assessment/", name="chart-assessment", by=READERS, title="Assessment")
def chart_assessment(request: HttpRequest, client_id: int) -> HttpResponse:
    """The checklist: assessments, instruments, ratings, withdrawal check, decision, each with its state and next step."""
    client = client_or_404(client_id)
    ready = queries.readiness(client)
    by_sort: dict[str, Assessment] = {}
    for each in ready.assessments:
        by_sort.setdefault(each.sort, each)
    ratings = list(queries.ratings(client))
    writes = bool(set(WRITERS) & request.actor.roles)  # type: ignore[attr-defined]
    return chart_page(
        request,
        "web/assess.html",
        client,
        {
            "ready": ready,
            "writes": writes,
            "decides": actions.decide_placement.might(request.actor),  # type: ignore[attr-defined]
            "gives": actions.give_instrument.might(request.actor),  # type: ignore[attr-defined]
            "assessments": [histories(sort, label, by_sort.get(sort)) for sort, label in Assessment.Sort.choices],
            "instruments": instruments(client),
            "ratings": [rated(row) for row in ratings],
            "check": checked(ready, request.actor),  # type: ignore[attr-defined]
            "decision": decided(ready),
        },
        tab="chart-assessment",
    )


@page("assessment/<int:client_id>/", name="assessment", by=READERS, title="Assessment")
def assessment(request: HttpRequest, client_id: int) -> HttpResponse:
    """The same page under its short name."""
    return redirect("chart-assessment", client_id=client_id)


def histories(sort: str, label: str, latest: Assessment | None) -> dict[str, Any]:
    return {
        "sort": sort,
        "label": label,
        "row": latest,
        "status": latest.status if latest else "not-started",
        "signer": "a prescriber" if sort == Assessment.Sort.MEDICAL else "a counselor",
    }


def rated(row: DimensionRating) -> dict[str, Any]:
    known = words.table("dimensions")[str(row.edition)][str(row.dimension)]
    return {"row": row, "label": known["label"], "anchor": words.table("ratings").get(str(row.rating), "Described")}


def instruments(client: Client) -> list[dict[str, Any]]:
    """Each instrument in force with its last result and its course; those given come first."""
    given: dict[str, list[InstrumentResult]] = {}
    for result in queries.results(client)[:RESULTS_READ]:
        given.setdefault(result.instrument, []).append(result)
    rows = [measured(form, given.get(form.id, [])) for form in scoring.instruments()]
    return sorted(rows, key=lambda row: (row["last"] is None, row["title"]))


def measured(form: scoring.Instrument, results: list[InstrumentResult]) -> dict[str, Any]:
    last, before = (results[0] if results else None), (results[1] if len(results) > 1 else None)
    return {
        "id": form.id,
        "title": form.title.en,
        "last": last,
        "before": before,
        "times": len(results),
        "self": form.administered == "self",
        "change": queries.changed(before, last) if before and last else "",
    }


def checked(ready: queries.Readiness, actor: Actor) -> dict[str, Any] | None:
    """The latest withdrawal check in words, or None."""
    check = ready.withdrawal
    if check is None:
        return None
    signable = check.result in queries.SIGNABLE and check.signed_at is None
    in_date = queries.is_in_date(check)
    return {
        "row": check,
        "in_date": in_date,
        "signable": signable and in_date and actions.sign_withdrawal_check.might(actor),
        "waits": signable and in_date,
        **words.table("results").get(check.result, {}),
    }


def decided(ready: queries.Readiness) -> dict[str, Any] | None:
    """The latest decision in words, or None."""
    decision = ready.decision
    if decision is None:
        return None
    return {
        "row": decision,
        "selected": words.level(decision.selected),
        "differs": decision.selected != decision.recommended,
        "recommended": words.level(decision.recommended) if decision.recommended else "no level",
        "why": words.word("discrepancy_reasons", decision.discrepancy_reason),
        **words.table("statuses").get(decision.status, {}),
    }


def hub(client_id: int) -> str:
    return reverse("chart-assessment", args=[client_id])
