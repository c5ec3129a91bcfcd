"""What can be changed about a session besides its note: its plan, a walk-in, one person's record after signing; new appointments."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.clinic import queries as clinic
from middleground.faces.doors import found, page
from middleground.faces.web.charting import client_or_404
from middleground.faces.web.session_form import mark_choices
from middleground.kernel import clock
from middleground.kernel.errors import NotAllowed
from middleground.kernel.who import CLINICAL
from middleground.program import actions, queries
from middleground.program.models import Session
from middleground.program.rules import reasons
from middleground.records import queries as records

LEADING = (*CLINICAL, "program-director")
PLANNING = ("intake-coordinator", *LEADING)
CHANGES = {
    "walk-in": (actions.add_walk_in, "Added. They are not recorded yet."),
    "away": (actions.give_back_seat, "They are not expected any more. They have been told."),
    "cover": (actions.cover_session, "The new leader and everyone expected have been told."),
    "move": (actions.move_session, "Moved. Everyone expected has been told."),
    "off": (actions.call_off_session, "Called off. Everyone expected has been told."),
}


def leaders() -> Any:
    """Active staff who lead sessions, by name."""
    return clinic.staff_with(*LEADING)


def limit(form: forms.Form, **rows: Any) -> forms.Form:
    """Narrow choice fields to these rows; rows given as a function are asked for only when their field is there."""
    for name, choices in rows.items():
        if name in form.fields:
            form.fields[name].queryset = choices() if callable(choices) else choices  # type: ignore[attr-defined]
    return form


def _form(do: str, held: Session, data: Any = None) -> forms.Form:
    form = CHANGES[do][0].form(data, session=held)
    people = queries.guests if do == "away" else queries.walk_in_choices
    return limit(form, client=lambda: people(held), leader=leaders, room=lambda: clinic.rooms(held.site))


@page("sessions/<int:session_id>/change/", name="session-change", by=PLANNING, title="Change a session")
def change(request: HttpRequest, session_id: int) -> HttpResponse:
    """A walk-in, somebody who was to sit in and can't come, a stand-in, another time, or calling it off."""
    held = found(queries.session(session_id))
    do = request.POST.get("do", "") if request.method == "POST" else ""
    bound, open_ones = None, _open_changes(request, held)
    if do in CHANGES:
        if do not in open_ones:
            raise NotAllowed()
        bound = _form(do, held, request.POST)
        if CHANGES[do][0].submit(request, form=bound, session=held.pk if do == "away" else held):
            messages.success(request, CHANGES[do][1])
            if do == "cover" and bound.cleaned_data["following"]:
                tell_days_to_cover(request, session_id)
            return redirect("session", session_id=held.pk)
    shown = {name: bound if name == do and bound else _form(name, held) for name in open_ones}
    context = {"session": held, "forms": shown, "wrong": do if bound else ""}
    return render(request, "web/session_change.html", context, status=422 if bound else 200)


def tell_days_to_cover(request: HttpRequest, session_id: int) -> None:
    """Who took the group over may be away later: each of those days wants somebody else."""
    held = queries.session(session_id)
    if gone := queries.days_to_cover(held) if held else "":
        messages.warning(request, f"{gone}: have it covered.")


def _open_changes(request: HttpRequest, held: Session) -> list[str]:
    fitting = [name for name in CHANGES if held.group_id or name not in ("walk-in", "away")]
    if "away" in fitting and (held.start <= clock.now() or not queries.guests(held).exists()):
        fitting.remove("away")
    return [n for n in fitting if CHANGES[n][0].by.allows(request.actor, {"session": held})]  # type: ignore[attr-defined]


# ---- one person's record after signing -----------------------------------------------------------------------------


def _attendance_form(seat: queries.Seat, held: Session, data: Any = None) -> forms.Form:
    mark = seat.mark
    initial = {
        "mark": mark.mark if mark else "",
        "minutes": mark.minutes if mark and mark.counts else None,
        "reason": mark.reason if mark else "",
    }
    form = actions.amend_attendance.form(
        data, initial=initial, session=held, client=seat.client, arrived="", left="", response=""
    )
    form.fields["mark"] = forms.ChoiceField(label="Attendance", choices=mark_choices()[1:], widget=forms.RadioSelect)
    form.fields["reason"] = forms.ChoiceField(
        label="Reason", choices=[("", "None"), *reasons().items()], required=False
    )
    form.fields["response"] = actions.amend_attendance.form(session=held).fields["response"]
    form.fields["response"].label = "How they took part (only if they have no line yet)"
    form.order_fields(["mark", "minutes", "reason", "response", "why"])
    return form


def _part_form(seat: queries.Seat, held: Session, data: Any = None) -> forms.Form:
    part = seat.part
    initial = {"response": part.response if part else "", "next_step": part.next_step if part else ""}
    initial["risk"] = part.risk if part else False
    form = actions.amend_part.form(data, initial=initial, session=held, client=seat.client, objective=None)
    form.fields["risk"].label = "Concern to follow up"
    form.order_fields(["response", "next_step", "risk", "why"])
    return form


FIXES = {"attendance": (actions.amend_attendance, _attendance_form), "part": (actions.amend_part, _part_form)}


@page(
    "sessions/<int:session_id>/people/<int:client_id>/", name="session-correct", by=LEADING, title="Correct one person"
)
def correct(request: HttpRequest, session_id: int, client_id: int) -> HttpResponse:
    """One person's attendance or line after the note was signed. Nobody else's is touched."""
    held = found(queries.session(session_id))
    bundle = queries.session_page(held)
    seat = found(next((s for s in bundle.seats if s.client.pk == client_id and bundle.signed), None))
    do = request.POST.get("do", "") if request.method == "POST" else ""
    bound: dict[str, forms.Form] = {}
    if do in FIXES:
        fix, build = FIXES[do]
        bound[do] = build(seat, held, request.POST)
        if fix.submit(request, form=bound[do], session=held, client=seat.client):
            messages.success(request, "Corrected. What stood before stays in the record.")
            return redirect("session", session_id=held.pk)
    shown = {name: bound.get(name) or FIXES[name][1](seat, held) for name in FIXES if name == "attendance" or seat.part}
    context = {"session": held, "seat": seat, "forms": shown}
    return render(request, "web/session_correct.html", context, status=422 if bound else 200)


# ---- appointments --------------------------------------------------------------------------------------------------


@page("appointments/new/", name="session-new", by=PLANNING, title="New appointment")
def new(request: HttpRequest) -> HttpResponse:
    """An individual or family session; `?client=8` chooses the client."""
    chosen = request.GET.get("client", "")
    client = client_or_404(int(chosen)) if chosen.isdecimal() else None
    fixed: dict[str, Any] = {"client": client} if client else {}
    form = _new_form(request, fixed, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done = actions.schedule_session.submit(request, form=form, session_kind="", site=None, **fixed)
        if done:
            messages.success(request, "Booked: the client, the staff member and the room.")
            return redirect("session", session_id=done.result.pk)
    return render(request, "web/session_new.html", {"form": form, "client": client}, status=422 if form.errors else 200)


def _new_form(request: HttpRequest, fixed: dict[str, Any], data: Any) -> forms.Form:
    actor = request.actor  # type: ignore[attr-defined]
    initial = {"leader": actor.user_id if actor.roles & set(LEADING) else None, "minutes": 50, "sort": "individual"}
    form = actions.schedule_session.form(data, initial=initial, session_kind="", site=None, **fixed)
    in_care = records.clients().filter(episodes__ended_on=None, episodes__isnull=False)
    return limit(form, client=in_care, leader=leaders(), room=clinic.rooms())
