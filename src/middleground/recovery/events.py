"""Events of a recovery: a return to use, a milestone; and the client's wish for a copy of the record."""

from datetime import date, timedelta
from typing import Annotated

from django.utils.translation import gettext_lazy as _

from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import ask_for
from middleground.records.models import Client

from . import words
from .models import Milestone, UseEpisode
from .team import owner_of


def _substances() -> list[tuple[str, str]]:
    return list(words.labels("substances").items())


@action("Record a return to use", by=role("client", "counselor", "prescriber"))
def record_return_to_use(
    act: Act,
    client: Client,
    on: Annotated[date, Ask(_("When was it?"))],
    substance: Annotated[str, Ask(_("What was it?"), choices=_substances)] = "",
    context: Annotated[str, Ask(_("What was going on?"), lines=3, most=2000)] = "",
    overdose: Annotated[bool, Ask(_("There was an overdose, or it felt close to one"))] = False,
    learned: Annotated[str, Ask(_("What helped, even a little?"), lines=3, most=2000)] = "",
) -> UseEpisode:
    """An event on the line: nothing before it is removed or reset. Asks the team for a plan review and a naloxone check.

    Raises `Refused` for a day still to come. Source: program handbook 1.5 (a use is a reason to review the plan, never an
    automatic discharge) and 3.2 (tolerance falls: naloxone check).
    """
    if on > clock.today():
        raise Refused(str(_("This day is still to come.")), "on")
    made = UseEpisode.objects.create(
        client=client,
        on=on,
        substance=substance,
        context=context,
        overdose=overdose,
        learned=learned,
        recorded_by_id=act.user_id,
        recorded_at=act.now,
    )
    _ask_the_team(act, client, made)
    act.says("Recorded a return to use; the plan is to be reviewed")
    return made


def _ask_the_team(act: Act, client: Client, use: UseEpisode) -> None:
    clock = words.follow_up("return_to_use")
    review = clock["overdose_hours"] if use.overdose else clock["review_hours"]
    ask_for(
        act,
        "Contact after an overdose and review the plan" if use.overdose else "Review the plan after a return to use",
        act.now + timedelta(hours=review),
        client=client,
        why="A return to use is a reason to review the plan together",
        key=f"plan-review:use:{use.pk}",
        **owner_of(client),
    )
    ask_for(
        act,
        "Check that naloxone is at hand",
        act.now + timedelta(hours=clock["naloxone_hours"]),
        client=client,
        why="After a time without use the body takes less",
        key=f"naloxone:use:{use.pk}",
        **owner_of(client, "prescriber"),
    )


@action("Record a milestone", by=role("client", "counselor", "case-manager", "prescriber"))
def record_milestone(
    act: Act,
    client: Client,
    words_said: Annotated[str, Ask(_("What is worth marking?"), most=200)],
    on: Annotated[date | None, Ask(_("When"))] = None,
) -> Milestone:
    """Mark something that went well, on its day (today when not said)."""
    act.says("Recorded a milestone")
    return Milestone.objects.create(
        client=client, on=on or clock.today(), words=words_said, recorded_by_id=act.user_id, recorded_at=act.now
    )


@action("Ask for a copy of the record", by=role("client"), purpose="own-request")
def ask_for_record_copy(act: Act, client: Client) -> Client:
    """A client's own request; the compliance officer answers it in time. Source: 45 CFR 164.524(b)(2), 30 days."""
    due = act.now + timedelta(days=words.follow_up("record_copy")["days"])
    ask_for(
        act,
        "Give the client a copy of their record",
        due,
        client=client,
        why="The client asked for it",
        key=f"record-copy:{client.pk}",
        owner_role="compliance-officer",
    )
    act.says("Asked for a copy of the record")
    return client
