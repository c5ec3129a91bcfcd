"""Everything else: the menu, the record's access log, questionnaires, signing out."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from middleground.assessment import actions as assessment
from middleground.assessment import asking
from middleground.faces.doors import Nav, found, page
from middleground.faces.portal import reading
from middleground.faces.portal.frame import CLIENT, FAMILY, do, me, show
from middleground.recovery import words


@page("me/more/", name="portal-more", by=CLIENT, title=_("More"), nav=Nav("client", _("More"), "menu", 50))
def more(request: HttpRequest) -> HttpResponse:
    """The companion's other pages, and the way out."""
    return show(request, "more", {"client": me(request)})


@page("me/record/", name="portal-record", by=CLIENT, title=_("Who looked at my record"))
def record(request: HttpRequest) -> HttpResponse:
    """Who read or changed the record, in plain words, and how to get a copy."""
    client = me(request)
    number = max(1, int(given)) if (given := request.GET.get("page", "1")).isdecimal() else 1
    rows, further = reading.looks(client, request.actor.user_id, min(number, 10_000))  # type: ignore[attr-defined]
    return show(request, "record", {"looks": rows, "number": number, "further": further})


@page("me/questions/", name="portal-instruments", by=CLIENT, title=_("Questions"))
def instruments(request: HttpRequest) -> HttpResponse:
    """The questionnaires a person may answer alone."""
    me(request)
    spoken = words.language()
    forms = [
        {"id": each.id, "title": each.title.spoken(spoken), "items": len(each.items)} for each in asking.for_clients()
    ]
    return show(request, "instruments", {"instruments": forms})


@page("me/questions/<slug:instrument>/", name="portal-instrument", by=CLIENT, title=_("Questions"))
def instrument(request: HttpRequest, instrument: str) -> HttpResponse:
    """One questionnaire. Whatever the answers, the thanks are the same; the counselor talks about them in person."""
    client = me(request)
    form = found(next((each for each in asking.for_clients() if each.id == instrument), None))
    wrong = ""
    if request.method == "POST":
        answers = asking.read_answers(form, request.POST)
        done = do(
            request,
            assessment.give_instrument,
            client=client,
            instrument=form.id,
            answers=answers,
            language=words.language(),
        )
        if done:
            return show(request, "instrument_done", {"title": form.title.spoken(words.language())})
        wrong = say("Please answer every question.") if None in answers else say("Please look at your answers again.")
    language = words.language()
    asked = asking.questions(form, language, given=request.POST)
    context = {
        "title": form.title.spoken(language),
        "prompt": form.prompt.spoken(language),
        "questions": asked,
        "wrong": wrong,
    }
    response = show(request, "instrument", context)
    response.status_code = 422 if wrong else 200
    return response


@page("me/sign-out/", name="portal-sign-out", by=(*CLIENT, *FAMILY), title=_("Sign out"))
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and ask the browser to forget what it kept (the craving card)."""
    if request.method != "POST":
        return redirect("home")
    language = translation.get_language()
    logout(request)
    translation.activate(language or "en")
    answer = redirect("account_login")
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer
