"""What the planner found, to choose from: a repair with its two ends, a planned week, a what-if. Booking is one action."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from middleground.clinic.models import Room, User
from middleground.faces.doors import found, page
from middleground.faces.web.day import link
from middleground.faces.web.planner import BY
from middleground.faces.web.planner_what_if import what_if_context
from middleground.kernel import clock
from middleground.kernel.errors import Refused
from middleground.records import queries as records
from middleground.records.models import Client
from middleground.timetable import plan_words, solves, words
from middleground.timetable.actions import (
    PlanOutdated,
    WeekMoved,
    apply_repair,
    book_planned_week,
    book_whole_plan,
    drop_proposal,
    undo_repair,
    undo_whole_plan,
)
from middleground.timetable.plan_facts import PlanFacts
from middleground.timetable.proposed import Proposal
from middleground.timetable.taking_back import can_go_back
from middleground.timetable.whole_plan import whole


@page("planner/proposals/<int:proposal_id>/", name="planner-proposal", by=BY, title="Proposal")
def planner_proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One proposal: look, choose, apply; or put it aside, or take it back."""
    proposal = found(solves.proposal(proposal_id))
    if request.method == "POST":
        return decide(request, proposal)
    return show(request, proposal)


def show(request: HttpRequest, proposal: Proposal, refused: Refused | None = None) -> HttpResponse:
    context: dict[str, Any] = {"proposal": proposal, "refused": refused, "moved": isinstance(refused, WeekMoved)}
    context["outdated"] = refused.lines if isinstance(refused, PlanOutdated) else []
    if proposal.question == "repair":
        what = what_happened(proposal.asked, name_of(proposal.asked))
        context |= {"ways": plan_words.ways(proposal), "what": what, **work_out_again(proposal)}
        day = timezone.localdate(datetime.fromisoformat(proposal.asked["start"]))
        context["rooms"] = link(day, "rooms", str(proposal.site_id))
        if "hours" in proposal.asked:
            context["for_good"] = reverse("chart-week", args=[proposal.asked["who"]])
    if proposal.question == "plan":
        context |= plan_context(proposal)
    if proposal.question == "what-if":
        context |= what_if_context(proposal)
    return render(
        request, f"web/planner_{proposal.question.replace('-', '_')}.html", context, status=422 if refused else 200
    )


