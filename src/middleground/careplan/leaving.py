"""Continued-stay review, change of level, discharge and aftercare."""

from datetime import date, timedelta
from typing import Annotated, Any

from middleground.engines import placement
from middleground.kernel import desk, ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records import actions as records
from middleground.records.models import Client, Episode

from . import terms
from .models import AftercarePlan, Discharge, Goal, Plan, Review

DECIDERS = role("counselor", "prescriber", "program-director")
PROGRESS = [("yes", "Yes"), ("partly", "Partly"), ("no", "Not yet"), ("worse", "Things got harder")]


@action("Hold a continued-stay review", by=DECIDERS)
def hold_review(
    act: Act,
    client: Client,
    episode: Episode,
    summary: Annotated[str, Ask("What the team and the client found", lines=4)],
    decision: Annotated[Review.Decision, Ask("Decision", radio=True)],
    progress: Annotated[str, Ask("Progress towards the goals", choices=PROGRESS, radio=True)] = "partly",
    goals_met: Annotated[bool, Ask("The goals of this level are met")] = False,
    new_problem: Annotated[bool, Ask("There is a new problem this level can treat")] = False,
    plan_amended: Annotated[bool, Ask("The plan was amended since the last review")] = False,
    safe_at_level: Annotated[bool, Ask("This level of care is safe for the client")] = True,
    engaged: Annotated[bool, Ask("The client takes part and is able to work on the goals")] = True,
    measures: list | None = None,
    override_reason: Annotated[str, Ask("Why the decision differs from the recommendation", lines=2)] = "",
    next_review_on: Annotated[date | None, Ask("Next review")] = None,
) -> Review:
    """Record a review (about 8 weeks in, or earlier): the engine recommends, a named clinician decides.

    A decision other than the recommended one needs `override_reason`. A single return to use never decides (handbook 1.5).
    """
    stay = {
        "progress": progress,
        "goals_met": goals_met,
        "new_problem": new_problem,
        "plan_amended": plan_amended,
        "safe_at_level": safe_at_level,
        "engaged": engaged,
    }
    recommended, reasons = recommend_stay(stay)
    if recommended and decision != recommended and not override_reason.strip():
        raise Refused("Say why the decision differs from the recommendation.", "override_reason")
    days = terms.limits()["review_every_days"]
    ongoing = decision in (Review.Decision.CONTINUE, Review.Decision.CONTINUE_AMENDED)
    next_on = next_review_on or (act.now.date() + timedelta(days=days) if ongoing else None)
    plan = Plan.objects.filter(episode=episode, status=Plan.Status.ACTIVE).first()
    records.close_tasks(act, f"review-due:{episode.pk}", "Review held")
    if next_on:
        records.ask_for(
            act,
            "Hold the continued-stay review",
            act.now + (next_on - act.now.date()),
            client=client,
            key=f"review-due:{episode.pk}",
            owner_role="counselor",
        )
    desk.forget(act, f"review:{client.pk}")
    act.says(f"Held a continued-stay review: {Review.Decision(decision).label.lower()}")
    return Review.objects.create(
        client=client,
        episode=episode,
        plan=plan,
        held_at=act.now,
        measures=measures or [],
        stay=stay,
        summary=summary,
        recommended=recommended,
        reasons=reasons,
        decision=decision,
        override_reason=override_reason,
        next_review_on=next_on,
        decided_by_id=act.user_id,
    )


