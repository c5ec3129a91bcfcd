"""What makes the companion installable and its craving card work without a network. Nothing else of a client is kept."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from middleground.faces.doors import EVERYONE, bar_of, navigation, page

WORKER = Path(__file__).parent / "static" / "portal" / "sw.js"


@page("me/sw.js", name="portal-worker", by=EVERYONE)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at an address whose scope is /me/."""
    answer = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/me/"
    return answer


@page("me/manifest.webmanifest", name="portal-manifest", by=EVERYONE)
def manifest(request: HttpRequest) -> HttpResponse:
    """How a phone installs it: a neutral name and mark that say nothing about treatment."""
    icon = {"src": static("portal/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}
    look = {"display": "standalone", "background_color": "#f9f5ec", "theme_color": "#0e5c56", "icons": [icon]}
    named = {"name": "Middleground", "short_name": "Middleground", "id": "/me/", "start_url": "/me/", "scope": "/me/"}
    return JsonResponse({**named, **look}, content_type="application/manifest+json")


@page("me/offline/", name="portal-offline", by=EVERYONE, title=_("No connection"))
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown when a page can't be reached: the craving card and the crisis lines still work."""
    own = bar_of(request.actor) in ("client", "family")  # type: ignore[attr-defined]
    return render(request, "portal/offline.html", {"nav": navigation(request, request.actor) if own else []})  # type: ignore[attr-defined]
