"""Notes of a session: one shared part and a part for each person, drafted, signed once for all, locked."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from middleground.careplan.models import Objective
from middleground.clinic.models import User
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.desk import forget
from middleground.kernel.errors import Refused
from middleground.records.actions import ask_for, content_hash

from .asking import LEADERS, NotOnRoster, NotReady, SessionSigned
from .marking import counselor_of, the_client
from .models import Attendance, GroupNote, NotePart, Session
from .rules import needs_cosign, note_late, rule, vocabulary
from .sheets import Sheet, day_of, sheet

SHARED = ("topic", "method", "shared")
OWN = ("objective", "response", "risk", "next_step")


def draft_key(session: Session) -> str:
    """The key under which a page keeps what is being typed about a session."""
    return f"note:{session.pk}"


# ---- drafting ------------------------------------------------------------------------------------------------------


def jot(act: Act, kept: Sheet, note: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> list[NotePart]:
    """Put what was written into the sheet's note and parts, in memory; what isn't mentioned stays. Returns changed parts."""
    if kept.note is None:
        kept.note = GroupNote(session=kept.session, site_id=kept.session.site_id, topic=kept.session.topic_title)
    for name in SHARED:
        if note.get(name) is not None:
            setattr(kept.note, name, str(note[name]).strip())
    if kept.note.method and kept.note.method not in vocabulary("methods"):
        raise Refused("Choose a method from the list.", "method")
    kept.note.author_id, kept.note.saved_at = act.user_id or kept.session.leader_id, act.now
    return [_jot_part(act, kept, each) for each in parts]


def _jot_part(act: Act, kept: Sheet, said: Mapping[str, Any]) -> NotePart:
    client = int(said["client"])
    if client not in kept.roster and client not in kept.marks:
        raise NotOnRoster()
    part = kept.parts.get(client) or NotePart(client_id=client, session=kept.session)
    if said.get("response") is not None:
        part.response = str(said["response"]).strip()
    if said.get("next_step") is not None:
        part.next_step = str(said["next_step"]).strip()[:300]
    if "risk" in said:
        part.risk = bool(said["risk"])
    if "objective" in said:
        part.objective_id = int(said["objective"]) if said["objective"] else None
    part.written_by_id, part.written_at = act.user_id or kept.session.leader_id, act.now
    kept.parts[client] = part
    return part


def check_objectives(parts: Sequence[NotePart]) -> None:
    """An objective belongs to the person the part is about."""
    wanted = {part.objective_id for part in parts if part.objective_id}
    if wanted:
        with everything("objectives of the roster"):
            owner = dict(Objective.objects.filter(pk__in=wanted).values_list("pk", "client_id"))
        for part in parts:
            if part.objective_id and owner.get(part.objective_id) != part.client_id:
                raise Refused("This objective is not in the person's plan.", f"objective-{part.client_id}")


def keep(act: Act, kept: Sequence[Sheet], parts: Sequence[NotePart]) -> None:
    """Write notes and parts of any number of sessions: new ones in bulk, changed ones in one statement per table."""
    notes = {k.session.pk: k.note for k in kept if k.note}
    new, old = [n for n in notes.values() if n.pk is None], [n for n in notes.values() if n.pk is not None]
    with everything("notes of these sessions"):
        GroupNote.objects.bulk_create(new)
        for note in old:
            note.save()
        for part in parts:
            part.note = notes[part.session_id]
        changed = [part for part in parts if part.pk is not None]
        NotePart.objects.bulk_create([part for part in parts if part.pk is None])
        if changed:
            NotePart.objects.bulk_update(changed, [*OWN, "written_by", "written_at", "signed_at", "hash"])


@action("Save a session note", by=LEADERS, fresh="session")
def save_note(
    act: Act,
    session: Session,
    shared: str | None = None,
    topic: str | None = None,
    method: str | None = None,
    parts: list | None = None,
) -> GroupNote:
    """Keep a draft of the shared part and of the parts given.

    `parts`: dicts of client (id) and perhaps response, objective (id or None), risk, next_step. Partial: whoever is not in
    it stays as they are. Raises `SessionSigned`, `NotOnRoster`.
    """
    kept = unsigned(session)
    changed = jot(act, kept, {"shared": shared, "topic": topic, "method": method}, parts or [])
    check_objectives(changed)
    keep(act, [kept], changed)
    act.about(*changed)
    act.says(f"Saved a draft of the note of {session.title} on {day_of(session)}")
    assert kept.note is not None  # noqa: S101
    return kept.note


def unsigned(session: Session) -> Sheet:
    kept = sheet(session)
    if kept.signed:
        raise SessionSigned()
    return kept


# ---- signing -------------------------------------------------------------------------------------------------------


def missing(kept: Sheet) -> dict[str, list[str]]:
    """What stands between a note and its signature, by field. Each client present needs a part of their own (handbook 1.8)."""
    errors = {f"mark-{c}": ["Not recorded yet."] for c in kept.unrecorded}
    for client in kept.there:
        part = kept.parts.get(client)
        if part is None or not part.response:
            errors[f"response-{client}"] = ["Say in a line how they took part."]
    if kept.session.group_id and not (kept.note and kept.note.shared):
        errors["shared"] = ["Write what the group did."]
    if not kept.marks:
        errors.setdefault("marks", ["Nobody is on the list."])
    return errors


def part_hash(part: NotePart, mark: Attendance | None) -> str:
    """What the signature binds for one person: their own text and attendance, and nobody else's."""
    return content_hash(
        {
            "session": part.session_id,
            "client": part.client_id,
            "objective": part.objective_id,
            "response": part.response,
            "risk": part.risk,
            "next_step": part.next_step,
            "attendance": [mark.mark, mark.minutes, mark.arrived, mark.left, mark.reason] if mark else None,
        }
    )


