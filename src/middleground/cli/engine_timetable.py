"""`middleground engine timetable plan|offer|repair|explain|what-if`: one instance in, one answer out, within its limit.

The solver's libraries are loaded only when something is solved.
"""

import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from middleground.cli.engine_streams import say
from middleground.engines.errors import BadLine
from middleground.engines.timetabling.reading import Faults, patched, read
from middleground.engines.timetabling.reading.parsing import MOST_BYTES, parsed

if TYPE_CHECKING:
    from middleground.engines.timetabling.clinic import Clinic
    from middleground.engines.timetabling.until import Until

QUESTIONS = ("plan", "offer", "repair", "explain", "what-if")
VALUES = ("--time-limit", "--work-limit", "--seed", "--first", "--change")
FLAGS = ("--progress", "--pretty")
DEFAULT_SECONDS = 60.0
LONGEST_START = 5.0  # seconds of loading that count; an older process was doing something else before
DAY_LONG = 86_400.0
MOST_SEED = 2**31 - 1


class WrongCommand(Exception):
    """The words make no command; says so in a sentence."""


@dataclass(frozen=True)
class Command:
    """`file` None is standard input. `seconds` None: not said."""

    question: str
    file: Path | None = None
    seconds: float | None = None
    work: float | None = None
    seed: int = 1
    changes_first: bool = False
    change: Path | None = None
    progress: bool = False
    pretty: bool = False

    @property
    def limit(self) -> float:
        """Seconds for one solve. With a limit of work alone the clock must not decide; both plans of a what-if share the time."""
        seconds = self.seconds if self.seconds is not None else DEFAULT_SECONDS if self.work is None else DAY_LONG
        return seconds / 2 if self.question == "what-if" else seconds


def answered(words: list[str]) -> tuple[dict[str, Any], bool]:
    """The answer or {"error": ...}, and whether to indent it. Raises `WrongCommand`."""
    command = command_of(words)
    try:
        return ANSWERS[command.question](command), command.pretty
    except Faults as found:
        return {"error": found.as_dict()}, command.pretty
    except BadLine as fault:
        return {"error": {**fault.as_dict(), "more": 0}}, command.pretty


def command_of(words: list[str]) -> Command:
    """Raises `WrongCommand` for anything but QUESTION [FILE] and the options."""
    if not words or words[0] not in QUESTIONS:
        raise WrongCommand(f"Say what to answer: {', '.join(QUESTIONS)}.")
    said, files = sorted_words(words[1:])
    if len(files) > 1:
        raise WrongCommand(f"One INSTANCE.json at a time, not {len(files)}.")
    first = said.get("--first")
    if first is not None and (first != "changes" or words[0] != "repair"):
        raise WrongCommand("--first changes is for a repair.")
    if ("--change" in said) != (words[0] == "what-if"):
        raise WrongCommand("what-if needs --change PATCH.json, and no other question has it.")
    return Command(
        question=words[0],
        file=Path(files[0]) if files and files[0] != "-" else None,
        seconds=amount("--time-limit", said, DAY_LONG),
        work=amount("--work-limit", said, 1e9),
        seed=seed_of(said),
        changes_first=first is not None,
        change=Path(said["--change"]) if "--change" in said else None,
        progress="--progress" in said,
        pretty="--pretty" in said,
    )


