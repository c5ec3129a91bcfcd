"""`middleground engine ...`: the engines at the command line, without database, network or settings.

`main(words)` is the whole command and starts within the contract's 0.3 s. `app` is the same as a Typer app, to
mount beside other commands; Typer and the Pydantic that it loads take longer than that, so only help and mistakes
reach it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from middleground.cli import engine_catalog as catalog
from middleground.cli.engine_lines import answer_lines, written
from middleground.cli.engine_streams import give, nowhere, say, stand_in
from middleground.engines.errors import BadLine
from middleground.engines.knowing import BadKnowledge

FINE, SOME_LINE_WRONG, UNREADABLE, INTERRUPTED = 0, 1, 2, 130
FLAGS = ("--pretty", "--strict")


class Unreadable(Exception):
    """The command is wrong or its input can't be read; says so in a sentence."""


def main(words: list[str]) -> int:
    """Do what the words after `middleground engine` say and return the exit status."""
    stand_in()
    first, rest = (words[0], words[1:]) if words else ("--help", [])
    try:
        if "--help" in words or first not in (*catalog.built(), "timetable", "list", "schema"):
            return ask_typer(words)
        return carry_out(first, rest)
    except (Unreadable, BadKnowledge) as fault:
        say(str(fault))
        return UNREADABLE
    except BrokenPipeError:
        nowhere(sys.stdout)
        return FINE
    except OSError as fault:
        nowhere(sys.stdout)
        say(f"Can't write the answer: {fault.strerror or fault}.")
        return UNREADABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def ask_typer(words: list[str]) -> int:
    from middleground.cli.engine_app import app

    try:
        app(words, prog_name="middleground engine")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FINE
    return FINE


def carry_out(command: str, words: list[str]) -> int:
    """One command with its words. Raises `Unreadable`, and `OSError` where the answer can't be written."""
    if command == "list":
        return show(catalog.in_force())
    if command == "schema":
        return show(schema_of(words))
    if command == "timetable":
        return answer_timetable(words)
    return answer_all(command, words)


def answer_timetable(words: list[str]) -> int:
    """One instance in, one answer or one error out. Raises `Unreadable`."""
    if words[:1] == ["export"]:
        return export_clinic(words[1:])
    from middleground.cli.engine_timetable import WrongCommand, answered

    try:
        answer, pretty = answered(words)
    except WrongCommand as fault:
        raise Unreadable(str(fault)) from fault
    except Exception as fault:
        message = f"The engine failed on this instance ({type(fault).__name__}). Please tell its makers."
        answer, pretty = {"error": {"code": "engine-fault", "message": message, "where": "", "more": 0}}, False
    give(written(answer, pretty))
    return UNREADABLE if "error" in answer else FINE


def export_clinic(words: list[str]) -> int:
    """This clinic's own week as an instance. Raises `Unreadable`."""
    from middleground.cli.engine_export import WrongExport, export

    try:
        return export(words)
    except WrongExport as fault:
        raise Unreadable(str(fault)) from fault


def answer_all(name: str, words: list[str]) -> int:
    """Answer every line of FILE or standard input with the engine called `name`."""
    file, flags = file_and_flags(words)
    errors = answer_lines(lines_of(file), sys.stdout.buffer, catalog.engine(name).answer, "--pretty" in flags)
    return SOME_LINE_WRONG if errors and "--strict" in flags else FINE


def file_and_flags(words: list[str]) -> tuple[Path | None, set[str]]:
    """FILE (None is standard input, also written `-`) and the flags. Raises `Unreadable` for anything else."""
    flags = {word for word in words if word.startswith("-") and word != "-"}
    files = [word for word in words if word not in flags]
    if unknown := sorted(flags.difference(FLAGS)):
        raise Unreadable(f"No such option: {', '.join(unknown)}. There are {' and '.join(FLAGS)}.")
    if len(files) > 1:
        raise Unreadable(f"One FILE at a time, not {len(files)}.")
    return (Path(files[0]) if files and files[0] != "-" else None), flags


def lines_of(file: Path | None) -> Iterator[bytes]:
    """The raw lines of the file or of standard input. Raises `Unreadable`."""
    try:
        if file is None and sys.stdin is None:
            raise Unreadable("Can't read standard input: it is closed.")
        if file is None:
            yield from sys.stdin.buffer
        else:
            with file.open("rb") as lines:
                yield from lines
    except OSError as fault:
        raise Unreadable(f"Can't read {file or 'standard input'}: {fault.strerror}.") from fault


def schema_of(words: list[str]) -> dict[str, Any]:
    try:
        return catalog.schema(" ".join(words))
    except BadLine as fault:
        raise Unreadable(fault.message) from fault


def show(answer: dict[str, Any]) -> int:
    give(written(answer, pretty=True))
    return FINE


def __getattr__(name: str) -> Any:
    """`engine.app`, loaded when somebody asks for it."""
    if name != "app":
        raise AttributeError(f"{__name__} has no {name}")
    from middleground.cli.engine_app import app

    return app


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
