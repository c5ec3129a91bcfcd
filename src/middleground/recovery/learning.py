"""Lessons: opening and finishing them."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.models import Client

from . import words
from .models import LessonProgress

WHO = role("client", "counselor", "case-manager")
LessonId = Annotated[str, Ask(hidden=True, most=60)]


@action("Open a lesson", by=WHO, quiet=True)
def open_lesson(act: Act, client: Client, lesson: LessonId) -> LessonProgress:
    """Remember that a lesson was opened; opening it again changes nothing."""
    _known(lesson)
    made, _new = LessonProgress.objects.get_or_create(client=client, lesson=lesson, defaults={"opened_at": act.now})
    return made


@action("Finish a lesson", by=WHO)
def finish_lesson(act: Act, client: Client, lesson: LessonId, answers: dict | None = None) -> LessonProgress:
    """Keep a lesson's answers {question id: option id}; there is no failing. Raises `Refused` for an answer not offered."""
    found = _known(lesson)
    try:
        right, asked = words.marked(found, answers or {})
    except ValueError as no:
        raise Refused(str(_("Choose one of the answers.")), str(no)) from None
    progress = open_lesson.within(act, client=client, lesson=lesson)
    progress.answers, progress.right, progress.asked = answers or {}, right, asked
    progress.finished_at = progress.finished_at or act.now
    progress.save(update_fields=["answers", "right", "asked", "finished_at"])
    act.says(f"Finished the lesson {lesson}")
    return progress


def _known(lesson: str) -> dict:
    return words.lesson(lesson) or _refuse()


def _refuse() -> dict:
    raise Refused(str(_("There is no such lesson.")), "lesson")
