"""Dimension ratings, the withdrawal check and the placement decision. The rules recommend and explain; a named clinician decides."""

from datetime import datetime
from typing import Annotated, Any

from middleground.engines import placement, safety
from middleground.engines.errors import BadLine
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.desk import forget
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import ask_for, close_tasks, sign
from middleground.records.models import CareTeamMember, Client

from . import queries
from .giving import end_of_day, tell_everyone
from .models import DimensionRating, PlacementDecision, WithdrawalCheck

RATERS = ("counselor", "prescriber", "intake-coordinator")
DECIDERS = ("counselor", "prescriber", "program-director")
EDITIONS = {3: (1, 2, 3, 4, 5, 6), 4: (1, 2, 3, 4, 5)}  # the dimensions each edition rates
DESCRIBED_ONLY = (4, 6)  # edition 4, dimension 6: person-centered considerations, in words
LEVELS = ("1", "1.5", "2.1", "2.5", "3.1", "3.5", "3.7", "4")
FACTS = ("pathway", "sud_diagnosis", "gates", "hours_needed", "reason_below")
OVERRIDE_AT_LEAST = 15


class ReasonNeeded(Refused):
    message = "The level chosen is not the recommended one: choose why, and say it in a sentence."


class NeedsPrescriber(Refused):
    message = "This result isn't one to sign: it needs medically managed care first, or more answers."


@action("Rate the dimensions", by=role(*RATERS))
def rate_dimensions(
    act: Act, client: Client, edition: Annotated[int, Ask("Edition of the criteria", low=3, high=4)], ratings: dict
) -> list[DimensionRating]:
    """Keep ratings with their evidence; the earlier ones of the same dimensions are superseded.

    `ratings` maps a dimension ("1" to "6") to {"rating": 0..4, "evidence": words, "need": level or ""}. The sixth dimension of
    the 4th edition is described and has no rating. Raises `Refused` naming the dimension.
    """
    made = [
        read_rating(client, edition, int(number), given) for number, given in ratings.items() if str(number).isdecimal()
    ]
    if not made or len(made) != len(ratings):
        raise Refused("Rate at least one dimension, by its number.", "ratings")
    DimensionRating.objects.filter(
        client=client, edition=edition, dimension__in=[row.dimension for row in made], superseded_at=None
    ).update(superseded_at=act.now)
    for row in made:
        row.rated_by_id, row.at = act.user_id, act.now
    act.says(f"Rated {len(made)} dimensions (edition {edition})")
    act.about(client)
    forget(act, f"dimensions:{client.pk}")
    return DimensionRating.objects.bulk_create(made)


def read_rating(client: Client, edition: int, dimension: int, given: dict[str, Any]) -> DimensionRating:
    field, rating, need = f"rating_{dimension}", given.get("rating"), str(given.get("need") or "")
    described = (edition, dimension) == DESCRIBED_ONLY
    evidence = str(given.get("evidence") or "").strip()
    if not described and dimension not in EDITIONS[edition]:
        raise Refused(f"Edition {edition} has no dimension {dimension}.", field)
    if described and rating is not None:
        raise Refused("The sixth dimension of the 4th edition is described, not rated.", field)
    if not described and (not isinstance(rating, int) or rating not in range(5)):
        raise Refused(f"Rate dimension {dimension} from 0 to 4.", field)
    if not evidence:
        raise Refused(f"Say what dimension {dimension} rests on.", f"evidence_{dimension}")
    if need and need not in LEVELS:
        raise Refused("Choose a level from the list.", f"need_{dimension}")
    return DimensionRating(
        client=client, edition=edition, dimension=dimension, rating=rating, evidence=evidence, need=need
    )


# ---- withdrawal ------------------------------------------------------------------------------------------------


