"""The continued-stay review: measures then and now, what was found, what the rules say, and only then the decision."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from middleground.careplan import actions, queries, reviewing, terms
from middleground.careplan.models import Review
from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.faces.web.plan import READERS
from middleground.kernel import desk
from middleground.records import queries as records
from middleground.records.models import Client, Episode
from middleground.timetable.words import length

FOUND = ("progress", "danger", "goals_met", "new_problem", "plan_amended", "safe_at_level", "engaged")
ASKED = (*FOUND, "summary")
DECIDED = ("decision", "override_reason", "next_review_on")
CHANGES = {
    "improved": ("good", "Better"),
    "worse": ("watch", "Harder"),
    "no-reliable-change": ("plain", "About the same"),
    "not-established": ("plain", "Change not established"),
    "once": ("plain", "Given once"),
}
TONES = {
    "continue": "good",
    "continue-amended": "info",
    "step-down": "good",
    "discharge": "good",
    "step-up": "watch",
    "transfer-medical": "danger",
}
WORDS = {
    "/stay": "an answer below",
    "/ratings": "the dimension ratings",
    "/withdrawal": "a withdrawal check",
    "/gates": "whether there is danger today",
}


@page("clients/<int:client_id>/review/", name="review", by=READERS, title="Review")
def review(request: HttpRequest, client_id: int) -> HttpResponse:
    """The review in two steps: findings, then the recommendation with its reasons and the decision."""
    client = client_or_404(client_id)
    episode = records.latest_episode(client)
    if request.method != "POST" or episode is None:
        return show(request, client, episode, *begun(request, client))
    if request.POST.get("do") == "level":
        return level_changed(request, client, episode)
    form = laid_out(request.POST)
    if request.POST.get("do") == "recommend":
        asked = valid(form, ASKED)
        return show(
            request,
            client,
            episode,
            form,
            None,
            advice(client, episode, form) if asked else None,
            status=200 if asked else 422,
        )
    done: Any = actions.hold_review.submit(request, form=form, client=client, episode=episode)
    if not done:
        asked = all(name in form.cleaned_data for name in FOUND)
        return show(
            request, client, episode, done.form, None, advice(client, episode, form) if asked else None, status=422
        )
    messages.success(request, f"Review held: {done.result.get_decision_display().lower()}.")
    return onward(client, done.result)


def onward(client: Client, held: Review) -> HttpResponse:
    """The next page that a decision asks for."""
    if held.decision == Review.Decision.DISCHARGE:
        return redirect("discharge", client_id=client.pk)
    if held.decision in (Review.Decision.STEP_DOWN, Review.Decision.STEP_UP):
        return redirect("review", client_id=client.pk)
    return redirect("chart-plan", client_id=client.pk)


def laid_out(data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    """The review's form; progress and danger start unanswered, so that nothing is said by default."""
    form = actions.hold_review.form(
        data, initial={"progress": None, "danger": None, **(initial or {})}, client=None, episode=None, measures=None
    )
    for name in ("progress", "danger"):
        form.fields[name].required = True
        form.fields[name].choices = [each for each in form.fields[name].choices if each[0]]  # type: ignore[attr-defined]
    return form


def begun(request: HttpRequest, client: Client) -> tuple[forms.Form, Any]:
    """An empty form, or what was being typed when the page was left."""
    kept = desk.draft(request.actor.user_id, f"review:{client.pk}")  # type: ignore[attr-defined]
    if kept is None:
        return laid_out(), None
    ticks = {name: name in kept[0] for name in ("goals_met", "new_problem", "plan_amended", "safe_at_level", "engaged")}
    typed = {name: values[-1] for name, values in kept[0].items() if name in (*ASKED, *DECIDED) and values}
    return laid_out(initial={**typed, **ticks}), kept[1]


def valid(form: forms.Form, names: tuple[str, ...]) -> bool:
    """Whether the first step is answered; what the second step asks is not missed yet."""
    form.is_valid()
    for name in [each for each in form.errors if each not in names]:
        del form.errors[name]
    return not form.errors


def advice(client: Client, episode: Episode, form: forms.Form) -> dict[str, Any]:
    """What the rules say of these findings, in words."""
    given = form.cleaned_data
    stay = {name: given[name] for name in FOUND if name != "danger"}
    decision, reasons, missing = reviewing.recommend_stay(client, episode, stay, given["danger"])
    return {
        "decision": decision,
        "label": Review.Decision(decision).label if decision else "",
        "tone": TONES.get(decision, "plain"),
        "reasons": reasons,
        "missing": [WORDS[each] for each in missing],
    }


def show(
    request: HttpRequest,
    client: Client,
    episode: Episode | None,
    form: forms.Form,
    restored: Any,
    said: dict[str, Any] | None = None,
    level: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    is_open = episode is not None and episode.ended_on is None
    held: list[Any] = list(queries.reviews(client)[:10])
    for each in held:
        each.tone = TONES.get(each.decision, "plain")
    moves = bool(held) and held[0].decision in (Review.Decision.STEP_DOWN, Review.Decision.STEP_UP)
    return chart_page(
        request,
        "web/review.html",
        client,
        {
            "episode": episode,
            "form": form,
            "said": said,
            "restored": restored,
            "reviews": held,
            "measures": measured(reviewing.then_and_now(client)),
            "decides": is_open and actions.hold_review.might(request.actor),
            "draft_key": f"review:{client.pk}",  # type: ignore[attr-defined]
            "level": level or (level_form(episode) if episode else None),
            "level_open": level is not None or moves,
            "hours_words": length(episode.prescribed_minutes) if episode else "",
            "level_words": terms.label("levels-of-care", episode.level_of_care) if episode else "",
            "is_open": is_open,
        },
        tab="chart-plan",
        status=status,
    )


def measured(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "then_on": date.fromisoformat(row["then_on"]),
            "now_on": date.fromisoformat(row["now_on"]),
            "tone": CHANGES.get(row["change"], CHANGES["not-established"])[0],
            "change_words": CHANGES.get(row["change"], CHANGES["not-established"])[1],
        }
        for row in rows
    ]


def level_form(episode: Episode, data: Any = None) -> forms.Form:
    form = actions.change_level.form(data, initial={"prescribed_minutes": episode.prescribed_minutes}, episode=episode)
    form.auto_id = "level-%s"
    return form


def level_changed(request: HttpRequest, client: Client, episode: Episode) -> HttpResponse:
    done = actions.change_level.submit(request, form=level_form(episode, request.POST), episode=found(episode))
    if not done:
        return show(request, client, episode, *begun(request, client), level=done.form, status=422)
    messages.success(request, "The level of care is changed. Amend the plan to match.")
    return redirect("chart-plan", client_id=client.pk)
