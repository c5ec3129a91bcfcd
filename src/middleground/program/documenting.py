"""A whole session at once: marks, note and signature in one go, for one session from its page or for many from history."""

from collections.abc import Mapping, Sequence
from typing import Any

from middleground.clinic.models import User
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.desk import forget
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.models import Client

from .asking import LEADERS, Doubtful, NotReady, SessionSigned
from .likeness import warnings
from .marking import put_down, read_marks
from .models import Session
from .noting import after_signing, check_objectives, draft_key, jot, keep, missing, seal, signer_for
from .queries import previous_parts
from .sheets import Sheet, day_of, sheet, sheets

PRESENT = "present"
DOUBTS = {
    "name": "Names {found}, who is in this group. Another member's name does not belong here.",
    "same": "Reads much like the line of {other}. Say what was this person's own.",
    "before": "Reads much like this person's last note. Say what was new today.",
}


def everybody_else(kept: Sheet, said: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """ "Present" for everyone on the roster who has no mark and was given none: an explicit wish, never a default."""
    marked = {int(each["client"]) for each in said if (each.get("mark") or "unrecorded") != "unrecorded"}
    return [{"client": client, "mark": PRESENT} for client in kept.unrecorded if client not in marked]


@action("Document a session", by=LEADERS, fresh="session")
def document_session(
    act: Act,
    session: Session,
    marks: list | None = None,
    note: dict | None = None,
    parts: list | None = None,
    rest_present: bool = False,
    sign: bool = False,
    warned: bool = True,
) -> Session:
    """Save marks and note together, and sign them if asked to. See "Record attendance", "Save a session note", "Sign a session note".

    `note`: topic, method, shared. `rest_present` marks everyone still unrecorded as present. Unless the writer was `warned`,
    signing raises `Doubtful` when a line names another member or looks copied; the second time it is signed.
    """
    kept = sheet(session)
    if kept.signed:
        raise SessionSigned()
    said = list(marks or [])
    if rest_present:
        rest = everybody_else(kept, said)
        given = {each["client"] for each in rest}
        said = [each for each in said if int(each["client"]) not in given] + rest
    changed = put_down(act, [(kept, read_marks(kept, said, act.now))])
    written = jot(act, kept, note or {}, parts or [])
    check_objectives(written)
    if sign:
        if errors := missing(kept):
            raise NotReady(errors)
        if not warned and (doubts := doubts_about(kept)):
            raise Doubtful(doubts)
        written = list({id(p): p for p in [*written, *seal(act, kept, signer_for(act, session))]}.values())
    keep(act, [kept], written)
    session.refresh_from_db()
    session.save(update_fields=["status"])
    if sign:
        after_signing(act, kept)
    forget(act, draft_key(session))
    act.about(*changed, *written)
    act.says(f"{'Signed' if sign else 'Saved'} attendance and note of {session.title} on {day_of(session)}")
    return session


def doubts_about(kept: Sheet) -> dict[str, list[str]]:
    """What the writer should look at again, in words, by field (see `likeness`)."""
    texts = {0: kept.note.shared if kept.note else "", **{c: p.response for c, p in kept.parts.items()}}
    with everything("names on the roster and earlier notes"):
        people = Client.objects.in_bulk({*kept.roster, *kept.marks})
        before = previous_parts(kept.session, list(kept.parts))
    names = {pk: (c.first_name, c.last_name, c.chosen_name) for pk, c in people.items()}
    found: dict[str, list[str]] = {}
    for doubt in warnings(texts, names, before):
        found.setdefault(f"response-{doubt.client}" if doubt.client else "shared", []).append(
            DOUBTS[doubt.sort].format(found=doubt.found, other=people[doubt.other].short if doubt.other else "")
        )
    return found


@action("Document sessions that were held", by=role("program-director"), purpose="operations")
def hold_sessions(act: Act, held: list) -> int:
    """Write down many held sessions in a handful of statements: a day told afterwards, or history from another system.

    `held`: dicts of session (id), marks (as in "Record attendance"), note, parts (as in "Save a session note") and sign (True by
    default). The same rules hold as for one session. Signed in the leader's name when the installation itself tells it. Returns how many.
    """
    told = {int(each["session"]): each for each in held}
    with everything("sessions being told"):
        rows = list(Session.objects.filter(pk__in=told).order_by("start", "pk"))
    if len(rows) != len(told):
        raise Refused("One of these sessions does not exist.")
    kept = sheets(rows)
    if any(each.signed for each in kept):
        raise SessionSigned()
    changed = put_down(act, [(k, read_marks(k, told[k.session.pk].get("marks") or [], act.now)) for k in kept])
    written = [
        p
        for k in kept
        for p in jot(act, k, told[k.session.pk].get("note") or {}, told[k.session.pk].get("parts") or [])
    ]
    check_objectives(written)
    signing = [k for k in kept if told[k.session.pk].get("sign", True)]
    _sign_all(act, signing)
    keep(act, kept, written)
    for each in signing:
        after_signing(act, each)
    act.about(*changed)
    act.says(f"Wrote down {len(kept)} held sessions")
    return len(kept)


def _sign_all(act: Act, kept: Sequence[Sheet]) -> None:
    people = User.objects.in_bulk({act.user_id or k.session.leader_id for k in kept})
    for each in kept:
        if errors := missing(each):
            raise NotReady({f"{each.session.pk}: {name}": says for name, says in errors.items()})
        seal(act, each, people[act.user_id or each.session.leader_id])
