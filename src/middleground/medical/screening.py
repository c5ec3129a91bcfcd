"""Drug screens from order to talk. A result is talked over before anything changes; it never ends care."""

from datetime import date, datetime
from typing import Annotated, Any

from django.utils import timezone

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.desk import forget
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import ask_for, close_tasks
from middleground.records.models import CareTeamMember, Client

from . import words
from .models import DrugScreen, Medication
from .prescribing import end_of_day, member

SCREENERS = role("prescriber", "counselor")


class NotOpen(Refused):
    """The screen has a result already, or was closed without one."""

    message = "This screen has a result already, or was closed. Open the page again."


@action("Order a drug screen", by=SCREENERS)
def order_drug_screen(
    act: Act,
    client: Client,
    reason: Annotated[str, Ask("Why now", choices=lambda: words.choices("reasons"), radio=True)] = "random",
    collect_on: Annotated[date | None, Ask("Collect on", help="Empty: today")] = None,
    method: Annotated[
        str,
        Ask(
            "Method",
            choices=lambda: words.choices("methods"),
            radio=True,
            help="Definitive only when it would change care",
        ),
    ] = "presumptive",
    note: Annotated[str, Ask("Note", lines=2, most=1000)] = "",
) -> DrugScreen:
    """Order a screen for a day."""
    day = collect_on or timezone.localdate(act.now)
    if day < timezone.localdate(act.now):
        raise Refused("Choose today or a later day.", "collect_on")
    act.says("Ordered a drug screen")
    return DrugScreen.objects.create(
        client=client,
        reason=reason,
        method=method,
        ordered_at=act.now,
        ordered_by_id=act.user_id,
        collect_on=day,
        note=note,
    )


@action("Record a drug screen result", by=SCREENERS, fresh="screen")
def record_drug_screen_result(
    act: Act,
    screen: DrugScreen,
    panel: dict,
    specimen: Annotated[str, Ask("Specimen", choices=lambda: words.choices("specimens"))] = "urine",
    collected_at: Annotated[datetime | None, Ask("Collected at", help="Empty: now")] = None,
    validity: dict | None = None,
    note: Annotated[str, Ask("Note", lines=2, most=1000)] = "",
) -> DrugScreen:
    """Keep the result. `panel`: {panel id: negative, positive or invalid}; `validity`: {temperature_f, creatinine, ph}.

    A positive that no medicine explains, an invalid test or a specimen in doubt asks for a talk with the client, and changes nothing else. Raises `NotOpen`.
    """
    if screen.resulted_at or screen.closed_at:
        raise NotOpen()
    if collected_at and collected_at > act.now:
        raise Refused("This time is in the future.", "collected_at")
    screen.panel, screen.specimen = checked_panel(panel), specimen
    screen.expected = explained(screen)
    screen.validity, screen.doubts = checked_validity(validity or {}, specimen)
    screen.collected_at, screen.collected_by_id = collected_at or act.now, act.user_id
    screen.resulted_at, screen.resulted_by_id = act.now, act.user_id
    screen.note, screen.talk_due = note or screen.note, screen.needs_talk
    screen.save()
    act.says("Recorded a drug screen result")
    if screen.talk_due:
        ask_for_talk(act, screen)
    return screen


@action("Correct a drug screen result", by=SCREENERS, fresh="screen")
def correct_drug_screen_result(
    act: Act, screen: DrugScreen, panel: dict, why: Annotated[str, Ask("What was wrong", most=200)]
) -> DrugScreen:
    """Put a wrong entry right; the first one stays readable."""
    if screen.resulted_at is None:
        raise Refused("There is no result to correct yet.")
    screen.earlier = [*screen.earlier, {"panel": screen.panel, "until": act.now.isoformat(), "why": why}]
    screen.panel = checked_panel(panel)
    screen.expected = explained(screen)
    screen.talk_due = screen.needs_talk and screen.discussed_with_client_at is None
    screen.save()
    act.says("Corrected a drug screen result")
    if screen.talk_due:
        ask_for_talk(act, screen)
    else:
        close_tasks(act, task_key(screen), "The result was corrected.")
    return screen