def note_hash(note: GroupNote) -> str:
    """What the signature binds for the shared part."""
    session = note.session
    return content_hash(
        {
            "session": session.pk,
            "start": session.start.isoformat(),
            "end": session.end.isoformat(),
            "leader": session.leader_id,
            "topic": note.topic,
            "method": note.method,
            "shared": note.shared,
            "present": note.present,
        }
    )


def seal(act: Act, kept: Sheet, signer: User) -> list[NotePart]:
    """Sign a sheet in memory: hashes on the shared part and on each part with text. Returns the parts."""
    note = kept.note
    assert note is not None  # noqa: S101
    note.session, note.present = kept.session, len(kept.there)
    note.signed_at, note.signed_by, note.signed_name = act.now, signer, signer.signature
    note.cosign_needed = needs_cosign(signer.credentials)
    note.signed_hash = note_hash(note)
    written = [part for part in kept.parts.values() if part.response]
    for part in written:
        part.signed_at, part.hash = act.now, part_hash(part, kept.marks.get(part.client_id))
    return written


def after_signing(act: Act, kept: Sheet) -> None:
    """Flagged concerns and co-signatures become somebody's tasks."""
    note, session = kept.note, kept.session
    for part in kept.parts.values():
        if part.risk and part.signed_at:
            ask_for(
                act,
                "Follow up a concern flagged in a session",
                act.now + timedelta(hours=rule("concern")["within"]),
                client=the_client(part.client_id),
                why=f"{session.title}, {day_of(session):%b %d}",
                key=f"concern:{session.pk}:{part.client_id}",
                owner=counselor_of(part.client_id) or session.leader_id,
            )
    if note and note.cosign_needed:
        ask_for(
            act,
            "Co-sign a session note",
            note_late(session.end),
            why=f"{session.title}, {day_of(session):%b %d}",
            key=f"cosign:{session.pk}",
            owner_role="program-director",
        )


def signer_for(act: Act, session: Session) -> User:
    """Whoever acts; the session's leader when the installation itself tells of the past."""
    return User.objects.get(pk=act.user_id or session.leader_id)


@action("Sign a session note", by=LEADERS, fresh="session")
def sign_group_note(act: Act, session: Session) -> GroupNote:
    """One signature for everybody: shared part and parts are locked, each with a hash of its own.

    Raises `NotReady` while somebody is unrecorded, a person present has no line of their own, or the shared part is empty.
    """
    kept = unsigned(session)
    if errors := missing(kept):
        raise NotReady(errors)
    parts = seal(act, kept, signer_for(act, session))
    keep(act, [kept], parts)
    session.save(update_fields=["status"])
    after_signing(act, kept)
    forget(act, draft_key(session))
    act.about(*parts)
    act.says(f"Signed the note of {session.title} on {day_of(session)} for {len(parts)}")
    assert kept.note is not None  # noqa: S101
    return kept.note
