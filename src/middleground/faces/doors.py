"""How a page is declared, and the frame around every page: who is asking, what they may open, what they read.

    @page("clients/<int:client_id>/", name="chart", by=CLINICAL, title="Chart")
    def chart(request, client_id): ...

The declaration checks the role, sets the access context (so that reads pass the record gate and are logged) and puts the
page into the navigation if it has a `nav` place. Pages of a face are found by importing its modules.
"""

import pkgutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import Count, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from middleground.clinic import queries as clinic
from middleground.clinic.models import Organization
from middleground.engines.disclosure import role_words
from middleground.kernel import context, desk, gate
from middleground.kernel.context import Actor
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.models import Notice
from middleground.kernel.who import ROLES, STAFF
from middleground.records.access import log_emergency

FACES = ("middleground.faces.site", "middleground.faces.web", "middleground.faces.portal")
PURPOSE_OF = {
    "client": "own-request",
    "family": "family",
    "biller": "payment",
    "program-director": "operations",
    "compliance-officer": "audit",
    "administrator": "operations",
    "visitor": "own-request",
}
EVERYONE = ROLES
SIGNED_IN = tuple(name for name in ROLES if name != "visitor")
PAGES: dict[str, "Page"] = {}


@dataclass(frozen=True)
class Nav:
    """A place in the navigation: which bar ("staff", "client", "family", "public"), its label, icon and order."""

    bar: str
    label: Any
    icon: str
    order: int


@dataclass(frozen=True)
class Page:
    route: str
    name: str
    by: frozenset[str]
    title: Any
    view: Callable[..., HttpResponse]
    nav: Nav | None


def may_open(request: HttpRequest, name: str) -> bool:
    """Whether whoever asks holds a role that may open the page of this name; a link to any other leads nowhere."""
    return name in PAGES and bool(PAGES[name].by & request.actor.roles)  # type: ignore[attr-defined]


def page(route: str, *, name: str, by: Iterable[str], title: Any = "", nav: Nav | None = None) -> Callable[..., Any]:
    """Declare a page: its address, its name for `{% url %}`, the roles that may open it, its place in the navigation."""
    roles = frozenset(by)

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest, **parts: Any) -> HttpResponse:
            actor: Actor = request.actor  # type: ignore[attr-defined]
            if not roles & actor.roles:
                return _turn_away(request, actor)
            with gate.access(actor, purpose_for(actor, roles), request.path) as read, tongue(actor, roles):
                answer = view(request, **parts)
                log_emergency(read)
                return answer

        if name in PAGES and PAGES[name].view.__module__ != view.__module__:
            raise ValueError(f"two pages are called {name}")
        PAGES[name] = Page(route, name, roles, title, opened, nav)
        return opened

    return declare


def tongue(actor: Actor, roles: frozenset[str]) -> AbstractContextManager[None]:
    """Pages of staff are written in English only; every other page speaks the language that was chosen."""
    return translation.override("en") if set(STAFF) & actor.roles and "visitor" not in roles else nullcontext()


def purpose_for(actor: Actor, roles: frozenset[str]) -> str:
    """Why this actor reads: from the first of their roles that opens the page."""
    for each in ROLES:
        if each in actor.roles and each in roles:
            return PURPOSE_OF.get(each, "treatment")
    return "treatment"


def _turn_away(request: HttpRequest, actor: Actor) -> HttpResponse:
    if actor.user_id is None:
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    if not set(STAFF) & actor.roles:
        return refused(request, _("This page is for other people."))
    return refused(request, _("This page is for other roles. If you need it for your work, ask your administrator."))


def refused(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "ui/403.html", {"why": why}, status=403)


def load_pages() -> None:
    """Import every module of every face, so that all pages are declared."""
    for face in FACES:
        package = import_module(face)
        for module in pkgutil.iter_modules(package.__path__):
            if module.name not in ("apps", "templatetags"):
                import_module(f"{face}.{module.name}")


def urlpatterns() -> list[URLPattern]:
    load_pages()
    return [path(p.route, p.view, name=p.name) for p in PAGES.values()]


