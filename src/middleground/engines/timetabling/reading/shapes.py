"""The shapes a value can be asked to have. Each looks at a value and says what is wrong; each can be told as JSON Schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...errors import BadLine
from ..times import INTERVAL, MOMENT, interval, moment
from .walking import Path, Twice, Walk

MANY = 1_000_000


class Shape(Protocol):
    def look(self, walk: Walk, value: Any, path: Path) -> None: ...
    def schema(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Anything:
    """What the engine doesn't read."""

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        return

    def schema(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Text:
    """A string; one of `words` if there are any. `code` is said for another one."""

    words: tuple[str, ...] = ()
    code: str = "unknown-value"

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if not isinstance(value, str):
            walk.say("wrong-type", "This is not a text.", path)
        elif self.words and value not in self.words:
            walk.say(self.code, f"This is none of {', '.join(self.words)}.", path)

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)} if self.words else {"type": "string"}


@dataclass(frozen=True)
class Whole:
    """A whole number from `least` to `most`, in steps."""

    least: int = 0
    most: int = MANY
    step: int = 1

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if type(value) is not int:
            walk.say("wrong-type", "This is not a whole number.", path)
        elif not self.least <= value <= self.most or value % self.step:
            steps = f" in steps of {self.step}" if self.step > 1 else ""
            walk.say("out-of-range", f"This is not from {self.least} to {self.most}{steps}.", path)

    def schema(self) -> dict[str, Any]:
        shape = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return shape | ({"multipleOf": self.step} if self.step > 1 else {})


@dataclass(frozen=True)
class Flag:
    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if not isinstance(value, bool):
            walk.say("wrong-type", "This is neither true nor false.", path)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Time:
    """A moment ("mon 18:00") or, with `long`, an interval ("mon 18:00-21:15")."""

    long: bool

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if not isinstance(value, str):
            walk.say("wrong-type", "A time is a text.", path)
            return
        try:
            (interval if self.long else moment)(value if value.isascii() else "")
        except BadLine:
            like = "mon 18:00-21:15" if self.long else "mon 18:00"
            walk.say("bad-time", f"This is not a time like {like} on quarter hours of one day.", path)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{(INTERVAL if self.long else MOMENT).pattern}$"}


@dataclass(frozen=True)
class Ref:
    """The id of a row in one of `tables`, or one of `words`."""

    tables: tuple[str, ...]
    words: tuple[str, ...] = ()

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if not isinstance(value, str):
            walk.say("wrong-type", "An id is a text.", path)
        elif value not in self.words and not any(value in walk.known[table] for table in self.tables):
            walk.say("unknown-id", "There is nobody and nothing with this id.", path)

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


@dataclass(frozen=True)
class OrNull:
    of: Shape

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if value is not None:
            self.of.look(walk, value, path)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.of.schema(), {"type": "null"}]}


@dataclass(frozen=True)
class OneOf:
    """A text of the first shape or something of the second."""

    text: Shape
    other: Shape

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        (self.text if isinstance(value, str) else self.other).look(walk, value, path)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.text.schema(), self.other.schema()]}


@dataclass(frozen=True)
class Many:
    """A list of at most `most` (exactly `most` with `exact`). `key`: what no two rows may have in common."""

    of: Shape
    most: int | None = None
    key: str | None = None
    exact: bool = False

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if not isinstance(value, list):
            walk.say("wrong-type", "This is not a list.", path)
            return
        if self.most is not None and (len(value) > self.most or (self.exact and len(value) < self.most)):
            limit = "exactly" if self.exact else "at most"
            walk.say("out-of-range", f"There are {limit} {self.most} of these.", path)
        for i, each in enumerate(value):
            self.of.look(walk, each, (path, i))
        if self.key:
            self.look_for_doubles(walk, value, path, self.key)

    def look_for_doubles(self, walk: Walk, rows: list[Any], path: Path, key: str) -> None:
        seen: set[str] = set()
        for i, row in enumerate(rows):
            name = row.get(key) if isinstance(row, dict) else None
            if isinstance(name, str):
                if name in seen:
                    walk.say("double-id", "This stands twice in its list.", ((path, i), key))
                seen.add(name)

    def schema(self) -> dict[str, Any]:
        limits = {} if self.most is None else {"maxItems": self.most} | ({"minItems": self.most} if self.exact else {})
        return {"type": "array", "items": self.of.schema()} | limits


@dataclass(frozen=True)
class Row:
    """An object with the keys it needs, those it may have, and no others."""

    needs: Mapping[str, Shape]
    may: Mapping[str, Shape] = field(default_factory=dict)

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if not is_object(walk, value, path):
            return
        for key in self.needs:
            if key not in value:
                walk.say("wrong-type", "This key is missing.", (path, key))
        for key, each in value.items():
            shape = self.needs.get(key) or self.may.get(key)
            if shape:
                shape.look(walk, each, (path, key))
            else:
                walk.say("unknown-key", "There is no such key here.", (path, key))

    def schema(self) -> dict[str, Any]:
        keys = {key: shape.schema() for key, shape in {**self.needs, **self.may}.items()}
        return {"type": "object", "properties": keys, "required": list(self.needs), "additionalProperties": False}


@dataclass(frozen=True)
class ByName:
    """An object whose keys are ids."""

    names: Ref
    of: Shape

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if is_object(walk, value, path):
            for key, each in value.items():
                self.names.look(walk, key, (path, key))
                self.of.look(walk, each, (path, key))

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.of.schema()}


@dataclass(frozen=True)
class Kinds:
    """An object that is one of several, as the word under `key` says. `code` is said for another word."""

    key: str
    rows: Mapping[str, Row]
    code: str

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        if not is_object(walk, value, path):
            return
        word = value.get(self.key)
        if isinstance(word, str) and word in self.rows:
            self.rows[word].look(walk, value, path)
        elif self.key in value:
            Text(tuple(self.rows), self.code).look(walk, word, (path, self.key))
        else:
            walk.say("wrong-type", "This key is missing.", (path, self.key))

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [row.schema() for row in self.rows.values()]}


@dataclass(frozen=True)
class Which:
    """An object of the first shape if it has `key`, else of the second."""

    key: str
    having: Row
    lacking: Row

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        having = isinstance(value, dict) and self.key in value
        (self.having if having else self.lacking).look(walk, value, path)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.having.schema(), self.lacking.schema()]}


@dataclass(frozen=True)
class Then:
    """A shape and, if nothing is wrong with it, what else must hold."""

    of: Shape
    then: Callable[[Walk, Any, Path], None]

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        before = len(walk.faults)
        self.of.look(walk, value, path)
        if len(walk.faults) == before:
            self.then(walk, value, path)

    def schema(self) -> dict[str, Any]:
        return self.of.schema()


@dataclass(frozen=True)
class Secret:
    """A part whose faults are told only as one of the whole part: neither what it holds nor how much."""

    of: Shape

    def look(self, walk: Walk, value: Any, path: Path) -> None:
        inside = Walk(walk.known)
        self.of.look(inside, value, path)
        if inside.faults:
            walk.say(inside.faults[0].code, "This part of the file is not as it should be.", path)

    def schema(self) -> dict[str, Any]:
        return self.of.schema()


def is_object(walk: Walk, value: Any, path: Path) -> bool:
    if not isinstance(value, dict):
        walk.say("wrong-type", "This is not an object.", path)
        return False
    if isinstance(value, Twice):
        for key in value.twice:
            walk.say("unknown-key", "This key stands twice in its object.", (path, key))
    return True