def recommend_stay(stay: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """What the placement engine says about staying: (decision, reasons)."""
    line = {
        "edition": 4,
        "sud_diagnosis": True,
        "pathway": "first-line",
        "ratings": {"1": 0, "2": 1, "3": 1, "4": 2, "5": 2},
        "withdrawal": "CLEAR",
        "gates": [],
        "medical_signed": True,
        "clinical_signed": True,
        "selected": "2.1",
        "stay": stay,
    }
    answered = placement.answer(line)
    return answered.get("decision") or "", [
        r for r in answered.get("reasons", []) if "stay" in r["code"] or "continu" in r["code"]
    ] or answered.get("reasons", [])[:3]


@action("Change the level of care", by=DECIDERS, fresh="episode")
def change_level(
    act: Act,
    episode: Episode,
    level_of_care: Annotated[str, Ask("New level", choices=lambda: terms.choices("levels-of-care"))],
    prescribed_minutes: Annotated[int, Ask("Prescribed minutes a week", low=0, high=2400)],
    reason: Annotated[str, Ask("Why", lines=2)],
) -> Episode:
    """Step the episode up or down within the program; the record stays whole and the timeline shows when."""
    before = episode.level_of_care
    episode.level_of_care, episode.prescribed_minutes = level_of_care, prescribed_minutes
    episode.save(update_fields=["level_of_care", "prescribed_minutes"])
    act.says(f"Changed the level of care from {before} to {level_of_care}", before=before, after=level_of_care)
    return episode


@action("Discharge", by=DECIDERS, fresh="episode")
def discharge(
    act: Act,
    episode: Episode,
    reason: Annotated[str, Ask("Reason", choices=lambda: terms.choices("discharge-reasons"))],
    summary: Annotated[str, Ask("Summary of treatment", lines=5)],
    on: Annotated[date | None, Ask("Last day in treatment")] = None,
    goals: list | None = None,
    medicines: Annotated[str, Ask("Medicines at discharge, and who continues them", lines=2)] = "",
    naloxone: Annotated[str, Ask("Naloxone", choices=lambda: terms.choices("naloxone-marks"))] = "",
    next_care: Annotated[str, Ask("Where care goes on", most=200)] = "",
    next_care_on: Annotated[date | None, Ask("First visit there")] = None,
) -> Discharge:
    """End the episode, give back every coming booking, and ask for the follow-up check-ins. The record stays whole.

    Raises `Refused` for an ended episode and for a day before admission. Check-ins: knowledge/careplan/plan-clocks.
    """
    if episode.ended_on is not None:
        raise Refused("This episode of care has already ended.")
    last = on or act.now.date()
    if last < episode.admitted_on or last > act.now.date():
        raise Refused("The last day must lie between admission and today.", "on")
    client = episode.client
    records.close_episode(act, episode, last, reason)
    ledger.release_client(act, ledger.key(client), act.now, "discharged")
    for key in (f"review-due:{episode.pk}", f"plan-due:{episode.pk}"):
        records.close_tasks(act, key, "Discharged")
    for days in terms.limits()["check_ins_after_discharge_days"]:
        if (due := act.now + timedelta(days=days)) and reason != "died":
            records.ask_for(
                act,
                f"Call for the {days}-day check-in",
                due,
                client=client,
                key=f"check-in:{episode.pk}:{days}",
                owner_role="case-manager",
            )
    desk.forget(act, f"discharge:{client.pk}")
    act.says(f"Discharged ({reason})", reason=reason)
    return Discharge.objects.create(
        client=client,
        episode=episode,
        on=last,
        reason=reason,
        summary=summary,
        goals=goals if goals is not None else goals_as_they_stand(episode),
        medicines=medicines,
        naloxone=naloxone,
        next_care=next_care,
        next_care_on=next_care_on,
        signed_by_id=act.user_id,
        signed_at=act.now,
    )


def goals_as_they_stand(episode: Episode) -> list[dict[str, str]]:
    """Each goal of the plan in force with "met" when all its objectives are, else "open"."""
    found = Goal.objects.filter(
        problem__plan__episode=episode, problem__plan__status=Plan.Status.ACTIVE, removed_at=None
    ).prefetch_related("objectives")
    return [
        {"goal": g.words, "status": "met" if all(o.status == "met" for o in g.objectives.all()) else "open"}
        for g in found
    ]


@action("Write an aftercare plan", by=role("counselor", "case-manager") | role("client"))
def write_aftercare(
    act: Act,
    client: Client,
    episode: Episode,
    keeps_me_well: Annotated[str, Ask("What keeps me well", lines=3)],
    warning_signs: Annotated[str, Ask("What I watch for", lines=3)] = "",
    people: Annotated[str, Ask("Who I call", lines=2)] = "",
    meetings: Annotated[str, Ask("Meetings, groups, care I go on with", lines=2)] = "",
) -> AftercarePlan:
    """The client's own plan for after treatment; a new one supersedes the one before. Check-in dates are worked out."""
    AftercarePlan.objects.filter(episode=episode, superseded_at=None).update(superseded_at=act.now)
    start = episode.ended_on or act.now.date()
    dates = [(start + timedelta(days=d)).isoformat() for d in terms.limits()["check_ins_after_discharge_days"]]
    act.says("Wrote an aftercare plan")
    return AftercarePlan.objects.create(
        client=client,
        episode=episode,
        keeps_me_well=keeps_me_well,
        warning_signs=warning_signs,
        people=people,
        meetings=meetings,
        check_ins=dates,
        made_at=act.now,
    )
