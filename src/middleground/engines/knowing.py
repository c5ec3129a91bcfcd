"""Reading knowledge files: one loader, one content hash, one override folder for a clinic's own versions."""

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HOME = Path(__file__).parent.parent / "knowledge"
REQUIRED = ("id", "source", "version", "licence", "effective")
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadKnowledge(Exception):
    """A knowledge file lacks a required field or can't be read; the message names the file."""


def folders() -> list[Path]:
    """The shipped folder, then the clinic's own (`MIDDLEGROUND_KNOWLEDGE`), which overrides by id."""
    own = os.environ.get("MIDDLEGROUND_KNOWLEDGE")
    return [HOME, *([Path(own)] if own else [])]


def files(area: str) -> list[Path]:
    return [path for folder in folders() for path in sorted((folder / area).glob("**/*.yaml"))]


def read(path: Path) -> dict[str, Any]:
    """One file as a dict. Raises `BadKnowledge` when a required field is missing."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    missing = [field for field in REQUIRED if not isinstance(data, dict) or data.get(field) in (None, "")]
    if missing:
        raise BadKnowledge(f"{path.name}: missing {', '.join(missing)}")
    return data


@cache
def load(area: str) -> dict[str, dict[str, Any]]:
    """Every file of an area by its `id`; later folders override earlier ones. Do not change what it returns."""
    return {data["id"]: data for data in map(read, files(area))}


@cache
def content_hash(*areas: str) -> str:
    """A short hash of the bytes of all files in the areas: the `knowledge` version an answer carries."""
    digest = hashlib.sha256()
    for area in areas:
        for path in files(area):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def version(engine: str, *areas: str) -> dict[str, str]:
    return {"engine": engine, "knowledge": content_hash(*areas)}
