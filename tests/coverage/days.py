"""Builders of this room: a plan that pays, an evening of three hours, days that were attended and documented."""

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from middleground.admissions.forms import admission_form
from middleground.coverage import actions
from middleground.coverage.models import Authorization, Payer, Policy
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.records.actions import sign_consent
from tests.program import groups


def an_evening(clinic: Any, minutes: int = 180, **facts: Any) -> Any:
    return groups.a_group(clinic, minutes=minutes, start_time=time(17), **facts)


def attended(clinic: Any, client: Any, minutes: int = 180, sign: bool = True) -> Any:
    """The client was in this evening's group; returns the session."""
    group = an_evening(clinic)
    groups.actions.join_group.run(clinic.actor("program-director"), client=client, group=group)
    session = groups.first_session(group)
    mark = (
        {"client": client.pk, "mark": "present"}
        if minutes == 180
        else {"client": client.pk, "mark": "left-early", "minutes": minutes, "reason": "work"}
    )
    with clock.at(groups.local(clock.today(), 21)):
        groups.actions.document_session.run(
            clinic.actor("counselor"),
            session=session,
            marks=[mark],
            sign=sign,
            note={"shared": "We planned the evenings of this week.", "method": "cbt"},
            parts=[{"client": client.pk, "response": "Named two evenings that are hard and who to call."}],
        )
    return session


def consented(clinic: Any, client: Any) -> Any:
    form = admission_form("tpo-single", "en", "Middleground")
    return sign_consent.run(clinic.actor("counselor"), client=client, signed_name=str(client), **form.terms)


def a_payer(clinic: Any, name: str = "Bluebird Health", **facts: Any) -> Payer:
    return actions.add_payer.run(clinic.actor("biller"), name=name, sort="commercial", **facts)


def covered(clinic: Any, client: Any, payer: Payer | None = None, verified: bool = True, **facts: Any) -> Policy:
    policy = actions.add_policy.run(
        clinic.actor("biller"),
        client=client,
        payer=payer or a_payer(clinic),
        member_id="BB-100",
        since=clock.today() - timedelta(days=60),
        **facts,
    )
    return actions.verify_policy.run(clinic.actor("biller"), policy=policy, note="Portal") if verified else policy


def authorized(clinic: Any, policy: Policy, days: int = 10, starts: int = -7, ends: int = 30) -> Authorization:
    today = clock.today()
    with everything("test"):
        client = policy.client
    asked = actions.request_authorization.run(
        clinic.actor("biller"),
        client=client,
        policy=policy,
        days_requested=days,
        starts=today + timedelta(days=starts),
        ends=today + timedelta(days=ends),
    )
    return actions.record_authorization.run(
        clinic.actor("biller"), authorization=asked, status="approved", days_authorized=days, number="A-1"
    )


def ready_to_bill(clinic: Any, client: Any, **facts: Any) -> Policy:
    """Consent signed, plan verified, days authorized."""
    consented(clinic, client)
    policy = covered(clinic, client, **facts)
    authorized(clinic, policy)
    return policy


def fee(clinic: Any, client: Any, income: str = "20000", household: int = 1) -> Any:
    return actions.set_fee.run(
        clinic.actor("biller"), client=client, income=Decimal(income), household=household, signed_name=str(client)
    )


def post(clinic: Any, client: Any = None) -> int:
    """Post today, late in the evening."""
    with clock.at(groups.local(clock.today(), 22)):
        return actions.post_services.run(clinic.actor("biller"), first=clock.today(), last=clock.today(), client=client)
