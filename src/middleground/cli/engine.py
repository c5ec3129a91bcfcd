"""`middleground engine ...`: the engines at the command line, without database, network or settings."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import typer

from middleground.cli import engine_catalog as catalog
from middleground.cli.engine_lines import answer_lines
from middleground.engines.errors import BadLine

UNREADABLE = 2
SOME_LINE_WRONG = 1

FLAGS = ("--pretty", "--strict")
OPTIONS = """Usage: COMMAND [FILE] [--pretty] [--strict]. FILE holds JSON Lines; standard input is read when it is absent.
--pretty indents the answers for people; --strict exits with 1 if any line was an error."""
# Typer loads Pydantic for every declared parameter, which alone takes two thirds of the start-up that is allowed.
# So these commands read their few words themselves.
RAW_WORDS = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(
    name="engine",
    help="Middleground's knowledge without the rest of Middleground: JSON Lines in, JSON Lines out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
SUMMARIES = {
    "score": "Score questionnaires and withdrawal scales.",
    "withdrawal": "Who may start in ambulatory care, and who needs a medically managed setting first.",
    "place": "Which level of care fits.",
}


def add_command(name: str) -> None:
    """Give an engine its command; the engine itself is imported when the command runs."""

    @app.command(name, help=SUMMARIES[name], epilog=OPTIONS, context_settings=RAW_WORDS)
    def answer_all(words: typer.Context) -> None:
        run(name, words.args)


def run(name: str, words: list[str]) -> None:
    """Answer every line; `words` are FILE and the flags. Exits 2 when they make no sense, 1 for --strict with errors."""
    file, flags = file_and_flags(words)
    door = catalog.engine(name)
    try:
        errors = answer_lines(lines_of(file), sys.stdout.buffer, door.answer, "--pretty" in flags)
    except BrokenPipeError:
        leave_quietly()
    if "--strict" in flags and errors:
        raise typer.Exit(SOME_LINE_WRONG)


def file_and_flags(words: list[str]) -> tuple[Path | None, set[str]]:
    flags = {word for word in words if word.startswith("--")}
    files = [word for word in words if word not in flags]
    if unknown := flags.difference(FLAGS):
        refuse(f"No such option: {', '.join(sorted(unknown))}. {OPTIONS}")
    if len(files) > 1:
        refuse(f"One FILE at a time, not {len(files)}. {OPTIONS}")
    return (Path(files[0]) if files and files[0] != "-" else None), flags


def lines_of(file: Path | None) -> Iterator[bytes]:
    """The raw lines of the file or of standard input; ends the program with 2 when they can't be read."""
    try:
        if file is None:
            yield from sys.stdin.buffer
        else:
            with file.open("rb") as lines:
                yield from lines
    except OSError as fault:
        refuse(f"Can't read {file or 'standard input'}: {fault.strerror}.")


def leave_quietly() -> NoReturn:
    """The reader has gone: send what is still buffered nowhere, so that Python doesn't complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(0)


def refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(UNREADABLE)


@app.command("list", help="What engines, knowledge files and versions are in force, as JSON.")
def show_list() -> None:
    show(catalog.in_force())


@app.command(
    "schema", help="The JSON Schema (2020-12) of the input and output of engine NAME.", context_settings=RAW_WORDS
)
def show_schema(words: typer.Context) -> None:
    try:
        show(catalog.schema(" ".join(words.args)))
    except BadLine as fault:
        refuse(fault.message)


def show(answer: dict[str, Any]) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))


for _name in catalog.built():
    add_command(_name)

if __name__ == "__main__":
    app(prog_name="middleground engine")
