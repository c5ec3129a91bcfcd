"""Writing a draft plan on one page: each thing that can be said has a small form of its own, and nothing typed is lost."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from middleground.careplan import actions, queries
from middleground.careplan.models import Plan
from middleground.faces.doors import found, page
from middleground.faces.web.charting import chart_page
from middleground.faces.web.plan import in_words
from middleground.kernel import desk
from middleground.kernel.who import CLINICAL

WHOLE: dict[str, Any] = {
    "frame": actions.set_frame,
    "adopt": actions.adopt_goal,
    "problem": actions.add_problem,
    "sign": actions.sign_plan,
}
UNDER: dict[str, tuple[Any, str]] = {
    "goal": (actions.add_goal, "problem"),
    "objective": (actions.add_objective, "goal"),
    "intervention": (actions.add_intervention, "objective"),
}
ITEM: dict[str, Any] = {"reword": actions.reword, "remove": actions.remove_item}
SAID = {
    "frame": "Frame saved.",
    "adopt": "Goal taken from the library. Put it into the client's own words.",
    "remove": "Taken out.",
}
FRAME = ("prescribed_minutes", "review_on", "projected_end_on", "strengths", "family_role", "discharge_criteria")


@page("plans/<int:plan_id>/edit/", name="plan-edit", by=CLINICAL, title="Draft plan")
def plan_edit(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One page for the whole draft; every form posts here with what to `do` and `at` which item."""
    plan = found(queries.plan(plan_id))
    if plan.status != Plan.Status.DRAFT:
        return redirect("chart-plan", client_id=plan.client_id)
    problems = in_words(queries.whole(plan))
    if request.method != "POST":
        return show(request, plan, problems)
    do, at = request.POST.get("do", ""), request.POST.get("at", "")
    done = submitted(request, plan, rows_of(problems), do, at)
    if not done:
        return show(request, plan, problems, (do, at, done.form), status=422)
    if do == "sign":
        messages.success(request, "Signed. The plan is in force; the client can sign it now.")
        return redirect("chart-plan", client_id=plan.client_id)
    messages.success(request, SAID.get(do, "Saved."))
    return redirect(f"{reverse('plan-edit', args=[plan.pk])}#{anchor(do, at)}")


def anchor(do: str, at: str) -> str:
    return at.replace(":", "-") if at and do != "remove" else "frame" if do == "frame" else "items"


def rows_of(problems: list[Any]) -> dict[str, Any]:
    """Every item of the plan by its name ("objective:7")."""
    rows: dict[str, Any] = {}
    for problem in problems:
        rows[f"problem:{problem.pk}"] = problem
        for goal in problem.wants:
            rows[f"goal:{goal.pk}"] = goal
            for step in goal.steps:
                rows[f"objective:{step.pk}"] = step
                rows |= {f"intervention:{each.pk}": each for each in step.what}
    return rows


def submitted(request: HttpRequest, plan: Plan, rows: dict[str, Any], do: str, at: str) -> Any:
    if do in WHOLE:
        return WHOLE[do].submit(request, plan=plan, form=named(WHOLE[do].form(request.POST, plan=plan), do, at))
    row = found(rows.get(at))
    if do in UNDER:
        action, above = UNDER[do]
        return action.submit(request, form=named(action.form(request.POST, **{above: row}), do, at), **{above: row})
    action = found(ITEM.get(do))
    return action.submit(request, form=named(action.form(request.POST, plan=plan, item=at), do, at), plan=plan, item=at)


def named(form: forms.Form, do: str, at: str = "") -> forms.Form:
    """Ids of its own, so that many forms stand on one page."""
    form.auto_id = f"{do}-{at.replace(':', '-')}-%s" if at else f"{do}-%s"
    return form


def show(
    request: HttpRequest,
    plan: Plan,
    problems: list[Any],
    failed: tuple[str, str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    frame, restored = frame_form(request, plan)
    whole = {
        "frame": frame,
        "adopt": named(WHOLE["adopt"].form(plan=plan), "adopt"),
        "problem": named(WHOLE["problem"].form(plan=plan), "problem"),
        "sign": named(WHOLE["sign"].form(plan=plan), "sign"),
    }
    if failed and failed[0] in WHOLE:
        whole[failed[0]] = failed[2]
    lay_forms(problems, failed)
    do, at = (failed[0], failed[1]) if failed else ("", "")
    return chart_page(
        request,
        "web/plan_edit.html",
        plan.client,
        {
            "plan": plan,
            "problems": problems,
            "whole": whole,
            "do": do,
            "at": at,
            "restored": restored if not failed else None,
            "draft_key": f"plan:{plan.pk}",
            "here": reverse("plan-edit", args=[plan.pk]),
            "signs": actions.sign_plan.might(request.actor),  # type: ignore[attr-defined]
            "ready": any(goal.steps for problem in problems for goal in problem.wants),
        },
        tab="chart-plan",
        status=status,
    )


def frame_form(request: HttpRequest, plan: Plan) -> tuple[forms.Form, Any]:
    """The frame as it stands, or as it was being typed when the page was left."""
    kept = desk.draft(request.actor.user_id, f"plan:{plan.pk}")  # type: ignore[attr-defined]
    initial = {name: getattr(plan, name) for name in FRAME}
    if kept is not None:
        initial |= {name: values[-1] for name, values in kept[0].items() if name in FRAME and values}
    return named(WHOLE["frame"].form(plan=plan, initial=initial), "frame"), kept[1] if kept else None


def lay_forms(problems: list[Any], failed: tuple[str, str, forms.Form] | None) -> None:
    """Give every item the forms it is changed with: its words, and what can be added under it."""
    below = {"problem": "goal", "goal": "objective", "objective": "intervention"}
    for name, row in rows_of(problems).items():
        row.name, row.anchor = name, name.replace(":", "-")
        row.reword = named(actions.reword.form(plan=None, item=name, initial={"words": row.words}), "reword", name)
        if adds := below.get(name.partition(":")[0]):
            action, above = UNDER[adds]
            row.adds, row.add = adds, named(action.form(**{above: row}), adds, name)
        if failed and failed[1] == name:
            setattr(row, "reword" if failed[0] == "reword" else "add", failed[2])
