"""What the companion's pages share: whose they are, texts in the reader's language, a post that says what came of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from middleground.faces.doors import found, navigation
from middleground.kernel.actions import Action, Submission
from middleground.records import queries as records
from middleground.records.models import Client
from middleground.recovery import words

CLIENT = ("client",)
FAMILY = ("family",)
UNDER_FIRST = ("/me/check-in/", "/family/shared/")  # pages that belong to the bar's first place


def me(request: HttpRequest) -> Client:
    """The signed-in client, or a designed not-found page for a sign-in without a record."""
    client_id = request.actor.client_id  # type: ignore[attr-defined]
    return found(records.client(client_id) if client_id else None)


def spoken(node: Any) -> Any:
    """A knowledge text in the reader's language: {en, es} becomes the text, {id, en, es} keeps its other keys beside `text`."""
    if isinstance(node, list):
        return [spoken(each) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("en"), str):
        rest = {name: value for name, value in node.items() if name not in ("en", "es")}
        return {**rest, "text": words.said(node)} if rest else words.said(node)
    return {name: spoken(value) for name, value in node.items()}


def show(request: HttpRequest, template: str, context: dict[str, Any], form: Any = None) -> HttpResponse:
    """Render a page; with a form that has errors the answer says so (422)."""
    wrong = form is not None and form.is_bound and bool(form.errors)
    given = {"nav": places(request), **context}
    return render(request, f"portal/{template}.html", given, status=422 if wrong else 200)


def places(request: HttpRequest) -> list[dict[str, Any]]:
    """The bar under the thumb. A page of the menu lights "More", the last place, and not the first page it lies under."""
    bar = navigation(request, request.actor)  # type: ignore[attr-defined]
    first = bar[0] if bar else {}
    if first.get("current") and request.path != first["url"] and not request.path.startswith(UNDER_FIRST):
        first["current"], bar[-1]["current"] = False, True
    return bar


def go_on(request: HttpRequest, done: Submission[Any], good: Any, *where: Any) -> HttpResponse:
    """After a post without a page of its own: say what came of it, and go back."""
    if done:
        messages.success(request, str(good))
    else:
        messages.error(request, said_no(done))
    return redirect(*where)


def said_no(done: Submission[Any]) -> str:
    """Why a post was refused, in one sentence."""
    if done.refused is not None:
        return gettext(done.refused.message)
    return " ".join(str(error) for errors in done.form.errors.values() for error in errors)


def do(request: HttpRequest, action: Action[Any], **given: Any) -> Submission[Any]:
    """Do an action whose every input is given here, once per request key."""
    return action.submit(request, form=action.form({}, **dict.fromkeys(action.inputs)), **given)
