"""`middleground engine timetable export [--site S] [--week DAY] [FILE]`: this clinic's own week as an instance of the engine.

The one engine command that reads the database; Django is loaded here and nowhere else in the engine's commands.
"""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from middleground.cli.engine_lines import written
from middleground.cli.engine_streams import give, say

OPTIONS = ("--site", "--week")


class WrongExport(Exception):
    """The words make no export, or the clinic can't be read; says so in a sentence."""


@dataclass(frozen=True)
class Export:
    """`file` None is standard output; `site` a site's name or id; `week` a day of it, None is today."""

    file: Path | None = None
    site: str | None = None
    week: date | None = None


def export(words: list[str]) -> int:
    """Write the instance; what could not be said in it goes to standard error. Raises `WrongExport`."""
    asked = export_of(words)
    data, warnings = instance_of(asked)
    for warning in warnings:
        say(f"Note: {warning}.")
    write(asked.file, written(data, True))
    return 0


def export_of(words: list[str]) -> Export:
    said: dict[str, str] = {}
    files: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            files.append(word)
        elif name in OPTIONS:
            said[name] = value if equals else next(rest, "")
        else:
            raise WrongExport(f"No such option: {name}. There are {' and '.join(OPTIONS)}.")
    if len(files) > 1:
        raise WrongExport(f"One FILE to write, not {len(files)}.")
    try:
        week = date.fromisoformat(said["--week"]) if "--week" in said else None
    except ValueError:
        raise WrongExport("--week needs a day like 2026-11-24.") from None
    return Export(Path(files[0]) if files and files[0] != "-" else None, said.get("--site"), week)


def instance_of(asked: Export) -> tuple[dict[str, Any], list[str]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
    import django
    from django.db import DatabaseError

    django.setup()
    from middleground.kernel.context import system
    from middleground.kernel.errors import Refused
    from middleground.timetable.actions import export_week

    try:
        made = export_week.run(system("command line"), week=asked.week, site=asked.site or "")
    except Refused as no:
        raise WrongExport(no.message) from no
    except OverflowError:
        raise WrongExport("--week needs a day whose whole week is in the calendar.") from None
    except DatabaseError as fault:
        raise WrongExport("The clinic's database can't be read. Run `middleground migrate` first.") from fault
    return made.data, made.warnings


def write(file: Path | None, content: bytes) -> None:
    """The file holds who comes when: only its owner may read it."""
    if file is None:
        give(content)
        return
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(content)
    except OSError as fault:
        raise WrongExport(f"Can't write {file}: {fault.strerror}.") from fault
