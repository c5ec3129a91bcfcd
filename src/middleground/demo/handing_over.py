"""What goes on to other people: a disclosure under a consent, referrals out with their hand-off, the family line."""

from datetime import date, timedelta

from middleground.admissions import actions as admissions
from middleground.admissions.models import Inquiry, ReferralOut
from middleground.clinic.queries import organization
from middleground.family import actions as family
from middleground.insight import releases
from middleground.kernel import gate
from middleground.kernel.context import Actor
from middleground.records import actions as records
from middleground.records.models import Client

from .staffing import House

SENT_ALONG = ["consent-to-share", "summary", "medicine-list", "allergies", "receiving-person"]
STEP_UP = "Asked for more support than three days a week; wants to go on without a break."


def letter_to_work(by: Actor, client: Client, today: date) -> None:
    """The client lets their employer know the hours of the program, and nothing else; the letter went out."""
    wanted = releases.release("specific-release", "employer", client.language, organization().name)
    if wanted is None:
        return
    terms = {
        "recipient": "Harbor Boats, personnel office",
        "kinds": ["schedule"],
        "purposes": wanted.suggested_purposes,
        "ends_on": today + timedelta(days=90),
        "ends_event": "",
    }
    text = releases.text_of(wanted, str(client), organization().name, **terms, language=client.language)
    consent = records.sign_consent.run(
        by,
        client=client,
        form=wanted.form,
        form_version=wanted.version,
        text=text,
        from_party=organization().name,
        recipient_kind=wanted.recipient_kind,
        signed_name=str(client),
        **terms,
    )
    records.disclose.run(
        by,
        client=client,
        consent=consent,
        kinds=["schedule"],
        what_for=wanted.suggested_purposes[0],
        description="Letter with the days and hours of the appointments",
    )


def to_health_center(by: Actor, client: Client) -> None:
    """A check of body health elsewhere, while care here goes on; the other place said yes."""
    made = admissions.refer_out.run(
        by,
        client=client,
        to="River Street Health Center",
        to_phone="555-0163",
        reason="Physical check and hepatitis screening. Intensive outpatient care goes on here.",
        items=SENT_ALONG,
    )
    admissions.accept_handoff.run(by, referral=made, accepted_by="Nurse Amber Reed")


def to_more_care(by: Actor, client: Client) -> ReferralOut:
    """Someone moves on to a day program; what went along is written down."""
    made = admissions.refer_out.run(
        by,
        client=client,
        to="Hillside Day Program",
        to_phone="555-0164",
        level_of_care="2.5",
        reason=STEP_UP,
        items=[*SENT_ALONG, "first-date", "naloxone", "warm-call"],
    )
    return admissions.accept_handoff.run(by, referral=made, accepted_by="Intake desk")


def before_the_first_day(house: House) -> None:
    """Somebody who asked needs withdrawal care first; nobody has said yet whether they arrived."""
    with gate.everything("demo"):
        inquiry = Inquiry.objects.filter(status=Inquiry.Status.CONTACTED).order_by("-pk").first()
    if inquiry is not None:
        admissions.refer_out.run(
            house.actor("intake-coordinator"),
            inquiry=inquiry,
            to="Harbor Withdrawal Center",
            to_phone="555-0165",
            level_of_care="3.7",
            reason="Drinks every day and has had severe withdrawal before; safe withdrawal care comes first.",
            items=["consent-to-share", "receiving-person", "warm-call"],
        )


def heard_on_the_line(house: House, client: Client) -> None:
    """Two messages on the family line: one in the client's record already, one that nobody has looked at yet."""
    intake = house.actor("intake-coordinator")
    known = family.leave_family_message.run(
        intake, from_name="His sister", about_name=str(client), words="I can drive on Thursdays.", phone="555-0177"
    )
    family.match_message.run(house.actor("counselor"), client=client, message_id=known.pk)
    family.leave_family_message.run(
        intake,
        from_name="A mother",
        about_name=client.first_name,
        words="He seems calmer this week. I wanted you to know.",
        phone="555-0188",
    )
