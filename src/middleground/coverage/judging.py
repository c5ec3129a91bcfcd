"""What a delivered day is worth: whether it counts for who pays, why, what is charged, and what holds it back."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from middleground.engines import outcomes
from middleground.kernel.context import everything
from middleground.records.models import Consent
from middleground.records.queries import is_in_force

from . import terms
from .days import Delivered
from .models import PAYS_FIRST, ZERO, Authorization, FeeAgreement, Payer, Policy, Service


@dataclass
class Means:
    """Who pays for the clients in hand: policies (the one that pays first), fees, authorizations with the days used of them, consents, the full charge."""

    full_charge: Decimal
    policies: dict[int, list[Policy]] = field(default_factory=dict)
    fees: dict[int, list[FeeAgreement]] = field(default_factory=dict)
    authorizations: dict[int, list[Authorization]] = field(default_factory=dict)
    used: Counter[int] = field(default_factory=Counter)
    consenting: set[int] = field(default_factory=set)

    def policy(self, client_id: int, day: date) -> Policy | None:
        """The policy that pays on a day."""
        return next((each for each in self.policies.get(client_id, []) if each.covers(day)), None)

    def fee(self, client_id: int, day: date) -> FeeAgreement | None:
        """The fee in force on a day; for days before the first one, the first one."""
        fees = sorted(self.fees.get(client_id, []), key=lambda each: (each.starts_on, each.agreed_at))
        begun = [each for each in fees if each.starts_on <= day]
        return begun[-1] if begun else fees[0] if fees else None

    def authorization(self, client_id: int, policy: Policy, day: date) -> Authorization | None:
        """The granted authorization with days left that covers a day; the one that ends first is used up first."""
        fitting = [
            each
            for each in self.authorizations.get(client_id, [])
            if each.policy_id == policy.pk
            and each.granted
            and each.starts <= day <= each.ends
            and self.used[each.pk] < each.days_authorized
        ]
        return min(fitting, key=lambda each: (each.ends, each.pk), default=None)


@dataclass(frozen=True)
class Verdict:
    """A day judged. `hold` is a name of knowledge/coverage/services holds, "short", or "" when it is ready to bill."""

    countable: bool
    hold: str
    why: str
    why_es: str
    charge: Decimal
    share: Decimal
    payer: Payer | None = None
    policy: Policy | None = None
    authorization: Authorization | None = None
    code: str = ""


def judge(client_id: int, day: date, given: Delivered, means: Means) -> Verdict:
    """The verdict on one delivered day. Takes a day of the authorization it uses from `means`.

    A day counts by the payer's rule (`outcomes.countable_day`); what else stands in the way only holds it.
    """
    policy = means.policy(client_id, day)
    return by_plan(client_id, day, given, policy, means) if policy else by_client(client_id, day, given, means)


def by_plan(client_id: int, day: date, given: Delivered, policy: Policy, means: Means) -> Verdict:
    counted = outcomes.countable_day(given.minutes, policy.payer.rule)
    using = means.authorization(client_id, policy, day)
    name = holding(counted.counts, given, policy, using, client_id in means.consenting)
    why, why_es = counted.text, counted.text_es
    if name and name != "short":
        held = terms.hold(name, count=given.unsigned, payer=policy.payer.name)
        why, why_es = f"{why} {held[0]}", f"{why_es} {held[1]}"
    if name:
        using = None
    if using is not None:
        means.used[using.pk] += 1
    code = using.service if using else terms.book()["default_code"]
    charge = terms.cents(means.full_charge)
    share = min(policy.copay, capped(means.fee(client_id, day), policy.copay)) if counted.counts else ZERO
    return Verdict(counted.counts, name, why, why_es, charge, terms.cents(share), policy.payer, policy, using, code)


def capped(fee: FeeAgreement | None, copay: Decimal) -> Decimal:
    """Nobody with a sliding fee pays more through a plan than without one (HRSA Compliance Manual, chapter 9)."""
    return fee.per_day if fee is not None else copay


def holding(counts: bool, given: Delivered, policy: Policy, using: Authorization | None, consenting: bool) -> str:
    """The first thing that keeps a day from being billed to a plan, or ""."""
    if not counts:
        return "short"
    if given.unsigned:
        return "unsigned-note"
    if policy.verified_at is None:
        return "unverified"
    if not consenting:
        return "no-consent"
    return "no-authorization" if using is None and policy.payer.needs_authorization else ""


def by_client(client_id: int, day: date, given: Delivered, means: Means) -> Verdict:
    """A day the client pays: any delivered minutes count, at the agreed fee."""
    counts = given.minutes >= terms.book()["self_pay"]["minutes"]
    fee = means.fee(client_id, day)
    words = terms.book()["self_pay_counts" if counts else "nothing_delivered"]
    why, why_es = words["en"].format(minutes=given.minutes), words["es"].format(minutes=given.minutes)
    name = "short" if not counts else "no-fee" if fee is None else "unsigned-note" if given.unsigned else ""
    if name and name != "short":
        held = terms.hold(name, count=given.unsigned)
        why, why_es = f"{why} {held[0]}", f"{why_es} {held[1]}"
    charge = terms.cents(fee.per_day if fee else means.full_charge)
    return Verdict(
        counts, name, why, why_es, charge, charge if counts and fee else ZERO, code=terms.book()["default_code"]
    )


def means_of(client_ids: set[int], full_charge: Decimal, but: set[int]) -> Means:
    """What these clients' days are paid with. Days used of an authorization leave out the services in `but` (being posted again)."""
    means = Means(full_charge)
    for name, model in (
        ("policies", Policy.objects.select_related("payer").order_by(*PAYS_FIRST)),
        ("fees", FeeAgreement.objects),
        ("authorizations", Authorization.objects),
    ):
        for row in model.filter(client_id__in=client_ids):
            getattr(means, name).setdefault(row.client_id, []).append(row)
    used = Service.objects.filter(client_id__in=client_ids, superseded_at=None, authorization__isnull=False)
    means.used.update(a for pk, a in used.values_list("pk", "authorization_id") if pk not in but)
    means.consenting = consenting(client_ids)
    return means


def consenting(client_ids: set[int]) -> set[int]:
    """Clients with a consent in force that lets their coverage go to who pays (42 CFR 2.31, 2.33).

    A biller may not read consents: whether there is one is all that is taken from them.
    """
    rule: dict[str, Any] = terms.book()["payment_consent"]
    with everything("whether a consent for payment is in force"):
        signed = Consent.objects.filter(client_id__in=client_ids, kinds__record_kind=rule["kind"]).distinct()
        return {
            each.client_id
            for each in signed
            if rule["purpose"] in each.purposes
            and is_in_force(each)
            and (each.form in rule["forms"] or each.recipient_kind in rule["recipient_kinds"])
        }
