"""Payers, a client's policies and the authorizations asked of them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from django.db.models import QuerySet

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import ask_for, close_tasks
from middleground.records.models import Client

from . import terms
from .models import Authorization, Payer, Policy

DESK = role("biller", "intake-coordinator", "case-manager", "program-director")
ASKERS = role("biller", "case-manager", "counselor", "program-director")


def active_payers() -> QuerySet[Payer]:
    return Payer.objects.filter(active=True)


@action("Add a payer", by=role("biller", "program-director"), purpose="payment")
def add_payer(
    act: Act,
    name: Annotated[str, Ask("Name", most=120)],
    sort: Annotated[str, Ask("What it is", choices=terms.payer_sorts)],
    rule: Annotated[str, Ask("Its rule for a day that counts", choices=terms.payer_rules)] = "default",
    needs_authorization: Annotated[bool, Ask("Days must be authorized beforehand")] = True,
) -> Payer:
    """A plan or program that pays. Its rule for a day comes from knowledge/outcomes/payer-days."""
    if Payer.objects.filter(name__iexact=name).exists():
        raise Refused("There is already a payer with this name.", "name")
    act.says(f"Added the payer {name}")
    return Payer.objects.create(name=name, sort=sort, rule=rule or "default", needs_authorization=needs_authorization)


@action("Add coverage", by=DESK, purpose="payment")
def add_policy(
    act: Act,
    client: Client,
    payer: Annotated[Payer, Ask("Payer", among=active_payers)],
    member_id: Annotated[str, Ask("Member ID", most=60)],
    since: Annotated[date, Ask("Covered from")],
    until: Annotated[date | None, Ask("Covered until", help="Leave empty while it goes on")] = None,
    copay: Annotated[Decimal, Ask("Client's share of each treatment day, in dollars", low=0)] = Decimal(0),
) -> Policy:
    """A client's coverage as they show it. It pays nothing until it is verified."""
    if until and until < since:
        raise Refused("The end is before the start.", "until")
    act.says(f"Added coverage with {payer.name}")
    made = Policy.objects.create(
        client=client,
        payer=payer,
        member_id=member_id,
        since=since,
        until=until,
        copay=terms.cents(copay),
        added_at=act.now,
    )
    ask_for(
        act, "Verify coverage", act.now + timedelta(days=1), client=client, key=f"verify:{made.pk}", owner_role="biller"
    )
    return made


@action("Verify coverage", by=DESK, purpose="payment", fresh="policy")
def verify_policy(
    act: Act,
    policy: Policy,
    note: Annotated[str, Ask("With whom, reference number", most=200)] = "",
    until: Annotated[date | None, Ask("Covered until", help="Leave empty while it goes on")] = None,
) -> Policy:
    """The payer confirmed that the coverage is in force (or until when it was)."""
    if until and until < policy.since:
        raise Refused("The end is before the start.", "until")
    policy.verified_at, policy.verified_by_id, policy.verified_note = act.now, act.user_id, note
    policy.until = until or policy.until
    policy.save()
    close_tasks(act, f"verify:{policy.pk}", "Verified")
    act.says(f"Verified coverage with {policy.payer.name}")
    return policy


@action("Ask for an authorization", by=ASKERS, purpose="payment")
def request_authorization(
    act: Act,
    client: Client,
    policy: Annotated[Policy, Ask("Coverage")],
    days_requested: Annotated[int, Ask("Days asked for", low=1, high=366)],
    starts: Annotated[date, Ask("From")],
    ends: Annotated[date, Ask("Until")],
    service: Annotated[str, Ask("Service", choices=terms.codes)] = "H0015",
    number: Annotated[str, Ask("Reference number, if there is one", most=60)] = "",
) -> Authorization:
    """Days asked of a payer. Authorizations may overlap: the one that ends first is used up first."""
    if policy.client_id != client.pk:
        raise Refused("This is another client's coverage.", "policy")
    if ends < starts:
        raise Refused("The end is before the start.", "ends")
    made = Authorization.objects.create(
        client=client,
        policy=policy,
        service=service or "H0015",
        number=number,
        days_requested=days_requested,
        starts=starts,
        ends=ends,
        requested_at=act.now,
    )
    due = act.now + timedelta(days=terms.book()["answer_expected_days"]["value"])
    ask_for(act, "Follow up on an authorization", due, client=client, key=f"auth-answer:{made.pk}", owner_role="biller")
    act.says(f"Asked {policy.payer.name} for {days_requested} days")
    return made


@action("Record an authorization", by=ASKERS, purpose="payment", fresh="authorization")
def record_authorization(
    act: Act,
    authorization: Authorization,
    status: Annotated[Authorization.Status, Ask("Answer")],
    days_authorized: Annotated[int, Ask("Days authorized", low=0, high=366)] = 0,
    number: Annotated[str, Ask("Authorization number", most=60)] = "",
    starts: Annotated[date | None, Ask("From")] = None,
    ends: Annotated[date | None, Ask("Until")] = None,
    note: Annotated[str, Ask("Note", most=300)] = "",
) -> Authorization:
    """What the payer answered. Asks the biller to ask again before it ends (handbook 1.5: three business days before)."""
    granted = status in (Authorization.Status.APPROVED, Authorization.Status.PARTLY)
    if granted and not days_authorized:
        raise Refused("Say how many days were authorized.", "days_authorized")
    authorization.starts, authorization.ends = starts or authorization.starts, ends or authorization.ends
    if authorization.ends < authorization.starts:
        raise Refused("The end is before the start.", "ends")
    authorization.status, authorization.days_authorized = status, days_authorized if granted else 0
    authorization.number, authorization.note = number or authorization.number, note
    authorization.answered_at = act.now
    authorization.save()
    close_tasks(act, f"auth-answer:{authorization.pk}", "Answered")
    remind(act, authorization)
    act.says(
        f"Recorded an authorization: {Authorization.Status(status).label.lower()}, {authorization.days_authorized} days"
    )
    return authorization


def remind(act: Act, authorization: Authorization) -> None:
    key = f"auth-ends:{authorization.pk}"
    close_tasks(act, key, "The authorization changed")
    again = terms.ask_again_on(authorization.ends)
    if authorization.granted and again >= act.now.date():
        ask_for(
            act,
            "Ask for more days before the authorization ends",
            act.now + (again - act.now.date()),
            client=authorization.client,
            key=key,
            owner_role="biller",
        )
