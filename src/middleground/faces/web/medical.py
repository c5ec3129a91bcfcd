"""The medical tab of the chart, and the medical board: what is due for whom."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from middleground.assessment import queries as assessment
from middleground.faces.doors import Nav, may_open, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import clock, gate
from middleground.kernel.context import Actor
from middleground.medical import actions, queries, words
from middleground.medical.models import DrugScreen, Medication, PainPlan
from middleground.records.models import Client

READERS = ("prescriber", "counselor", "case-manager", "program-director", "compliance-officer")
SHOWN = 50
SCREENS_SHOWN, GRID = 12, 8
MARKS = {"negative": "good", "positive": "watch", "expected": "info", "invalid": "plain"}


@page("clients/<int:client_id>/medical/", name="chart-medical", by=READERS, title="Medical")
def chart_medical(request: HttpRequest, client_id: int) -> HttpResponse:
    """Medicines with recovery medicines first, allergies, conditions, pain, screens, naloxone, withdrawal checks."""
    client = client_or_404(client_id)
    medicines = list(queries.medications(client, stopped=True))
    screens = list(queries.drug_screens(client)[:SCREENS_SHOWN])
    seen = queries.glance(client)
    return chart_page(
        request,
        "web/medical.html",
        client,
        {
            "taken": [drawn(row) for row in medicines if row.stopped_on is None],
            "stopped": [row for row in medicines if row.stopped_on],
            **seen,
            "conditions": [
                {**row, "sort_label": words.label("condition_sorts", row["sort"])} for row in seen["conditions"]
            ],
            "naloxone_state": queries.naloxone_state(seen["naloxone"]),
            "naloxone": [{**row, "label": words.label("naloxone-marks", row["mark"])} for row in seen["naloxone"]],
            "offer": words.rule("M25"),
            **pain(client),
            **screened(screens),
            "screens_withheld": "drug-screen" in gate.withheld(),
            "opens_medicine": may_open(request, "medicine"),
            "prescribes": actions.list_medication.might(request.actor),  # type: ignore[attr-defined]
            "screens_here": actions.order_drug_screen.might(request.actor),  # type: ignore[attr-defined]
        },
        tab="chart-medical",
    )


def drawn(row: Medication) -> dict[str, Any]:
    """A medicine with its plain words and the state of its next dose."""
    today = clock.today()
    known = words.medicine(row.drug)
    return {
        "row": row,
        "how": " · ".join(
            part for part in (row.dose, row.route and words.label("routes", row.route), row.frequency) if part
        ),
        "given_at": words.label("given-at", known["given_at"]) if known.get("given_at") == "otp-only" else "",
        "overdue": bool(row.next_due_on and row.next_due_on < today),
        "due": bool(row.next_due_on and row.next_due_on == today),
    }


def pain(client: Client) -> dict[str, Any]:
    """The pain plan in force and the course of the PEG score."""
    plan = queries.pain_plan(client)
    course = assessment.scores_over_time(client, words.rule("pain-plan")["instrument"])
    return {
        "plan": plan,
        "plan_due": bool(plan and plan.review_on <= clock.today()),
        "tried": tried(plan) if plan else [],
        "peg": [(day(when), total) for when, total, _ in course],
        "pain_rule": words.rule("pain-plan"),
    }


def tried(plan: PainPlan) -> list[tuple[str, str]]:
    return [(words.label("pain_steps", step), words.label("tried_results", how)) for step, how in plan.tried.items()]


def day(moment: Any) -> str:
    return f"{timezone.localtime(moment):%b %-d}"


def screened(screens: list[DrugScreen]) -> dict[str, Any]:
    """Screens as rows, as a grid of tests by day, and the course of positives that no medicine explains."""
    resulted = [row for row in screens if row.resulted_at][:GRID][::-1]
    tests = [row["id"] for row in words.rows("panel") if any(row["id"] in screen.panel for screen in resulted)]
    return {
        "screens": [screen_row(row) for row in screens],
        "grid_days": [(row.pk, row.collected_at) for row in resulted],
        "grid": [(words.label("panel", test), [mark(row, test) for row in resulted]) for test in tests],
        "course": [(day(row.collected_at), len(row.unexpected)) for row in resulted],
        "practice": [note["text"]["en"] for note in words.screens()["practice"]["notes"]],
    }


def screen_row(row: DrugScreen) -> dict[str, Any]:
    return {
        "row": row,
        "reason": words.label("reasons", row.reason),
        "found": [words.label("panel", test) for test in row.unexpected],
        "expected": [words.label("panel", test) for test in row.expected],
        "invalid": [words.label("panel", test) for test in row.found("invalid")],
        "why": words.label("not_collected", row.not_collected) if row.not_collected else "",
    }


def mark(row: DrugScreen, test: str) -> dict[str, str]:
    """One cell of the grid: tone and word."""
    result = row.panel.get(test)
    if result is None:
        return {}
    shown = "expected" if test in row.expected else result
    return {"tone": MARKS[shown], "word": shown.capitalize() if shown == "expected" else words.label("results", result)}


# ---- the board -------------------------------------------------------------------------------------------------


@page(
    "medical/",
    name="medical-board",
    by=("prescriber", "program-director"),
    title="Medical",
    nav=Nav("staff", "Medical", "pill", 30),
)
def medical_board(request: HttpRequest) -> HttpResponse:
    """Injections due, screens to collect and to talk over, withdrawal checks, clients without naloxone on record."""
    screens = list(queries.open_screens()[: 2 * SHOWN])
    naloxone = list(queries.without_naloxone()[: SHOWN + 1])
    return render(
        request,
        "web/medical_board.html",
        {
            "injections": [drawn(row) for row in queries.due_injections()[:SHOWN]],
            "to_discuss": [screen_row(row) for row in screens if row.resulted_at][:SHOWN],
            "to_collect": to_collect(row for row in screens if row.resulted_at is None),
            "checks": list(queries.due_withdrawal_checks()[:SHOWN]),
            "naloxone": naloxone[:SHOWN],
            "more_naloxone": len(naloxone) > SHOWN,
            "now": clock.now(),
            "offer": words.rule("M25"),
            "prescribes": prescribes(request.actor),  # type: ignore[attr-defined]
        },
    )


def to_collect(screens: Iterable[DrugScreen]) -> list[dict[str, Any]]:
    today = clock.today()
    return [
        {**screen_row(row), "overdue": row.collect_on < today, "today": row.collect_on == today} for row in screens
    ][:SHOWN]


def prescribes(actor: Actor) -> bool:
    return actions.list_medication.might(actor)
