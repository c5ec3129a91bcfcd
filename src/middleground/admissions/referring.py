"""Referral out: another place of care, a hand-off record of what went along, and whether the person arrived."""

from datetime import timedelta
from typing import Annotated, Any

from middleground.kernel import ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records import actions as records
from middleground.records.models import Client

from .following import close
from .models import Inquiry, ReferralOut
from .words import choices, rules
from .words import items as vocabulary

REFERRERS = ("intake-coordinator", "counselor", "prescriber", "case-manager", "program-director")
ENDS = (
    ReferralOut.Outcome.ARRIVED,
    ReferralOut.Outcome.DECLINED,
    ReferralOut.Outcome.NOT_ARRIVED,
    ReferralOut.Outcome.RETURNED,
)


def _levels() -> list[tuple[str, str]]:
    return choices("levels-of-care")


def _ends() -> list[tuple[str, str]]:
    return [(end.value, end.label) for end in ENDS]


@action("Refer out", by=role(*REFERRERS))
def refer_out(
    act: Act,
    to: Annotated[str, Ask("Where to", most=160)],
    reason: Annotated[str, Ask("Why, in words the other place can use", lines=3, most=2000)],
    level_of_care: Annotated[str, Ask("Level of care", choices=_levels)] = "",
    to_phone: Annotated[str, Ask("Their phone", most=40)] = "",
    items: list | None = None,
    inquiry: Inquiry | None = None,
    client: Client | None = None,
) -> ReferralOut:
    """Send somebody to another place of care. `items`: ids of hand-off items already done.

    Give an inquiry, a client, or both. An open inquiry ends as referred out and gives its appointment back; somebody is
    asked to confirm the arrival. Raises `Refused` for an unknown item or when nobody is named.
    """
    about = client or (inquiry.client if inquiry else None)
    if about is None and inquiry is None:
        raise Refused("Say who is referred.")
    if client is not None and inquiry is not None and inquiry.client_id not in (None, client.pk):
        raise Refused("This inquiry belongs to someone else.")
    made = ReferralOut.objects.create(
        site_id=about.site_id if about else inquiry.site_id,
        client=about,
        inquiry=inquiry,
        to=to,  # type: ignore[union-attr]
        to_phone=to_phone,
        level_of_care=level_of_care,
        reason=reason,
        items=_list_of(act, items or []),
        made_at=act.now,
        made_by_id=act.user_id,
    )
    if inquiry is not None and not inquiry.is_closed:
        ledger.release(act, f"inquiry:{inquiry.pk}", "referred out")
        close(act, inquiry, Inquiry.Status.REFERRED, "Confirm the arrival")
        inquiry.save()
    records.ask_for(
        act,
        "Confirm that a referred person arrived",
        act.now + timedelta(hours=rules()["hand_off_hours"]),
        client=about,
        key=_key(made),
        owner=act.user_id,
        why=f"Referral out {made.pk}",
    )
    act.says("Referred out to another place of care")
    return made


def _key(referral: ReferralOut) -> str:
    return f"hand-off:{referral.pk}"


def _list_of(act: Act, done: list[Any]) -> list[dict[str, Any]]:
    known = [item["id"] for item in vocabulary("hand-off-items")]
    if set(done) - set(known):
        raise Refused("There is no such hand-off item.", "items")
    return [
        {"id": name, "done": name in done, "at": act.now.isoformat() if name in done else None, "note": ""}
        for name in known
    ]


@action("Update a hand-off", by=role(*REFERRERS), fresh="referral")
def update_hand_off(act: Act, referral: ReferralOut, done: list, notes: dict | None = None) -> ReferralOut:
    """Say which hand-off items are done now, and a short note on any. An item once done can be undone."""
    fresh = {item["id"]: item for item in _list_of(act, done)}
    before = {item["id"]: item for item in referral.items}
    for name, item in fresh.items():
        earlier = before.get(name, {})
        item["at"] = earlier.get("at") if item["done"] and earlier.get("done") else item["at"]
        item["note"] = str((notes or {}).get(name, earlier.get("note", "")))[:200]
    referral.items = list(fresh.values())
    referral.save(update_fields=["items"])
    act.says(f"Hand-off: {sum(i['done'] for i in referral.items)} of {len(referral.items)} items done")
    return referral


@action("Accept a hand-off", by=role(*REFERRERS), fresh="referral")
def accept_handoff(
    act: Act, referral: ReferralOut, accepted_by: Annotated[str, Ask("Who accepted, at the other place", most=120)]
) -> ReferralOut:
    """The other place said yes, and who there did."""
    if referral.closed_at is not None:
        raise Refused("This referral is closed.")
    referral.accepted_at, referral.accepted_by, referral.outcome = act.now, accepted_by, ReferralOut.Outcome.ACCEPTED
    referral.save()
    act.says("The other place accepted a referral")
    return referral


@action("Close a referral out", by=role(*REFERRERS), fresh="referral")
def close_referral(
    act: Act,
    referral: ReferralOut,
    outcome: Annotated[str, Ask("What came of it", choices=_ends)],
    note: Annotated[str, Ask("Note", most=300)] = "",
) -> ReferralOut:
    """Close the loop: arrived, declined, did not arrive, or came back. Closing again corrects it."""
    referral.outcome, referral.outcome_note, referral.closed_at = outcome, note, act.now
    referral.save()
    records.close_tasks(act, _key(referral), ReferralOut.Outcome(outcome).label)
    act.says(f"Referral out: {ReferralOut.Outcome(outcome).label.lower()}")
    return referral


def missing_items(referral: ReferralOut) -> list[str]:
    """Ids of the hand-off items that are needed and not done yet. Those for special cases count only when marked done."""
    done = {item["id"] for item in referral.items if item["done"]}
    return [
        item["id"]
        for item in vocabulary("hand-off-items")
        if item.get("required") and not item.get("if") and item["id"] not in done
    ]
