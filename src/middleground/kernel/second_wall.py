"""The second wall, on PostgreSQL: row-level security on every protected table, whoever asks and by whatever way.

Each table's policy reads one setting of the session, `middleground.scope`. Unset, no row is seen and none is written,
also for the owner of the tables. A statement that runs in an access context carries the scope with it in the same message,
set for that statement alone: `SET LOCAL ...; <the statement>; SET LOCAL ... = ''`. So nothing is left behind on a
connection, by whatever way a block ends, and no second round trip is made. See docs/adr/0007.

A scope is `all` (the record gate narrows the rows) or a client's id (that client's rows and no other's). SQLite has no such wall.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connections, transaction

from . import context
from .context import Access

SETTING, ALL = "middleground.scope", "all"
LOCK = 42_000_007
ASKED = f"(SELECT current_setting('{SETTING}', true))"
_ROWS = re.compile(r"[\s(]*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|EXPLAIN|VALUES|TABLE)\b", re.IGNORECASE)


def scope(access: Access) -> str:
    """What the database is told of an access. Somebody who is a client and nothing else is held to their own rows here
    too; for everyone else the wall asks that there is an access, and the gate narrows."""
    actor = access.actor
    if not access.everything and actor.client_id is not None and actor.roles == {"client"}:
        return str(actor.client_id)
    return ALL


def carry(execute: Callable[..., Any], sql: str, params: Any, many: bool, ctx: dict[str, Any]) -> Any:
    """The execute wrapper: a statement on rows takes the scope of the access in force with it."""
    access = context.current()
    if access is None or not _ROWS.match(sql):
        return execute(sql, params, many, ctx)
    if many:
        return _beside(execute, sql, params, ctx, scope(access))
    done = execute(f"SET LOCAL {SETTING} = '{scope(access)}';\n{sql}\n;SET LOCAL {SETTING} = ''", params, many, ctx)
    ctx["cursor"].nextset()  # past the answer to SET, to that of the statement
    return done


def _beside(execute: Callable[..., Any], sql: str, params: Any, ctx: dict[str, Any], told: str) -> Any:
    """`executemany` takes one statement only: the scope is set before it and taken back after it."""
    from psycopg import pq  # SQLite installations need not load it

    session = ctx["connection"].connection
    session.execute(f"SET {SETTING} = '{told}'")
    try:
        return execute(sql, params, True, ctx)
    finally:
        if session.info.transaction_status != pq.TransactionStatus.INERROR:  # else the rollback takes it back
            session.execute(f"SET {SETTING} = ''")


@contextmanager
def lowered(connection: Any) -> Iterator[None]:
    """Let this session see every row while tables are changed: a step of a migration has no access context."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET {SETTING} = '{ALL}'")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SET {SETTING} = ''")


def lowered_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which PostgreSQL's own programs (`pg_dump`, `psql`) see every row."""
    options = f"{environment.get('PGOPTIONS', '')} -c {SETTING}={ALL}".strip()
    return {**environment, "PGOPTIONS": options}


# ---- building it -----------------------------------------------------------------------------------------------


def protected() -> dict[str, Any]:
    """Every protected model of ours, by its table."""
    return {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("middleground.") and getattr(model, "kind", None)
    }


def policies(model: Any) -> dict[str, str]:
    """name -> what follows `CREATE POLICY name ON table`. The name holds a mark of the rule, so that a changed rule shows."""
    rules = {"scope": f"USING ({_seen(model)}) WITH CHECK ({_seen(model)})"}
    if not model.deletable:
        rules["kept"] = "AS RESTRICTIVE FOR DELETE USING (false)"
    return {f"{name}_{hashlib.sha256(rule.encode()).hexdigest()[:8]}": rule for name, rule in rules.items()}


def _seen(model: Any) -> str:
    if model.client_path is None:
        return f"{ASKED} <> ''"
    client = "id" if model.client_path == "pk" else model.client_path
    return f"{ASKED} = '{ALL}' OR {client}::text = {ASKED}"


def stand(alias: str) -> list[str]:
    """Build what is missing of the wall and return the tables it was missing on; where it stands, no lock is taken."""
    connection = connections[alias]
    if connection.vendor != "postgresql" or not gaps(connection):
        return []
    with transaction.atomic(alias), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])  # several hosts may start at once
        missing = gaps(connection)
        for table, held in missing.items():
            for statement in _statements(table, held):
                cursor.execute(statement)
    return sorted(missing)


def _statements(table: str, held: frozenset[str]) -> Iterator[str]:
    for name in sorted(held):
        yield f'DROP POLICY "{name}" ON "{table}"'
    for name, rule in policies(protected()[table]).items():
        yield f'CREATE POLICY "{name}" ON "{table}" {rule}'
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'  # the tables' owner, which the program is, is held too


def gaps(connection: Any) -> dict[str, frozenset[str]]:
    """Protected tables of the database on which the wall does not stand as declared, with the policies they hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, "
            "array_remove(array_agg(p.polname::text), NULL) FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid "
            "WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) GROUP BY c.oid"
        )
        found = cursor.fetchall()
    models = protected()
    return {
        table: frozenset(held)
        for table, forced, held in found
        if table in models and not (forced and set(held) == set(policies(models[table])))
    }


def is_stepped_over(connection: Any) -> bool:
    """Whether the database role is one that PostgreSQL lets through every such wall: a superuser, or one with BYPASSRLS."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])
