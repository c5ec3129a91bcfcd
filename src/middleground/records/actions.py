"""Every way to change people, episodes, the care team and tasks. Consent and disclosure: `consenting.py`."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext

from middleground.clinic.actions import give_code
from middleground.clinic.models import Site, User
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.desk import notify
from middleground.kernel.errors import Refused
from middleground.kernel.who import CLINICAL, role, staff

from .apart import keep_apart, no_longer_apart
from .consenting import disclose, revoke_consent, sign_consent
from .models import CareTeamMember, Client, EmergencyAccess, Episode, Signature, Task
from .populations import set_populations

GLASS = timedelta(hours=4)
FRONT = ("intake-coordinator", "counselor", "case-manager", "prescriber", "program-director")
SEXES = [("female", "Female"), ("male", "Male"), ("other", "Other")]
LANGUAGES = [("en", "English"), ("es", "Spanish")]

__all__ = ["disclose", "keep_apart", "no_longer_apart", "revoke_consent", "set_populations", "sign_consent"]


@action("Register a client", by=role(*FRONT))
def register_client(
    act: Act,
    site: Annotated[Site, Ask("Site")],
    first_name: Annotated[str, Ask("First name", most=80)],
    last_name: Annotated[str, Ask("Last name", most=80)],
    chosen_name: Annotated[str, Ask("Name they go by", most=80)] = "",
    pronouns: Annotated[str, Ask("Pronouns", most=40)] = "",
    born_on: Annotated[date | None, Ask("Date of birth")] = None,
    sex: Annotated[str, Ask("Sex", choices=SEXES)] = "",
    phone: Annotated[str, Ask("Phone", most=40)] = "",
    safe_contact: Annotated[str, Ask("How is it safe to reach them?")] = "",
    email: Annotated[str, Ask("E-mail")] = "",
    language: Annotated[str, Ask("Language", choices=LANGUAGES)] = "en",
    emergency_name: Annotated[str, Ask("Emergency contact", most=120)] = "",
    emergency_phone: Annotated[str, Ask("Their phone", most=40)] = "",
) -> Client:
    """Begin a client's record. The person who begins it has a relation to it for the assessment."""
    made = Client.objects.create(
        site=site,
        first_name=first_name,
        last_name=last_name,
        chosen_name=chosen_name,
        pronouns=pronouns,
        born_on=born_on,
        sex=sex,
        phone=phone,
        safe_contact=safe_contact,
        email=email,
        language=language or "en",
        emergency_name=emergency_name,
        emergency_phone=emergency_phone,
        created_at=act.now,
    )
    if act.user_id:
        CareTeamMember.objects.create(
            client=made,
            user_id=act.user_id,
            part=CareTeamMember.Part.ASSESSOR,
            since=act.now.date() - timedelta(days=1),
        )
    act.says("Began a client's record")
    return made


@action("Correct a client's details", by=role(*FRONT), fresh="client")
def correct_details(
    act: Act,
    client: Client,
    first_name: Annotated[str, Ask("First name", most=80)],
    last_name: Annotated[str, Ask("Last name", most=80)],
    chosen_name: Annotated[str, Ask("Name they go by", most=80)] = "",
    pronouns: Annotated[str, Ask("Pronouns", most=40)] = "",
    born_on: Annotated[date | None, Ask("Date of birth")] = None,
    sex: Annotated[str, Ask("Sex", choices=SEXES)] = "",
    phone: Annotated[str, Ask("Phone", most=40)] = "",
    safe_contact: Annotated[str, Ask("How is it safe to reach them?")] = "",
    email: Annotated[str, Ask("E-mail")] = "",
    address: Annotated[str, Ask("Address")] = "",
    language: Annotated[str, Ask("Language", choices=LANGUAGES)] = "en",
    emergency_name: Annotated[str, Ask("Emergency contact", most=120)] = "",
    emergency_phone: Annotated[str, Ask("Their phone", most=40)] = "",
) -> Client:
    """Bring a client's details up to date."""
    new = {
        "first_name": first_name,
        "last_name": last_name,
        "chosen_name": chosen_name,
        "pronouns": pronouns,
        "born_on": born_on,
        "sex": sex,
        "phone": phone,
        "safe_contact": safe_contact,
        "email": email,
        "address": address,
        "language": language,
        "emergency_name": emergency_name,
        "emergency_phone": emergency_phone,
    }
    changed = sorted(name for name, value in new.items() if getattr(client, name) != value)
    for name, value in new.items():
        setattr(client, name, value)
    client.save()
    act.says(f"Corrected {', '.join(changed).replace('_', ' ') or 'nothing'}")
    return client


