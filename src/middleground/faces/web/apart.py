"""Whom a client must not meet here: set and ended by those who plan weeks or treat, read by nobody else."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from middleground.clinic import queries as clinic
from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.faces.web.session_changes import limit
from middleground.kernel.who import CLINICAL, STAFF
from middleground.program.apart import together
from middleground.records import actions, apart
from middleground.records import queries as records
from middleground.records.models import Client

READERS = ("intake-coordinator", *CLINICAL, "program-director", "compliance-officer")
PLANNERS = ("intake-coordinator", "counselor", "case-manager", "program-director")


@page("clients/<int:client_id>/apart/", name="chart-apart", by=READERS, title="Kept apart")
def chart_apart(request: HttpRequest, client_id: int) -> HttpResponse:
    """Whom the client is kept apart from, what is booked for both already, and setting it."""
    client = client_or_404(client_id)
    form = asking(client, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done = actions.keep_apart.submit(request, form=form, client=client)
        if done:
            messages.success(request, "Kept. No booking brings them together from now on.")
            return redirect("chart-apart", client.pk)
    may_set = actions.keep_apart.might(request.actor)  # type: ignore[attr-defined]
    context = {
        "form": form if may_set else None,
        "rows": apart.of_client(client),
        "together": together(client.pk),
        "back": reverse("chart-week", args=[client.pk]),
    }
    return chart_page(
        request,
        "web/apart.html",
        client,
        context,
        tab="chart-week",
        status=422 if form.is_bound and form.errors else 200,
    )


def asking(client: Client, data: Any) -> Any:
    """Those in care whom the reader may see, and staff: whoever else there is can't be named here."""
    others = records.clients().filter(episodes__ended_on=None, episodes__isnull=False).exclude(pk=client.pk)
    form = actions.keep_apart.form(data, client=client)
    return limit(form, other=others.distinct(), staff=clinic.staff_with(*STAFF))


@page("clients/<int:client_id>/apart/<int:apart_id>/end/", name="chart-apart-end", by=PLANNERS, title="Kept apart")
def end(request: HttpRequest, client_id: int, apart_id: int) -> HttpResponse:
    """They may meet again."""
    client = client_or_404(client_id)
    row = found(apart.in_force().filter(client=client, pk=apart_id).first())
    if request.method == "POST":
        done = actions.no_longer_apart.submit(request, apart=row)
        if done:
            messages.success(request, "Ended. They may be booked together again.")
        for wrong in done.form.non_field_errors():
            messages.error(request, wrong)
    return redirect("chart-apart", client.pk)
