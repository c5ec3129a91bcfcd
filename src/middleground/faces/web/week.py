"""The week of one client: when they can come, weeks that fit, the booked one."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from middleground.faces.doors import page
from middleground.faces.ui.painted import TimeRows, Travel, first_rows, given_times, retyped, time_rows, tones, ways_of
from middleground.faces.ui.pictures import picture
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.faces.web.other_times import outside_context
from middleground.kernel import clock
from middleground.kernel.errors import Refused
from middleground.records.models import Client
from middleground.timetable import actions, queries, words
from middleground.timetable.actions import BadInterval
from middleground.timetable.offering import Offers
from middleground.timetable.queries import Seen

BY = ("counselor", "intake-coordinator", "case-manager", "program-director")


def cards(offers: Offers, seen: Seen) -> list[dict[str, Any]]:
    """Offered weeks as the template shows them; `query` names their groups in an address, `booked` is the one they have."""
    own = {each.id for each in seen.own}
    return [
        {
            "offer": offer,
            "picture": picture(offer.groups, seen.groups),
            "hours": words.length(offer.minutes),
            "query": urlencode([("group", each.id) for each in offer.groups]),
            "booked": {each.id for each in offer.groups} == own,
        }
        for offer in offers.weeks
    ]


def rule_words(offers: Offers) -> dict[str, str]:
    return {"prescribed": words.length(offers.need.prescribed), "payer": offers.need.payer_words}


@page("clients/<int:client_id>/week/", name="chart-week", by=BY, title="Week")
def chart_week(request: HttpRequest, client_id: int) -> HttpResponse:
    """When a client can come, the weeks that fit, and the booked one."""
    client = client_or_404(client_id)
    seen = Seen(client)
    if request.method == "POST":
        return keep_times(request, client, seen)
    rows = TimeRows(prefix="rows", initial=first_rows(queries.free_times(client, seen.known)))
    known = {"painted": queries.free_times(client, seen.known), **ways_of(seen.known.travel if seen.known else {})}
    return week_page(request, client, seen, rows, Travel(sites=sites_of(client, seen), initial=known))


def sites_of(client: Client, seen: Seen) -> dict[int, str]:
    """The sites travel is asked for, id to name: where groups run, and the client's own."""
    found = {each.site_id: each.site for each in seen.groups}
    return found if client.site_id in found else {client.site_id: client.site.name, **found}


def keep_times(request: HttpRequest, client: Client, seen: Seen) -> HttpResponse:
    """Keep what was typed as the client's availability; or give it back with a row more or one less."""
    if "more" in request.POST or "remove" in request.POST:
        rows = TimeRows(prefix="rows", initial=retyped(request.POST))
        return week_page(request, client, seen, rows, Travel(request.POST, sites=sites_of(client, seen)), editing=True)
    travel = Travel(request.POST, sites=sites_of(client, seen))
    rows = time_rows(request.POST, travel)
    if travel.is_valid() and (not rows.is_bound or rows.is_valid()) and set_times(request, client, rows, travel):
        messages.success(request, "Kept. The weeks below fit these times.")
        return redirect(f"{reverse('chart-week', args=[client.pk])}#fits")
    return week_page(request, client, seen, rows, travel, editing=True, status=422)


def set_times(request: HttpRequest, client: Client, rows: Any, travel: Travel) -> bool:
    """Hand the times to the action; a refusal of a typed one goes beside the row it is about."""
    typed = [form for form in rows if form.interval] if rows.is_bound else []
    try:
        actions.set_availability.run(
            request.actor,  # type: ignore[attr-defined]
            key=request.POST.get("request_key") or None,
            client=client,
            intervals=given_times(rows, travel),
            travel=travel.minutes,
        )
    except BadInterval as no:
        (typed[no.row] if typed else travel).add_error(None, no.message)
        return False
    except Refused as no:
        travel.add_error(None, no.message)
        return False
    return True


