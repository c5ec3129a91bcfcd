"""Opens every page in a copy of the demo clinic, then again in a clinic several times as big, and counts the queries: run by `test_growth`.

    python -m tests.attacks.growth OUT.json

The clinic grows by copying its rows beside themselves, of every kind there is: more clients, but also more sessions, notes, tasks,
consents, services ... of the very client whose pages are opened. Copies keep what the rules of the database allow, and nothing else is
asked of them: a page that reads row by row is found out by any copy.
"""

import itertools
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

COPIES, MOST = 2, 60
MARKS = itertools.count(1)
NOT_COPIED = {"AuditEntry", "AuditAbout", "Receipt", "Organization", "Cell", "Booking"}


def count(parts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Page and role -> status and number of queries, for every page a role may open."""
    from django.core.cache import cache

    from .walk import people, walk

    cache.clear()
    met = walk("visitor", None, parts, only_own=True)
    for role, person in people().items():
        met += walk(role, person, parts, only_own=True)
    return {f"{row['page']} as {row['role']}": row for row in met if row["status"] == 200}


def grow(client_id: int) -> dict[str, int]:
    """Copy rows of every model, those it depends on first; model -> how many copies there are now."""
    from django.db import transaction

    from middleground.kernel import gate, guard

    made: dict[Any, dict[Any, list[Any]]] = defaultdict(dict)
    with gate.everything("growth"), guard.opened("maintenance"), transaction.atomic():
        for model in in_order():
            for row in some_rows(model, client_id):
                copies = [copy_of(model, row.pk, n, made) for n in range(COPIES)]
                made[model][row.pk] = [copy for copy in copies if copy is not None]
    return {model.__name__: sum(map(len, copies.values())) for model, copies in made.items()}


def in_order() -> list[Any]:
    """Our models, each after those it points to."""
    from django.apps import apps

    waiting = [
        m for m in apps.get_models() if m.__module__.startswith("middleground.") and m.__name__ not in NOT_COPIED
    ]
    done: list[Any] = []
    while waiting:
        ready = [
            m for m in waiting if not any(f.related_model in waiting and f.related_model is not m for f in pointers(m))
        ]
        done += ready or waiting[:1]
        waiting = [m for m in waiting if m not in done]
    return done


def pointers(model: Any) -> list[Any]:
    return [f for f in model._meta.concrete_fields if f.is_relation]


def some_rows(model: Any, client_id: int) -> list[Any]:
    """All of one client's and the latest of the others'."""
    rows = model._default_manager.order_by("-pk")
    if not any(f.name == "client" for f in model._meta.fields):
        return list(rows[:MOST])
    return list(rows.filter(client=client_id)[:MOST]) + list(rows.exclude(client=client_id)[:MOST])


def copy_of(model: Any, pk: Any, number: int, made: dict[Any, dict[Any, list[Any]]]) -> Any:
    """A copy beside the row; where only one may stand there, beside a copy of what the row belongs to; where not even that, none."""
    from django.db import IntegrityError, transaction

    for moved in choices(model):
        row = model._base_manager.get(pk=pk)
        row.pk, row._state.adding = None, True
        if not move(row, moved, number, made):
            continue
        tell_apart(row, number)
        try:
            with transaction.atomic():
                model._base_manager.bulk_create([row])
        except IntegrityError:
            continue
        return row
    return None


def choices(model: Any) -> Iterator[list[Any]]:
    """Which pointers lead to copies: none, then one at a time, then all."""
    found = pointers(model)
    return iter([[], *([f] for f in found), found])


def move(row: Any, moved: list[Any], number: int, made: dict[Any, dict[Any, list[Any]]]) -> bool:
    went = not moved
    for field in moved:
        copies = made[field.related_model].get(getattr(row, field.attname), [])
        if number < len(copies):
            setattr(row, field.attname, copies[number].pk)
            went = True
    return went


def tell_apart(row: Any, number: int) -> None:
    """Another value where the database wants each only once."""
    for field in unique_fields(type(row)):
        value = getattr(row, field.attname)
        if isinstance(value, str) and (field.unique or field.name == "name"):  # any other text is an id of a vocabulary
            setattr(row, field.attname, f"{value[:30]} {next(MARKS)}")
        elif isinstance(value, datetime):
            setattr(row, field.attname, value + timedelta(minutes=number + 1))
        elif isinstance(value, date):
            setattr(row, field.attname, value - timedelta(days=200 * (number + 1)))
        elif field.name == "client_id":
            setattr(row, field.attname, None)


def unique_fields(model: Any) -> list[Any]:
    named = {
        name
        for c in model._meta.constraints
        for name in getattr(c, "fields", ()) or ()
        if not getattr(c, "condition", None)
    }
    return [
        f
        for f in model._meta.concrete_fields
        if not f.is_relation and not f.primary_key and (f.unique or f.name in named)
    ]


def main(out: str) -> None:
    from .walk import ready

    parts = ready()
    small = count(parts)
    copies = grow(parts["client_id"])
    large = count(parts)
    with open(out, "w") as file:
        json.dump({"copies": copies, "small": small, "large": large}, file, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
