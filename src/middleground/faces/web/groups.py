"""Groups: the list of the week, one group with its members and coming sessions, and opening new ones."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.clinic import queries as clinic
from middleground.faces.doors import Nav, found, page
from middleground.faces.web.session_changes import leaders, limit
from middleground.kernel.who import CLINICAL
from middleground.program import actions, queries
from middleground.program.models import Group, Membership
from middleground.records import populations
from middleground.records import queries as records

READERS = ("intake-coordinator", *CLINICAL, "program-director", "administrator")
PLANNERS = ("program-director", "administrator")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@page("groups/", name="groups", by=READERS, title="Groups", nav=Nav("staff", "Groups", "group", 20))
def groups(request: HttpRequest) -> HttpResponse:
    """Every group that runs, by weekday."""
    running = list(queries.groups())
    counts = queries.member_counts(running)
    days = [
        (DAYS[weekday], [(group, counts.get(group.pk, 0)) for group in each])
        for weekday, each in groupby(running, key=lambda g: g.weekday)
    ]
    context = {"days": days, "may_open": actions.open_group.might(request.actor)}  # type: ignore[attr-defined]
    return render(request, "web/groups.html", context)


@page("groups/<int:group_id>/", name="group", by=READERS, title="Group")
def group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Who is in it today, what comes next; joining, leaving, more weeks."""
    shown = found(queries.group(group_id))
    do = request.POST.get("do", "") if request.method == "POST" else ""
    done: Any = DOING[do](request, shown) if do in DOING else None
    if done:
        messages.success(request, SAID[do])
        return redirect("group", group_id=shown.pk)
    return _show_group(request, shown, do, done.form if done is not None else None)


def _show_group(request: HttpRequest, shown: Group, do: str, wrong: forms.Form | None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    members = queries.members(shown)
    context = {
        "group": shown,
        "weekday": DAYS[shown.weekday],
        "members": members,
        "count": shown.count,  # type: ignore[attr-defined]
        "coming": queries.coming_sessions(shown),
        "joining": (wrong if do == "join" else None)
        or (_join_form(shown) if actions.join_group.might(actor) else None),
        "extending": (wrong if do == "extend" else None)
        or (actions.extend_group.form(group=shown) if actions.extend_group.might(actor) else None),
        "ruling": (wrong if do == "rule" else None)
        or (_rule_form(shown) if actions.set_group_rules.might(actor) else None),
        "held_for": populations.named(shown.only),
        "may_leave": actions.leave_group.might(actor),
        "leaving": wrong if do == "leave" else None,
    }
    return render(request, "web/group.html", context, status=422 if wrong is not None else 200)


def _join_form(shown: Group, data: Any = None) -> forms.Form:
    in_care = records.clients().filter(site=shown.site_id, episodes__ended_on=None, episodes__isnull=False)
    return limit(actions.join_group.form(data, group=shown, episode=None), client=in_care)


def _join(request: HttpRequest, shown: Group) -> Any:
    return actions.join_group.submit(request, form=_join_form(shown, request.POST), group=shown)


def _leave(request: HttpRequest, shown: Group) -> Any:
    wanted = request.POST.get("membership", "")
    membership = found(Membership.objects.filter(group=shown, pk=wanted if wanted.isdecimal() else 0).first())
    return actions.leave_group.submit(request, membership=membership)


def _extend(request: HttpRequest, shown: Group) -> Any:
    return actions.extend_group.submit(request, group=shown)


def _rule_form(shown: Group, data: Any = None) -> forms.Form:
    stands = {name: getattr(shown, name) for name in ("only", "credentials", "co_leader_above")}
    return actions.set_group_rules.form(data, initial=stands, group=shown)


def _rule(request: HttpRequest, shown: Group) -> Any:
    return actions.set_group_rules.submit(request, form=_rule_form(shown, request.POST), group=shown)


DOING = {"join": _join, "leave": _leave, "extend": _extend, "rule": _rule}
SAID = {
    "join": "Joined. Seats are booked.",
    "leave": "Left. Later seats are free again.",
    "extend": "More weeks are laid out.",
    "rule": "Kept. Whoever is in it stays.",
}


@page("groups/new/", name="group-new", by=PLANNERS, title="Open a group")
def group_new(request: HttpRequest) -> HttpResponse:
    """Begin a weekly group; its sessions, room and leaders are booked at once."""
    return _open(request, actions.open_group, "Open a group", "group", "Opened. Its sessions are laid out and booked.")


@page("tracks/new/", name="track-new", by=PLANNERS, title="Open a track")
def track_new(request: HttpRequest) -> HttpResponse:
    """Begin a track: a set of groups that make up a program week."""
    return _open(request, actions.open_track, "Open a track", "", "Opened. Now open its groups.")


def _open(request: HttpRequest, action: Any, title: str, then: str, said: str) -> HttpResponse:
    form = action.form(request.POST if request.method == "POST" else None)
    limit(form, leader=leaders(), co_leader=leaders(), room=clinic.rooms(), site=clinic.sites(), track=queries.tracks())
    if request.method == "POST" and (done := action.submit(request, form=form)):
        messages.success(request, said)
        return redirect(then, group_id=done.result.pk) if then else redirect("group-new")
    context = {"form": form, "title": title, "has_tracks": then == "" or queries.tracks().exists()}
    return render(request, "web/group_new.html", context, status=422 if form.errors else 200)