def open_episode(act: Act, client: Client, **facts: Any) -> Episode:
    """A new episode of care, inside `admissions.admit`. Raises `Refused` when one is open already."""
    with everything("one open episode at a time"):
        if Episode.objects.filter(client=client, ended_on=None).exists():
            raise Refused("This client already has an open episode of care.")
    return Episode.objects.create(client=client, site=client.site, **facts)


def close_episode(act: Act, episode: Episode, on: date, reason: str) -> Episode:
    """End an episode, inside `careplan.discharge`. The care team keeps the record for thirty days of follow-up."""
    episode.ended_on, episode.end_reason = on, reason
    episode.save(update_fields=["ended_on", "end_reason"])
    with everything("ending care relations"):
        CareTeamMember.objects.filter(client=episode.client, until=None).update(until=on + timedelta(days=30))
    return episode


def put_on_team(
    act: Act, client: Client, user: User | int, part: str, since: date, until: date | None = None
) -> CareTeamMember:
    """Give somebody a treatment relation, inside a running action; the same one is not given twice."""
    user_id = user if isinstance(user, int) else user.pk
    with everything("care team"):
        found = CareTeamMember.objects.filter(client=client, user_id=user_id, part=part, until=until).first()
        return found or CareTeamMember.objects.create(
            client=client, user_id=user_id, part=part, since=since, until=until
        )


def take_off_team(act: Act, client_ids: Iterable[int], user_id: int, part: str, until: date) -> None:
    """End somebody's open treatment relations of one part on a day (included), inside a running action."""
    with everything("care team"):
        theirs = CareTeamMember.objects.filter(client_id__in=list(client_ids), user_id=user_id, part=part, until=None)
        theirs.update(until=until)


@action("Set the treatment team", by=role("intake-coordinator", "counselor", "program-director"))
def set_team(
    act: Act,
    client: Client,
    primary_counselor: Annotated[User, Ask("Primary counselor")],
    prescriber: Annotated[User | None, Ask("Prescriber")] = None,
    case_manager: Annotated[User | None, Ask("Case manager")] = None,
) -> Client:
    """Say who treats this client from today on. Whoever is replaced keeps what they signed and loses the record tomorrow."""
    today = act.now.date()
    parts = {
        "primary-counselor": (primary_counselor, "counselor"),
        "prescriber": (prescriber, "prescriber"),
        "case-manager": (case_manager, "case-manager"),
    }
    for part, (person, needed) in parts.items():
        if person and needed not in person.roles:
            raise Refused(f"{person.name} does not work as {needed.replace('-', ' ')}.", part.replace("-", "_"))
        with everything("care team"):
            CareTeamMember.objects.filter(client=client, part=part, until=None).exclude(user=person).update(until=today)
        if person:
            _take_on(act, client, person, part, today)
    act.says(f"Set the treatment team: {', '.join(p.name for p, _ in parts.values() if p)}")
    return client


def _take_on(act: Act, client: Client, person: User, part: str, since: date) -> None:
    put_on_team(act, client, person, part, since)
    notify(act, person.pk, "You have a new client on your caseload.", f"/clients/{client.pk}/")


@action("Give a client a primary counselor", by=role("intake-coordinator", "counselor", "program-director"))
def give_counselor(act: Act, client: Client, counselor: Annotated[User, Ask("Primary counselor")]) -> Client:
    """For a client who has none, from today on; the rest of the treatment team stays. Raises `Refused` when there is one by now,
    or for somebody who doesn't work as counselor."""
    part = CareTeamMember.Part.PRIMARY
    if not counselor.is_active or "counselor" not in counselor.roles:
        raise Refused(f"{counselor.name} does not work as counselor.", "counselor")
    with everything("care team"):
        if CareTeamMember.objects.filter(client=client, part=part, until=None).exists():
            raise Refused(f"{client.called} has a primary counselor.", "counselor")
    _take_on(act, client, counselor, part, timezone.localdate(act.now))
    act.says(f"{counselor.name} became primary counselor")
    return client