@action("Check withdrawal safety", by=role(*RATERS))
def check_withdrawal(act: Act, client: Client, given: dict) -> WithdrawalCheck:
    """Ask the withdrawal rules about what is known now and keep question and answer.

    `given` is a line of the withdrawal engine without `as_of`. Raises `Refused` with the rules' own sentence for a line they
    can't use. A result that somebody must look at makes a task for the prescriber, the same day.
    """
    line = {**given, "as_of": act.now.isoformat()}
    said = asked(safety, line)
    made = WithdrawalCheck.objects.create(
        client=client,
        input=line,
        result=said["result"],
        reasons=said["reasons"],
        missing=said["missing"],
        would_change=said.get("would_change") or [],
        advice=said.get("advice") or [],
        monitoring=said.get("monitoring"),
        knowledge=said["version"],
        valid_until=moment(said.get("valid_until")),
        at=act.now,
        by_id=act.user_id,
    )
    act.says("Checked withdrawal safety", result=made.result)
    forget(act, f"withdrawal:{client.pk}")
    ask_prescriber(act, made)
    return made


def asked(engine: Any, line: dict[str, Any]) -> dict[str, Any]:
    try:
        return engine.answer(line)
    except BadLine as no:
        raise Refused(str(no), no.where.strip("/").replace("/", "_") or None) from no


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def ask_prescriber(act: Act, check: WithdrawalCheck) -> None:
    """A prescriber looks at every result but an unknown one: to sign it, or to see the person today."""
    if check.result == queries.UNKNOWN:
        return
    with everything("the client's prescriber"):
        owner = (
            CareTeamMember.objects.filter(client=check.client, part=CareTeamMember.Part.PRESCRIBER, until=None)
            .values_list("user_id", flat=True)
            .first()
        )
    ask_for(
        act,
        "Look at a medical check and sign it",
        end_of_day(act.now),
        client=check.client,
        why="A medical check waits for a prescriber.",
        key=f"withdrawal:{check.client_id}",
        owner=owner,
        owner_role="" if owner else "prescriber",
    )
    if owner is None and check.result in queries.MEDICAL_FIRST:
        tell_everyone(act, "prescriber", check.client)


@action("Sign a withdrawal check", by=role("prescriber"))
def sign_withdrawal_check(
    act: Act, check: WithdrawalCheck, signed_name: Annotated[str, Ask("Type your full name to sign", most=160)]
) -> WithdrawalCheck:
    """A licensed prescriber stands for a result that lets care begin here (handbook section 4: software never clears alone).

    Raises `NeedsPrescriber` for a result that clears nobody, `Refused` for one that is out of date or replaced by a later check.
    """
    if check.result not in queries.SIGNABLE:
        raise NeedsPrescriber()
    if check.signed_at is not None:
        raise Refused("This check is already signed.")
    if check.valid_until is not None and check.valid_until <= act.now:
        raise Refused("This check is out of date. Check again, then sign.")
    if WithdrawalCheck.objects.filter(client=check.client, pk__gt=check.pk).exists():
        raise Refused("There is a newer check. Sign that one.")
    content = {"input": check.input, "result": check.result, "reasons": check.reasons}
    sign(act, check.client, f"withdrawal-check:{check.pk}", content, signed_name, "prescriber")
    check.signed_by_id, check.signed_at, check.signed_name = act.user_id, act.now, signed_name.strip()
    check.save(update_fields=["signed_by", "signed_at", "signed_name"])
    close_tasks(act, f"withdrawal:{check.client_id}", "Signed")
    act.says("Signed a withdrawal check", result=check.result)
    return check


# ---- placement -------------------------------------------------------------------------------------------------


