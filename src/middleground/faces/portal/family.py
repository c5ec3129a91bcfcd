"""Pages of families: lessons and care for themselves always; of a client only what that client signed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from middleground.faces.doors import Nav, found, page
from middleground.faces.portal import reading
from middleground.faces.portal.craving import lines
from middleground.faces.portal.frame import FAMILY, do, show, spoken
from middleground.faces.portal.learning import answers, quiz_form, reviewed
from middleground.family import queries as families
from middleground.family.actions import finish_family_lesson
from middleground.family.sharing import shareable
from middleground.recovery import words

OWN_CARE = "family-your-own-care"


@page("family/", name="family-home", by=FAMILY, title=_("Home"), nav=Nav("family", _("Home"), "home", 10))
def home(request: HttpRequest) -> HttpResponse:
    """What was shared, kind by kind, with the rest named as not shared; lessons; a way to tell us something."""
    people = families.shared_with(request.actor.user_id)  # type: ignore[attr-defined]
    given = {
        "people": people,
        "lessons": spoken(words.lessons("family")),
        "own_care": spoken(found(words.lesson(OWN_CARE, "family"))),
    }
    return show(
        request,
        "family_home",
        {**given, "shown": shown(people[0]) if len(people) == 1 else [], "person": people[0] if people else None},
    )


def shown(shared: families.Shared) -> list[reading.Shown]:
    """Kind by kind what this client shares, with the rest named as not shared."""
    return reading.shown(shared.client_id, shared.kinds, shareable(), apart=reading.APART)


@page("family/shared/<int:client_id>/", name="family-shared", by=FAMILY, title=_("What is shared with you"))
def shared(request: HttpRequest, client_id: int) -> HttpResponse:
    """What one client shares, or one kind of it; not found, whoever asks, without a consent in force."""
    people = families.shared_with(request.actor.user_id)  # type: ignore[attr-defined]
    person = found(next((each for each in people if each.client_id == client_id), None))
    one = [each for each in shareable() if each[0] == request.GET.get("kind") and each[0] in person.kinds]
    rows = reading.shown(client_id, person.kinds, one) if one else shown(person)
    return show(request, "family_shared", {"person": person, "shown": rows})


def listed(user_id: int | None) -> list[dict[str, Any]]:
    """The family lessons with those read marked."""
    done = families.lessons_finished(user_id)
    return [{**spoken(each), "finished": each["id"] in done} for each in words.lessons("family")]


@page(
    "family/lessons/", name="family-lessons", by=FAMILY, title=_("Lessons"), nav=Nav("family", _("Lessons"), "book", 20)
)
def lessons(request: HttpRequest) -> HttpResponse:
    """The family lessons."""
    rows = listed(request.actor.user_id)  # type: ignore[attr-defined]
    return show(request, "family_lessons", {"lessons": rows, "read": sum(row["finished"] for row in rows)})


@page("family/lessons/<slug:lesson_id>/", name="family-lesson", by=FAMILY, title=_("Lesson"))
def lesson(request: HttpRequest, lesson_id: str) -> HttpResponse:
    """One family lesson; its questions only help to remember."""
    text = spoken(found(words.lesson(lesson_id, "family")))
    form = quiz_form(text, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = answers(form)
        if do(request, finish_family_lesson, lesson=lesson_id, answers=given):
            return show(request, "family_lesson_done", {"lesson": text, "answers": reviewed(text, given)})
        form.add_error(None, _("That didn't work. Please try again."))
    return show(request, "family_lesson", {"lesson": text, "form": form}, form)


@page("family/more/", name="family-more", by=FAMILY, title=_("More"), nav=Nav("family", _("More"), "menu", 40))
def more(request: HttpRequest) -> HttpResponse:
    """Crisis lines, who we are, the way out."""
    return show(request, "family_more", {"lines": lines()})


@page("family/tell/", name="family-tell", by=FAMILY, title=_("Tell us"), nav=Nav("family", _("Tell us"), "message", 30))
def tell(request: HttpRequest) -> HttpResponse:
    """The listen-only line, under a family member's own navigation."""
    return redirect("family-message")
