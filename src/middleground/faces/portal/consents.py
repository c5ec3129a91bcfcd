"""A client's consents: who may see what, what they would see today, and taking it back."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from middleground.admissions import forms as admissions
from middleground.engines import disclosure
from middleground.faces.doors import found, page
from middleground.faces.portal import reading
from middleground.faces.portal.frame import CLIENT, do, go_on, me, show
from middleground.family import actions as family
from middleground.family import queries as families
from middleground.family.sharing import consent_statements, shareable, suggested
from middleground.insight import releases
from middleground.kernel import clock
from middleground.records import queries as records
from middleground.records.actions import revoke_consent
from middleground.records.models import Consent
from middleground.recovery import words

PROPOSED_DAYS = 180


def capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def in_words(consent: Consent) -> dict[str, Any]:
    kinds = sorted(kind.record_kind for kind in consent.kinds.all())
    return {
        "consent": consent,
        "shares": consent.recipient_kind != "self",
        "title": releases.title_of(consent.form, words.language()),
        "recipient": admissions.scope_said(consent.recipient, words.language()),
        "until": admissions.scope_said(consent.ends_event, words.language()),
        "begins_until": consent.ends_event.split(" ")[0].lower() in ("until", "hasta"),
        "kinds": kinds,
        "names": [capital(disclosure.kind_words(kind, words.language())) for kind in kinds],
    }


@page("me/consents/", name="portal-consents", by=CLIENT, title=_("Who may see what"))
def consents(request: HttpRequest) -> HttpResponse:
    """Consents in force first, those that ended folded away, and the people who could be given one."""
    client = me(request)
    rows = [in_words(each) for each in records.consents(client)]
    now = [row for row in rows if records.is_in_force(row["consent"])]
    sharing = {row["consent"].recipient_user_id for row in now}
    people = [p for p in families.members(client) if p.until is None]
    return show(
        request,
        "consents",
        {
            "now": now,
            "before": [row for row in rows if row not in now],
            "people": people,
            "waiting": [p for p in people if p.user_id not in sharing],
            "form": family.invite_family_member.form(client=client),
        },
    )


@page("me/consents/<int:consent_id>/", name="portal-consent", by=CLIENT, title=_("What they see"))
def consent(request: HttpRequest, consent_id: int) -> HttpResponse:
    """What this recipient would see of the record today, drawn from the record itself; and taking the consent back."""
    client = me(request)
    row = in_words(found(records.consents(client).filter(pk=consent_id).first()))
    if request.method == "POST":
        done = do(request, revoke_consent, consent=row["consent"], how="in the client's app")
        return go_on(request, done, _("Taken back. From now on they see nothing more."), "portal-consents")
    return show(
        request,
        "consent",
        {
            **row,
            "shown": reading.shown(client.pk, row["kinds"], zip(row["kinds"], row["names"], strict=True)),
            "in_force": records.is_in_force(row["consent"]),
        },
    )


@page("me/consents/family/<int:member_id>/", name="portal-share", by=CLIENT, title=_("Share with family"))
def share(request: HttpRequest, member_id: int) -> HttpResponse:
    """Choose what one family member may see, read what signing means, see what they would see, and sign."""
    client = me(request)
    member = found(families.member(member_id))
    action = family.share_with_family
    start = {"kinds": suggested(), "ends_on": clock.today() + timedelta(days=PROPOSED_DAYS), "speech": words.language()}
    form, chosen, refused = action.form(initial=start, member=member), start["kinds"], None
    if request.method == "POST":
        chosen = request.POST.getlist("kinds")
        if "preview" in request.POST:
            form = action.form(initial={**request.POST.dict(), "kinds": chosen}, member=member)
        else:
            done = action.submit(request, member=member)
            if done:
                messages.success(request, say("Signed. You can take it back at any time."))
                return redirect("portal-consents")
            form = refused = done.form
    names = [pair for pair in shareable() if pair[0] in chosen]
    preview = reading.shown(client.pk, [kind for kind, _name in names], names)
    given = {"member": member, "form": form, "statements": consent_statements(), "preview": preview}
    return show(request, "share", given, refused)


@page("me/family/invite/", name="portal-invite", by=CLIENT, title=_("Invite someone"))
def invite(request: HttpRequest) -> HttpResponse:
    """Give somebody close a sign-in of their own; the code is shown once."""
    client = me(request)
    action = family.invite_family_member
    form, sign_in, member = action.form(client=client), "", None
    if request.method == "POST":
        done = action.submit(request, client=client)
        form, member = done.form, done.result
        sign_in = getattr(member, "sign_in", "")
    name, _slash, code = sign_in.partition(" / ")
    return show(
        request,
        "invite",
        {"form": form, "member": member, "sign_in_name": name, "code": code},
        None if member else form,
    )


@page("me/family/<int:member_id>/end/", name="portal-family-end", by=CLIENT)
def end(request: HttpRequest, member_id: int) -> HttpResponse:
    """The client ends a family member's access."""
    member = found(families.member(member_id))
    if request.method != "POST":
        return redirect("portal-consents")
    done = do(request, family.end_family_access, member=member)
    return go_on(request, done, _("Their access has ended."), "portal-consents")
