"""The plan tab of the chart: the plan in force as a document, and everything that is done with it. Its editor: `plan_editor`."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from middleground.careplan import actions, queries, terms
from middleground.careplan.models import Objective, Plan
from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import clock
from middleground.kernel.who import CLINICAL
from middleground.records import queries as records
from middleground.records.models import Client

READERS = (*CLINICAL, "program-director", "compliance-officer")

TONES = {"open": "info", "met": "good", "revised": "accent"}


@page("clients/<int:client_id>/plan/", name="chart-plan", by=READERS, title="Plan of care")
def chart_plan(request: HttpRequest, client_id: int) -> HttpResponse:
    """The plan in force; posts start, amend, sign for the client, mark an objective, comment."""
    client = client_or_404(client_id)
    plans = list(queries.plans(client))
    now = newest(plans, Plan.Status.ACTIVE) or newest(plans, Plan.Status.SUPERSEDED)
    if request.method == "POST":
        return changed(request, client, plans, now)
    return show(request, client, plans, now)


def newest(plans: list[Plan], status: str) -> Plan | None:
    return next((plan for plan in plans if plan.status == status), None)


def show(
    request: HttpRequest,
    client: Client,
    plans: list[Plan],
    now: Plan | None,
    *,
    failed: str = "",
    form: Any = None,
    status: int = 200,
) -> HttpResponse:
    draft, actor = newest(plans, Plan.Status.DRAFT), request.actor  # type: ignore[attr-defined]
    episode = plans[0].episode if plans else records.latest_episode(client)
    is_open = episode is not None and episode.ended_on is None
    forms = {"sign": actions.client_sign_plan.form(plan=None), "comment": actions.comment.form(plan=None)}
    if form is not None and failed in forms:
        forms[failed] = form
    return chart_page(
        request,
        "web/plan.html",
        client,
        {
            "plan": now,
            "draft": draft,
            "earlier": [p for p in plans if p != now and p.status == Plan.Status.SUPERSEDED],
            "problems": in_words(queries.whole(now)) if now else [],
            "comments": queries.comments(now) if now else [],
            "episode": episode,
            "is_open": is_open,
            "failed": failed,
            "form": form,
            "forms": forms,
            "statuses": Objective.Status.choices,
            "hours": hours(now) if now else "",
            "overdue": bool(now and is_open and now.review_on < clock.today()),
            "writes": is_open and actions.start_plan.might(actor),
            "decides": is_open and actions.hold_review.might(actor),
            "leaves": actions.discharge.might(actor),
            "signs_here": is_open and actions.client_sign_plan.might(actor),
            "comments_here": actions.comment.might(actor),
            "aftercare": actions.write_aftercare.might(actor),
        },
        tab="chart-plan",
        status=status,
    )


def hours(plan: Plan) -> str:
    """Prescribed hours a week without needless decimals."""
    return f"{plan.prescribed_minutes / 60:.4g}"


def in_words(problems: list[Any]) -> list[Any]:
    """Give each problem and intervention the words of its codes."""
    for problem in problems:
        problem.area_words = terms.label("problem-areas", problem.area)
        problem.said = problem.words not in terms.items("problem-areas").get(problem.area, {}).get("label", {}).values()
        for goal in problem.wants:
            for step in goal.steps:
                step.measured = terms.label("objective-measures", step.measure)
                step.tone = TONES.get(step.status, "plain")
                for each in step.what:
                    each.method_words, each.every_words = (
                        terms.label("methods", each.method),
                        terms.label("frequencies", each.every),
                    )
    return problems


def changed(request: HttpRequest, client: Client, plans: list[Plan], now: Plan | None) -> HttpResponse:
    """Do what the posted form asks for, then show the plan again."""
    do = request.POST.get("do", "")
    if do == "start":
        done: Any = actions.start_plan.submit(
            request,
            client=client,
            episode=found(records.open_episode(client)),
            prescribed_minutes=None,
            review_on=None,
            strengths="",
        )
    elif do == "amend":
        done = actions.amend_plan.submit(request, plan=found(now))
    elif do == "mark":
        step = found(Objective.objects.filter(client=client, pk=int(request.POST.get("objective", "0") or 0)).first())
        done = actions.mark_objective.submit(request, objective=step)
    elif do == "sign":
        done = actions.client_sign_plan.submit(request, plan=found(now))
    else:
        do, done = "comment", actions.comment.submit(request, plan=found(now))
    if not done:
        return show(request, client, plans, now, failed=do, form=done.form, status=422)
    if do in ("start", "amend"):
        return redirect("plan-edit", plan_id=done.result.pk)
    messages.success(request, {"mark": "Objective marked.", "sign": "Signed by the client."}.get(do, "Comment added."))
    return redirect("chart-plan", client_id=client.pk)


@page("plans/<int:plan_id>/print/", name="plan-print", by=READERS, title="Plan of care")
def plan_print(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The plan on paper, in any state."""
    plan = found(queries.plan(plan_id))
    return render(
        request,
        "web/plan_print.html",
        {
            "client": plan.client,
            "plan": plan,
            "problems": in_words(queries.whole(plan)),
            "hours": hours(plan),
            "document_date": timezone.localtime(clock.now()),
            "back_url": f"/clients/{plan.client_id}/plan/",
        },
    )
