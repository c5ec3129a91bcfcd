"""Turning a contract line into a typed case, and what msgspec finds wrong with it into the contract's error codes."""

import re
from typing import Any

import msgspec

from middleground.engines.errors import BadLine

CODES = (
    (re.compile(r"unknown field `(?P<key>.*)`"), "unknown-key", "There is no such key here."),
    (re.compile(r"Invalid enum value"), "unknown-value", "This value is not one of those the contract names."),
    (re.compile(r"Expected .*(>=|<=|length|timezone)|out of range"), "out-of-range", "This value is out of range."),
    (re.compile(r"Invalid RFC3339"), "wrong-type", "A time is written like 2026-11-02T09:00:00-05:00."),
)
PLACE = re.compile(r" - at `(key in )?\$(?P<path>.*)`$")
STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.([^.\[]+)")


def read_line[T](line: dict[str, Any], shape: type[T]) -> T:
    """The line as `shape`. Raises `BadLine`: unknown-key, wrong-type, out-of-range, unknown-value; `case` is left aside."""
    given = {key: value for key, value in line.items() if key != "case"}
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as fault:
        raise in_contract_words(str(fault)) from fault


def in_contract_words(fault: str) -> BadLine:
    place = PLACE.search(fault)
    where, fault = pointer(place["path"] if place else ""), PLACE.sub("", fault)
    for pattern, code, message in CODES:
        if found := pattern.search(fault):
            key = found.groupdict().get("key")
            return BadLine(code, message, where if key is None else f"{where}/{escaped(key)}")
    return BadLine("wrong-type", f"This value has the wrong type: {fault}.", where)


def pointer(path: str) -> str:
    return "".join(f"/{index or name}" for index, name in STEP.findall(path))


def escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
