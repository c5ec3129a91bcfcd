"""Proposals without waiting for the solver: the plan in force with a few rows written over, kept as the planner keeps them."""

from copy import deepcopy
from typing import Any

from middleground.kernel import clock
from middleground.kernel.actions import action
from middleground.kernel.context import system
from middleground.kernel.who import system_only
from middleground.timetable.actions import look_at_week
from middleground.timetable.instance import ClinicWeek
from middleground.timetable.proposed import Proposal
from tests import builders
from tests.timetable.weeks import next_monday

LEVELS = ("below_payer", "short_minutes", "missing", "changes", "continuity", "preference", "idle", "load")


@action("Keep a proposal for a test", by=system_only())
def _keep(act: Any, facts: dict) -> Proposal:
    return Proposal.objects.create(made_at=act.now, **facts)


def seen_week(clinic: builders.Clinic, role: str = "program-director", **facts: Any) -> ClinicWeek:
    return look_at_week.run(clinic.actor(role), site_id=clinic.site.pk, week=clock.today(), **facts)


def answer_of(week: ClinicWeek) -> dict[str, Any]:
    """The plan in force as an answer of the engine, to be written over."""
    levels = [{"name": name, "value": 0, "bound": 0, "gap": 0.0, "proved": True} for name in LEVELS]
    return {**deepcopy(week.current), "levels": levels, "status": "optimal"}


def next_week(clinic: builders.Clinic) -> tuple[ClinicWeek, dict[str, Any]]:
    """The week after, read by the director, and what is in force then as an answer."""
    week = look_at_week.run(clinic.actor("program-director"), site_id=clinic.site.pk, week=next_monday())
    return week, answer_of(week)


def proposed(
    clinic: builders.Clinic,
    week: ClinicWeek,
    answer: dict[str, Any],
    question: str = "repair",
    fewest: dict[str, Any] | None = None,
    **asked: Any,
) -> Proposal:
    """`fewest`: the other end of a repair, with the fewest changes."""
    at = clock.now().isoformat()
    facts = {
        "site": clinic.site,
        "question": question,
        "monday": week.monday,
        "standing": week.standing,
        "asked": {"sort": "staff", "who": clinic.people["counselor"].pk, "start": at, "end": at} | asked,
        "answers": {question if question in ("plan", "what-if") else "hours": answer}
        | ({"changes": fewest} if fewest else {}),
        "made_by": clinic.people["program-director"],
    }
    return _keep.run(system("test"), facts=facts)


def group_row(answer: dict[str, Any], group: Any) -> dict[str, Any]:
    return next(row for row in answer["groups"] if row["id"] == f"g{group.pk}")
