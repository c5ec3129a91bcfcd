"""Bringing in people from an earlier system: who was and is in care, when, with whom, in which groups.

What an earlier system documented stays there; the episodes, waits, group memberships and ends come here, so that the record and
the program's figures don't begin on the day Middleground does.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from middleground.admissions.models import Inquiry
from middleground.careplan.models import Discharge
from middleground.careplan.terms import items
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.models import CareTeamMember, Client, Episode

from .joining import coming, seat
from .models import Group, Membership

NEEDED = ("first_name", "last_name", "site", "asked_on", "assessed_on", "admitted_on", "counselor", "groups")


@dataclass(frozen=True)
class Brought:
    """One person to bring in. `ended_on` None means still in care; `groups` are ids."""

    first_name: str
    last_name: str
    site: int
    asked_on: date
    assessed_on: date
    admitted_on: date
    counselor: int
    groups: tuple[int, ...]
    ended_on: date | None = None
    reason: str = ""
    born_on: date | None = None
    language: str = "en"
    phone: str = ""
    pathway: str = "first-line"
    referral_source: str = "self"
    prescribed_minutes: int = 540
    prescriber: int | None = None
    case_manager: int | None = None


@action("Bring in people from an earlier system", by=role("program-director", "administrator"), purpose="operations")
def bring_in(act: Act, people: list, lost: list | None = None) -> int:
    """`people`: dicts with the fields of `Brought`; `lost`: requests that came to nothing, as dicts with first_name, last_name,
    site, asked_on, closed_on, reason, referral_source. All or none; raises `Refused` naming the first row that can't be.

    Returns how many. Those still in care are seated in the coming sessions of their groups.
    """
    Inquiry.objects.bulk_create([_lost(number, told) for number, told in enumerate(lost or [], 1)])
    rows = [_checked(number, told, act) for number, told in enumerate(people, 1)]
    clients = Client.objects.bulk_create([_client(row, act) for row in rows])
    episodes = Episode.objects.bulk_create([_episode(row, client) for row, client in zip(rows, clients, strict=True)])
    Inquiry.objects.bulk_create([_inquiry(row, client) for row, client in zip(rows, clients, strict=True)])
    CareTeamMember.objects.bulk_create(
        [m for row, client in zip(rows, clients, strict=True) for m in _team(row, client)]
    )
    made = [
        m
        for row, client, episode in zip(rows, clients, episodes, strict=True)
        for m in _memberships(row, client, episode)
    ]
    Membership.objects.bulk_create(made)
    Discharge.objects.bulk_create(
        [_discharge(row, c, e, act) for row, c, e in zip(rows, clients, episodes, strict=True) if row.ended_on]
    )
    _seat_those_in_care(act, rows, clients)
    act.about(*clients)
    act.says(f"Brought in {len(rows)} people from an earlier system")
    return len(rows)


def _checked(number: int, told: dict[str, Any], act: Act) -> Brought:
    missing = [name for name in NEEDED if told.get(name) in (None, "")]
    if missing:
        raise Refused(f"Row {number}: {', '.join(missing)} missing.", "people")
    row = Brought(**{**told, "groups": tuple(told["groups"])})
    days = [row.asked_on, row.assessed_on, row.admitted_on, *([row.ended_on] if row.ended_on else []), act.now.date()]
    if days != sorted(days):
        raise Refused(
            f"Row {number}: asked, assessed, admitted and ended must follow each other and not lie in the future.",
            "people",
        )
    if row.ended_on and row.reason not in items("discharge-reasons"):
        raise Refused(f"Row {number}: {row.reason!r} is not a reason for the end of care.", "people")
    return row


def _client(row: Brought, act: Act) -> Client:
    return Client(
        site_id=row.site,
        first_name=row.first_name,
        last_name=row.last_name,
        born_on=row.born_on,
        language=row.language,
        phone=row.phone,
        created_at=act.now,
    )


def _episode(row: Brought, client: Client) -> Episode:
    return Episode(
        client=client,
        site_id=row.site,
        pathway=row.pathway,
        referral_source=row.referral_source,
        first_contact_on=row.asked_on,
        admitted_on=row.admitted_on,
        prescribed_minutes=row.prescribed_minutes,
        ended_on=row.ended_on,
        end_reason=row.reason,
    )


def _moment(day: date, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _inquiry(row: Brought, client: Client) -> Inquiry:
    return Inquiry(
        reference=f"E{client.pk:06d}",
        client=client,
        site_id=row.site,
        first_name=row.first_name,
        last_name=row.last_name,
        phone=row.phone,
        language=row.language,
        pathway=row.pathway,
        referral_source=row.referral_source,
        came_through=Inquiry.Came.REFERRAL,
        received_at=_moment(row.asked_on),
        status=Inquiry.Status.ADMITTED,
        first_called_at=_moment(row.asked_on, 11),
        assessment_at=_moment(row.assessed_on),
        assessed_at=_moment(row.assessed_on),
        first_session_at=_moment(row.admitted_on),
        closed_at=_moment(row.admitted_on),
    )


def _lost(number: int, told: dict[str, Any]) -> Inquiry:
    if told["reason"] not in items("lost-reasons") or told["closed_on"] < told["asked_on"]:
        raise Refused(f"Lost request {number}: the reason or the days can't be right.", "lost")
    return Inquiry(
        reference=secrets.token_hex(6),
        site_id=told["site"],
        first_name=told["first_name"],
        last_name=told["last_name"],
        phone="unknown",
        referral_source=told["referral_source"],
        came_through=Inquiry.Came.REFERRAL,
        received_at=_moment(told["asked_on"]),
        first_called_at=_moment(told["asked_on"], 12),
        status=Inquiry.Status.LOST,
        lost_reason=told["reason"],
        closed_at=_moment(told["closed_on"], 16),
    )


def _team(row: Brought, client: Client) -> list[CareTeamMember]:
    parts = (("primary-counselor", row.counselor), ("prescriber", row.prescriber), ("case-manager", row.case_manager))
    return [
        CareTeamMember(client=client, user_id=user, part=part, since=row.admitted_on, until=row.ended_on)
        for part, user in parts
        if user
    ]


def _memberships(row: Brought, client: Client, episode: Episode) -> list[Membership]:
    return [
        Membership(client=client, episode=episode, group_id=group, since=row.admitted_on, until=row.ended_on)
        for group in row.groups
    ]


def _discharge(row: Brought, client: Client, episode: Episode, act: Act) -> Discharge:
    assert row.ended_on is not None  # noqa: S101  only those whose care ended
    return Discharge(
        client=client,
        episode=episode,
        on=row.ended_on,
        reason=row.reason,
        summary="Documented in the earlier system.",
        signed_by_id=act.user_id,
        signed_at=act.now,
    )


def _seat_those_in_care(act: Act, rows: Sequence[Brought], clients: Sequence[Client]) -> None:
    with everything("groups of those brought in"):
        groups = Group.objects.select_related("room").in_bulk({g for row in rows for g in row.groups})
    for row, client in zip(rows, clients, strict=True):
        if row.ended_on is None:
            seat(act, client, coming(act, [groups[g] for g in row.groups], act.now.date()))


__all__ = ["Brought", "bring_in"]
