"""Every way to change a client's own work. The craving card and plan: `card.py`; lessons: `learning.py`; events: `events.py`."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import ask_for
from middleground.records.models import Client

from . import words
from .card import set_coping_steps, set_support_people, set_triggers, write_prevention_plan
from .events import ask_for_record_copy, record_milestone, record_return_to_use
from .learning import finish_lesson, open_lesson
from .models import CheckIn
from .team import owner_of

__all__ = [
    "ask_for_record_copy",
    "check_in",
    "finish_lesson",
    "open_lesson",
    "record_milestone",
    "record_return_to_use",
    "set_coping_steps",
    "set_support_people",
    "set_triggers",
    "write_prevention_plan",
]


@action("Check in", by=role("client", "counselor", "case-manager", "prescriber"))
def check_in(
    act: Act,
    client: Client,
    craving: Annotated[int, Ask(_("How strong is your craving right now?"), low=0, high=10)],
    mood: Annotated[int | None, Ask(_("How is your mood?"), low=0, high=10)] = None,
    sleep_hours: Annotated[Decimal | None, Ask(_("Hours of sleep last night"), low=0, high=24)] = None,
    paws: dict | None = None,
    triggers: list | None = None,
    used_coping: list | None = None,
    note: Annotated[str, Ask(_("Anything else?"), lines=3, most=2000)] = "",
    happened_at: datetime | None = None,
) -> CheckIn:
    """Keep a check-in by the client, or by staff on their behalf. A strong craving asks the primary counselor to call.

    `paws` {item of vocabulary/paws-items: 0-10}; `triggers`, `used_coping`: vocabulary ids or own words. `happened_at`: when it
    was, if a phone sends it later. Raises `Refused` naming the field. The words of `note` are kept and not analysed.
    """
    made = CheckIn.objects.create(
        client=client,
        at=_when(act, happened_at),
        received_at=act.now,
        craving=craving,
        mood=mood,
        sleep_hours=sleep_hours,
        paws=_rated(paws or {}),
        triggers=_short(triggers or [], "triggers"),
        used_coping=_short(used_coping or [], "used_coping"),
        note=note,
        recorded_by_id=act.user_id,
    )
    act.says("Checked in" if act.actor.client_id == client.pk else "Checked in on the client's behalf")
    if craving >= words.high_craving():
        _ask_to_call(act, client)
    if made.paws and _paws_rising(made):
        _ask_about_paws(act, client)
    return made


def _when(act: Act, happened_at: datetime | None) -> datetime:
    """Source of the limits: knowledge/recovery/follow-up, late_check_in."""
    if happened_at is None:
        return act.now
    late = words.follow_up("late_check_in")
    if happened_at > act.now + timedelta(minutes=late["ahead_minutes"]):
        raise Refused(str(_("This time is still to come.")), "happened_at")
    if happened_at < act.now - timedelta(days=late["days"]):
        raise Refused(str(_("This check-in is too old to send now.")), "happened_at")
    return happened_at


def _rated(paws: dict[str, Any]) -> dict[str, int]:
    known = words.labels("paws-items")
    try:
        rated = {item: int(value) for item, value in paws.items() if value not in (None, "")}
    except (TypeError, ValueError):
        raise Refused(str(_("Use a number from 0 to 10.")), "paws") from None
    if set(rated) - set(known) or not all(0 <= value <= 10 for value in rated.values()):
        raise Refused(str(_("Use a number from 0 to 10.")), "paws")
    return rated


def _short(given: list[Any], field: str) -> list[str]:
    kept = list(dict.fromkeys(str(each).strip() for each in given if str(each).strip()))
    if len(kept) > 20 or any(len(each) > 120 for each in kept):
        raise Refused(str(_("Please use fewer or shorter words.")), field)
    return kept


def _ask_to_call(act: Act, client: Client) -> None:
    ask_for(
        act,
        "Call: a strong craving was reported",
        act.now + timedelta(hours=words.follow_up("high_craving")["hours"]),
        client=client,
        why=f"A check-in with a craving of {words.high_craving()} or more",
        key=f"craving:{client.pk}",
        **owner_of(client),
    )


def _ask_about_paws(act: Act, client: Client) -> None:
    ask_for(
        act,
        "Talk about symptoms that are rising",
        act.now + timedelta(hours=words.follow_up("paws_rising")["hours"]),
        client=client,
        why="Two or more after-effects of use (PAWS) are higher this week than last",
        key=f"paws:{client.pk}",
        **owner_of(client),
    )


def _paws_rising(latest: CheckIn) -> bool:
    """Whether enough items are higher this week than the week before. Source: vocabulary/paws-items, alert (D)."""
    from .queries import paws_means

    rule = words.load("vocabulary")["paws-items"]["alert"]
    before, now = paws_means(latest.client_id, latest.at)
    step = words.follow_up("paws_rising")["points"]
    rising = [item for item, mean in now.items() if item in before and mean - before[item] >= step]
    return len(rising) >= rule["items_rising_at_least"]
