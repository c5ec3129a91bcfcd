"""The supports tab of the chart, and the supports board: open referrals, unmet needs."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from middleground.faces.doors import Nav, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import clock
from middleground.supports import actions, queries, words
from middleground.supports.models import Need, SupportReferral

READERS = ("case-manager", "counselor", "program-director", "compliance-officer")
SHOWN = 50


@page("clients/<int:client_id>/supports/", name="chart-supports", by=READERS, title="Supports")
def chart_supports(request: HttpRequest, client_id: int) -> HttpResponse:
    """Needs with their referrals, and the steps taken."""
    client = client_or_404(client_id)
    referrals = [referral_row(row) for row in queries.referrals(client)[:200]]
    needs = [need_row(row, referrals) for row in queries.needs(client)[:100]]
    return chart_page(
        request,
        "web/supports.html",
        client,
        {
            "open_needs": [each for each in needs if not each["row"].is_met],
            "met_needs": [each for each in needs if each["row"].is_met],
            "steps": [{"row": row, "area": area(row.need)} for row in queries.steps(client)[:SHOWN]],
            "helps": actions.identify_need.might(request.actor),  # type: ignore[attr-defined]
        },
        tab="chart-supports",
    )


def area(need: Need | None) -> str:
    return words.label("need-areas", need.area) if need else ""


def need_row(need: Need, referrals: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "row": need,
        "area": area(need),
        "referrals": [each for each in referrals if each["row"].need_id == need.pk],
    }


def referral_row(row: SupportReferral) -> dict[str, Any]:
    """A referral with its words and whether its day to ask has come."""
    today = clock.today()
    return {
        "row": row,
        "area": area(row.need),
        "status": words.label("referral-statuses", row.status),
        "outcome": words.label("referral-outcomes", row.outcome) if row.outcome else "",
        "tone": tone(row),
        "due": bool(row.next_check_on and row.next_check_on == today),
        "overdue": bool(row.next_check_on and row.next_check_on < today),
    }


def tone(row: SupportReferral) -> str:
    if row.is_open:
        return "info"
    return "good" if words.item("referral-outcomes", row.outcome).get("good") else "plain"


@page(
    "supports/",
    name="supports-board",
    by=("case-manager", "counselor", "program-director"),
    title="Supports",
    nav=Nav("staff", "Supports", "briefcase", 35),
)
def supports_board(request: HttpRequest) -> HttpResponse:
    """Open referrals by the day to ask how it went, and unmet needs by area."""
    referrals = [referral_row(row) for row in queries.open_referrals()[:200]]
    waiting = {each["row"].need_id for each in referrals}
    needs = list(queries.unmet_needs()[:200])
    return render(
        request,
        "web/supports_board.html",
        {
            "referrals": referrals[:SHOWN],
            "more": max(0, len(referrals) - SHOWN),
            "due": sum(each["due"] or each["overdue"] for each in referrals),
            "areas": by_area(needs, waiting),
            "needs": len(needs),
            "bars": [(group["label"], len(group["needs"])) for group in by_area(needs, waiting)],
            "unserved": sum(need.pk not in waiting for need in needs),
            "helps": actions.identify_need.might(request.actor),  # type: ignore[attr-defined]
        },
    )


def by_area(needs: Iterable[Need], waiting: set[int]) -> list[dict[str, Any]]:
    """Needs grouped by area, the fullest first; each says whether a referral is under way."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for need in needs:
        groups.setdefault(need.area, []).append({"row": need, "referred": need.pk in waiting})
    made = [{"label": words.label("need-areas", name), "needs": rows} for name, rows in groups.items()]
    return sorted(made, key=lambda group: (-len(group["needs"]), group["label"]))
