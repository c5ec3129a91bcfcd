"""A private self-check: answered on the page and kept nowhere. No cookie, no session, no table, no log of an answer.

The answers travel in the body of a POST, so that they are in no address, no history and no server log.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from middleground.faces.doors import EVERYONE, page

from .frame import link, show, told


def form_for(text: dict[str, Any], data: Any = None) -> forms.Form:
    """One radio row a question, none chosen beforehand."""
    fields: dict[str, forms.Field] = {}
    for questions, answers in (("questions", "answers"), ("danger_questions", "danger_answers")):
        choices = [(each["id"], each["label"]) for each in text[answers]]
        for question in text[questions]:
            fields[question["id"]] = forms.ChoiceField(
                label=question["text"],
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose an answer. You can say no.")},
            )
    return type("SelfCheck", (forms.Form,), fields)(data)


def result_of(text: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    """The first result that holds: a danger sign before any total (knowledge/site/self-check)."""
    risky = {each["id"] for each in text["danger_answers"] if each["danger"]}
    points = {each["id"]: each["points"] for each in text["answers"]}
    danger = any(given[each["id"]] in risky for each in text["danger_questions"])
    total = sum(points[given[each["id"]]] for each in text["questions"])
    return next(each for each in text["results"] if _holds(each["when"], danger, total))


def _holds(when: Any, danger: bool, total: int) -> bool:
    if when == "any-danger":
        return danger
    return bool(when.get("total_at_least", 0) <= total <= when.get("total_at_most", total))


@page("self-check/", name="self-check", by=EVERYONE, title=_("A private self-check"))
@csrf_exempt  # it changes nothing, so there is nothing to forge; a token would need a cookie
@never_cache
def self_check(request: HttpRequest) -> HttpResponse:
    """The questions; after answering, the result on the same screen."""
    text = told("site", "self-check")
    form = form_for(text, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        result = result_of(text, form.cleaned_data)
        actions = [{"to": name, "url": link(name)} for name in result["actions"]]
        return show(request, "site/self_check_result.html", text, {"result": result, "actions": actions})
    danger = [form[each["id"]] for each in text["danger_questions"]]
    usual = [form[each["id"]] for each in text["questions"]]
    return show(
        request,
        "site/self_check.html",
        text,
        {"form": form, "usual": usual, "danger": danger},
        status=422 if form.is_bound else 200,
    )
