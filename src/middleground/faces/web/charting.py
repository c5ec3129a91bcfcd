"""What every page of a client's chart shares: the client (or a designed not-found), and the tabs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from middleground.faces.doors import PAGES, found, navigation
from middleground.kernel import gate
from middleground.kernel.context import Actor
from middleground.records import queries as records
from middleground.records.models import Client

TABS = (
    ("chart", "Story"),
    ("chart-assessment", "Assessment"),
    ("chart-plan", "Plan"),
    ("chart-week", "Week"),
    ("chart-sessions", "Sessions"),
    ("chart-medical", "Medical"),
    ("chart-supports", "Supports"),
    ("chart-family", "Family"),
    ("chart-consents", "Consents"),
    ("chart-coverage", "Coverage"),
)


def client_or_404(client_id: int) -> Client:
    """The client, if the actor may see them; else the same not-found page as for a client that does not exist."""
    return found(records.client(client_id))


def chart_page(
    request: HttpRequest, template: str, client: Client, context: dict[str, Any], *, tab: str, status: int = 200
) -> HttpResponse:
    """Render a chart page: template extends `web/chart_base.html`; `tab` is the name of the current tab's page.

    In the menu it belongs to Clients, whatever its address.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    tabs = [
        {"label": label, "url": _url(name, client.pk), "current": name == tab}
        for name, label in TABS
        if name in PAGES and PAGES[name].by & actor.roles
    ]
    shared = {
        "client": client,
        "tabs": [t for t in tabs if t["url"]],
        "nav": navigation(request, actor, under="clients"),
        "withheld": gate.withheld(),
    }
    return render(request, template, {**shared, **context}, status=status)


def _url(name: str, client_id: int) -> str:
    try:
        return reverse(name, args=[client_id])
    except NoReverseMatch:
        return ""
