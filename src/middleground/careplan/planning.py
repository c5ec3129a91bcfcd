"""Writing, signing and amending the plan of care."""

from datetime import date, timedelta
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _

from middleground.kernel import desk
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records import actions as records
from middleground.records.models import Client, Episode

from . import terms
from .models import Goal, Intervention, Objective, Plan, PlanComment, Problem

WRITERS = role("counselor", "case-manager", "prescriber")
SIGNERS = role("counselor")
DIMENSIONS = [(str(n), f"Dimension {n}") for n in range(1, 7)]


class PlanIsSigned(Refused):
    message = "This plan is signed and no longer changes. Amend it to write the next one."


def writable(plan: Plan) -> None:
    if plan.status != Plan.Status.DRAFT:
        raise PlanIsSigned()


@action("Start a plan of care", by=WRITERS)
def start_plan(
    act: Act,
    client: Client,
    episode: Episode,
    prescribed_minutes: Annotated[
        int | None, Ask("Prescribed minutes a week", help="The program's dose", low=60, high=2400)
    ] = None,
    review_on: Annotated[date | None, Ask("Review on")] = None,
    strengths: Annotated[str, Ask("Strengths and what matters to the client", lines=3)] = "",
) -> Plan:
    """A draft plan for the open episode. Raises `Refused` when one is being written already, or the episode isn't the client's."""
    if episode.client_id != client.pk or episode.ended_on is not None:
        raise Refused("There is no open episode of care to plan for.")
    if Plan.objects.filter(episode=episode, status=Plan.Status.DRAFT).exists():
        raise Refused("A plan is being written already.")
    today = act.now.date()
    number = Plan.objects.filter(episode=episode).count() + 1
    act.says("Started a plan of care", number=number)
    return Plan.objects.create(
        client=client,
        episode=episode,
        number=number,
        prescribed_minutes=prescribed_minutes or episode.prescribed_minutes,
        review_on=review_on or today + timedelta(days=terms.limits()["review_every_days"]),
        projected_end_on=episode.expected_end_on,
        strengths=strengths,
        opened_at=act.now,
        author_id=act.user_id,
    )


@action("Set the frame of a plan", by=WRITERS, fresh="plan")
def set_frame(
    act: Act,
    plan: Plan,
    prescribed_minutes: Annotated[int, Ask("Prescribed minutes a week", low=60, high=2400)],
    review_on: Annotated[date, Ask("Review on")],
    projected_end_on: Annotated[date | None, Ask("Projected end")] = None,
    strengths: Annotated[str, Ask("Strengths and what matters to the client", lines=3)] = "",
    family_role: Annotated[str, Ask("What family will do", lines=2)] = "",
    discharge_criteria: Annotated[str, Ask("How we will know it is time to step down", lines=2)] = "",
) -> Plan:
    """Prescribed hours, review date, strengths, family, discharge criteria of a draft."""
    writable(plan)
    if review_on <= act.now.date():
        raise Refused("The review must be after today.", "review_on")
    plan.prescribed_minutes, plan.review_on, plan.projected_end_on = prescribed_minutes, review_on, projected_end_on
    plan.strengths, plan.family_role, plan.discharge_criteria = strengths, family_role, discharge_criteria
    plan.save()
    desk.forget(act, f"plan:{plan.pk}")
    act.says("Set hours, review date and criteria of the plan")
    return plan


@action("Add a problem", by=WRITERS)
def add_problem(
    act: Act,
    plan: Plan,
    area: Annotated[str, Ask("Area", choices=lambda: terms.choices("problem-areas"))],
    words: Annotated[str, Ask("In plain words", help="The client's own words where you can", lines=2)],
    dimension: Annotated[str, Ask("Dimension", choices=DIMENSIONS)] = "",
) -> Problem:
    """A problem tied to a dimension; the dimension of the area is taken when none is chosen."""
    writable(plan)
    default = terms.items("problem-areas")[area].get("dimension_4e")
    act.says("Added a problem to the plan", area=area)
    return Problem.objects.create(
        client=plan.client, plan=plan, area=area, words=words, dimension=int(dimension) if dimension else default
    )


@action("Add a goal", by=WRITERS)
def add_goal(act: Act, problem: Problem, words: Annotated[str, Ask("The client wants", lines=2)]) -> Goal:
    writable(problem.plan)
    act.says("Added a goal to the plan")
    return Goal.objects.create(client=problem.client, problem=problem, words=words)


@action("Add an objective", by=WRITERS)
def add_objective(
    act: Act,
    goal: Goal,
    words: Annotated[str, Ask("A step that can be measured", lines=2)],
    target_on: Annotated[date, Ask("By when")],
    measure: Annotated[str, Ask("Measured by", most=120)] = "",
) -> Objective:
    writable(goal.problem.plan)
    act.says("Added an objective to the plan")
    return Objective.objects.create(client=goal.client, goal=goal, words=words, target_on=target_on, measure=measure)


