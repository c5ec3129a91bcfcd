"""Where everybody lands after signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.faces.doors import SIGNED_IN, page

FIRST_PAGE = (
    ("client", "portal-today"),
    ("family", "family-home"),
    ("administrator", "settings"),
    ("compliance-officer", "compliance"),
    ("biller", "billing"),
    ("intake-coordinator", "inquiries"),
    ("program-director", "director"),
)


@page("home/", name="home", by=SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    """Each role's own first page."""
    for role, name in FIRST_PAGE:
        if role in request.actor.roles:  # type: ignore[attr-defined]
            return redirect(name)
    return redirect("day")
