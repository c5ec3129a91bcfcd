"""After the signature: co-signing, addenda, and the correction of one person's row that leaves all others as they were."""

from typing import Annotated, Any

from middleground.clinic.models import User
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import close_tasks
from middleground.records.models import Client

from .asking import LEADERS, NotOnRoster, NotSigned
from .marking import Told, put_down, read_marks
from .models import Addendum, Attendance, CounselingNote, GroupNote, NotePart, Session
from .noting import check_objectives, part_hash
from .rules import needs_cosign
from .sheets import Sheet, day_of, sheet

WHY = Ask("Why is it corrected?", most=200)


def signed(session: Session) -> Sheet:
    kept = sheet(session)
    if not kept.signed:
        raise NotSigned()
    return kept


@action("Co-sign a session note", by=role("counselor", "prescriber", "program-director"))
def cosign_note(act: Act, session: Session) -> GroupNote:
    """A second signature by somebody who may sign alone (knowledge/program/sessions: cosign) or a director; never the signer's own."""
    kept = signed(session)
    note = kept.note
    assert note is not None  # noqa: S101
    if note.signed_by_id == act.user_id:
        raise Refused("Somebody else has to co-sign your note.")
    if note.cosigned_at:
        raise Refused("This note is co-signed already.")
    signer = User.objects.get(pk=act.user_id)
    if "program-director" not in act.actor.roles and needs_cosign(signer.credentials):
        raise Refused("Your credentials do not let you co-sign. Ask a supervisor.")
    note.cosigned_at, note.cosigned_by, note.cosigned_name = act.now, signer, signer.signature
    note.save(update_fields=["cosigned_at", "cosigned_by", "cosigned_name"])
    close_tasks(act, f"cosign:{session.pk}", "Co-signed.")
    act.about(*kept.parts.values())
    act.says(f"Co-signed the note of {session.title} on {day_of(session)}")
    return note


@action("Add to a signed note", by=LEADERS)
def add_addendum(
    act: Act,
    session: Session,
    text: Annotated[str, Ask("What is added", lines=3)],
    client: Annotated[Client | None, Ask("About whom", help="Leave empty for the shared part")] = None,
) -> Addendum:
    """Something learned after the signature, beside the note, with its author and time."""
    kept = signed(session)
    if client is not None and client.pk not in kept.marks:
        raise NotOnRoster()
    act.says(f"Added to the note of {session.title} on {day_of(session)}")
    return Addendum.objects.create(note=kept.note, client=client, text=text.strip(), author_id=act.user_id, at=act.now)


def replace_part(act: Act, kept: Sheet, client_id: int, why: str, **changes: Any) -> NotePart:
    """A new row in force for one person; the old one stays in the record, superseded."""
    old = kept.parts.get(client_id)
    new = NotePart(
        client_id=client_id,
        session=kept.session,
        note=kept.note,
        objective_id=old.objective_id if old else None,
        response=old.response if old else "",
        risk=old.risk if old else False,
        next_step=old.next_step if old else "",
        written_by_id=act.user_id,
        written_at=act.now,
        signed_at=act.now,
        replaces=old,
        correction=why,
    )
    for name, value in changes.items():
        if value is not None:
            setattr(new, name, value)
    check_objectives([new])
    new.hash = part_hash(new, kept.marks.get(client_id))
    if old:
        with everything("the part being corrected"):
            NotePart.objects.filter(pk=old.pk).update(superseded_at=act.now, superseded_by=act.user_id)
    new.save()
    kept.parts[client_id] = new
    return new


@action("Correct one person's note", by=LEADERS)
def amend_part(
    act: Act,
    session: Session,
    client: Client,
    why: Annotated[str, WHY],
    response: Annotated[str | None, Ask("How they took part", lines=3)] = None,
    objective: Annotated[int | None, Ask("Objective")] = None,
    risk: Annotated[bool | None, Ask("Concern")] = None,
    next_step: Annotated[str | None, Ask("Next step", most=300)] = None,
) -> NotePart:
    """Correct one person's part after signing. What is not given stays; everybody else's text, hash and signature stay as they are."""
    kept = signed(session)
    if client.pk not in kept.parts:
        raise NotOnRoster()
    act.says(f"Corrected one person's note of {session.title} on {day_of(session)}")
    return replace_part(
        act, kept, client.pk, why, response=response, objective_id=objective, risk=risk, next_step=next_step
    )


@action("Correct attendance", by=LEADERS)
def amend_attendance(
    act: Act,
    session: Session,
    client: Client,
    mark: Annotated[str, Ask("Mark")],
    why: Annotated[str, WHY],
    minutes: Annotated[int | None, Ask("Minutes", low=1, high=480)] = None,
    arrived: Annotated[str, Ask("Came at")] = "",
    left: Annotated[str, Ask("Left at")] = "",
    reason: Annotated[str, Ask("Reason")] = "",
    response: Annotated[
        str | None, Ask("How they took part", lines=3, help="Needed when they were there after all")
    ] = None,
) -> Attendance:
    """Correct one person's attendance after signing, with a reason. Supersedes their row and re-seals their part alone."""
    kept = signed(session)
    said = {"client": client.pk, "mark": mark, "minutes": minutes, "arrived": arrived, "left": left, "reason": reason}
    told = read_marks(kept, [said], act.now)[0]
    _check_told(kept, told, response)
    rows = put_down(act, [(kept, [told])])
    if not rows and response is None:
        raise Refused("This is what stands already.", "mark")
    for row in rows:
        row.correction = why
        row.save(update_fields=["correction"])
    if client.pk in kept.parts or response:
        replace_part(act, kept, client.pk, why, response=response)
    act.says(f"Corrected one person's attendance of {session.title} on {day_of(session)}")
    return kept.marks[client.pk]


def _check_told(kept: Sheet, told: Told, response: str | None) -> None:
    part = kept.parts.get(told.client)
    if told.rule["counts"] and not (response or (part and part.response)):
        raise Refused("Say in a line how they took part.", "response")


@action("Keep a counseling note apart", by=role("counselor", "prescriber"))
def record_counseling_note(
    act: Act, client: Client, text: Annotated[str, Ask("Note", lines=6)], session: Session | None = None
) -> CounselingNote:
    """A counseling note separate from the record: only its author reads it, and it needs a consent of its own (42 CFR 2.11, 2.31(b))."""
    if session is not None and client.pk not in (*sheet(session).roster, *sheet(session).marks):
        raise NotOnRoster()
    act.says("Kept a counseling note apart from the record")
    return CounselingNote.objects.create(client=client, session=session, text=text, author_id=act.user_id, at=act.now)
