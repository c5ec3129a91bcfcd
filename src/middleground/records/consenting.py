"""Part 2 consent and disclosure: signing, revoking, and sending something out (42 CFR 2.31, 2.32, 2.33, 2.25)."""

from datetime import date
from typing import Annotated

from django.utils.translation import gettext_lazy as _

from middleground.clinic.models import User
from middleground.engines import disclosure
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role

from .models import Client, Consent, ConsentKind, Disclosure
from .queries import is_in_force

KEEPERS = ("intake-coordinator", "counselor", "case-manager", "prescriber", "program-director", "compliance-officer")
PURPOSES = ("treatment", "payment", "operations", "own-request", "family", "legal")


@action("Sign a consent", by=role("client", *KEEPERS))
def sign_consent(
    act: Act,
    client: Client,
    form: str,
    form_version: str,
    text: Annotated[str, Ask(lines=10)],
    from_party: str,
    recipient: str,
    recipient_kind: str,
    purposes: list,
    kinds: list,
    signed_name: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    ends_event: str = "",
    recipient_user: User | None = None,
) -> Consent:
    """Keep a consent exactly as it was read and signed. Raises `Refused` naming the first missing element of 2.31(a)."""
    for field, value, words in (
        ("signed_name", signed_name.strip(), _("The client's signature is needed.")),
        ("recipient", recipient.strip(), _("Say who may receive the information.")),
        ("kinds", kinds, _("Choose what may be shared.")),
        ("purposes", purposes, _("Say what it is for.")),
    ):
        if not value:
            raise Refused(str(words), field)
    unknown = set(kinds) - set(disclosure.KINDS) | set(purposes) - set(PURPOSES)
    if unknown:
        raise Refused(f"Not a kind of record or a purpose: {', '.join(sorted(unknown))}.", "kinds")
    if "counseling-note" in kinds and len(kinds) > 1:
        raise Refused(str(_("Counseling notes need a consent of their own.")), "kinds")
    if ends_on is None and not ends_event.strip():
        raise Refused(str(_("Say when this consent ends: a date or an event.")), "ends_on")
    starts = starts_on or act.now.date()
    if ends_on and ends_on < starts:
        raise Refused(str(_("The end is before the start.")), "ends_on")
    made = Consent.objects.create(
        client=client,
        form=form,
        form_version=form_version,
        text=text,
        from_party=from_party,
        recipient=recipient,
        recipient_kind=recipient_kind,
        recipient_user=recipient_user,
        purposes=list(purposes),
        starts_on=starts,
        ends_on=ends_on,
        ends_event=ends_event,
        signed_name=signed_name.strip(),
        signed_at=act.now,
        witnessed_by_id=act.user_id if "client" not in act.actor.roles else None,
    )
    ConsentKind.objects.bulk_create(
        [ConsentKind(client=client, consent=made, record_kind=k) for k in sorted(set(kinds))]
    )
    act.says(f"Consent signed: {recipient} may receive {', '.join(sorted(set(kinds)))}")
    return made


@action("Revoke a consent", by=role("client", *KEEPERS))
def revoke_consent(
    act: Act,
    consent: Consent,
    how: Annotated[str, Ask("How was it revoked?", help="In writing, on screen, by phone with a note")] = "on screen",
) -> Consent:
    """Stop a consent from now on; what was shared before stays recorded. Revoking twice changes nothing."""
    if consent.revoked_at is None:
        consent.revoked_at, consent.revoked_how = act.now, how
        consent.save(update_fields=["revoked_at", "revoked_how"])
    act.says(f"Consent revoked: {consent.recipient} receives nothing more")
    return consent


@action(
    "Disclose records",
    by=role("counselor", "case-manager", "prescriber", "biller", "program-director", "compliance-officer"),
    purpose="operations",
)
def disclose(
    act: Act,
    client: Client,
    consent: Consent,
    kinds: list,
    what_for: Annotated[str, Ask("What for")],
    description: Annotated[str, Ask("What was sent", lines=3)],
) -> Disclosure:
    """Record what leaves under a consent, with the notice that goes with it. Raises `Refused` for anything the consent does not cover."""
    with everything("consent scope"):
        covered = set(ConsentKind.objects.filter(consent=consent).values_list("record_kind", flat=True))
    if consent.client_id != client.pk or not is_in_force(consent):
        raise Refused("This consent is not in force. Nothing may be sent under it.")
    if what_for not in consent.purposes:
        raise Refused("The consent does not cover this purpose.", "what_for")
    if not kinds or set(kinds) - covered:
        raise Refused(f"The consent does not cover {', '.join(sorted(set(kinds) - covered)) or 'this'}.", "kinds")
    act.says(f"Disclosed {', '.join(sorted(kinds))} to {consent.recipient}")
    return Disclosure.objects.create(
        client=client,
        consent=consent,
        recipient=consent.recipient,
        purpose=what_for,
        kinds=sorted(kinds),
        description=description,
        ground="consent",
        notice=disclosure.redisclosure_notice(),
        at=act.now,
        by_id=act.user_id,
    )
