"""Discharge and aftercare: how the episode ends, the client's own plan for after, and both on paper."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from middleground.careplan import actions, leaving, queries, terms
from middleground.careplan.models import AftercarePlan, Discharge
from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.faces.web.plan import READERS
from middleground.kernel import clock, desk
from middleground.records import queries as records
from middleground.records.models import Client, Episode

AFTER = ("keeps_me_well", "warning_signs", "people", "meetings")


@page("clients/<int:client_id>/discharge/", name="discharge", by=READERS, title="Discharge")
def discharge(request: HttpRequest, client_id: int) -> HttpResponse:
    """The discharge form while the episode is open, what was recorded afterwards; the aftercare plan all along."""
    client = client_or_404(client_id)
    episode = found(records.latest_episode(client))
    if request.method != "POST":
        return show(request, client, episode)
    if request.POST.get("do") == "aftercare":
        form = aftercare_form(request.POST)
        done: Any = actions.write_aftercare.submit(request, form=form, client=client, episode=episode)
        words = "Aftercare plan kept."
    else:
        done = actions.discharge.submit(request, form=leaving_form(request.POST), episode=episode, goals=None)
        words = "Discharged. The record stays whole, and the check-in calls are planned."
    if not done:
        return show(request, client, episode, (request.POST.get("do", ""), done.form), status=422)
    messages.success(request, words)
    return redirect("discharge", client_id=client.pk)


def leaving_form(data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    return actions.discharge.form(data, initial=initial, episode=None, goals=None)


def aftercare_form(data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
    form = actions.write_aftercare.form(data, initial=initial, client=None, episode=None)
    form.auto_id = "after-%s"
    return form


def kept(request: HttpRequest, key: str) -> tuple[dict[str, Any], Any]:
    """What was being typed under a key, as initial values, and since when."""
    draft = desk.draft(request.actor.user_id, key)  # type: ignore[attr-defined]
    return ({name: values[-1] for name, values in draft[0].items() if values}, draft[1]) if draft else ({}, None)


def show(
    request: HttpRequest,
    client: Client,
    episode: Episode,
    failed: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    done, after = queries.discharge_of(episode) if episode.ended_on else None, with_days(queries.aftercare(client))
    actor = request.actor  # type: ignore[attr-defined]
    leaves = episode.ended_on is None and actions.discharge.might(actor)
    typed, restored = kept(request, f"discharge:{client.pk}") if leaves else ({}, None)
    writes = actions.write_aftercare.might(actor)
    noted, noted_at = kept(request, f"aftercare:{client.pk}") if writes else ({}, None)
    before = {**({name: getattr(after, name) for name in AFTER} if after else {}), **noted}
    form, plan = leaving_form(initial={"on": clock.today(), **typed}), aftercare_form(initial=before)
    if failed:
        form, plan = (form, failed[1]) if failed[0] == "aftercare" else (failed[1], plan)
    return chart_page(
        request,
        "web/discharge.html",
        client,
        {
            "episode": episode,
            "done": worded(done),
            "after": after,
            "form": form,
            "plan": plan,
            "restored": None if failed else restored,
            "goals": leaving.goals_as_they_stand(episode) if leaves else [],
            "leaves": leaves,
            "writes": writes,
            "noted_at": None if failed else noted_at,
            "draft_key": f"discharge:{client.pk}",
            "after_key": f"aftercare:{client.pk}",
            "after_open": bool(noted_at or (failed and failed[0] == "aftercare")),
        },
        tab="chart-plan",
        status=status,
    )


def worded(done: Discharge | None) -> Discharge | None:
    """The discharge with its codes in words."""
    if done is not None:
        done.reason_words = terms.label("discharge-reasons", done.reason)  # type: ignore[attr-defined]
        done.naloxone_words = terms.label("naloxone-marks", done.naloxone)  # type: ignore[attr-defined]
    return done


def with_days(after: AftercarePlan | None) -> AftercarePlan | None:
    """The aftercare plan with the days of its check-in calls as dates."""
    if after is not None:
        after.check_in_days = [date.fromisoformat(each) for each in after.check_ins]  # type: ignore[attr-defined]
    return after


@page("clients/<int:client_id>/discharge/print/", name="discharge-print", by=READERS, title="Discharge summary")
def discharge_print(request: HttpRequest, client_id: int) -> HttpResponse:
    """The discharge summary on paper."""
    client = client_or_404(client_id)
    episode = found(records.latest_episode(client))
    done = worded(found(queries.discharge_of(episode)))
    return paper(request, "web/discharge_print.html", client, {"episode": episode, "done": done})


@page("clients/<int:client_id>/aftercare/print/", name="aftercare-print", by=READERS, title="Aftercare plan")
def aftercare_print(request: HttpRequest, client_id: int) -> HttpResponse:
    """The aftercare plan on paper, for the client to take along."""
    client = client_or_404(client_id)
    after = found(with_days(queries.aftercare(client)))
    return paper(request, "web/discharge_aftercare_print.html", client, {"after": after})


def paper(request: HttpRequest, template: str, client: Client, given: dict[str, Any]) -> HttpResponse:
    back = reverse("discharge", args=[client.pk])
    return render(
        request,
        template,
        {"client": client, "back_url": back, "document_date": timezone.localtime(clock.now()), **given},
    )