def sorted_words(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options with their values ("" for flags), and files."""
    said: dict[str, str] = {}
    files: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word == "-" or not word.startswith("-"):
            files.append(word)
        elif name in VALUES:
            said[name] = value if equals else next(rest, "")
            if not said[name]:
                raise WrongCommand(f"{name} needs a value.")
        elif word in FLAGS:
            said[word] = ""
        else:
            raise WrongCommand(f"No such option: {name}. There are {', '.join((*VALUES, *FLAGS))}.")
    return said, files


def amount(name: str, said: dict[str, str], most: float) -> float | None:
    if name not in said:
        return None
    try:
        value = float(said[name])
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise WrongCommand(f"{name} is a number from 0 to {most:.0f}.")
    return value


def seed_of(said: dict[str, str]) -> int:
    text = said.get("--seed", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MOST_SEED):
        raise WrongCommand(f"--seed is a whole number from 0 to {MOST_SEED}.")
    return int(text)


def raw_of(file: Path | None) -> bytes:
    """The bytes of a file or of standard input, at most one more than an instance may have. Raises `BadLine`: unreadable."""
    name = "standard input" if file is None else str(file).encode(errors="replace").decode()
    try:
        if file is not None:
            with file.open("rb") as opened:
                return opened.read(MOST_BYTES + 1)
        if sys.stdin is not None:
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        why = "it is closed"
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or ("it is closed" if file is None else "this is no name of a file")
    raise BadLine("unreadable", f"Can't read {name}: {why}.")


def plan_week(command: Command) -> dict[str, Any]:
    """plan and repair."""
    from middleground.cli.engine_solving import Solving
    from middleground.engines.timetabling.answering import plan_answer
    from middleground.engines.timetabling.clinic import clinic_of

    loading, raw = age(), raw_of(command.file)
    with Solving(loading, command.progress) as solving:
        data = read(raw, command.question)
        clinic, limits = clinic_of(data), solving.limits(command)
        return plan_answer(clinic, solving.solve(clinic, limits), limits)


def what_if(command: Command) -> dict[str, Any]:
    from middleground.cli.engine_solving import Solving
    from middleground.engines.timetabling.answering import what_if_answer
    from middleground.engines.timetabling.clinic import clinic_of

    loading, raw, change = age(), raw_of(command.file), raw_of(command.change)
    with Solving(loading, command.progress) as solving:
        before = read(raw, None)
        clinics = clinic_of(before), clinic_of(read(patched(before, parsed(change)), None))
        limits = solving.limits(command), solving.limits(command, waits=True)
        was, now = ((clinic, solving.solve(clinic, limit)) for clinic, limit in zip(clinics, limits, strict=True))
        return what_if_answer(was, now, limits[0])


def offer_weeks(command: Command) -> dict[str, Any]:
    from middleground.engines.timetabling.answering import offers_answer
    from middleground.engines.timetabling.offering import offer

    cut = "There was no time to look at every week: there may be better ones."
    return in_time(command, offer, offers_answer, cut)


def explain_reach(command: Command) -> dict[str, Any]:
    from middleground.cli.engine_solving import tell_row
    from middleground.engines.timetabling.answering import reasons_answer
    from middleground.engines.timetabling.reasons import Reasons, explain

    began = time.monotonic() - age()

    def tell(known: Reasons) -> None:
        short = known.target - known.reach  # proved, before the reasons are
        seconds = round(time.monotonic() - began, 3)
        tell_row({"seconds": seconds, "objective": [short], "bounds": [short], "target": known.target})

    cut = "There was no time to look at everything: the reasons are those found so far."
    ask = partial(explain, tell=tell if command.progress else None)
    return in_time(command, ask, reasons_answer, cut)


def in_time(
    command: Command,
    ask: Callable[["Clinic", "Until"], list[dict[str, Any]]],
    answer: Callable[["Clinic", list[dict[str, Any]]], dict[str, Any]],
    cut: str,
) -> dict[str, Any]:
    """What is found within the limit; `cut` is said on stderr where that isn't all."""
    from middleground.cli.engine_solving import Solving
    from middleground.engines.timetabling.clinic import clinic_of
    from middleground.engines.timetabling.until import Until

    loading, raw = age(), raw_of(command.file)
    with Solving(loading, command.progress) as solving:
        clinic = clinic_of(read(raw, command.question), command.question)
        until = Until(solving.began + command.limit, solving.stop, command.work)
        found = ask(clinic, until)
        if until.late:
            say(cut)
        return answer(clinic, found)


def age() -> float:
    """Seconds since this process started: loading Python counts towards the limit. 0 where it can't be known."""
    try:
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        seconds = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return 0.0
    return seconds if 0 <= seconds < LONGEST_START else 0.0


ANSWERS: dict[str, Callable[[Command], dict[str, Any]]] = {
    "plan": plan_week,
    "repair": plan_week,
    "offer": offer_weeks,
    "explain": explain_reach,
    "what-if": what_if,
}
