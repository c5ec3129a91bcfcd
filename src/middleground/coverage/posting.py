"""Posting treatment days as services: derived from attendance, never typed. A late correction shows as a difference."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from middleground.clinic.queries import organization
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.models import Client

from . import terms
from .days import Delivered, Key, delivered
from .judging import Verdict, consenting, judge, means_of
from .models import Service

MONEY = role("biller", "program-director")
SENT = (Service.Status.BILLED, Service.Status.PAID)


@action("Post treatment days", by=MONEY, purpose="payment")
def post_services(
    act: Act,
    first: Annotated[date, Ask("First day")],
    last: Annotated[date, Ask("Last day")],
    client: Client | None = None,
) -> int:
    """Make each attended day of the range a service: ready to bill, or held with the sentence why. Returns how many rows changed.

    Safe to repeat: a day that says the same is left alone. What changed after billing is shown as a difference, to be sent again.
    Raises `Refused` for a range that ends before it begins or after today.
    """
    if last < first:
        raise Refused("The last day is before the first day.", "last")
    if last > act.now.date():
        raise Refused("Only days that have passed can be posted.", "last")
    given = delivered(first, last, client)
    kept = current(first, last, client)
    redone = {row.pk for row in kept.values() if row.status not in SENT}
    means = means_of({client_id for client_id, _ in given}, organization().full_charge, redone)
    old, new = [], []
    for key in sorted({*given, *kept}, key=lambda each: (each[1], each[0])):
        before, today = kept.get(key), given.get(key) or Delivered()
        if before is not None and before.status in SENT and unchanged(before, today):
            continue
        row = posted(act, key, today, judge(*key, today, means), before)
        if before is None or differs(before, row):
            new.append(row)
            old += [before.pk] if before else []
    Service.objects.filter(pk__in=old).update(superseded_at=act.now)
    Service.objects.bulk_create(new)
    act.about(*new)
    held = sum(row.status == Service.Status.HELD for row in new)
    act.says(
        f"Posted treatment days from {first} to {last}: {len(new) - held} ready, {held} held",
        ready=len(new) - held,
        held=held,
    )
    return len(new)


def current(first: date, last: date, client: Client | None) -> dict[Key, Service]:
    rows = Service.objects.filter(day__range=(first, last), superseded_at=None)
    if client is not None:
        rows = rows.filter(client=client)
    return {(row.client_id, row.day): row for row in rows}


def unchanged(before: Service, today: Delivered) -> bool:
    """Whether attendance still says what was billed."""
    return before.minutes == today.minutes


def posted(act: Act, key: Key, given: Delivered, verdict: Verdict, before: Service | None) -> Service:
    return Service(
        client_id=key[0],
        day=key[1],
        code=verdict.code,
        minutes=given.minutes,
        sessions=given.sessions,
        payer=verdict.payer,
        policy=verdict.policy,
        authorization=verdict.authorization,
        countable=verdict.countable,
        why=verdict.why,
        why_es=verdict.why_es,
        charge=verdict.charge,
        client_share=verdict.share,
        status=Service.Status.HELD if verdict.hold else Service.Status.POSTED,
        posted_at=act.now,
        posted_by_id=act.user_id,
        replaces=before,
        change=difference(before, given, verdict),
    )


def difference(before: Service | None, given: Delivered, verdict: Verdict) -> str:
    """What differs from what was already billed, in words; empty when nothing was."""
    if before is None or before.status not in SENT:
        return before.change if before else ""
    money: Decimal = terms.cents(
        (verdict.charge if verdict.countable else 0) - (before.charge if before.countable else 0)
    )
    return f"Corrected after billing: {before.minutes} to {given.minutes} minutes, charge changes by ${money}."


def differs(before: Service, row: Service) -> bool:
    facts = (
        "minutes",
        "code",
        "payer_id",
        "policy_id",
        "authorization_id",
        "countable",
        "why",
        "charge",
        "client_share",
        "status",
    )
    return any(getattr(before, name) != getattr(row, name) for name in facts)


def chosen(services: list[Any]) -> list[Service]:
    ids = [int(each) for each in services if str(each).isdecimal()]
    rows = list(
        Service.objects.filter(pk__in=ids, superseded_at=None).select_related("payer").select_for_update(of=("self",))
    )
    if not rows or len(rows) != len(set(ids)):
        raise Refused("Choose days from the list. One of these has changed since: post the days again.", "services")
    return rows


@action("Mark days as billed", by=MONEY, purpose="payment")
def mark_billed(act: Act, services: list) -> int:
    """Days that went out to who pays. Only days ready to bill; the consent for payment is looked at again, now (42 CFR 2.33)."""
    rows = chosen(services)
    if any(row.status != Service.Status.POSTED for row in rows):
        raise Refused("Only days that are ready can be billed. Held days say what they wait for.", "services")
    agreed = consenting({row.client_id for row in rows if row.payer_id})
    if any(row.payer_id and row.client_id not in agreed for row in rows):
        raise Refused("A consent for payment has ended since these days were posted. Post the days again.", "services")
    Service.objects.filter(pk__in=[row.pk for row in rows]).update(status=Service.Status.BILLED, billed_at=act.now)
    act.about(*rows)
    act.says(f"Marked {len(rows)} treatment days as billed", total=str(sum(row.charge for row in rows)))
    return len(rows)


@action("Take out a list of services", by=MONEY, purpose="payment")
def export_services(
    act: Act,
    first: Annotated[date, Ask("First day")],
    last: Annotated[date, Ask("Last day")],
) -> list[list[str]]:
    """The services of a range as rows of text for a spreadsheet, the head first. For use inside the program; the audit says who took it."""
    if last < first:
        raise Refused("The last day is before the first day.", "last")
    rows = Service.objects.filter(day__range=(first, last), superseded_at=None).select_related(
        "client", "payer", "authorization"
    )
    head = [
        "Day",
        "Client",
        "Code",
        "Minutes",
        "Payer",
        "Authorization",
        "Counts",
        "Why",
        "Charge",
        "Client share",
        "Status",
        "Change",
    ]
    found = list(rows.order_by("day", "client_id"))
    act.about(*found)
    act.says(f"Took out a list of {len(found)} services from {first} to {last}")
    return [head, *([safe(cell) for cell in line(row)] for row in found)]


def line(row: Service) -> list[str]:
    return [
        row.day.isoformat(),
        str(row.client),
        row.code,
        str(row.minutes),
        str(row.payer or "Client"),
        row.authorization.number if row.authorization else "",
        "yes" if row.countable else "no",
        row.why,
        str(row.charge),
        str(row.client_share),
        row.get_status_display(),
        row.change,
    ]


def safe(cell: str) -> str:
    """A spreadsheet must not take a cell for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" else cell