@action("Add an intervention", by=WRITERS)
def add_intervention(
    act: Act,
    objective: Objective,
    method: Annotated[str, Ask("Method", choices=lambda: terms.choices("methods"))],
    words: Annotated[str, Ask("What we do", lines=2)],
    every: Annotated[str, Ask("How often", choices=lambda: terms.choices("frequencies"))] = "",
    minutes_a_week: Annotated[int | None, Ask("Minutes a week", low=0, high=2400)] = None,
    responsible: Annotated[str, Ask("Who", most=120)] = "",
) -> Intervention:
    writable(objective.goal.problem.plan)
    act.says("Added an intervention to the plan", method=method)
    return Intervention.objects.create(
        client=objective.client,
        objective=objective,
        method=method,
        words=words,
        every=every,
        minutes_a_week=minutes_a_week,
        responsible=responsible,
    )


@action("Take a goal from the library", by=WRITERS)
def adopt_goal(
    act: Act,
    plan: Plan,
    goal_id: Annotated[
        str, Ask("Goal", choices=lambda: [(k, g["goal"]["en"]) for k, g in terms.goal_library().items()])
    ],
) -> Goal:
    """Copy a ready goal with its objectives and interventions into the plan, to be put into the client's own words."""
    writable(plan)
    ready = terms.goal_library()[goal_id]
    language = plan.client.language if plan.client.language in ("en", "es") else "en"
    problem = Problem.objects.filter(plan=plan, area=ready["problem_area"], removed_at=None).first()
    if problem is None:
        area = terms.items("problem-areas")[ready["problem_area"]]
        problem = Problem.objects.create(
            client=plan.client,
            plan=plan,
            area=ready["problem_area"],
            words=area["label"][language],
            dimension=area.get("dimension_4e"),
        )
    goal = Goal.objects.create(client=plan.client, problem=problem, words=ready["goal"][language])
    _adopt_steps(act, plan, goal, ready, language, act.now.date())
    act.says("Took a goal from the library into the plan", goal=goal_id)
    return goal


def _adopt_steps(act: Act, plan: Plan, goal: Goal, ready: dict[str, Any], language: str, today: date) -> None:
    act_steps = [
        Objective(
            client=plan.client,
            goal=goal,
            words=o["text"][language],
            measure=o.get("measure", ""),
            target_on=today + timedelta(weeks=o.get("weeks", 8)),
        )
        for o in ready["objectives"]
    ]
    for made in act_steps:
        made.save()
    for each, step in zip(ready["interventions"], act_steps * 9, strict=False):
        Intervention(
            client=plan.client,
            objective=step,
            method=each["method"],
            words=each["text"][language],
            every=each.get("every", ""),
        ).save()


ITEMS: dict[str, tuple[Any, str]] = {
    "problem": (Problem, "plan"),
    "goal": (Goal, "problem__plan"),
    "objective": (Objective, "goal__problem__plan"),
    "intervention": (Intervention, "objective__goal__problem__plan"),
}


def item_of(act: Act, plan: Plan, item: str) -> Any:
    """The one row that `item` ("objective:7") names in this draft plan. Raises `Refused` when it isn't there."""
    writable(plan)
    sort, _, number = item.partition(":")
    if sort in ITEMS and number.isdecimal():
        model, path = ITEMS[sort]
        if found := model.objects.filter(**{path: plan, "pk": int(number), "removed_at": None}).first():
            return found
    raise Refused("There is no such item in this plan.")


@action("Take an item out of a draft plan", by=WRITERS)
def remove_item(act: Act, plan: Plan, item: str) -> Plan:
    """`item` is "problem:3", "goal:5", "objective:7" or "intervention:9". What is under it goes with it."""
    found = item_of(act, plan, item)
    found.removed_at = act.now
    found.save(update_fields=["removed_at"])
    act.says(f"Took a {item.partition(':')[0]} out of the draft plan")
    return plan


@action("Change the words of an item", by=WRITERS)
def reword(act: Act, plan: Plan, item: str, words: Annotated[str, Ask("In plain words", lines=2)]) -> Plan:
    """Put a problem, goal, objective or intervention of a draft into better words (the client's own)."""
    found = item_of(act, plan, item)
    found.words = words
    found.save(update_fields=["words"])
    act.says(f"Reworded a {item.partition(':')[0]} of the draft plan")
    return plan


