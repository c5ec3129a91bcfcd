"""Giving an instrument and putting a wrong entry right."""

from datetime import datetime, time
from typing import Annotated, Any

from django.utils import timezone

from middleground.clinic.queries import staff_with
from middleground.engines import scoring
from middleground.engines.errors import BadLine
from middleground.engines.scoring import Instrument, Score
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import Actor, everything
from middleground.kernel.desk import forget, notify
from middleground.kernel.errors import Refused
from middleground.kernel.who import Relation, role
from middleground.records.actions import ask_for
from middleground.records.models import CareTeamMember, Client

from . import asking
from .models import InstrumentResult

GIVERS = ("counselor", "prescriber", "intake-coordinator", "case-manager")


def _own_and_self(actor: Actor, inputs: Any) -> bool:
    return inputs["client"].pk == actor.client_id and asking.known(inputs["instrument"]).administered == "self"


OWN = Relation("their own, and only those a person answers alone", _own_and_self)
WHICH = Ask("Instrument", choices=asking.choices)


@action("Give an instrument", by=role(*GIVERS) | role("client", only=OWN))
def give_instrument(
    act: Act,
    client: Client,
    instrument: Annotated[str, WHICH],
    answers: list,
    language: Annotated[str, Ask("Language", choices=[("en", "English"), ("es", "Spanish")])] = "en",
) -> InstrumentResult:
    """Score and keep the answers (whole points in published order, None for unanswered) with the wording they were given to.

    An answer that raises a flag makes a task for the same day. Raises `Refused` for answers the instrument does not allow.
    """
    form = asking.known(instrument)
    made = keep_result(act, client, form, answers, language)
    act.says(f"Gave {form.id}", instrument=form.id)
    forget(act, f"instrument:{form.id}:{client.pk}")
    if made.flags:
        raise_alarm(act, made)
    return made


@action("Correct an instrument", by=role(*GIVERS))
def correct_instrument(
    act: Act, result: InstrumentResult, answers: list, why: Annotated[str, Ask("What was wrong", most=200)]
) -> InstrumentResult:
    """Enter the answers again; the first entry stays readable as replaced. Scored by the wording in force now."""
    if result.superseded_at is not None:
        raise Refused("This entry was already replaced. Correct the newer one.")
    form = asking.known(result.instrument)
    made = keep_result(act, result.client, form, answers, result.language, given_at=result.given_at)
    result.superseded_at, result.superseded_by, result.superseded_why = act.now, made, why
    result.save(update_fields=["superseded_at", "superseded_by", "superseded_why"])
    act.says(f"Corrected an entry of {form.id}", instrument=form.id)
    forget(act, f"instrument:{form.id}:{result.client_id}")
    if made.flags:
        raise_alarm(act, made)
    return made


def scored(form: Instrument, answers: list[int | None], sex: str) -> Score:
    """The score, or `Refused` with the plain sentence of the scoring rules."""
    try:
        return scoring.score(form, answers, sex if sex in ("female", "male") else None)  # type: ignore[arg-type]
    except BadLine as no:
        raise Refused(str(no), "answers") from no


def keep_result(
    act: Act,
    client: Client,
    form: Instrument,
    answers: list[int | None],
    language: str,
    given_at: datetime | None = None,
) -> InstrumentResult:
    score = scored(form, answers, client.sex)
    bands = form.bands_for(client.sex)
    label = next(each.label.en for each in bands if each.id == score.band)
    return InstrumentResult.objects.create(
        client=client,
        instrument=form.id,
        knowledge=score.version.knowledge,
        title=form.title.en,
        language=language or "en",
        given_at=given_at or act.now,
        given_by_id=act.user_id,
        by_client="client" in act.actor.roles,
        answers=asking.kept(form, answers, language),
        total=score.total,
        most=bands[-1].high,
        band=score.band,
        band_label=label,
        subscales=score.subscales,
        flags=score.flags,
        missing=score.missing,
    )


def raise_alarm(act: Act, result: InstrumentResult) -> None:
    """Somebody speaks with the client today. The words name no instrument: schedules are read by people who see no scores.

    Source: program handbook 8.4 and 9.1 (an answer about self-harm above none: a safety screen at the same visit).
    """
    client = result.client
    owner = who_speaks_first(act, client)
    ask_for(
        act,
        "Speak with the client today about an answer they gave",
        end_of_day(act.now),
        client=client,
        why="An answer needs a conversation on the same day.",
        key=f"answer-flag:{client.pk}",
        owner=owner,
        owner_role="" if owner else "intake-coordinator",
    )
    if owner is None:
        tell_everyone(act, "intake-coordinator", client)


def who_speaks_first(act: Act, client: Client) -> int | None:
    """The primary counselor; before there is one, whoever of the clinicians has the answer in hand."""
    with everything("who speaks with the client"):
        primary = (
            CareTeamMember.objects.filter(client=client, part=CareTeamMember.Part.PRIMARY, until=None)
            .values_list("user_id", flat=True)
            .first()
        )
    if primary is not None:
        return int(primary)
    return act.user_id if {"counselor", "prescriber"} & act.actor.roles else None


def tell_everyone(act: Act, role_name: str, client: Client) -> None:
    """A notice to each person with the role who works at the client's site, when no one person owns the task."""
    for person in staff_with(role_name):
        if person.site_ids is None or client.site_id in person.site_ids:
            notify(act, person.pk, "Someone needs you today. Please open your tasks.", "/tasks/")


def end_of_day(now: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(now), time(23, 59)))
