"""Emptying a demo database. A clinic that isn't a demo is never touched."""

from django.apps import apps
from django.db import connection, transaction

from middleground.clinic.models import Organization, User
from middleground.kernel import append_only, audit, guard
from middleground.kernel.errors import Refused


def is_empty() -> bool:
    """Whether nobody has set anything up yet."""
    return not Organization.objects.exists() and not User.objects.exists()


def is_demo() -> bool:
    organization = Organization.objects.first()
    return bool(organization and organization.is_demo)


def clear() -> None:
    """Take everything out of the tables of a demo clinic, its audit chain too. Raises `Refused` for any other clinic."""
    if not is_demo():
        raise Refused("This clinic is not a demo. It is not emptied.")
    ours = [
        m._meta.db_table for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("middleground.")
    ]
    other = ["django_session", "account_emailaddress", "mfa_authenticator"]
    append_only.remove(connection)
    with guard.opened("maintenance"), transaction.atomic(), connection.cursor() as cursor:
        for statement in _statements([*other, *ours]):
            cursor.execute(statement)
    append_only.install(connection)
    audit.Anchor().reset()


def _statements(tables: list[str]) -> list[str]:
    if connection.vendor == "postgresql":
        return [f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"]
    return ["PRAGMA defer_foreign_keys = ON", *(f'DELETE FROM "{table}"' for table in tables)]  # noqa: S608
