"""Finding a client, registering one, correcting details, and the emergency door to a record."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.faces.doors import Nav, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel.who import CLINICAL
from middleground.records import actions, queries

FINDERS = ("intake-coordinator", *CLINICAL, "biller", "program-director", "compliance-officer")
FRONT = ("intake-coordinator", *CLINICAL, "program-director")
FILTERS = (("open", "In treatment"), ("before", "Earlier"), ("all", "Everyone"))


@page("clients/", name="clients", by=FINDERS, title="Clients", nav=Nav("staff", "Clients", "people", 15))
def clients(request: HttpRequest) -> HttpResponse:
    """Clients this person may see: in treatment first, search by any part of a name."""
    search, show = request.GET.get("q", "").strip(), request.GET.get("show", "open")
    found = queries.clients(search)
    if show == "open" and not search:
        found = found.filter(episodes__ended_on=None, episodes__isnull=False)
    elif show == "before" and not search:
        found = found.exclude(episodes__ended_on=None).filter(episodes__isnull=False).distinct()
    listed = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {
        "listed": listed,
        "q": search,
        "show": show,
        "episodes": _episodes(listed),
        "can_open": bool(set(CLINICAL) & request.actor.roles),
    }  # type: ignore[attr-defined]
    context["filters"] = [
        {"label": label, "url": f"?show={key}", "current": key == show and not search} for key, label in FILTERS
    ]
    return render(request, "web/clients.html", context)


def _episodes(listed: Any) -> dict[int, Any]:
    newest: dict[int, Any] = {}
    for episode in queries.episodes(client__in=[c.pk for c in listed]).order_by("admitted_on"):
        newest[episode.client_id] = episode
    for client in listed:
        client.episode = newest.get(client.pk)
    return newest


@page("clients/<int:client_id>/details/", name="client-details", by=FRONT, title="Details")
def details(request: HttpRequest, client_id: int) -> HttpResponse:
    """Name, contact, language: brought up to date."""
    client = client_or_404(client_id)
    form = actions.correct_details.form(
        initial={n: getattr(client, n) for n in actions.correct_details.inputs if n != "client"}, client=client
    )
    if request.method == "POST":
        done = actions.correct_details.submit(request, client=client)
        if done:
            messages.success(request, "Details saved.")
            return redirect("chart", client_id=client.pk)
        form = done.form
    return chart_page(
        request, "web/client_details.html", client, {"form": form}, tab="chart", status=422 if form.errors else 200
    )


@page("clients/<int:client_id>/sign-in/", name="client-sign-in", by=FRONT, title="Sign-in for the client")
def client_sign_in(request: HttpRequest, client_id: int) -> HttpResponse:
    """A one-time code to hand over in person; shown once."""
    client = client_or_404(client_id)
    name, code = "", ""
    if request.method == "POST" and (done := actions.give_client_sign_in.submit(request, client=client)):
        name, _, code = str(done.result or "").partition(" / ")
    return chart_page(request, "web/client_sign_in.html", client, {"name": name, "code": code}, tab="chart")


@page("clients/<int:client_id>/emergency/", name="break-glass", by=CLINICAL, title="Open in an emergency")
def break_glass(request: HttpRequest, client_id: int) -> HttpResponse:
    """Open a record without a treatment relation: a reason, four hours, and the compliance officer is told."""
    form = actions.break_glass.form(client_id=client_id)
    if request.method == "POST":
        done = actions.break_glass.submit(request, client_id=client_id)
        if done:
            messages.warning(request, "The record is open to you for four hours. The compliance officer has been told.")
            return redirect("chart", client_id=client_id)
        form = done.form
    return render(request, "web/break_glass.html", {"form": form}, status=422 if form.errors else 200)
