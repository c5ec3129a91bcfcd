"""A client signs what one family member may see. The form is knowledge/consents/specific-release (42 CFR 2.31)."""

from datetime import date
from typing import Annotated

from django.utils.formats import date_format
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from middleground.clinic.queries import organization
from middleground.engines import disclosure
from middleground.engines.knowing import load
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import sign_consent
from middleground.records.models import Consent
from middleground.recovery import words

from .models import FamilyMember

FORM = "specific-release"


def shareable(speech: str = "") -> list[tuple[str, str]]:
    """(kind, plain name) of what a consent can open to a family member. Source: knowledge/disclosure/inside."""
    kinds = load("disclosure")["inside"]["roles"]["family"]["consented"]
    named = [(kind, disclosure.kind_words(kind, speech or words.language())) for kind in kinds]
    return [(kind, name[:1].upper() + name[1:]) for kind, name in named]


def suggested() -> list[str]:
    """The kinds the form proposes for family."""
    choices = load("consents")[FORM]["choices"]["recipient_kinds"]
    return next(each["suggested_data"] for each in choices if each["id"] == "family")


def consent_statements(speech: str = "") -> list[str]:
    """What the client reads before signing, in their language."""
    return [words.said(each["text"], speech) for each in load("consents")[FORM]["statements"]]


def consent_text(member: FamilyMember, kinds: list[str], ends_on: date | None, speech: str = "") -> str:
    """The whole text as it is read and signed, in the language of the signing."""
    speech = speech or words.language()
    named = ", ".join(name for kind, name in shareable(speech) if kind in kinds)
    with override(speech):
        head = [
            words.said(load("consents")[FORM]["title"], speech),
            f"{say('Who may receive it')}: {member.name}",
            f"{say('What may be shared')}: {named}",
            f"{say('Until:')} {date_format(ends_on) if ends_on else ''}",
        ]
    return "\n\n".join([*head, *consent_statements(speech)])


@action("Share with a family member", by=role("client", "counselor", "case-manager"))
def share_with_family(
    act: Act,
    member: FamilyMember,
    kinds: Annotated[list, Ask(_("What may they see?"), choices=shareable)],
    ends_on: Annotated[date, Ask(_("Until when?"))],
    signed_name: Annotated[str, Ask(_("Your full name, as your signature"), most=160)],
    speech: Annotated[str, Ask(hidden=True, most=2)] = "",
) -> Consent:
    """The client signs a consent for one family member with a sign-in. Raises `Refused` naming what the form still lacks."""
    if member.user is None or member.until is not None:
        raise Refused(str(_("This person's access has ended. Invite them again.")))
    if set(kinds) - {kind for kind, _name in shareable()}:
        raise Refused(str(_("Choose from the list.")), "kinds")
    act.says("Signed what a family member may see")
    return sign_consent.within(
        act,
        client=member.client,
        form=FORM,
        form_version=str(load("consents")[FORM]["version"]),
        text=consent_text(member, kinds, ends_on, speech),
        from_party=organization().name,
        recipient=member.name,
        recipient_kind="family",
        recipient_user=member.user,
        purposes=["family"],
        kinds=list(kinds),
        signed_name=signed_name,
        ends_on=ends_on,
    )
