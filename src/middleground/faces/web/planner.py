"""The week planner: somebody is away today, a coming week is planned. The solver works beside; nothing changes until booked."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from middleground.clinic import queries as clinic
from middleground.clinic.models import Site
from middleground.faces.doors import Nav, page
from middleground.faces.ui.forms import Clock, Day
from middleground.kernel import clock
from middleground.kernel.asking import NOT_CHOSEN, meant
from middleground.kernel.errors import Refused
from middleground.program.opening import LEADING
from middleground.records import queries as records
from middleground.timetable import plan_words, runs, solves
from middleground.timetable.actions import keep_proposal

BY = ("program-director", "intake-coordinator")
KEEPS = [
    ("groups", "Keep the groups, plan people's weeks: booked for some or for all"),
    ("week", "Groups may move too, with few changes: booked as a whole"),
    ("nothing", "Begin from nothing: what could be; booked as a whole"),
]
WAIT = 1.0  # seconds a page waits for an answer before it shows how far the planner is
QUARTER = 15


def sites_of(request: HttpRequest) -> list[Site]:
    """The sites whose weeks the actor plans."""
    actor = request.actor  # type: ignore[attr-defined]
    return [s for s in clinic.sites() if actor.site_ids is None or s.pk in actor.site_ids]


def chosen_site(request: HttpRequest, sites: list[Site]) -> Site | None:
    wanted = request.POST.get("site") or request.GET.get("site", "")
    return next((s for s in sites if str(s.pk) == wanted), sites[0] if sites else None)


class Away(forms.Form):
    """Who or what is not there, and when."""

    who = forms.ChoiceField(label="Who or what")
    on = forms.DateField(label="Day", widget=Day, validators=[meant])
    starts = forms.TimeField(label="From", required=False, widget=Clock, help_text="Empty: all day")
    ends = forms.TimeField(label="To", required=False, widget=Clock)

    def __init__(self, *args: Any, site: Site | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = [("", NOT_CHOSEN), *people_of(site)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        on, starts, ends = data.get("on"), data.get("starts"), data.get("ends")
        if on and on < clock.today():
            self.add_error("on", "This day is over. Choose today or a later one.")
        if starts and ends and time() != ends <= starts:
            self.add_error("ends", "This is before the beginning.")
        return data

    def stretch(self) -> tuple[datetime, datetime]:
        """On quarter hours; the end of the day is the next midnight."""
        data = self.cleaned_data
        if data["who"].partition(":")[0] in ("leaves", "joins"):
            return at(data["on"], time()), at(data["on"] + timedelta(days=1), time())
        on: date = data["on"]
        first = at(on, quarter(data["starts"], up=False)) if data["starts"] else at(on, time())
        last = at(on, quarter(data["ends"], up=True)) if data["ends"] else at(on + timedelta(days=1), time())
        return first, last if last > first else at(on + timedelta(days=1), time())


def at(on: date, moment: time) -> datetime:
    return timezone.make_aware(datetime.combine(on, moment))


def quarter(moment: time, *, up: bool) -> time:
    minutes = moment.hour * 60 + moment.minute
    whole = -(-minutes // QUARTER) * QUARTER if up else minutes // QUARTER * QUARTER
    return time(whole // 60 % 24, whole % 60)


def people_of(site: Site | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Clinicians, rooms and clients in care of a site, as choices."""
    if site is None:
        return []
    staff = [u for u in clinic.staff_with(*LEADING) if u.site_ids is None or site.pk in u.site_ids]
    clients = records.episodes(ended_on=None, client__site=site).select_related("client")
    clients = clients.annotate(booked=Exists(solves.memberships_in_force()))
    new = {e.client_id for e in clients if not e.booked}
    names = sorted((e.client.called + " " + e.client.last_name, e.client_id) for e in clients)
    return [
        ("Clinicians", [(f"staff:{u.pk}", u.name) for u in staff]),
        ("Rooms", [(f"room:{r.pk}", r.name) for r in clinic.rooms(site)]),
        ("Clients", [(f"client:{pk}", name) for name, pk in names]),
        ("A client leaves from that day on", [(f"leaves:{pk}", name) for name, pk in names if pk not in new]),
        ("A client joins, no week booked yet", [(f"joins:{pk}", name) for name, pk in names if pk in new]),
    ]


class Coming(forms.Form):
    """Which week is planned, and what stays."""

    week = forms.TypedChoiceField(label="Week of", coerce=date.fromisoformat)
    keep = forms.ChoiceField(label="What stays", choices=KEEPS, widget=forms.RadioSelect, initial="groups")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mondays = [clock.today() + timedelta(days=7 * n - clock.today().weekday()) for n in range(1, 5)]
        self.fields["week"].choices = [(m.isoformat(), f"{m:%B} {m.day}") for m in mondays]  # type: ignore[attr-defined]


