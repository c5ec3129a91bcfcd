"""Every way to change inquiries, referrals out and admissions. By subject: asking, following, referring, admitting."""

from .admitting import NotReady, admit, settle_override
from .asking import TooManyRequests, request_assessment, take_inquiry
from .following import (
    AlreadyClosed,
    begin_assessment,
    book_assessment,
    change_availability,
    log_contact,
    mark_lost,
    note_first_sessions,
    own_inquiry,
    reopen,
)
from .referring import accept_handoff, close_referral, refer_out, update_hand_off

__all__ = [
    "AlreadyClosed",
    "NotReady",
    "TooManyRequests",
    "accept_handoff",
    "admit",
    "begin_assessment",
    "book_assessment",
    "change_availability",
    "close_referral",
    "log_contact",
    "mark_lost",
    "note_first_sessions",
    "own_inquiry",
    "refer_out",
    "reopen",
    "request_assessment",
    "settle_override",
    "take_inquiry",
    "update_hand_off",
]
