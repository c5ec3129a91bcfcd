"""Setting up the clinic: its name, sites and rooms, the people who work here, closed days."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.clinic import actions, queries
from middleground.clinic.hours import opening, week_words
from middleground.clinic.models import Site, User
from middleground.engines.disclosure import role_words
from middleground.faces.doors import Nav, found, page
from middleground.kernel import clock
from middleground.kernel.who import STAFF

KEEPERS = ("administrator",)
FORMS: dict[str, Any] = {
    "organization": actions.set_up_organization,
    "site": actions.open_site,
    "room": actions.add_room,
    "closure": actions.close_day,
}
DONE = {
    "organization": "The organization is saved.",
    "site": "The site is open.",
    "room": "The room is added.",
    "closure": "The day is closed.",
}


@page("settings/", name="settings", by=KEEPERS, title="Settings", nav=Nav("staff", "Settings", "gear", 70))
def settings(request: HttpRequest) -> HttpResponse:
    """One page with the clinic's facts, each with its own small form; a refused form keeps what was typed."""
    organization = queries.organization()
    forms = {name: action.form() for name, action in FORMS.items()}
    forms["organization"] = actions.set_up_organization.form(
        initial={"name": organization.name, "phone": organization.phone, "full_charge": organization.full_charge}
    )
    which = request.POST.get("which", "")
    if request.method == "POST" and which in FORMS:
        fixed = {"is_demo": organization.is_demo} if which == "organization" else {}
        done = FORMS[which].submit(request, **fixed)
        if done:
            messages.success(request, DONE[which])
            return redirect("settings")
        forms[which] = done.form
    forms["organization"].fields.pop("is_demo", None)
    today = clock.today()
    context = {
        "forms": forms,
        "sites": with_hours(queries.sites()),
        "rooms": queries.rooms(),
        "closures": queries.closures(today, today + timedelta(days=400)).select_related("site").order_by("on"),
        "wrong": which,
    }
    return render(request, "web/settings.html", context, status=422 if any(f.errors for f in forms.values()) else 200)


def with_hours(sites: Iterable[Site]) -> list[Site]:
    """The sites, each with the days it is open in words."""
    found = list(sites)
    for site in found:
        site.open_days = week_words(opening(site))  # type: ignore[attr-defined]
    return found


@page("people/", name="people", by=KEEPERS, title="People", nav=Nav("staff", "People", "people", 72))
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who works here. Family members sign in too, but whose family they are is no business of this list."""
    listed = [person for person in queries.everyone() if set(person.roles) & set(STAFF)]
    for person in listed:
        person.role_names = ", ".join(role_words(role) for role in person.roles)
    return render(request, "web/people.html", {"people": listed})


@page("people/add/", name="add-person", by=KEEPERS, title="Add a person")
def add_person(request: HttpRequest) -> HttpResponse:
    form = actions.add_user.form(site_ids=None, credentials=None, languages=None, works=None)
    if request.method == "POST":
        done = actions.add_user.submit(request, site_ids=None, credentials=None, languages=None, works=None)
        if done:
            messages.success(request, f"{done.result} can sign in now.")
            return redirect("people")
        form = done.form
    return render(request, "web/person.html", {"form": form, "person": None}, status=422 if form.errors else 200)


@page("people/<int:user_id>/", name="person", by=KEEPERS, title="Person")
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Roles, sign-in, days away."""
    one = found(User.objects.filter(pk=user_id, client_id=None).first())
    roles = actions.set_roles.form(initial={"roles": one.roles, "is_active": one.is_active}, user=one)
    absence = actions.record_staff_absence.form(user=one)
    if request.method == "POST":
        away = request.POST.get("which") == "absence"
        done = (actions.record_staff_absence if away else actions.set_roles).submit(request, user=one)
        if done:
            messages.success(request, "Saved.")
            return redirect("person", user_id=one.pk)
        roles, absence = (roles, done.form) if away else (done.form, absence)
    context = {"form": roles, "absence": absence, "person": one, "absences": one.absences.order_by("-first")[:20]}
    return render(request, "web/person.html", context, status=422 if roles.errors or absence.errors else 200)