def recommend(
    client: Client,
    edition: int,
    facts: dict[str, Any],
    stay: dict[str, Any] | None = None,
    selected: str | None = None,
    discrepancy_reason: str | None = None,
    ready: queries.Readiness | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the placement rules say of what is on record: (the line asked, the answer). Writes nothing.

    `facts`: pathway, sud_diagnosis, gates, hours_needed, reason_below; one left out is unknown.
    An unsigned or outdated withdrawal check never makes the answer final. Raises `Refused` for facts the rules can't use.
    """
    if unknown := sorted(set(facts) - set(FACTS)):
        raise Refused(f"There is no such fact: {', '.join(unknown)}.")
    ready = ready or queries.readiness(client)
    withdrawal, vouched = withdrawal_known(ready, in_treatment=stay is not None)
    line = {
        "edition": edition,
        **{name: facts.get(name) for name in FACTS},
        **queries.ratings_line(client, edition),
        "withdrawal": withdrawal,
        "medical_signed": ready.medical_signed,
        "clinical_signed": ready.clinical_signed,
        "stay": stay,
        "selected": selected,
        "discrepancy_reason": discrepancy_reason or None,
    }
    said = asked(placement, line)
    unsigned = said["status"] == "final" and not vouched
    return line, {**said, "status": "provisional" if unsigned else said["status"]}


def facts_on_record(ready: queries.Readiness) -> dict[str, Any]:
    """The facts that the assessments and the last decision already tell; null where nobody asked."""
    told, before = queries.told_in(ready.assessments), ready.decision.input if ready.decision else {}
    gates = [
        gate
        for gate, holds in (
            ("suicide-high", told.get("suicide_risk") == "high"),
            ("violence-now", told.get("violence_now") == "yes"),
        )
        if holds
    ]
    asked_both = "suicide_risk" in told and "violence_now" in told
    return {
        "pathway": before.get("pathway"),
        "sud_diagnosis": {"yes": True, "no": False}.get(told.get("sud_diagnosis", "")),
        "gates": gates or ([] if asked_both else None),
        "hours_needed": None,
        "reason_below": None,
    }


def withdrawal_known(ready: queries.Readiness, in_treatment: bool) -> tuple[str, bool]:
    """The withdrawal result the rules are told, and whether a prescriber stands for it.

    To begin, the check must be in date. In a review of a stay the signed check stands until a newer one (handbook 4.4:
    it is repeated after any use episode).
    """
    if in_treatment and ready.withdrawal is not None and ready.withdrawal.signed_at:
        return ready.withdrawal.result, True
    return ready.withdrawal_result, ready.withdrawal_valid


@action("Decide the level of care", by=role(*DECIDERS))
def decide_placement(
    act: Act,
    client: Client,
    selected: Annotated[str, Ask("Level of care")],
    discrepancy_reason: Annotated[str, Ask("Why another level", most=30)] = "",
    override_text: Annotated[str, Ask("In a sentence", lines=3, most=2000)] = "",
    facts: dict | None = None,
    edition: Annotated[int, Ask("Edition", low=3, high=4)] = 4,
    stay: dict | None = None,
) -> PlacementDecision:
    """A named clinician and the client choose a level; the rules' recommendation and reasons are kept beside it.

    Another level than the recommended one needs a reason and a sentence (`ReasonNeeded`). While an assessment is unsigned or
    something is missing, the decision is kept as provisional. An emergency stops here (`Refused`).
    """
    if selected not in LEVELS:
        raise Refused("Choose a level of care.", "selected")
    ready = queries.readiness(client)
    _, first = recommend(client, edition, facts or {}, stay, ready=ready)
    if first["status"] == "emergency":
        raise Refused(
            "This is an emergency. Stay with the person and call 911 or 988; decide on a level of care afterwards."
        )
    recommended = first.get("recommended") or ""
    differs = selected != recommended
    if differs and (not discrepancy_reason or len(override_text.strip()) < OVERRIDE_AT_LEAST):
        raise ReasonNeeded(field="override_text" if discrepancy_reason else "discrepancy_reason")
    line, said = recommend(client, edition, facts or {}, stay, selected, discrepancy_reason if differs else None, ready)
    made = PlacementDecision.objects.create(
        client=client,
        edition=edition,
        recommended=recommended,
        selected=selected,
        status=said["status"],
        deciding=said.get("deciding") or [],
        companions=said.get("companions") or [],
        reasons=said.get("reasons") or [],
        missing=said.get("missing") or [],
        discrepancy_reason=discrepancy_reason if differs else "",
        override_text=override_text.strip() if differs else "",
        stay_decision=said.get("decision") or "",
        input=line,
        stay=stay,
        knowledge=said["version"],
        decided_by_id=act.user_id,
        at=act.now,
    )
    act.says(f"Decided on level {selected} ({made.status}), recommended {recommended or 'none'}")
    forget(act, f"placement:{client.pk}")
    close_tasks(act, f"placement:{client.pk}", f"Level {selected}")
    return made
