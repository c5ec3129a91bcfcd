"""Bytes -> JSON, with all that JSON readers let pass: keys that stand twice, NaN, half characters, endless numbers."""

import json
import re
from typing import Any, NoReturn

from ...errors import BadLine
from .walking import Faults, Twice

MOST_BYTES = 8 * 1024 * 1024
MARK = b"\xef\xbb\xbf"
DIGITS = 20
HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def parsed(raw: bytes) -> object:
    """What the bytes hold. Raises `Faults` with one: not-json, or out-of-range for more than MOST_BYTES."""
    if len(raw) > MOST_BYTES:
        raise Faults([BadLine("out-of-range", "The file is larger than 8 MB.")])
    try:
        text = raw.removeprefix(MARK).decode()
        data = json.loads(text, object_pairs_hook=paired, parse_constant=refused, parse_int=whole)
        if HALF.search(raw):
            json.dumps(data, ensure_ascii=False).encode()
    except UnicodeError:
        raise Faults([BadLine("not-json", "The file is not text in UTF-8.")]) from None
    except RecursionError:
        raise Faults([BadLine("not-json", "The file is nested too deeply.")]) from None
    except ValueError:
        raise Faults([BadLine("not-json", "The file is not valid JSON.")]) from None
    return data


def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Twice(pairs)


def whole(digits: str) -> int:
    """An endless number is cut: what is left of it is out of every range, and quickly read."""
    return int(digits[:DIGITS])


def refused(word: str) -> NoReturn:
    raise ValueError(word)