@action("Open a record in an emergency", by=role(*CLINICAL), purpose="emergency")
def break_glass(
    act: Act,
    client_id: Annotated[int, Ask(hidden=True)],
    reason: Annotated[
        str,
        Ask(
            "What is the emergency?",
            lines=3,
            help="This opens the record for four hours. It is written down and the compliance officer reads it.",
        ),
    ],
) -> EmergencyAccess:
    """Open a record without a treatment relation, for four hours. Needs a reason; the compliance officer is told."""
    if len(reason.strip()) < 10:
        raise Refused("Say in a sentence what the emergency is.", "reason")
    with everything("break-glass"):
        client = Client.objects.filter(pk=client_id).first()
        if client is None or (act.actor.site_ids is not None and client.site_id not in act.actor.site_ids):
            raise Refused("There is no record here that can be opened.")
    act.about(client)
    act.says("Opened a record in an emergency (break-glass)", reason=reason)
    for officer in User.objects.filter(is_active=True):
        if "compliance-officer" in officer.roles:
            notify(act, officer.pk, "A record was opened in an emergency. Please review.", "/compliance/")
    return EmergencyAccess.objects.create(
        client=client, user_id=act.user_id, reason=reason, since=act.now, until=act.now + GLASS
    )


@action("Review an emergency access", by=role("compliance-officer"), purpose="audit")
def review_emergency_access(act: Act, opened: EmergencyAccess) -> EmergencyAccess:
    """The compliance officer has looked at why a record was opened."""
    opened.reviewed_by_id, opened.reviewed_at = act.user_id, act.now
    opened.save(update_fields=["reviewed_by", "reviewed_at"])
    act.says("Reviewed an emergency access")
    return opened


def content_hash(content: Any) -> str:
    """SHA-256 of a document's content in canonical JSON: what a signature is bound to."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def sign(act: Act, client: Client, subject: str, content: Any, signed_name: str, part: str) -> Signature:
    """Put a signature under a document, inside a running action. Raises `Refused` for an empty name."""
    if not signed_name.strip():
        raise Refused(gettext("Type your full name to sign."), "signed_name")
    return Signature.objects.create(
        client=client,
        subject=subject,
        content_hash=content_hash(content),
        signed_name=signed_name.strip(),
        part=part,
        user_id=act.user_id,
        at=act.now,
    )


def ask_for(
    act: Act,
    what: str,
    due_at: datetime,
    *,
    client: Client | None = None,
    why: str = "",
    key: str = "",
    owner: int | None = None,
    owner_role: str = "",
    last_counts: bool = False,
) -> Task:
    """Make a task with an owner, inside a running action; a task with the same key still open is not made twice.
    With `last_counts` the open one takes over `why`, and its owner hears of it."""
    with everything("tasks"):
        open_ones = Task.objects.select_for_update(of=("self",)) if last_counts else Task.objects
        if key and (found := open_ones.filter(key=key, done_at=None).first()):
            if last_counts and found.why != why:
                found.why = why
                found.save(update_fields=["why"])
                notify(act, found.owner_id, "Something changed in a task of yours.", "/tasks/")
            return found
        made = Task.objects.create(
            client=client,
            what=what,
            why=why,
            key=key,
            owner_id=owner,
            owner_role=owner_role,
            due_at=due_at,
            made_at=act.now,
        )
    notify(act, owner, "You have a new task.", "/tasks/")
    return made


def close_tasks(act: Act, key: str, outcome: str) -> int:
    """Close open tasks by key, when what they asked for has happened."""
    with everything("tasks"):
        return Task.objects.filter(key=key, done_at=None).update(
            done_at=act.now, done_by_id=act.user_id, outcome=outcome[:300]
        )


@action("Finish a task", by=staff(), fresh="task")
def finish_task(act: Act, task: Task, outcome: Annotated[str, Ask("What came of it", most=300)]) -> Task:
    """Say what came of a task. Only its owner, or someone of the owning role, or a director."""
    mine = task.owner_id == act.user_id or (task.owner_id is None and task.owner_role in act.actor.roles)
    if not mine and "program-director" not in act.actor.roles and not act.actor.is_system:
        raise Refused("This task belongs to someone else.")
    if task.done_at is not None:
        raise Refused("This task was finished already.")
    task.done_at, task.done_by_id, task.outcome = act.now, act.user_id, outcome
    task.save()
    act.says(f"Finished the task: {task.what}")
    return task


@action("Give a client their sign-in", by=role(*FRONT))
def give_client_sign_in(act: Act, client: Client) -> str:
    """A sign-in name and a one-time code to hand over in person, as "name / CODE". No e-mail is needed."""
    user = User.objects.filter(client_id=client.pk).first()
    if user is None:
        user = User(
            username=f"client{client.pk}",
            name=client.called,
            roles=["client"],
            client_id=client.pk,
            language=client.language,
        )
        user.set_unusable_password()
        user.save()
    act.says("Gave the client a sign-in code in person")
    return f"{user.username} / {give_code(act, user)}"
