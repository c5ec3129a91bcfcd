"""What if: an instance changed by a JSON Merge Patch whose list rows are matched by id (timetabling contract, section 11)."""

from collections.abc import Iterator
from typing import Any

from ...errors import BadLine
from .walking import TABLES, Faults, Path, Twice, Walk, in_order

BY_ID: frozenset[Path] = frozenset({*((None, table) for table in TABLES), ((None, "current"), "groups")})
Row = dict[str, Any]


def patched(data: object, patch: object) -> Row:
    """A changed copy; `data` stays as it is. In a list of rows that have each an id of their own, a patch row changes the row of
    its id or adds one; the list may also be an object by id, where null removes the row. Other lists are replaced, pins too: the
    id of a pin is that of a group, which may have several. Null removes a key.

    Raises `Faults` with what is wrong with the patch, `where` in the patch: not-an-object (it or the instance is none),
    unknown-key (a key stands twice), double-id (a row stands twice), unknown-id (a row to remove isn't there), wrong-type.
    """
    if not isinstance(data, dict) or not isinstance(patch, dict):
        raise Faults([BadLine("not-an-object", "An instance and a change are one JSON object each.")])
    laid = Laid()
    try:
        made = laid.merged(data, patch, None)
    except RecursionError:
        raise Faults([BadLine("not-json", "The change is nested too deeply.")]) from None
    if laid.walk.faults:
        raise Faults(in_order(laid.walk.faults, patch), laid.walk.beyond)
    return dict(made)


def is_table(rows: object) -> bool:
    """A list of rows that all have an id."""
    return (
        isinstance(rows, list)
        and bool(rows)
        and all(isinstance(r, dict) and isinstance(r.get("id"), str) for r in rows)
    )


class Laid:
    """A patch being laid over an instance; `walk` has what is wrong with the patch. A path is the same in both down to a table."""

    def __init__(self) -> None:
        self.walk = Walk({})

    def merged(self, old: Any, patch: Any, path: Path) -> Any:
        self.look_for_doubles(patch, path)
        by_id = path in BY_ID and (is_table(old) or (old == [] and isinstance(patch, dict)))
        if by_id and isinstance(patch, dict | list):
            return self.merged_rows(old, patch, path)
        if not isinstance(patch, dict):
            return patch
        if isinstance(old, list):
            self.walk.say("wrong-type", "This list is replaced by a list.", path)
            return old
        made = dict(old) if isinstance(old, dict) else {}
        for key, value in patch.items():
            if value is None:
                made.pop(key, None)
            else:
                made[key] = self.merged(made.get(key), value, (path, key))
        return made

    def look_for_doubles(self, patch: object, path: Path) -> None:
        for key in patch.twice if isinstance(patch, Twice) else ():
            self.walk.say("unknown-key", "This key stands twice in its object.", (path, key))

    def merged_rows(self, rows: list[Row], patch: Row | list[Any], path: Path) -> list[Row]:
        made = {row["id"]: row for row in rows}
        for at, key, change in self.by_name(patch, path) if isinstance(patch, dict) else self.in_turn(patch, path):
            if change is not None:
                self.look_for_doubles(change, at)
                made[key] = self.merged(made.get(key, {}), {"id": key} | change, at)
            elif made.pop(key, None) is None:
                self.walk.say("unknown-id", "There is no row with this id to remove.", at)
        return list(made.values())

    def by_name(self, patch: Row, path: Path) -> Iterator[tuple[Path, str, Row | None]]:
        """The rows of an object by id: where each stands, its id, and its change or None."""
        for key, change in patch.items():
            if change is None or isinstance(change, dict):
                yield (path, key), key, change
            else:
                self.walk.say("wrong-type", "A row is changed by an object.", (path, key))

    def in_turn(self, patch: list[Any], path: Path) -> Iterator[tuple[Path, str, Row]]:
        """The rows of a list, the same."""
        seen: set[str] = set()
        for i, row in enumerate(patch):
            key = row.get("id") if isinstance(row, dict) else None
            if not isinstance(key, str):
                self.walk.say("wrong-type", "A row of this list has an id.", (path, i))
            elif key in seen:
                self.walk.say("double-id", "This stands twice in its list.", ((path, i), "id"))
            else:
                seen.add(key)
                yield (path, i), key, row
