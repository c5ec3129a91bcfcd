"""Lessons on a phone: read, answer two questions, try one thing."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from middleground.faces.doors import Nav, found, page
from middleground.faces.portal.frame import CLIENT, do, me, show, spoken
from middleground.recovery import queries, words
from middleground.recovery.actions import finish_lesson, open_lesson


def quiz_form(lesson: dict[str, Any], data: Any = None) -> forms.Form:
    """The questions of a lesson (already in the reader's language) as radios; all may be left open."""
    fields = {
        question["id"]: forms.ChoiceField(
            label=question["question"],
            choices=[(option["id"], option["label"]) for option in question["options"]],
            required=False,
            widget=forms.RadioSelect,
        )
        for question in lesson["quiz"]
    }
    return type("QuizForm", (forms.Form,), fields)(data)


def answers(form: forms.Form) -> dict[str, str]:
    return {name: value for name, value in form.cleaned_data.items() if value}


def reviewed(lesson: dict[str, Any], given: dict[str, str]) -> list[dict[str, Any]]:
    """Each question with what was answered, what is right and why."""
    rows = []
    for question in lesson["quiz"]:
        labels = {option["id"]: option["label"] for option in question["options"]}
        right = next(option["id"] for option in question["options"] if option.get("right"))
        chosen = given.get(question["id"], "")
        rows.append(
            {
                "question": question["question"],
                "chosen": labels.get(chosen, ""),
                "right": labels[right],
                "ok": chosen == right,
                "why": question["why"],
            }
        )
    return rows


@page("me/lessons/", name="portal-lessons", by=CLIENT, title=_("Lessons"), nav=Nav("client", _("Lessons"), "book", 40))
def lessons(request: HttpRequest) -> HttpResponse:
    """All lessons, with those read marked."""
    done = queries.lesson_progress(me(request))
    rows = [
        {**spoken(each), "finished": bool(row and row.finished_at)}
        for each in words.lessons()
        for row in [done.get(each["id"])]
    ]
    return show(request, "lessons", {"lessons": rows, "read": sum(row["finished"] for row in rows)})


@page("me/lessons/<slug:lesson_id>/", name="portal-lesson", by=CLIENT, title=_("Lesson"))
def lesson(request: HttpRequest, lesson_id: str) -> HttpResponse:
    """One lesson and its questions; the answers show why, and nobody fails."""
    client = me(request)
    text = spoken(found(words.lesson(lesson_id)))
    form = quiz_form(text, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if do(request, finish_lesson, client=client, lesson=lesson_id, answers=answers(form)):
            return redirect("portal-lesson-done", lesson_id=lesson_id)
        form.add_error(None, _("That didn't work. Please try again."))
    if request.method == "GET" and lesson_id not in queries.lesson_progress(client):
        open_lesson.run(request.actor, client=client, lesson=lesson_id)  # type: ignore[attr-defined]
    return show(request, "lesson", {"lesson": text, "form": form}, form)


@page("me/lessons/<slug:lesson_id>/done/", name="portal-lesson-done", by=CLIENT, title=_("Well done"))
def lesson_done(request: HttpRequest, lesson_id: str) -> HttpResponse:
    """What was right and why, one thing to try, and the next lesson."""
    text = spoken(found(words.lesson(lesson_id)))
    done = queries.lesson_progress(me(request))
    row = found(done.get(lesson_id))
    after = next(
        (spoken(each) for each in words.lessons() if each["id"] not in done or not done[each["id"]].finished_at), None
    )
    return show(
        request, "lesson_done", {"lesson": text, "row": row, "answers": reviewed(text, row.answers), "after": after}
    )
