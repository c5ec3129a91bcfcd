"""Every way to change the program, by subject."""

from .bringing import bring_in
from .correcting import add_addendum, amend_attendance, amend_part, cosign_note, record_counseling_note
from .documenting import document_session, hold_sessions
from .giving_back import give_back_seat
from .held_for import set_group_rules
from .joining import add_walk_in, enroll, join_group, leave_all_groups, leave_group
from .marking import record_attendance
from .noting import save_note, sign_group_note
from .opening import extend_group, open_group, open_track
from .scheduling import call_off_session, cover_session, move_session, schedule_session

__all__ = [
    "add_addendum",
    "add_walk_in",
    "amend_attendance",
    "amend_part",
    "bring_in",
    "call_off_session",
    "cosign_note",
    "cover_session",
    "document_session",
    "enroll",
    "extend_group",
    "give_back_seat",
    "hold_sessions",
    "join_group",
    "leave_all_groups",
    "leave_group",
    "move_session",
    "open_group",
    "open_track",
    "record_attendance",
    "record_counseling_note",
    "save_note",
    "schedule_session",
    "set_group_rules",
    "sign_group_note",
]