@action("Sign a plan of care", by=SIGNERS, fresh="plan")
def sign_plan(
    act: Act, plan: Plan, signed_name: Annotated[str, Ask(_("Your full name, as your signature"), most=160)]
) -> Plan:
    """The counselor signs: the draft comes into force and the plan before it is superseded. A plan without a measurable objective isn't signed."""
    from .queries import content

    writable(plan)
    if not Objective.objects.filter(
        goal__problem__plan=plan, removed_at=None, goal__removed_at=None, goal__problem__removed_at=None
    ).exists():
        raise Refused("Add at least one goal with an objective before signing.")
    records.sign(act, plan.client, f"plan:{plan.pk}", content(plan), signed_name, "counselor")
    Plan.objects.filter(episode=plan.episode, status=Plan.Status.ACTIVE).update(status=Plan.Status.SUPERSEDED)
    plan.status, plan.signed_at, plan.signed_by_id = Plan.Status.ACTIVE, act.now, act.user_id
    plan.signed_name = signed_name.strip()
    plan.save()
    plan.episode.prescribed_minutes = plan.prescribed_minutes
    plan.episode.save(update_fields=["prescribed_minutes"])
    records.close_tasks(act, f"plan-due:{plan.episode_id}", "Plan signed")
    desk.forget(act, f"plan:{plan.pk}")
    act.says("Signed the plan of care; it is now in force")
    return plan


@action("Sign own plan of care", by=role("client") | role("counselor"))
def client_sign_plan(
    act: Act, plan: Plan, signed_name: Annotated[str, Ask(_("Your full name, as your signature"), most=160)]
) -> Plan:
    """The client signs the plan in force, on their phone or on the counselor's screen."""
    from .queries import content

    if plan.status != Plan.Status.ACTIVE:
        raise Refused(str(_("This plan isn't ready to sign yet.")))
    records.sign(act, plan.client, f"plan:{plan.pk}", content(plan), signed_name, "client")
    plan.client_signed_at, plan.client_signed_name = act.now, signed_name.strip()
    plan.save()
    act.says("The client signed the plan of care")
    return plan


@action("Comment on a plan", by=role("client") | WRITERS)
def comment(
    act: Act, plan: Plan, text: Annotated[str, Ask(_("What do you want to say about this plan?"), lines=3, most=2000)]
) -> PlanComment:
    """The client or the team says something about the plan; a client's comment becomes a notice to its author."""
    desk.notify(
        act,
        plan.signed_by_id or plan.author_id,
        "There is a new comment on a plan.",
        f"/clients/{plan.client_id}/plan/",
    )
    act.says("Commented on the plan of care")
    return PlanComment.objects.create(
        client=plan.client,
        plan=plan,
        author_id=act.user_id,
        by_client="client" in act.actor.roles,
        text=text,
        at=act.now,
    )


@action("Mark an objective", by=WRITERS)
def mark_objective(act: Act, objective: Objective, status: Annotated[Objective.Status, Ask("Status")]) -> Objective:
    """Say where an objective stands: progress is recorded on a plan in force, too."""
    objective.status = status
    objective.save(update_fields=["status"])
    act.says(f"Marked an objective as {Objective.Status(status).label.lower()}")
    return objective


@action("Amend a plan of care", by=WRITERS)
def amend_plan(act: Act, plan: Plan) -> Plan:
    """The next plan as a draft, with everything that is still open copied from this one."""
    if Plan.objects.filter(episode=plan.episode, status=Plan.Status.DRAFT).exists():
        raise Refused("A plan is being written already.")
    new = start_plan.within(
        act,
        client=plan.client,
        episode=plan.episode,
        prescribed_minutes=plan.prescribed_minutes,
        strengths=plan.strengths,
    )
    new.family_role, new.discharge_criteria = plan.family_role, plan.discharge_criteria
    new.save()
    for problem in plan.problems.filter(removed_at=None).prefetch_related("goals__objectives__interventions"):
        _copy_problem(act, problem, new)
    act.says("Amended the plan of care")
    return new


def _copy_problem(act: Act, problem: Problem, plan: Plan) -> None:
    copy = Problem.objects.create(
        client=plan.client, plan=plan, area=problem.area, dimension=problem.dimension, words=problem.words
    )
    for goal in problem.goals.all():
        if goal.removed_at is None:
            new_goal = Goal.objects.create(client=plan.client, problem=copy, words=goal.words)
            for objective in goal.objectives.all():
                if objective.removed_at is None and objective.status == Objective.Status.OPEN:
                    _copy_objective(act, objective, new_goal)


def _copy_objective(act: Act, objective: Objective, goal: Goal) -> None:
    copy = Objective.objects.create(
        client=goal.client,
        goal=goal,
        words=objective.words,
        measure=objective.measure,
        target_on=objective.target_on,
        follows=objective,
    )
    Intervention.objects.bulk_create(
        [
            Intervention(
                client=goal.client,
                objective=copy,
                method=i.method,
                words=i.words,
                every=i.every,
                minutes_a_week=i.minutes_a_week,
                responsible=i.responsible,
            )
            for i in objective.interventions.all()
            if i.removed_at is None
        ]
    )
