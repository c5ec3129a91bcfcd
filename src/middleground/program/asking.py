"""Who may, and how this room says no."""

from collections.abc import Mapping
from typing import Any

from middleground.kernel.context import Actor
from middleground.kernel.errors import Invalid, NotBookable, Refused
from middleground.kernel.who import CLINICAL, Relation, role

from .models import Session


def _leads(actor: Actor, inputs: Mapping[str, Any]) -> bool:
    session = inputs.get("session")
    return isinstance(session, Session) and actor.user_id in (session.leader_id, session.co_leader_id)


LEADS = Relation("leads the session", _leads)
LEADERS = role(*CLINICAL, only=LEADS) | role("program-director")
PLANNERS = role("program-director", "administrator")
SCHEDULERS = role("intake-coordinator", *CLINICAL, "program-director")


class NotOnRoster(Refused):
    message = "This person is not expected at this session. Add them as a walk-in first."


class SessionSigned(Refused):
    message = "This session's note is signed. Correct one person with a reason, or add an addendum."


class NotSigned(Refused):
    message = "This note isn't signed yet: change the note itself."


class NotHeld(Refused):
    message = "This session did not happen."


class NotReady(Invalid):
    """What is still missing before a note can be signed, by field ("mark-8", "response-8", "shared")."""


class Doubtful(Invalid):
    """Lines to look at again before signing, by field. Nothing is blocked: sign again and it is signed."""


class Taken(Refused):
    """A room, a leader or a client has something else then; the message names which."""


def names_of(no: NotBookable, people: Mapping[str, str], when: str) -> Taken:
    """The ledger's refusal in words: "Maple is taken on Tuesday ..."."""
    named = [people[key] for key in no.taken if key in people]
    if not named:
        return Taken(f"{no.message.rstrip('.')} on {when}.")
    return Taken(f"{' and '.join(named)} {'is' if len(named) == 1 else 'are'} taken on {when}.")
