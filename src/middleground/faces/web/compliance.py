"""The compliance officer's pages: what to review, the audit chain, who may do what."""

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.engines.disclosure import kind_words, role_words
from middleground.faces.doors import Nav, found, page
from middleground.kernel import actions as kernel_actions
from middleground.kernel import audit, clock, trail
from middleground.kernel.who import ROLES
from middleground.records import actions, queries

KIND = re.compile(r"\b(?:drug-screen|session-note|counseling-note)\b")
ROOMS = {
    "careplan": "Plan of care",
    "clinic": "The clinic",
    "coverage": "Coverage and payments",
    "program": "Groups and sessions",
    "timetable": "Week plan",
    "kernel": "Signing in and records",
    "recovery": "Client companion",
    "insight": "Disclosures and reports",
}
KEEPERS = ("compliance-officer", "program-director")


@page("compliance/", name="compliance", by=KEEPERS, title="Compliance", nav=Nav("staff", "Compliance", "shield", 60))
def compliance(request: HttpRequest) -> HttpResponse:
    """Emergency accesses to review, overrides and overdue tasks, consents that end soon."""
    opened = list(queries.emergency_accesses()[:50])
    now = clock.now()
    late = [task for task in queries.open_tasks()[:300] if task.due_at < now]
    context = {
        "to_review": [o for o in opened if o.reviewed_at is None],
        "reviewed": [o for o in opened if o.reviewed_at],
        "late": late[:50],
        "ending": queries.consents_ending(30)[:50],
    }
    return render(request, "web/compliance.html", context)


@page("compliance/emergency/<int:opened_id>/", name="review-emergency", by=("compliance-officer",), title="Review")
def review_emergency(request: HttpRequest, opened_id: int) -> HttpResponse:
    """Mark an emergency access as reviewed."""
    opened = found(queries.emergency_accesses().filter(pk=opened_id).first())
    if request.method == "POST" and actions.review_emergency_access.submit(request, opened=opened):
        messages.success(request, "Marked as reviewed.")
    return redirect("compliance")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@page("audit/", name="audit", by=KEEPERS, title="Audit chain", nav=Nav("staff", "Audit chain", "lock", 62))
def audit_chain(request: HttpRequest) -> HttpResponse:
    """Who did and read what, when and why; POST walks the chain and says whether it is whole."""
    asked = {name: request.GET.get(name, "").strip() for name in ("words", "actor", "client", "first", "last")}
    rows = trail.entries(
        words=asked["words"],
        actor=asked["actor"],
        client_id=int(asked["client"]) if asked["client"].isdecimal() else None,
        first=_day(asked["first"]),
        last=_day(asked["last"]),
    )
    faults: list[str] | None = None
    if request.method == "POST":
        faults = list(audit.faults())
    entries = Paginator(rows, 50).get_page(request.GET.get("page"))
    for entry in entries:
        entry.roles_words = ", ".join(role_words(each) if each in ROLES else each for each in entry.roles.split(","))
        entry.plain_words = plain(entry.words)
    return render(
        request, "web/audit.html", {"entries": entries, "asked": asked, "faults": faults, "more": _more(request)}
    )


def plain(words: str) -> str:
    """An entry's words with the kinds of record named as people say them: "drug screens" for "drug-screen".

    The chain itself keeps what was written; only the page speaks plainly.
    """
    return KIND.sub(lambda found: kind_words(found[0]), words)


def _more(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


@page(
    "permissions/",
    name="permissions",
    by=(*KEEPERS, "administrator"),
    title="Who may do what",
    nav=Nav("staff", "Permissions", "key", 64),
)
def permissions(request: HttpRequest) -> HttpResponse:
    """The role x action table, from the declarations themselves."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for action_id, name, may in kernel_actions.table():
        marks = [{"role": role_words(role), "words": may[role]} for role in ROLES if role in may]
        rooms.setdefault(action_id.split(".")[0], []).append({"name": name, "marks": marks})
    named = sorted((ROOMS.get(room, room.capitalize()), actions) for room, actions in rooms.items())
    return render(request, "web/permissions.html", {"rooms": named})
