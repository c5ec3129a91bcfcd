"""The wall behind the doors: every SQL statement is looked at before it runs.

A read of a protected table without an access context raises `NoAccessContext`; a write to a domain table outside an
action raises `WriteOutsideAction`; a DELETE from a table of client records raises always (records are superseded,
never destroyed). So a forgotten manager, a raw query or a template can't go round the gate.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.apps import apps
from django.db.backends.signals import connection_created

from . import context, second_wall
from .errors import NoAccessContext, WriteOutsideAction

_open: ContextVar[str] = ContextVar("open", default="")
_NAMES = re.compile(r'"(\w+)"')
_WRITE = re.compile(
    r'^\s*(INSERT(?: OR \w+)? INTO|REPLACE INTO|UPDATE|DELETE FROM|TRUNCATE)\s+"?(\w+)"?', re.IGNORECASE
)


@cache
def tables() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """(protected, domain, kept) table names, from the models' own declarations."""
    ours = [
        model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("middleground.")
    ]
    protected = {m._meta.db_table for m in ours if getattr(m, "kind", None)}
    kept = {m._meta.db_table for m in ours if getattr(m, "kind", None) and not getattr(m, "deletable", False)}
    return frozenset(protected), frozenset(m._meta.db_table for m in ours), frozenset(kept)


@contextmanager
def opened(why: str) -> Iterator[None]:
    """Let writes through: the action runner, migrations and test clean-up use it, and nothing else."""
    token = _open.set(why)
    try:
        yield
    finally:
        _open.reset(token)


def is_open() -> bool:
    return bool(_open.get())


def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, ctx: dict[str, Any]) -> Any:
    """The execute wrapper: checks, then runs the statement."""
    protected, domain, kept = tables()
    write = _WRITE.match(sql)
    if write:
        check_write(write.group(1).upper(), write.group(2), domain, kept)
    elif context.current() is None and not is_open():
        touched = protected.intersection(_NAMES.findall(sql))
        if touched:
            raise NoAccessContext(f"Read of {', '.join(sorted(touched))} without an access context.")
    return execute(sql, params, many, ctx)


def check_write(verb: str, table: str, domain: frozenset[str], kept: frozenset[str]) -> None:
    if table in domain and not is_open():
        raise WriteOutsideAction(f"{verb} {table} outside a declared action.")
    if table in kept and verb.startswith(("DELETE", "TRUNCATE")) and _open.get() != "maintenance":
        raise WriteOutsideAction(f"Client records in {table} are superseded, never deleted.")


def _on_connection(connection: Any, **_: Any) -> None:
    if watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch)
    if connection.vendor == "postgresql" and second_wall.carry not in connection.execute_wrappers:
        connection.execute_wrappers.append(
            second_wall.carry
        )  # inside `watch`, which reads the statement as it was written


def stand() -> None:
    connection_created.connect(_on_connection, dispatch_uid="middleground.guard")
