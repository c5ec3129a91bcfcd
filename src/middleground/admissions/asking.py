"""How a request for help comes in: by the person on the public site, or by phone or referral at the front desk."""

import re
import secrets
from datetime import date, timedelta
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _

from middleground.clinic.models import Site
from middleground.clinic.queries import sites, staff_with
from middleground.engines import timetabling
from middleground.engines.errors import BadLine
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.desk import notify
from middleground.kernel.errors import Refused
from middleground.kernel.who import anyone, role

from .models import Inquiry
from .words import choices, rules

INTAKE = ("intake-coordinator", "program-director")
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
PHONE_DIGITS = 7  # fewest digits that can be a phone number
MOST_SLOTS = 42  # free times one person may name in a week


class TooManyRequests(Refused):
    """More requests than the form takes in an hour: a machine is sending them."""

    message = "We are getting very many requests right now. Please call us instead."


def _who() -> list[tuple[str, str]]:
    return choices("inquiry-who")


def _languages() -> list[tuple[str, str]]:
    return choices("languages")


def _pathways() -> list[tuple[str, str]]:
    return choices("pathways")


def _sources() -> list[tuple[str, str]]:
    return choices("referral-sources")


FirstName = Annotated[str, Ask(_("First name"), most=80)]
Phone = Annotated[str, Ask(_("Phone"), most=40)]
SafeContact = Annotated[str, Ask(_("How is it safe to reach you?"), help=_("For example: text only, or after 6 pm"))]
Language = Annotated[str, Ask(_("Language"), choices=_languages)]
Message = Annotated[str, Ask(_("Anything you want us to know"), lines=4, most=1000)]
Pathway = Annotated[str, Ask(_("Where are you now?"), choices=_pathways)]
TransferOn = Annotated[date | None, Ask(_("If you are in a hospital or center now: the day you expect to leave"))]


@action("Ask for an assessment", by=anyone(), purpose="own-request")
def request_assessment(
    act: Act,
    first_name: FirstName,
    phone: Phone,
    site: Site | None = None,
    last_name: str = "",
    safe_contact: SafeContact = "",
    language: Language = "en",
    for_whom: Annotated[str, Ask(_("Who is this for?"), choices=_who)] = "me",
    message: Message = "",
    pathway: Pathway = "first-line",
    transfer_on: TransferOn = None,
    availability: list | None = None,
) -> Inquiry:
    """A request from the public site. `availability`: free times as "mon 18:00-21:15". No site: the first open one.

    Raises `Refused` for a phone number that can't be one or times that aren't, `TooManyRequests` when a machine floods the form.
    """
    _not_flooded(act)
    made = _open(
        act,
        site,
        came_through=Inquiry.Came.SITE,
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        language=language,
        safe_contact=safe_contact,
        for_whom=for_whom,
        message=message,
        pathway=pathway,
        transfer_on=transfer_on,
        availability=availability or [],
        next_step="Call back",
    )
    act.says("Someone asked for an assessment on the public site", reference=made.reference)
    return made


@action("Take an inquiry", by=role(*INTAKE))
def take_inquiry(
    act: Act,
    first_name: Annotated[str, Ask("First name", most=80)],
    phone: Phone,
    site: Annotated[Site, Ask("Site")],
    last_name: Annotated[str, Ask("Last name", most=80)] = "",
    came_through: Annotated[Inquiry.Came, Ask("How they came to us")] = Inquiry.Came.PHONE,
    safe_contact: Annotated[str, Ask("How is it safe to reach them?")] = "",
    language: Annotated[str, Ask("Language", choices=_languages)] = "en",
    for_whom: Annotated[str, Ask("Who asks", choices=_who)] = "me",
    pathway: Annotated[str, Ask("Way in", choices=_pathways)] = "first-line",
    referral_source: Annotated[str, Ask("Who sent them", choices=_sources)] = "self",
    transfer_on: Annotated[date | None, Ask("Expected to leave the hospital or residence on")] = None,
    message: Annotated[str, Ask("What they asked for", lines=3, most=1000)] = "",
    availability: list | None = None,
) -> Inquiry:
    """An inquiry taken at the front desk; whoever takes it owns it. A phone call is itself the first call."""
    came = Inquiry.Came(came_through)
    spoken = came == Inquiry.Came.PHONE
    made = _open(
        act,
        site,
        came_through=came,
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        safe_contact=safe_contact,
        language=language,
        for_whom=for_whom,
        pathway=pathway,
        referral_source=referral_source,
        transfer_on=transfer_on,
        message=message,
        availability=availability or [],
        owner_id=act.user_id,
        status=Inquiry.Status.CONTACTED if spoken else Inquiry.Status.NEW,
        first_called_at=act.now if spoken else None,
        next_step="Book the assessment" if spoken else "Call back",
    )
    act.says(f"Took an inquiry ({came.label.lower()})", reference=made.reference)
    return made


def _open(act: Act, site: Site | None, **facts: Any) -> Inquiry:
    _check(facts)
    place = site or sites().first()
    if place is None:
        raise Refused(str(_("There is no open site yet.")))
    made = Inquiry.objects.create(site=place, reference=_reference(), received_at=act.now, **facts)
    if made.owner_id is None:
        for person in staff_with("intake-coordinator"):
            if person.site_ids is None or place.pk in person.site_ids:
                notify(act, person.pk, "Someone asked for a call.", f"/inquiries/{made.pk}/")
    return made


def _reference() -> str:
    return "R-" + "".join(secrets.choice(LETTERS) for _ in range(6))


def _check(facts: dict[str, Any]) -> None:
    if len(re.sub(r"\D", "", facts["phone"])) < PHONE_DIGITS:
        raise Refused(str(_("Write a phone number with its area code.")), "phone")
    check_times(facts["availability"])


def check_times(availability: list[Any]) -> None:
    """Raises `Refused` unless every entry is a stretch of a day of the week on quarter hours."""
    if len(availability) > MOST_SLOTS:
        raise Refused(str(_("That is more times than a week can hold.")), "availability")
    for text in availability:
        try:
            timetabling.interval(text if isinstance(text, str) else "")
        except BadLine:
            raise Refused(
                str(_("One of these times can't be read. Use a start before its end, on a quarter hour.")),
                "availability",
            ) from None


def _not_flooded(act: Act) -> None:
    """So many requests in an hour come from a machine; a person is asked to call, so that nobody is turned away unheard."""
    with everything("requests in the last hour"):
        lately = Inquiry.objects.filter(
            received_at__gt=act.now - timedelta(hours=1), came_through=Inquiry.Came.SITE
        ).count()
    if lately >= rules()["requests_an_hour"]["everyone"]:
        raise TooManyRequests(str(_("We are getting very many requests right now. Please call us instead.")))