def week_page(
    request: HttpRequest,
    client: Client,
    seen: Seen,
    rows: Any,
    travel: Travel,
    editing: bool = False,
    status: int = 200,
) -> HttpResponse:
    offers, booked = queries.offers(client, seen=seen), seen.own
    context = {
        "known": seen.known,
        "rows": rows,
        "travel": travel,
        "mode": tones(travel),
        "editing": editing or not offers.weeks,
        "offers": offers,
        "cards": cards(offers, seen),
        "rule": rule_words(offers),
        "episode": seen.episode,
        "booked": booked,
        "booked_picture": picture(booked, seen.groups),
        "booked_hours": words.length(sum(each.minutes for each in booked)),
        **outside_context(request, seen),
        **dose_words(queries.dose(client, seen=seen) if seen.episode else None),
    }
    return chart_page(request, "web/week.html", client, context, tab="chart-week", status=status)


def dose_words(dose: Any) -> dict[str, Any]:
    """This week's dose, and its minutes as hours: people count a week in hours."""
    if dose is None:
        return {"dose": None}
    asked = {"planned": dose.planned, "delivered": dose.delivered, "reachable": dose.reachable}
    asked |= {"required": dose.program.required_minutes}
    hours = {name: words.hours(minutes) for name, minutes in asked.items()}
    return {"dose": dose, "dose_hours": hours, "planned_words": words.length(dose.planned)}


@page("clients/<int:client_id>/week/choose/", name="week-plan", by=BY, title="Book a week")
def week_plan(request: HttpRequest, client_id: int) -> HttpResponse:
    """Look at a chosen week once more, then book it."""
    client = client_or_404(client_id)
    seen = Seen(client)
    if seen.episode is None:
        messages.error(request, "A week can be booked once the client is admitted.")
        return redirect("chart-week", client.pk)
    given = request.POST if request.method == "POST" else request.GET
    ids = [int(each) for each in given.getlist("group") if each.isdecimal()]
    if request.method == "POST":
        return book(request, seen, ids)
    first = max(clock.today() + timedelta(days=1), seen.episode.admitted_on)
    fixed = dict.fromkeys(("client", "episode", "groups", "seen_plan"))
    return choice_page(request, seen, ids, actions.book_week.form(initial={"since": first}, **fixed))


def book(request: HttpRequest, seen: Seen, ids: list[int]) -> HttpResponse:
    """Book the chosen groups; when one is gone, show the weeks that fit now."""
    plan = request.POST.get("seen_plan", "")
    done = actions.book_week.submit(
        request,
        client=seen.client,
        episode=seen.episode,
        groups=ids,
        seen_plan=int(plan) if plan.isdecimal() else 0,
    )
    if not done:
        return choice_page(request, Seen(seen.client), ids, done.form, status=422)
    messages.success(request, f"The week is booked from {done.result.since:%B %-d}.")  # type: ignore[union-attr]
    return redirect("chart-week", seen.client.pk)


def choice_page(request: HttpRequest, seen: Seen, ids: list[int], form: forms.Form, status: int = 200) -> HttpResponse:
    """The chosen week beside what changes; after a refusal also the weeks that fit now."""
    chosen = [each for each in seen.groups if each.id in ids]
    offers = queries.offers(seen.client, seen=seen) if status == 422 else None
    context = {
        "form": form,
        "chosen": chosen,
        "picture": picture(chosen, seen.groups),
        "hours": words.length(sum(each.minutes for each in chosen)),
        "joins": [each for each in chosen if not each.own],
        "leaves": [each for each in seen.own if each.id not in ids],
        "seen_plan": (seen.episode and seen.episode.plan_id) or 0,
        "offers": offers,
        "cards": cards(offers, seen) if offers else [],
        "rule": rule_words(offers) if offers else {},
    }
    return chart_page(request, "web/week_choose.html", seen.client, context, tab="chart-week", status=status)
