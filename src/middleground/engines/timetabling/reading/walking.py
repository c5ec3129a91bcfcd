"""Walking through a document: the faults found, where they are, and who is known in it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import BadLine

type Path = tuple[Path, str | int] | None
LISTED = 10_000
TABLES = ("sites", "rooms", "staff", "groups", "clients", "newcomers")


class Faults(Exception):
    """Everything that is wrong with a document, in document order. `as_dict` is what an answer says of it. Of a document
    that is nothing but faults the first LISTED are told, and how many there are `beyond`."""

    def __init__(self, faults: list[BadLine], beyond: int = 0) -> None:
        super().__init__(faults[0].message)
        self.faults, self.beyond = faults, beyond

    def as_dict(self) -> dict[str, Any]:
        return {**self.faults[0].as_dict(), "more": len(self.faults) - 1 + self.beyond}


class Twice(dict[str, Any]):
    """An object in which some keys stand more than once (`twice`); the last of each counts."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]


@dataclass
class Walk:
    """`known`: the ids of each table; `joins` are the clients of client-joins events."""

    known: Mapping[str, frozenset[str]]
    faults: list[BadLine] = field(default_factory=list)
    beyond: int = 0

    def say(self, code: str, message: str, path: Path) -> None:
        if len(self.faults) == LISTED:
            self.beyond += 1
            return
        self.faults.append(BadLine(code, message, pointer(path)))


def pointer(path: Path) -> str:
    """The JSON pointer of a path."""
    parts: list[str] = []
    while path is not None:
        path, part = path
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in reversed(parts))


def known_in(data: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Ids by table, as far as they can be read: a fault elsewhere in a row doesn't make its id unknown."""
    known = {table: ids_of(data.get(table)) for table in TABLES}
    events = data.get("events")
    joining = [event.get("client") for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return known | {"joins": ids_of(joining)}


def ids_of(rows: object) -> frozenset[str]:
    if not isinstance(rows, list):
        return frozenset()
    ids = (row.get("id") for row in rows if isinstance(row, dict))
    return frozenset(key for key in ids if isinstance(key, str))


def in_order(faults: Iterable[BadLine], data: object) -> list[BadLine]:
    """As they stand in the document; what is missing from an object comes before what is in it."""
    places: dict[int, dict[str, int]] = {}
    return sorted(faults, key=lambda fault: position(fault.where, data, places))


def position(where: str, data: Any, places: dict[int, dict[str, int]]) -> list[int]:
    """Place by place from the root; `places` keeps the order of the keys of objects already met."""
    steps: list[int] = []
    for part in where.split("/")[1:]:
        if isinstance(data, dict):
            key = part.replace("~1", "/").replace("~0", "~")
            order = places.setdefault(id(data), {})
            if not order:
                order.update((name, i) for i, name in enumerate(data))
            steps.append(order.get(key, -1))
            data = data.get(key)
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            steps.append(int(part))
            data = data[int(part)]
        else:
            steps.append(-1)
            break
    return steps
