"""Which engines there are, what knowledge they stand on, and the JSON Schema of their lines."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import msgspec

from middleground.engines import knowing
from middleground.engines.errors import BadLine

ENGINES = {
    "score": "middleground.engines.scoring",
    "withdrawal": "middleground.engines.safety",
    "place": "middleground.engines.placement",
}
TIMETABLE = "timetable"  # takes one instance, not lines
SHOWN = ("id", "version", "effective", "source", "confidence", "licence")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Fault(msgspec.Struct):
    """What is wrong with a line."""

    code: str
    message: str
    where: str


class Refusal(msgspec.Struct):
    """The answer to a line that can't be used."""

    error: Fault


def built() -> tuple[str, ...]:
    """The names of the engines that this installation has."""
    return tuple(name for name, module in ENGINES.items() if find_spec(module))


def engine(name: str) -> ModuleType:
    """The engine's one public door. Raises `BadLine` (`unknown-value`) for a name that no engine has."""
    if name not in built():
        raise BadLine(
            "unknown-value", f"There is no engine called {name}; there are {', '.join((*built(), TIMETABLE))}."
        )
    return import_module(ENGINES[name])


def in_force() -> dict[str, Any]:
    """Engines with their versions, and the knowledge files behind them by area."""
    areas = {name: tuple(getattr(engine(name), "AREAS", ())) for name in built()} | {TIMETABLE: ("timetabling",)}
    return {
        "engines": [{"name": name, "version": knowing.version(name, *areas[name])} for name in areas],
        "knowledge": {area: files_of(area) for area in sorted({a for own in areas.values() for a in own})},
    }


def files_of(area: str) -> list[dict[str, Any]]:
    return [{key: data[key] for key in SHOWN if key in data} for _, data in sorted(knowing.load(area).items())]


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an engine's input line and output line; of the timetable's instance and answers."""
    if name == TIMETABLE:
        return timetable_schema()
    door = engine(name)
    answer, refusal = (with_case(msgspec.json.schema(part)) for part in (door.OUTPUT, Refusal))
    output = {
        "$schema": DIALECT,
        "anyOf": [{"$ref": answer["$ref"]}, {"$ref": refusal["$ref"]}],
        "$defs": answer["$defs"] | refusal["$defs"],
    }
    return {
        "engine": name,
        "input": {"$schema": DIALECT} | with_case(msgspec.json.schema(door.INPUT)),
        "output": output,
    }


def timetable_schema() -> dict[str, Any]:
    from middleground.engines.timetabling.answer_shapes import OUTPUT
    from middleground.engines.timetabling.reading import INSTANCE

    dialect = {"$schema": DIALECT}
    return {"engine": TIMETABLE, "input": dialect | INSTANCE.schema(), "output": dialect | OUTPUT}


def with_case(part: dict[str, Any]) -> dict[str, Any]:
    """The reader of lines echoes `case`, whatever it holds; the engines never see it."""
    part["$defs"][part["$ref"].rsplit("/", 1)[-1]]["properties"]["case"] = {}
    return part
