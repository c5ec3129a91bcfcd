"""A session's page: who was there, one shared note, a line for each person, one signature; afterwards the signed note."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.faces.doors import found, may_open, page
from middleground.faces.web.session_form import SessionForm
from middleground.kernel import desk, gate
from middleground.kernel.errors import NotAllowed
from middleground.kernel.who import CLINICAL
from middleground.program import actions, queries
from middleground.program.asking import Doubtful
from middleground.program.models import Session
from middleground.program.noting import draft_key

READERS = ("intake-coordinator", *CLINICAL, "program-director", "compliance-officer")
SAID = {"save": "Saved.", "rest": "Everyone not yet marked is present now.", "sign": "Signed. The note is locked."}


@page("sessions/<int:session_id>/", name="session", by=READERS, title="Session")
def session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Attendance and note of one session, to write or to read."""
    held = found(queries.session(session_id))
    do = request.POST.get("do", "") if request.method == "POST" else ""
    if do in SAID:
        return _document(request, held, do)
    if do in AFTER:
        return AFTER[do](request, held)
    return show(request, held)


def leads(request: HttpRequest, held: Session) -> bool:
    """Whether whoever asks may write here."""
    return actions.document_session.by.allows(request.actor, {"session": held})  # type: ignore[attr-defined]


def show(
    request: HttpRequest, held: Session, *, form: Any = None, adding: Any = None, warned: bool = False
) -> HttpResponse:
    """The page; with `form` (a refused one) or `adding` (a refused addendum) as it was typed."""
    may = leads(request, held)
    bundle = form.bundle if form else queries.session_page(held, whole=may)
    context: dict[str, Any] = {"session": held, "bundle": bundle, "may": may, "warned": warned}
    context["withheld"] = gate.withheld()
    context["may_day"] = may_open(request, "day")
    if bundle.signed:
        context |= {"adding": adding or (actions.add_addendum.form(session=held, client=None) if may else None)}
        context["may_cosign"] = _may_cosign(request, bundle)
        template = "web/session_signed.html"
    elif may and held.status != Session.Status.NOT_HELD:
        context |= _writing(request, held, bundle, form)
        template = "web/session.html"
    else:
        template = "web/session_read.html"
    wrong = bool((form and form.errors) or (adding and adding.errors))
    return render(request, template, context, status=422 if wrong else 200)


def _writing(request: HttpRequest, held: Session, bundle: queries.Bundle, form: Any) -> dict[str, Any]:
    key = draft_key(held)
    kept = None if form else desk.draft(request.actor.user_id, key)  # type: ignore[attr-defined]
    return {
        "form": form or SessionForm(bundle, typed=kept[0] if kept else None),
        "restored": kept[1] if kept else None,
        "draft_key": key,
    }


def _may_cosign(request: HttpRequest, bundle: queries.Bundle) -> bool:
    note, actor = bundle.note, request.actor  # type: ignore[attr-defined]
    waits = note is not None and note.cosign_needed and not note.cosigned_at and note.signed_by_id != actor.user_id
    return waits and actions.cosign_note.might(actor)


def _document(request: HttpRequest, held: Session, do: str) -> HttpResponse:
    if not leads(request, held):
        raise NotAllowed()
    bundle = queries.session_page(held, whole=True)
    form = SessionForm(bundle, request.POST)
    form.is_valid()
    done = actions.document_session.submit(
        request,
        form=form,
        session=held,
        marks=form.marks(),
        note=form.note(),
        parts=form.parts(),
        rest_present=do == "rest",
        sign=do == "sign",
        warned=bool(request.POST.get("warned")),
    )
    if done:
        messages.success(request, SAID[do])
        return redirect("session", session_id=held.pk)
    held.refresh_from_db(fields=["version"])
    return show(request, held, form=form, warned=isinstance(done.refused, Doubtful))


def _add(request: HttpRequest, held: Session) -> HttpResponse:
    done = actions.add_addendum.submit(request, session=held, client=None)
    if done:
        messages.success(request, "Added to the note.")
        return redirect("session", session_id=held.pk)
    return show(request, held, adding=done.form)


def _cosign(request: HttpRequest, held: Session) -> HttpResponse:
    done = actions.cosign_note.submit(request, session=held)
    if done:
        messages.success(request, "Co-signed.")
    else:
        messages.error(request, done.refused.message if done.refused else "")
    return redirect("session", session_id=held.pk)


def _drop(request: HttpRequest, held: Session) -> HttpResponse:
    desk.drop_draft.submit(request, draft_key=draft_key(held))
    return redirect("session", session_id=held.pk)


AFTER = {"addendum": _add, "cosign": _cosign, "drop": _drop}
