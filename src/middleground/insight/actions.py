"""The one thing this room does besides reading: what was drawn from a record goes out under a consent."""

from typing import Annotated

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.who import role
from middleground.records.actions import disclose
from middleground.records.models import Client, Consent, Disclosure

SENDERS = ("counselor", "case-manager", "prescriber", "program-director", "compliance-officer")


@action("Send records out", by=role(*SENDERS), purpose="operations", quiet=True)
def send_out(
    act: Act,
    client: Client,
    consent: Consent,
    kinds: list,
    what_for: Annotated[str, Ask("What for")],
    description: Annotated[str, Ask("What was sent", lines=3)],
) -> Disclosure:
    """Record what leaves under a consent; the disclosure writes the audit entry. Raises `Refused` for anything not covered.

    Source: 42 CFR 2.13(a), 2.31, 2.32. `what_for` is one of the consent's purposes.
    """
    return disclose.within(act, client=client, consent=consent, kinds=kinds, purpose=what_for, description=description)
