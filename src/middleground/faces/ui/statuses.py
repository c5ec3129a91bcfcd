"""The words, shapes and tones of the statuses shown as chips. Colour is never the only sign."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

ICON_OF_TONE = {
    "good": "check",
    "watch": "alert",
    "danger": "stop",
    "info": "clock",
    "accent": "star",
    "plain": "circle",
}


class Look(NamedTuple):
    """How one status is shown: `tone` is a key of ICON_OF_TONE, `word` what a person reads."""

    tone: str
    word: str


LOOKS: dict[str, Look] = {
    # attendance
    "unrecorded": Look("plain", _("Not recorded")),
    "present": Look("good", _("Present")),
    "late": Look("watch", _("Late")),
    "left-early": Look("watch", _("Left early")),
    "partial": Look("watch", _("Part of the time")),
    "absent": Look("danger", _("Absent")),
    "excused": Look("info", _("Excused")),
    "no-show": Look("danger", _("No-show")),
    "cancelled": Look("plain", _("Cancelled")),
    # notes, plans, documents
    "draft": Look("info", _("Draft")),
    "signed": Look("good", _("Signed")),
    "unsigned": Look("watch", _("Not signed")),
    "awaiting-cosign": Look("watch", _("Waiting for co-signature")),
    "amended": Look("info", _("Amended")),
    "superseded": Look("plain", _("Replaced")),
    "withheld": Look("plain", _("Withheld")),
    # work to do
    "due": Look("watch", _("Due")),
    "due-soon": Look("watch", _("Due soon")),
    "overdue": Look("danger", _("Overdue")),
    "done": Look("good", _("Done")),
    "met": Look("good", _("Met")),
    "in-progress": Look("info", _("In progress")),
    "not-started": Look("plain", _("Not started")),
    "on-track": Look("good", _("On track")),
    # admission and care
    "inquiry": Look("info", _("Inquiry")),
    "screening": Look("info", _("Screening")),
    "waitlist": Look("watch", _("Waitlist")),
    "admitted": Look("good", _("Admitted")),
    "active": Look("good", _("Active")),
    "on-leave": Look("watch", _("On leave")),
    "completed": Look("good", _("Completed")),
    "discharged": Look("plain", _("Discharged")),
    "transferred": Look("plain", _("Transferred")),
    "declined": Look("plain", _("Declined")),
    "referred": Look("info", _("Referred")),
    # consent, coverage, money
    "pending": Look("info", _("Pending")),
    "approved": Look("good", _("Approved")),
    "denied": Look("danger", _("Denied")),
    "revoked": Look("danger", _("Revoked")),
    "expired": Look("danger", _("Expired")),
    "expiring": Look("watch", _("Expires soon")),
    "submitted": Look("info", _("Submitted")),
    "paid": Look("good", _("Paid")),
    "open": Look("info", _("Open")),
    "closed": Look("plain", _("Closed")),
    # weight of a concern
    "none": Look("good", _("None")),
    "low": Look("good", _("Low")),
    "minimal": Look("good", _("Minimal")),
    "mild": Look("info", _("Mild")),
    "moderate": Look("watch", _("Moderate")),
    "high": Look("danger", _("High")),
    "severe": Look("danger", _("Severe")),
    "urgent": Look("danger", _("Urgent")),
    "negative": Look("good", _("Negative")),
    "positive": Look("watch", _("Positive")),
}


def look_of(status: object, tone: str | None = None, word: str | None = None) -> Look:
    """The look of a status given as text, as a choices member, or as anything whose str() is its code.

    An unknown status is shown plainly in its own words, so that a new one is readable before it has a look.
    """
    code = str(getattr(status, "value", status) or "").strip().lower().replace("_", "-").replace(" ", "-")
    known = LOOKS.get(code) or Look(
        "plain", str(getattr(status, "label", status)).replace("_", " ").replace("-", " ").capitalize()
    )
    return Look(tone if tone in ICON_OF_TONE else known.tone, word or known.word)


SURENESS = {
    "V": "Read in the primary source.",
    "V2": "Read in a secondary source only.",
    "G": "Common practice, not checked in a source: a clinician confirms it before it decides.",
    "D": "Our own design: a clinician confirms it before it decides.",
}