def decide(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Do what the button says; a refusal is shown above the proposal, which stays."""
    actor, key = request.actor, request.POST.get("request_key") or None  # type: ignore[attr-defined]
    wanted = request.POST.get("do", "")
    try:
        if wanted == "apply":
            apply_repair.run(actor, key=key, proposal=proposal, end=request.POST.get("end", ""))
            messages.success(request, "Done. Everybody it touches has been told.")
        elif wanted == "undo" and proposal.question == "plan":
            undo_whole_plan.run(actor, key=key, seen_version=seen_version(request), proposal=proposal)
            messages.success(request, "Everybody it touches has been told.")
        elif wanted == "undo":
            undo_repair.run(actor, key=key, proposal=proposal)
            messages.success(request, "Taken back. Everybody it touched has been told.")
        elif wanted == "book":
            return book(request, proposal)
        elif wanted == "book-whole":
            book_whole_plan.run(actor, key=key, seen_version=seen_version(request), proposal=proposal)
            messages.success(request, "Everybody it touches has been told.")
        elif wanted == "drop":
            drop_proposal.run(actor, key=key, proposal=proposal)
            return redirect("planner")
    except Refused as no:
        return show(request, found(solves.proposal(proposal.pk)), no)
    return redirect("planner-proposal", proposal.pk)


def seen_version(request: HttpRequest) -> int | None:
    given = request.POST.get("seen_version", "")
    return int(given) if given.isdecimal() else None


def plan_context(proposal: Proposal) -> dict[str, Any]:
    facts = PlanFacts(proposal)
    named = plan_words.Planned(facts)
    weeks = plan_words.client_weeks(named)
    levels = plan_words.FROM_NOTHING if proposal.asked.get("keep") == "nothing" else tuple(plan_words.LEVELS)
    return {
        "weeks": weeks,
        "along": plan_words.go_along(named),
        "groups": plan_words.moved_groups(named),
        "levels": plan_words.level_words(proposal.answers["plan"], levels),
        "can_book": proposal.is_open and proposal.asked.get("keep") == "groups",
        "optimal": proposal.answers["plan"]["status"] == "optimal",
        "whole": whole(proposal, facts) if proposal.is_open else None,
        "begun": proposal.monday <= clock.today(),
        "whole_back": can_go_back(proposal),
    }


def book(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Book the chosen people's weeks, one after the other; while some give up seats that others wait for, go round again."""
    chosen = [int(each) for each in request.POST.getlist("client") if each.isdecimal()]
    waiting = [client for client in (records.client(pk) for pk in chosen) if client is not None]
    done, refusals = 0, dict[Client, str]()
    while waiting:
        refusals = {}
        for client in waiting:
            try:
                book_planned_week.run(request.actor, proposal=proposal, client=client)  # type: ignore[attr-defined]
            except Refused as no:
                refusals[client] = no.message
        done += len(waiting) - len(refusals)
        if len(refusals) == len(waiting):
            break
        waiting = list(refusals)
    if done:
        messages.success(
            request,
            f"{done} week{'s are' if done > 1 else ' is'} booked from {proposal.monday:%B} {proposal.monday.day}.",
        )
    for client, why in refusals.items():
        messages.warning(request, f"{client.short}: {why}")
    if not chosen:
        messages.warning(request, "Choose whose week to book.")
    return redirect("planner-proposal", proposal.pk)


def what_happened(asked: dict[str, Any], name: str) -> str:
    """ "Cora Lantern is away on Tuesday, November 24, all day"."""
    first, last = (timezone.localtime(datetime.fromisoformat(asked[key])) for key in ("start", "end"))
    if asked["sort"] in ("leaves", "joins"):
        return f"{name} {asked['sort']} from {first:%A, %B} {first.day} on"
    if "hours" in asked:
        return f"{name} can't come on {', '.join(words.stretch(at) for at in asked['hours'])}"
    whole = (last - first).total_seconds() >= 24 * 3600
    hours = "all day" if whole else f"{first:%-I:%M %p} to {last:%-I:%M %p}".lower()
    verb = "is closed" if asked["sort"] == "room" else "can't come" if asked["sort"] == "client" else "is away"
    return f"{name} {verb} on {first:%A, %B} {first.day}, {hours}"


def name_of(asked: dict[str, Any]) -> str:
    if asked["sort"] in ("client", "leaves", "joins"):
        client = records.client(asked["who"])
        return client.short if client else "A client"
    model = User if asked["sort"] == "staff" else Room
    row = model.objects.filter(pk=asked["who"]).first()
    return row.name if row else "Somebody"


def work_out_again(proposal: Proposal) -> dict[str, Any]:
    """What a page needs for the button that works it out again: where it goes, and what goes there."""
    at = reverse("week-repair", args=[proposal.asked["who"]]) if "hours" in proposal.asked else reverse("planner-away")
    return {"again": again(proposal), "again_at": at}


def again(proposal: Proposal) -> dict[str, Any]:
    """The same question once more, as the form posts it."""
    asked = proposal.asked
    if "hours" in asked:
        return {"week": proposal.monday.isoformat(), "site": proposal.site_id}
    first, last = (timezone.localtime(datetime.fromisoformat(asked[key])) for key in ("start", "end"))
    whole = (last - first).total_seconds() >= 24 * 3600
    return {
        "who": f"{asked['sort']}:{asked['who']}",
        "on": first.date().isoformat(),
        "starts": "" if whole else f"{first:%H:%M}",
        "ends": "" if whole else f"{last:%H:%M}",
        "site": proposal.site_id,
    }