class AccessMiddleware:
    """Gives each request its actor and language; turns refusals into designed pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        if "mg_language" not in request.COOKIES and "mg_session" in request.COOKIES and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotAllowed):
            return refused(request, _(error.message))
        if isinstance(error, Refused):
            return render(request, "ui/400.html", {"why": _(error.message)}, status=400)
        return None


def actor_of(request: HttpRequest) -> Actor:
    user = request.user
    return user.actor() if user.is_authenticated else context.visitor()


def found(row: Any) -> Any:
    """The row, or a designed not-found page: the same for what isn't there and for what isn't yours to see."""
    if row is None:
        raise Http404
    return row


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every template's frame needs: navigation for the actor, unread notices, where we are."""
    actor = getattr(request, "actor", None) or context.visitor()
    desk_of = SimpleLazyObject(lambda: organization(actor))
    return {
        "actor": actor,
        "nav": SimpleLazyObject(lambda: navigation(request, actor)),
        "is_staff": bool(set(STAFF) & actor.roles),
        "unread": SimpleLazyObject(lambda: desk_of.unread),
        "organization": desk_of,
        "me": SimpleLazyObject(lambda: who_am_i(actor)),
        "me_links": SimpleLazyObject(lambda: _me_links(actor)),
        "home_url": reverse("home") if actor.user_id else "/",
        "search_url": _search_url(actor),
    }


def who_am_i(actor: Actor) -> dict[str, str]:
    """Name and roles, for the corner of the page."""
    if actor.user_id is None:
        return {}
    roles = ", ".join(
        role_words(name, (translation.get_language() or "en")[:2]) for name in ROLES if name in actor.roles
    )
    return {"name": actor.name, "role": roles}


def _me_links(actor: Actor) -> list[dict[str, Any]]:
    if actor.user_id is None:
        return []
    links = [{"label": _("Password and security"), "url": reverse("mfa_index"), "icon": "shield"}]
    if set(STAFF) & actor.roles and "my-calendar" in PAGES:
        links.insert(0, {"label": _("Calendar link"), "url": reverse("my-calendar"), "icon": "calendar"})
    return links


def _search_url(actor: Actor) -> str:
    found = PAGES.get("clients")
    return reverse("clients") if found and found.by & actor.roles else ""


def organization(actor: Actor) -> Organization:
    """The organization, with how many unread notices the actor has (one query for both)."""
    waiting = (
        Notice.objects.filter(to_id=actor.user_id, read_at=None)
        .order_by()
        .values("to_id")
        .annotate(n=Count("pk"))
        .values("n")
    )
    found = Organization.objects.annotate(unread=Coalesce(Subquery(waiting), 0)).first() or clinic.organization()
    found.unread = getattr(found, "unread", 0)
    return found


def bar_of(actor: Actor) -> str:
    if set(STAFF) & actor.roles:
        return "staff"
    return "client" if "client" in actor.roles else "family" if "family" in actor.roles else "public"


def navigation(request: HttpRequest, actor: Actor, under: str = "") -> list[dict[str, Any]]:
    """The places of the actor's bar; the current one is that of the address, or of the page named `under`."""
    bar = bar_of(actor)
    places = sorted(
        (p for p in PAGES.values() if p.nav and p.nav.bar == bar and p.by & actor.roles), key=lambda p: p.nav.order
    )  # type: ignore[union-attr]
    here = reverse(under) if under else request.path
    items = [
        {"label": p.nav.label, "url": reverse(p.name), "icon": p.nav.icon, "current": False, "count": None}  # type: ignore[union-attr]
        for p in places
    ]
    best = max((i for i in items if here.startswith(i["url"])), key=lambda i: len(i["url"]), default=None)
    if best is not None:
        best["current"] = True
    return items


@page("drafts/<str:draft_key>/", name="draft", by=SIGNED_IN)
def keep_draft(request: HttpRequest, draft_key: str) -> HttpResponse:
    """Keep what is being typed (the page's script posts the form here); answers when it was kept."""
    if request.method != "POST":
        raise Http404
    data = {k: request.POST.getlist(k) for k in request.POST if k not in ("csrfmiddlewaretoken", "request_key")}
    kept = desk.save_draft.run(request.actor, draft_key=draft_key, data=data)  # type: ignore[attr-defined]
    return HttpResponse(kept.saved_at.isoformat(), content_type="text/plain")
