"""What if: an instance changed by a JSON Merge Patch whose list rows are matched by id (timetabling contract, section 11)."""

from typing import Any

from ...errors import BadLine
from .walking import Faults, Path, pointer


def patched(data: object, patch: object) -> dict[str, Any]:
    """A changed copy; `data` stays as it is. In a list of rows, a patch row changes the row of its id or adds one; the list may
    also be an object by id, where null removes the row. Other lists are replaced; null removes a key.

    Raises `Faults` with one: not-an-object (the instance or the patch is none), unknown-id (a row to remove isn't there)
    or wrong-type, with `where` in the patch.
    """
    if not isinstance(data, dict) or not isinstance(patch, dict):
        raise Faults([BadLine("not-an-object", "An instance and a change are one JSON object each.")])
    try:
        made = merged(data, patch, None)
    except RecursionError:
        raise Faults([BadLine("not-json", "The change is nested too deeply.")]) from None
    return dict(made)


def merged(old: Any, patch: Any, path: Path) -> Any:
    if is_table(old) and isinstance(patch, dict | list):
        return merged_rows(old, patch, path)
    if not isinstance(patch, dict):
        return patch
    if isinstance(old, list):
        raise Faults([BadLine("wrong-type", "This list is replaced by a list.", pointer(path))])
    made = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = merged(made.get(key), value, (path, key))
    return made


def is_table(rows: object) -> bool:
    """A list of rows that all have an id (an empty list is any list)."""
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, dict) and "id" in row for row in rows)


def merged_rows(rows: list[dict[str, Any]], patch: dict[str, Any] | list[Any], path: Path) -> list[Any]:
    made = {row["id"]: row for row in rows if isinstance(row["id"], str)}
    changes = patch.items() if isinstance(patch, dict) else rows_by_id(patch, path)
    for key, change in changes:
        if change is None and key not in made:
            raise Faults([BadLine("unknown-id", "There is no row with this id to remove.", pointer((path, key)))])
        if change is None:
            del made[key]
        elif isinstance(change, dict):
            made[key] = merged(made.get(key, {}), {"id": key, **change}, (path, key))
        else:
            raise Faults([BadLine("wrong-type", "A row is changed by an object.", pointer((path, key)))])
    return list(made.values())


def rows_by_id(patch: list[Any], path: Path) -> list[tuple[str, Any]]:
    for i, row in enumerate(patch):
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            raise Faults([BadLine("wrong-type", "A row of this list has an id.", pointer((path, i)))])
    return [(row["id"], row) for row in patch]
