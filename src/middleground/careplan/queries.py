"""Reading plans, reviews and discharges. Everything passes the record gate."""

from typing import Any

from django.db.models import QuerySet

from middleground.records.models import Client, Episode

from .models import AftercarePlan, Discharge, Goal, Intervention, Objective, Plan, PlanComment, Problem, Review


def plan_in_force(client: Client) -> Plan | None:
    """The signed plan of the latest episode, or None."""
    return (
        Plan.objects.filter(client=client, status=Plan.Status.ACTIVE)
        .select_related("signed_by", "episode")
        .order_by("-signed_at")
        .first()
    )


def draft_plan(client: Client) -> Plan | None:
    return Plan.objects.filter(client=client, status=Plan.Status.DRAFT).select_related("episode").first()


def plans(client: Client) -> QuerySet[Plan]:
    """All plans, the newest first, each with its episode."""
    return Plan.objects.filter(client=client).select_related("signed_by", "episode").order_by("-opened_at", "-pk")


def plan(plan_id: int) -> Plan | None:
    return Plan.objects.filter(pk=plan_id).select_related("client", "episode", "signed_by").first()


def comments(plan: Plan) -> QuerySet[PlanComment]:
    """What was said about a plan, the oldest first."""
    return PlanComment.objects.filter(plan=plan).select_related("author").order_by("at")


def whole(plan: Plan) -> list[Problem]:
    """The plan's problems, each with its goals (`wants`), their objectives (`steps`) and interventions (`what`). One query."""
    problems: dict[int, Any] = {}
    seen: dict[tuple[type, int], Any] = {}
    rows = Problem.objects.filter(plan=plan, removed_at=None).order_by(
        "pk", "goals", "goals__objectives", "goals__objectives__interventions"
    )
    for row in rows.values(*(f"{path}{name}" for path, model in LEVELS for name in columns(model))):
        above: Any = None
        for (path, model), (inner, outer) in zip(LEVELS, NESTED, strict=True):
            if row[f"{path}id"] is None or row[f"{path}removed_at"] is not None:
                break
            key = (model, row[f"{path}id"])
            if key not in seen:
                seen[key] = made = model(**{name: row[f"{path}{name}"] for name in columns(model)})
                setattr(made, inner, []) if inner else None
                getattr(above, outer).append(made) if outer else problems.setdefault(made.pk, made)
            above = seen[key]
    return list(problems.values())


LEVELS: tuple[tuple[str, Any], ...] = (
    ("", Problem),
    ("goals__", Goal),
    ("goals__objectives__", Objective),
    ("goals__objectives__interventions__", Intervention),
)
NESTED = (("wants", ""), ("steps", "wants"), ("what", "steps"), ("", "what"))


def columns(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def content(plan: Plan) -> dict[str, Any]:
    """The plan as plain data: what a signature is bound to, and what exports show."""
    return {
        "prescribed_minutes": plan.prescribed_minutes,
        "review_on": plan.review_on,
        "strengths": plan.strengths,
        "discharge_criteria": plan.discharge_criteria,
        "problems": [_problem(problem) for problem in whole(plan)],
    }


def _problem(problem: Any) -> dict[str, Any]:
    return {
        "area": problem.area,
        "words": problem.words,
        "goals": [
            {
                "words": goal.words,
                "objectives": [
                    {
                        "words": o.words,
                        "measure": o.measure,
                        "target_on": o.target_on,
                        "interventions": [[i.method, i.words, i.every] for i in o.what],
                    }
                    for o in goal.steps
                ],
            }
            for goal in problem.wants
        ],
    }


def open_objectives(client: Client) -> QuerySet[Objective]:
    """Objectives of the plan in force that are being worked on: what a note can be tied to."""
    return Objective.objects.filter(
        client=client,
        status=Objective.Status.OPEN,
        removed_at=None,
        goal__removed_at=None,
        goal__problem__removed_at=None,
        goal__problem__plan__status=Plan.Status.ACTIVE,
    ).order_by("pk")


def open_objectives_of(client_ids: list[int]) -> dict[int, list[Objective]]:
    """The same for a whole roster, in one query: client id -> objectives."""
    found: dict[int, list[Objective]] = {client_id: [] for client_id in client_ids}
    rows = Objective.objects.filter(
        client_id__in=client_ids,
        status=Objective.Status.OPEN,
        removed_at=None,
        goal__removed_at=None,
        goal__problem__removed_at=None,
        goal__problem__plan__status=Plan.Status.ACTIVE,
    ).order_by("pk")
    for objective in rows:
        found[objective.client_id].append(objective)
    return found


def reviews(client: Client) -> QuerySet[Review]:
    return Review.objects.filter(client=client).select_related("decided_by")


def reviews_due(until: Any) -> QuerySet[Plan]:
    """Plans in force whose review date lies at or before `until`, of open episodes."""
    return (
        Plan.objects.filter(status=Plan.Status.ACTIVE, review_on__lte=until, episode__ended_on=None)
        .select_related("client", "signed_by")
        .order_by("review_on")
    )


def without_signed_plan() -> QuerySet[Episode]:
    """Open episodes that have no plan in force."""
    signed = Plan.objects.filter(status=Plan.Status.ACTIVE).values("episode_id")
    return Episode.objects.filter(ended_on=None).exclude(pk__in=signed).select_related("client")


def discharge_of(episode: Episode) -> Discharge | None:
    return Discharge.objects.filter(episode=episode).select_related("signed_by").first()


def aftercare(client: Client) -> AftercarePlan | None:
    return AftercarePlan.objects.filter(client=client, superseded_at=None).order_by("-made_at").first()