@page("planner/", name="planner", by=BY, title="Planner", nav=Nav("staff", "Planner", "refresh", 13))
def planner(request: HttpRequest) -> HttpResponse:
    """What can be asked of the planner, and what it found lately."""
    sites = sites_of(request)
    return planner_page(request, sites, chosen_site(request, sites))


def planner_page(
    request: HttpRequest,
    sites: list[Site],
    site: Site | None,
    away: Away | None = None,
    coming: Coming | None = None,
    status: int = 200,
) -> HttpResponse:
    on = request.GET.get("on") or clock.today().isoformat()
    away = away or Away(site=site, initial={"on": on, "who": request.GET.get("who", "")})
    if "on" in request.GET:  # they came to say who is away
        away.fields["who"].widget.attrs["autofocus"] = True
    context = {
        "sites": sites,
        "site": site,
        "away": away,
        "coming": coming or Coming(),
        "proposals": list(solves.proposals(None)[:10]),
    }
    return render(request, "web/planner.html", context, status=status)


@page("planner/away/", name="planner-away", by=BY, title="Somebody is away")
def planner_away(request: HttpRequest) -> HttpResponse:
    """Begin a repair."""
    if request.method != "POST":
        return redirect(f"{reverse('planner')}?{request.GET.urlencode()}")
    sites = sites_of(request)
    site = chosen_site(request, sites)
    form = Away(request.POST, site=site)
    if site is not None and form.is_valid():
        sort, _, who = form.cleaned_data["who"].partition(":")
        first, last = form.stretch()
        try:
            token = solves.begin_repair(
                request.actor,  # type: ignore[attr-defined]
                site=site.pk,
                sort=sort,
                who=int(who),
                start=first,
                end=last,
            )
            return come_back(request, token)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, no.message)
    return planner_page(request, sites, site, away=form, status=422)


@page("planner/week/", name="planner-week", by=BY, title="Plan a week")
def planner_week(request: HttpRequest) -> HttpResponse:
    """Begin a plan of a coming week."""
    if request.method != "POST":
        return redirect("planner")
    sites = sites_of(request)
    site, form = chosen_site(request, sites), Coming(request.POST)
    if site is not None and form.is_valid():
        try:
            token = solves.begin_plan(request.actor, site=site.pk, **form.cleaned_data)  # type: ignore[attr-defined]
            return come_back(request, token)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, no.message)
    return planner_page(request, sites, site, coming=form, status=422)


def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """Straight to the answer when it is there at once, else to the page that shows how far it is."""
    runs.wait(token, request.actor.user_id, WAIT)  # type: ignore[attr-defined]
    return redirect("planner-run", token)


@page("planner/runs/<slug:token>/", name="planner-run", by=BY, title="Planning")
def planner_run(request: HttpRequest, token: str) -> HttpResponse:
    """How far the planner is; when it is done, on to what it found. POST stops it: the best so far is the answer."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        return stopped(request, token, reverse("planner-run", args=[token]))
    state = runs.state(token, actor.user_id)
    if state is not None and state.running:
        return running_page(request, token, state)
    try:
        found = keep_proposal.run(actor, key=f"keep-{token}", token=token)  # asked twice, it is the same proposal
    except Refused as no:
        messages.error(request, no.message)
        return sent(request, reverse("planner"))
    finally:
        runs.forget(token, actor.user_id)
    return sent(request, reverse("planner-proposal", args=[found.pk]))


def sent(request: HttpRequest, url: str) -> HttpResponse:
    """A redirect that also works for a polling fragment."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


def stopped(request: HttpRequest, token: str, url: str) -> HttpResponse:
    """Ask a run for what it has so far, and look at what came of it."""
    user = request.actor.user_id  # type: ignore[attr-defined]
    runs.stop(token, user)
    runs.wait(token, user, 3 * WAIT)
    return redirect(url)


def how_far(state: runs.State, url: str) -> dict[str, Any]:
    """What every page of a run shows while it lasts; `poll` is where to look again."""
    return {"seconds": int(state.seconds), "limit": state.told["limit"], "poll": url}


def running_page(request: HttpRequest, token: str, state: runs.State) -> HttpResponse:
    first = next(iter(state.progress.values()), None)
    context = {
        **how_far(state, reverse("planner-run", args=[token])),
        "levels": plan_words.progress_words(first) if first else [],
        "question": state.told["question"],
    }
    part = request.headers.get("HX-Request")
    return render(request, "web/planner_running.html" if part else "web/planner_run.html", context)