def checked_panel(panel: dict[str, str]) -> dict[str, str]:
    """Tests with a result, in the panel's order. Raises `Refused` for none, and for a test or result not in the file."""
    results = {row["id"] for row in words.rows("results")}
    order = [row["id"] for row in words.rows("panel")]
    given = {test: result for test, result in panel.items() if result}
    if not given:
        raise Refused("Enter at least one result.", "panel")
    if set(given) - set(order) or set(given.values()) - results:
        raise Refused("Choose each result from the list.", "panel")
    return {test: given[test] for test in order if test in given}


def explained(screen: DrugScreen) -> list[str]:
    """Positive tests that a medicine on the client's list explains (knowledge/medical `expected_with`)."""
    positives = set(screen.found("positive"))
    because = [row for row in words.rows("expected_with") if row["panel"] in positives]
    if not because:
        return []
    listed = Medication.objects.filter(client=screen.client, superseded_at=None, stopped_on=None)
    taken = set(listed.values_list("drug", flat=True))
    return [row["panel"] for row in because if taken & set(row["medicines"])]


def checked_validity(validity: dict[str, Any], specimen: str) -> tuple[dict[str, float], list[str]]:
    """The measures given, and the ids of those outside the file's limits. Limits hold for urine only."""
    known = {measure["id"]: measure for measure in words.screens()["validity"]["measures"]}
    given = {name: value for name, value in validity.items() if value not in (None, "")}
    try:
        numbers = {name: float(given[name]) for name in known if name in given}
    except (TypeError, ValueError):
        raise Refused("A measure of the specimen is a number.", "validity") from None
    if set(given) - set(known):
        raise Refused("This measure of the specimen is not known.", "validity")
    if specimen != words.screens()["validity"]["specimen"]:
        return numbers, []
    return numbers, [name for name, value in numbers.items() if outside(value, known[name])]


def outside(value: float, measure: dict[str, Any]) -> bool:
    return value < measure["low"] or (measure["high"] is not None and value > measure["high"])


def task_key(screen: DrugScreen) -> str:
    return f"screen-talk:{screen.pk}"


def ask_for_talk(act: Act, screen: DrugScreen) -> None:
    """The primary counselor talks with the client. The task's words say nothing of a result: schedules are widely read."""
    practice = words.screens()["practice"]
    ask_for(
        act,
        practice["task"],
        end_of_day(act.now, practice["talk_within_days"]),
        client=screen.client,
        why="Talk first, then decide together.",
        key=task_key(screen),
        owner=member(screen.client, CareTeamMember.Part.PRIMARY) or act.user_id,
    )


@action("Talk over a drug screen", by=SCREENERS, fresh="screen")
def discuss_drug_screen(
    act: Act,
    screen: DrugScreen,
    client_says: Annotated[str, Ask("What the client says about it", lines=4, most=4000)],
    note: Annotated[str, Ask("What you agreed", lines=2, most=1000)] = "",
) -> DrugScreen:
    """The result was talked over with the client, whose own words are kept beside it."""
    if screen.resulted_at is None:
        raise Refused("There is no result to talk over yet.")
    screen.discussed_with_client_at, screen.discussed_by_id, screen.talk_due = act.now, act.user_id, False
    screen.client_says, screen.note = client_says, note or screen.note
    screen.save()
    close_tasks(act, task_key(screen), "Talked over with the client.")
    forget(act, task_key(screen))
    act.says("Talked over a drug screen with the client")
    return screen


@action("Close a drug screen without a result", by=SCREENERS, fresh="screen")
def close_drug_screen(
    act: Act, screen: DrugScreen, why: Annotated[str, Ask("Why", choices=lambda: words.choices("not_collected"))]
) -> DrugScreen:
    """No specimen was given. That is a fact, not a positive result. Raises `NotOpen`."""
    if screen.resulted_at or screen.closed_at:
        raise NotOpen()
    screen.not_collected, screen.closed_at = why, act.now
    screen.save()
    act.says("Closed a drug screen without a result")
    return screen
