"""The continued-stay review: what was found, what the rules recommend, what a named clinician decided."""

from datetime import date, timedelta
from typing import Annotated, Any

from django.utils import timezone

from middleground.assessment import queries as assessment
from middleground.engines import placement
from middleground.kernel import desk
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records import actions as records
from middleground.records.models import Client, Episode

from . import terms
from .models import Plan, Review

DECIDERS = role("counselor", "prescriber", "program-director")
PROGRESS = [("yes", "Yes"), ("partly", "Partly"), ("no", "Not yet"), ("worse", "Things got harder")]
NO_DANGER = "none"
DANGER = [
    (NO_DANGER, "None of these: we asked"),
    ("suicide-high", "High risk of suicide"),
    ("violence-now", "Violence now"),
    ("medical-emergency", "A medical emergency"),
]
OPEN = ("/stay", "/withdrawal", "/ratings", "/gates")  # unknown answers that can leave a decision about staying open
ONGOING = (Review.Decision.CONTINUE, Review.Decision.CONTINUE_AMENDED)


@action("Hold a continued-stay review", by=DECIDERS)
def hold_review(
    act: Act,
    client: Client,
    episode: Episode,
    summary: Annotated[str, Ask("What the team and the client found", lines=4)],
    decision: Annotated[Review.Decision, Ask("Decision", radio=True)],
    progress: Annotated[str, Ask("Progress towards the goals", choices=PROGRESS, radio=True)] = "partly",
    danger: Annotated[str, Ask("Is there danger today?", choices=DANGER, radio=True)] = NO_DANGER,
    goals_met: Annotated[bool, Ask("The goals of this level are met")] = False,
    new_problem: Annotated[bool, Ask("There is a new problem this level can treat")] = False,
    plan_amended: Annotated[bool, Ask("The plan was amended since the last review")] = False,
    safe_at_level: Annotated[bool, Ask("This level of care is safe for the client")] = True,
    engaged: Annotated[bool, Ask("The client takes part and is able to work on the goals")] = True,
    measures: list | None = None,
    override_reason: Annotated[str, Ask("Why the decision differs from the recommendation", lines=2)] = "",
    next_review_on: Annotated[date | None, Ask("Next review", help="Empty: by the review clock")] = None,
) -> Review:
    """Record a review (about 8 weeks in, or earlier): the rules recommend, a named clinician decides.

    A decision other than the recommended one needs `override_reason`; where the rules leave it open, the clinician's stands.
    A single return to use never decides (handbook 1.5). `measures` default to first against last on record.
    """
    if episode.client_id != client.pk or episode.ended_on is not None:
        raise Refused("There is no open episode of care to review.")
    stay = {
        "progress": progress,
        "goals_met": goals_met,
        "new_problem": new_problem,
        "plan_amended": plan_amended,
        "safe_at_level": safe_at_level,
        "engaged": engaged,
    }
    recommended, reasons, _ = recommend_stay(client, episode, stay, danger)
    if recommended and decision != recommended and not override_reason.strip():
        raise Refused("Say why the decision differs from the recommendation.", "override_reason")
    if next_review_on and next_review_on <= act.now.date():
        raise Refused("The next review must be after today.", "next_review_on")
    next_on = next_review_on or by_the_clock(act, decision)
    ask_for_next(act, client, episode, next_on)
    desk.forget(act, f"review:{client.pk}")
    act.says(f"Held a continued-stay review: {Review.Decision(decision).label.lower()}")
    return Review.objects.create(
        client=client,
        episode=episode,
        plan=Plan.objects.filter(episode=episode, status=Plan.Status.ACTIVE).first(),
        held_at=act.now,
        measures=measures if measures is not None else then_and_now(client),
        stay=stay,
        danger=danger,
        summary=summary,
        recommended=recommended,
        reasons=reasons,
        decision=decision,
        override_reason=override_reason if decision != recommended else "",
        next_review_on=next_on,
        decided_by_id=act.user_id,
    )


def by_the_clock(act: Act, decision: str) -> date | None:
    """When the next review is due (knowledge/careplan/plan-clocks); none when the client leaves this level."""
    return act.now.date() + timedelta(days=terms.limits()["review_every_days"]) if decision in ONGOING else None


def ask_for_next(act: Act, client: Client, episode: Episode, on: date | None) -> None:
    key = f"review-due:{episode.pk}"
    records.close_tasks(act, key, "Review held")
    if on:
        due = act.now + (on - act.now.date())
        records.ask_for(act, "Hold the continued-stay review", due, client=client, key=key, owner_role="counselor")


def recommend_stay(
    client: Client, episode: Episode, stay: dict[str, Any], danger: str
) -> tuple[str, list[dict[str, Any]], list[str]]:
    """What the rules say about staying, from the findings and what is on record: (decision or "", reasons, what is missing).

    Reads the current ratings and the last withdrawal check; one that is out of date is unknown. Writes nothing.
    """
    rows = list(assessment.ratings(client))
    edition = rows[0].edition if rows else 4
    check = assessment.latest_check(client)
    line = {
        "edition": edition,
        "pathway": episode.pathway,
        "ratings": {str(r.dimension): r.rating for r in rows if r.rating is not None and r.edition == edition},
        "needs": {str(r.dimension): r.need for r in rows if r.need and r.edition == edition},
        "withdrawal": check.result if check is not None and assessment.is_in_date(check) else assessment.UNKNOWN,
        "gates": [] if danger == NO_DANGER else [danger] if danger else None,
        "stay": stay,
    }
    answered = placement.answer(line)
    told = [each for each in answered["reasons"] if each["code"] in terms.stay_rules()]
    decision = answered.get("decision") or ""
    return (
        decision,
        told,
        [] if decision else sorted({name for name in OPEN for at in answered["missing"] if at.startswith(name)}),
    )


def then_and_now(client: Client) -> list[dict[str, Any]]:
    """Each measure at its first and last giving, as kept with the review. One query."""
    return [
        {
            "instrument": each.instrument,
            "title": each.title,
            "then": each.first,
            "then_band": each.first_band,
            "then_on": timezone.localdate(each.first_at).isoformat(),
            "now": each.last,
            "now_band": each.last_band,
            "now_on": timezone.localdate(each.last_at).isoformat(),
            "most": each.most,
            "change": each.change if each.times > 1 else "once",
        }
        for each in assessment.measures_then_and_now(client)
    ]
