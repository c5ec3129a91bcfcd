"""The answers of the engine as JSON objects (timetabling contract, sections 3, 6 and 8 to 11)."""

from typing import TYPE_CHECKING, Any

from ..knowing import version
from .bookings import bookings
from .clinic import Clinic
from .telling import tell
from .times import Span
from .worth import meets_payer, minutes_of

if TYPE_CHECKING:
    from .planning.asked import Level, Limits, Solved

FIGURES = ("clients_reaching_payer", "minutes")
PLAN, OFFERS, REASONS = (f"middleground-timetable-{what}/1" for what in ("plan", "offers", "reasons"))


def in_force() -> dict[str, str]:
    """The version every answer carries."""
    return version("timetable", "timetabling")


def plan_answer(clinic: Clinic, solved: "Solved", limits: "Limits") -> dict[str, Any]:
    """The answer to plan and repair."""
    answer: dict[str, Any] = {
        "format": PLAN,
        "instance": clinic.id,
        "question": clinic.question,
        "status": solved.status,
        **solved.plan.rows(),
        "objective": list(solved.objective),
        "levels": [level_row(level, level.proved and solved.has_plan) for level in solved.levels],
        "work": {"seed": limits.seed, "workers": limits.workers, "stopped": solved.stopped},
        "version": in_force(),
    }
    if limits.changes_first:
        answer["order"] = list(limits.order)
    if clinic.repairs:
        answer["tell"] = tell(clinic, solved.plan) if solved.has_plan else []
    return answer | ({} if solved.has_plan else {"reasons": solved.reasons})


def level_row(level: "Level", proved: bool) -> dict[str, Any]:
    return {
        "name": level.name,
        "value": level.value,
        "bound": level.bound,
        "gap": level.gap,
        "proved": proved,
    }


def offers_answer(clinic: Clinic, offers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": OFFERS, "instance": clinic.id, "offers": offers, "version": in_force()}


def reasons_answer(clinic: Clinic, explanations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": REASONS, "instance": clinic.id, "explanations": explanations, "version": in_force()}


def what_if_answer(before: "tuple[Clinic, Solved]", after: "tuple[Clinic, Solved]", limits: "Limits") -> dict[str, Any]:
    """Both plans and what the change does. Each difference is after less before; `not_proved` lists those that the gaps
    could turn round: the name of a level, or the figure."""
    return {
        "before": plan_answer(*before, limits),
        "after": plan_answer(*after, limits),
        "difference": difference(before, after),
        "version": in_force(),
    }


def difference(before: "tuple[Clinic, Solved]", after: "tuple[Clinic, Solved]") -> dict[str, Any]:
    """`objective` level by level; `clients_reaching_payer`; `minutes`: those of the prescription that clients get;
    `load`: level 8. `bounds` has the least and the most each level's difference can be in the best plans of both; None
    where an earlier level is open, since then the best plans may trade one for the other. Where one of them is no plan, there
    is no difference: every figure is None, and none is proved."""
    if not (before[1].has_plan and after[1].has_plan):
        return no_difference([level.name for level in after[1].levels])
    was, now = figures(*before), figures(*after)
    spans = level_spans(before[1], after[1])
    delta = [b - a for a, b in zip(before[1].objective, after[1].objective, strict=True)]
    names = [level.name for level in after[1].levels]
    known = dict(zip(names, spans, strict=True)) | {
        "clients_reaching_payer": reached(len(after[0].clients) - len(before[0].clients), spans[0]),
        "minutes": reached(prescribed(after[0]) - prescribed(before[0]), spans[1]),
    }
    if before[0].repairs or after[0].repairs:
        known |= dict.fromkeys(FIGURES)
    optimal = before[1].status == after[1].status == "optimal"
    return {
        "objective": delta,
        **{name: now[name] - was[name] for name in was},
        "load": delta[-1],
        "bounds": [None if span is None else list(span) for span in spans],
        "not_proved": [] if optimal else [name for name, span in known.items() if not is_certain(span)],
    }


def no_difference(levels: list[str]) -> dict[str, Any]:
    figures = dict.fromkeys(("objective", *FIGURES, "load"))
    return figures | {"bounds": [None] * len(levels), "not_proved": [*levels, *FIGURES]}


def reached(more: int, span: Span | None) -> Span | None:
    """What is reached is all there is less what falls short: `more` all in all, `span` the difference in falling short."""
    return None if span is None else (more - span[1], more - span[0])


def prescribed(clinic: Clinic) -> int:
    return sum(client.prescribed for client in clinic.clients.values())


def figures(clinic: Clinic, solved: "Solved") -> dict[str, int]:
    made = bookings(clinic, solved.plan)
    people = clinic.clients.values()
    return {
        "clients_reaching_payer": sum(meets_payer(each, made.of(each.id)) for each in people),
        "minutes": sum(min(each.prescribed, minutes_of(made.of(each.id))) for each in people),
    }


def level_spans(before: "Solved", after: "Solved") -> list[Span | None]:
    """For each level the least and the most that the true difference can be."""
    spans: list[Span | None] = []
    closed = True
    for was, now in zip(before.levels, after.levels, strict=True):
        spans.append((now.bound - was.value, now.value - was.bound) if closed else None)
        closed = closed and was.proved and now.proved
    return spans


def is_certain(span: Span | None) -> bool:
    """Whether the difference is known, or at least which way it goes."""
    return span is not None and (span[0] == span[1] or span[0] > 0 or span[1] < 0)
