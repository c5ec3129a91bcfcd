"""Builders named like the clinic's own words. They go through the actions, so what they make is valid."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from middleground.clinic import actions as clinic_actions
from middleground.clinic.models import Room, Site, User
from middleground.kernel import clock, gate
from middleground.kernel.actions import action
from middleground.kernel.context import Actor, system
from middleground.kernel.who import STAFF, system_only
from middleground.records import actions as records_actions
from middleground.records.models import Client, Episode

PASSWORD = "a-long-demo-password"


@dataclass
class Clinic:
    site: Site
    rooms: list[Room]
    people: dict[str, User] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        return self.people[role].actor()

    @contextmanager
    def seen_by(self, role: str, purpose: str = "treatment"):
        """Read as the person with this role."""
        with gate.access(self.actor(role), purpose, "test") as access:
            yield access


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def a_clinic(name: str = "North") -> Clinic:
    boss = system("test")
    clinic_actions.set_up_organization.run(boss, name="Middleground Demo", phone="555-0100", is_demo=True)
    site = clinic_actions.open_site.run(boss, name=name, hours=[f"{d} 07:00-22:00" for d in DAYS])
    rooms = [
        clinic_actions.add_room.run(boss, site=site, name="Maple", use="group", seats=12),
        clinic_actions.add_room.run(boss, site=site, name="Office 1", use="office", seats=4),
    ]
    made = Clinic(site, rooms)
    for role in STAFF:
        made.people[role] = clinic_actions.add_user.run(
            boss, username=role, name=f"{role.title()} Person", password=PASSWORD, roles=[role], site_ids=[site.pk]
        )
    return made


def a_second(clinic: Clinic, role: str, username: str) -> User:
    """Another person with a role, e.g. a counselor with no relation to the client."""
    return clinic_actions.add_user.run(
        system("test"),
        username=username,
        name=username.title(),
        password=PASSWORD,
        roles=[role],
        site_ids=[clinic.site.pk],
    )


@action("Open an episode for a test", by=system_only())
def _open(act: Any, client: Client) -> Episode:
    today = clock.today()
    return records_actions.open_episode(
        act,
        client,
        pathway="first-line",
        referral_source="self",
        admitted_on=today - timedelta(days=7),
        first_contact_on=today - timedelta(days=10),
        expected_end_on=today + timedelta(days=49),
    )


def a_client(clinic: Clinic, first: str, last: str, admitted: bool = True, **facts: Any) -> Client:
    made = records_actions.register_client.run(
        clinic.actor("intake-coordinator"), site=clinic.site, first_name=first, last_name=last, **facts
    )
    if admitted:
        _open.run(system("test"), client=made)
        records_actions.set_team.run(
            clinic.actor("program-director"),
            client=made,
            primary_counselor=clinic.people["counselor"],
            prescriber=clinic.people["prescriber"],
            case_manager=clinic.people["case-manager"],
        )
    return made


def client_user(clinic: Clinic, client: Client) -> User:
    """The client's own sign-in."""
    records_actions.give_client_sign_in.run(clinic.actor("counselor"), client=client)
    return User.objects.get(client_id=client.pk)
