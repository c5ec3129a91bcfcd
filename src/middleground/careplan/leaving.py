"""Change of level, discharge and aftercare."""

from datetime import date, timedelta
from typing import Annotated

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from middleground.kernel import desk, ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records import actions as records
from middleground.records.models import Client, Episode

from . import terms
from .models import AftercarePlan, Discharge, Goal, Objective, Plan
from .reviewing import DECIDERS


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
    check_reason(act, reason, summary)
    client = episode.client
    records.close_episode(act, episode, last, reason)
    ledger.release_client(act, ledger.key(client), act.now, "discharged")
    for key in (f"review-due:{episode.pk}", f"plan-due:{episode.pk}"):
        records.close_tasks(act, key, "Discharged")
    if reason != "died":
        _ask_for_follow_up(act, episode)
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


def _ask_for_follow_up(act: Act, episode: Episode) -> None:
    """The same day a prescriber looks after safety (overdose risk rises when recovery medicine may stop, naloxone, the way
    back: handbook M24); later the case manager calls at each check-in."""
    clocks = terms.limits()
    safety = act.now + timedelta(hours=clocks["safety_after_discharge_hours"])
    words, key = "Look after safety after a discharge", f"after-discharge:{episode.pk}"
    why = "Medicines, naloxone, the way back"
    records.ask_for(act, words, safety, client=episode.client, why=why, key=key, owner_role="prescriber")
    for days in clocks["check_ins_after_discharge_days"]:
        due, key = act.now + timedelta(days=days), f"check-in:{episode.pk}:{days}"
        records.ask_for(
            act, f"Call for the {days}-day check-in", due, client=episode.client, key=key, owner_role="case-manager"
        )


def check_reason(act: Act, reason: str, summary: str) -> None:
    """Some reasons need a supervisor or words of their own (vocabulary/discharge-reasons)."""
    told = terms.items("discharge-reasons")[reason]
    if told.get("needs_supervisor") and "program-director" not in act.actor.roles and not act.actor.is_system:
        raise Refused(
            "Only the program director ends treatment for the program. Ask them to record this discharge.", "reason"
        )
    if not summary.strip():
        raise Refused("Say in a few sentences what happened.", "summary")


def goals_as_they_stand(episode: Episode) -> list[dict[str, str]]:
    """Each goal of the plan in force with "met" when all its objectives are, else "open". One query."""
    kept = Q(objectives__removed_at=None, objectives__isnull=False)
    met = kept & Q(objectives__status=Objective.Status.MET)
    found = Goal.objects.filter(
        problem__plan__episode=episode,
        problem__plan__status=Plan.Status.ACTIVE,
        removed_at=None,
        problem__removed_at=None,
    )
    counted = found.annotate(steps=Count("objectives", filter=kept), met=Count("objectives", filter=met)).order_by("pk")
    return [
        {"goal": goal.words, "status": "met" if goal.steps and goal.steps == goal.met else "open"} for goal in counted
    ]


@action("Write an aftercare plan", by=role("counselor", "case-manager") | role("client"))
def write_aftercare(
    act: Act,
    client: Client,
    episode: Episode,
    keeps_me_well: Annotated[str, Ask(_("What keeps me well"), lines=3)],
    warning_signs: Annotated[str, Ask(_("What I watch for"), lines=3)] = "",
    people: Annotated[str, Ask(_("Who I call"), lines=2)] = "",
    meetings: Annotated[str, Ask(_("Meetings, groups, care I go on with"), lines=2)] = "",
) -> AftercarePlan:
    """The client's own plan for after treatment; a new one supersedes the one before. Check-in dates are worked out."""
    if episode.client_id != client.pk:
        raise Refused("This episode of care is another client's.")
    AftercarePlan.objects.filter(episode=episode, superseded_at=None).update(superseded_at=act.now)
    start = episode.ended_on or act.now.date()
    dates = [(start + timedelta(days=d)).isoformat() for d in terms.limits()["check_ins_after_discharge_days"]]
    desk.forget(act, f"aftercare:{client.pk}")
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
