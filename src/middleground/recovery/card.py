"""The craving card and the prevention plan: triggers, coping steps, people to call. Written anew, the old ones retired."""

from datetime import date
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused, Stale
from middleground.kernel.who import role
from middleground.records.models import Client

from . import words
from .models import CopingStep, PreventionPlan, SupportPerson, Trigger

WHO = role("client", "counselor", "case-manager")
MOST = 20


@action("Set triggers", by=WHO)
def set_triggers(act: Act, client: Client, triggers: list) -> Client:
    """The client's triggers from now on: [{what, place?, likelihood?}], `what` a vocabulary id or own words.

    Unchanged ones stay, others are retired. Raises `Refused` for an empty, long or doubled one, or a likelihood outside 0-100.
    """
    wanted = [_trigger(each) for each in _few(triggers, "triggers")]
    if len({what for what, _place, _likely in wanted}) < len(wanted):
        raise Refused(str(_("The same trigger is there twice.")), "triggers")
    active = Trigger.objects.filter(client=client, active=True)
    have = {(row.what, row.place, row.likelihood): row.pk for row in active}
    gone = [pk for facts, pk in have.items() if facts not in wanted]
    Trigger.objects.filter(pk__in=gone).update(active=False, retired_at=act.now)
    Trigger.objects.bulk_create(
        Trigger(client=client, what=w, place=p, likelihood=n, since=act.now)
        for w, p, n in wanted
        if (w, p, n) not in have
    )
    act.says(f"Set {len(wanted)} triggers")
    return client


def _few(given: list[Any], field: str) -> list[Any]:
    if len(given) > MOST:
        raise Refused(str(_("Please keep to the most important ones.")), field)
    return given


def _trigger(given: dict[str, Any]) -> tuple[str, str, int]:
    what = str(given.get("what", "")).strip()
    if not what or len(what) > 120:
        raise Refused(str(_("Say what the trigger is, in a few words.")), "triggers")
    place = words.place_of(what) or given.get("place") or Trigger.Place.EXTERNAL
    likelihood = int(given.get("likelihood", 50))
    if place not in Trigger.Place.values or not 0 <= likelihood <= 100:
        raise Refused(str(_("Use a number from 0 to 100.")), "triggers")
    return what, str(place), likelihood


@action("Set coping steps", by=WHO)
def set_coping_steps(act: Act, client: Client, steps: list) -> Client:
    """What the client does when a craving comes, in order: vocabulary ids or own words."""
    wanted = list(dict.fromkeys(str(step).strip() for step in _few(steps, "steps") if str(step).strip()))
    if any(len(step) > 160 for step in wanted):
        raise Refused(str(_("Keep each step short.")), "steps")
    current = CopingStep.objects.filter(client=client, retired_at=None)
    if [step.text for step in current] != wanted:
        current.update(retired_at=act.now)
        CopingStep.objects.bulk_create(
            CopingStep(client=client, order=place, text=step, since=act.now) for place, step in enumerate(wanted, 1)
        )
    act.says(f"Set {len(wanted)} coping steps")
    return client


@action("Set support people", by=WHO)
def set_support_people(act: Act, client: Client, people: list) -> Client:
    """Whom the client may call: [{name, phone, ok_to_call?}]. Raises `Refused` for one without a name."""
    wanted = [_person(each) for each in _few(people, "people")]
    current = SupportPerson.objects.filter(client=client, retired_at=None)
    if [(p.name, p.phone, p.ok_to_call) for p in current] != wanted:
        current.update(retired_at=act.now)
        SupportPerson.objects.bulk_create(
            SupportPerson(client=client, name=n, phone=p, ok_to_call=ok, since=act.now) for n, p, ok in wanted
        )
    act.says(f"Set {len(wanted)} people to call")
    return client


def _person(given: dict[str, Any]) -> tuple[str, str, bool]:
    name, phone = str(given.get("name", "")).strip(), str(given.get("phone", "")).strip()
    if not name or len(name) > 80 or len(phone) > 40:
        raise Refused(str(_("Give a name and, if you have it, a phone number.")), "people")
    return name, phone, bool(given.get("ok_to_call", True))


@action("Write the prevention plan", by=WHO)
def write_prevention_plan(
    act: Act,
    client: Client,
    early_signs: Annotated[str, Ask(_("Early signs that things get harder"), lines=3, help=_("One on each line"))],
    places_to_avoid: Annotated[str, Ask(_("Places I stay away from"), lines=3)] = "",
    safe_places: Annotated[str, Ask(_("Places where I am safe"), lines=3)] = "",
    after_use: Annotated[str, Ask(_("If I use: what I do in the first 24 hours"), lines=4)] = "",
    reasons: Annotated[str, Ask(_("My reasons"), lines=3)] = "",
    naloxone_at: Annotated[str, Ask(_("Where my naloxone is"), most=160)] = "",
    review_on: Annotated[date | None, Ask(_("When we look at it again"))] = None,
    seen_plan: Annotated[int | None, Ask(hidden=True)] = None,
) -> PreventionPlan:
    """Write the plan anew; the one before stays in the record. `seen_plan` is the id of the plan the writer saw (else `Stale`)."""
    before = PreventionPlan.objects.filter(client=client, superseded_at=None).first()
    if seen_plan is not None and before is not None and before.pk != seen_plan:
        raise Stale()
    if before is not None:
        PreventionPlan.objects.filter(pk=before.pk).update(superseded_at=act.now)
    made = PreventionPlan.objects.create(
        client=client,
        version=before.version + 1 if before else 1,
        early_signs=lines(early_signs),
        places_to_avoid=lines(places_to_avoid),
        safe_places=lines(safe_places),
        after_use=lines(after_use),
        reasons=lines(reasons),
        naloxone_at=naloxone_at,
        review_on=review_on,
        written_at=act.now,
        written_by_id=act.user_id,
    )
    act.says(f"Wrote the prevention plan, version {made.version}")
    return made


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
