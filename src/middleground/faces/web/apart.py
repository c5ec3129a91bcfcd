"""With whom a client sits in groups: the groups held for some people that are open to them, and whom they must not meet here.

Set and ended by those who plan weeks or treat, read by nobody else.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.clinic import queries as clinic
from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.faces.web.session_changes import limit
from middleground.kernel.who import CLINICAL
from middleground.program.apart import together
from middleground.program.models import Session
from middleground.records import actions, apart, populations
from middleground.records import queries as records
from middleground.records.models import Client

READERS = ("intake-coordinator", *CLINICAL, "program-director", "compliance-officer")
PLANNERS = ("intake-coordinator", "counselor", "case-manager", "program-director")


@page("clients/<int:client_id>/apart/", name="chart-apart", by=READERS, title="In groups")
def chart_apart(request: HttpRequest, client_id: int) -> HttpResponse:
    """The groups open to the client; whom they are kept apart from, and what is booked for both already."""
    client = client_or_404(client_id)
    if request.method == "POST" and actions.set_populations.submit(request, client=client):
        messages.success(request, "Kept. Weeks are offered with these groups from now on.")
        return redirect("chart-apart", client.pk)
    chosen, rows = populations.of_client(client), apart.of_client(client)
    may_set = actions.keep_apart.might(request.actor)  # type: ignore[attr-defined]
    context = {
        "may_set": may_set,
        "open": actions.set_populations.form(initial={"chosen": chosen}, client=client) if may_set else None,
        "chosen": populations.named(chosen),
        "rows": rows,
        "together": by_group(together(client.pk, apart.pairs_of(rows))),
    }
    return chart_page(request, "web/apart.html", client, context, tab="chart-week")


def by_group(sessions: Iterable[Session]) -> list[tuple[Session, int]]:
    """The next session of each group, or the appointment, and how many there are."""
    found: dict[Any, list[Session]] = {}
    for each in sessions:
        found.setdefault(each.group_id or each, []).append(each)
    return [(held[0], len(held)) for held in found.values()]


@page("clients/<int:client_id>/apart/new/", name="chart-apart-new", by=PLANNERS, title="Keep apart")
def new(request: HttpRequest, client_id: int) -> HttpResponse:
    """Somebody the client must not meet."""
    client = client_or_404(client_id)
    form = asking(client, request.POST if request.method == "POST" else None)
    if request.method == "POST" and actions.keep_apart.submit(request, form=form, client=client):
        messages.success(request, "Kept. No booking brings them together from now on.")
        return redirect("chart-apart", client.pk)
    status = 422 if form.is_bound and form.errors else 200
    return chart_page(request, "web/apart_new.html", client, {"form": form}, tab="chart-week", status=status)


def asking(client: Client, data: Any) -> Any:
    """Those in care whom the reader may see, and staff: whoever else there is can't be named here."""
    others = records.clients().filter(episodes__ended_on=None, episodes__isnull=False).exclude(pk=client.pk)
    form = actions.keep_apart.form(data, client=client)
    return limit(form, other=others.distinct(), staff=clinic.everyone().filter(is_active=True))


@page("clients/<int:client_id>/apart/<int:apart_id>/end/", name="chart-apart-end", by=PLANNERS, title="Keep apart")
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
