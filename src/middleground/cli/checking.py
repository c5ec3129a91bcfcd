"""`middleground check`: what is unsafe or missing in this installation, in plain words."""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from middleground.clinic.models import Organization, Site, User
from middleground.kernel import audit, clock, second_wall
from middleground.kernel.models import AuditEntry

WATCHED_YEARS = ("poverty guidelines",)


def findings() -> list[str]:
    """Every problem as one sentence that says what to do; an empty list when there is none."""
    pending = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    if pending:
        return [f"The database is {len(pending)} step(s) behind this version. Run: middleground migrate"]
    return [*_keys(), *_production(), *_second_wall(), *_people(), *_chain(), *_knowledge()]


def _keys() -> Iterator[str]:
    for name in ("secret_key.txt", "audit_key.txt"):
        path = settings.HOME / name
        if path.exists() and stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            yield f"Others on this computer can read {name}. Run: chmod 600 {path}"


def _production() -> Iterator[str]:
    organization = Organization.objects.first()
    if settings.PRODUCTION and organization and organization.is_demo:
        yield "Production mode is serving the demo clinic. Use an empty database."
    if settings.PRODUCTION and connection.vendor == "sqlite":
        yield "Production mode is using SQLite. Set DATABASE_URL to a PostgreSQL database."
    if settings.PRODUCTION and "127.0.0.1" in settings.ALLOWED_HOSTS:
        yield "Set MIDDLEGROUND_HOSTS to the name people type, for example clinic.example.org."


def _second_wall() -> Iterator[str]:
    if connection.vendor != "postgresql":
        return
    if second_wall.is_stepped_over(connection):
        yield "The database role is a superuser or has BYPASSRLS, so row-level security doesn't hold it. Use a role that is neither."
    if gaps := second_wall.gaps(connection):
        yield f"Row-level security is not whole on {', '.join(sorted(gaps))}. Run: middleground migrate"


def _people() -> Iterator[str]:
    if not Organization.objects.exists():
        yield "The clinic has no name yet. Sign in as administrator and open Settings, or build the demo: middleground demo"
    people = list(User.objects.filter(is_active=True, client_id=None))
    for role, words in (
        ("administrator", "manage people"),
        ("compliance-officer", "review emergency access"),
        ("program-director", "run the program"),
    ):
        if not any(role in person.roles for person in people):
            yield f"Nobody active has the role {role}, so nobody can {words}. Add one: middleground user add NAME 'Full Name' --role {role}"
    if not Site.objects.exists():
        yield "There is no site yet. An administrator adds it under Settings."


def _chain() -> Iterator[str]:
    yield from audit.faults()
    if AuditEntry.objects.exists() and audit.Anchor().read()[0] == 0:
        yield "The audit anchor file is missing, so a dropped tail could not be noticed. It is written again with the next entry."


def _knowledge() -> Iterator[str]:
    from middleground.engines import knowing

    today = clock.today()
    years = sorted(
        int(str(data["effective"])[:4]) for data in knowing.load("payment").values() if "poverty" in data["id"]
    )
    if years and today > today.replace(year=years[-1] + 1, month=1, day=15) - timedelta(days=0):
        yield f"The newest poverty guidelines on file are of {years[-1]}. Add this year's table to your knowledge folder."
