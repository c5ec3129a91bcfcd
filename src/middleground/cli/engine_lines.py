"""JSON Lines in, JSON Lines out: one answer for each line, in order, with no more memory than the longest line."""

from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import msgspec

from middleground.engines.errors import BadLine

Answer = Callable[[dict[str, Any]], dict[str, Any]]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def answer_lines(lines: Iterable[bytes], out: BinaryIO, engine: Answer, pretty: bool = False) -> int:
    """Write one answer for each line that is not blank and return how many were errors. Flushes line by line."""
    errors = 0
    for raw in lines:
        line = raw.removeprefix(BYTE_ORDER_MARK).strip()
        if line:
            answer = answer_line(line, engine)
            errors += "error" in answer
            out.write(written(answer, pretty))
            out.flush()
    return errors


def answer_line(raw: bytes, engine: Answer) -> dict[str, Any]:
    """The engine's answer, or what is wrong with the line; `case` comes first when it was given."""
    case: dict[str, Any] = {}
    try:
        line = read_object(raw)
        if "case" in line:
            case = {"case": line.pop("case")}
        return case | engine(line)
    except BadLine as fault:
        return case | {"error": fault.as_dict()}


def read_object(raw: bytes) -> dict[str, Any]:
    """Raises `BadLine`: not-json, not-an-object."""
    try:
        line = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as fault:
        raise BadLine("not-json", "The line is not valid JSON in UTF-8.") from fault
    if not isinstance(line, dict):
        raise BadLine("not-an-object", "A line must hold one JSON object.")
    return line


def written(answer: dict[str, Any], pretty: bool) -> bytes:
    line = msgspec.json.encode(answer)
    return (msgspec.json.format(line, indent=2) if pretty else line) + b"\n"
