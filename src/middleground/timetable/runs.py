"""Solving in processes of their own: begun, looked at, stopped, cleared away. A page never waits for the solver.

The instance goes in by a file without a name; what comes out, and what the page must remember, lies in a folder that only this
installation's user may read, until the answer is taken out. A lock that the process holds says whether it still lives, whoever
asks. Killed, by the system or with the server, it leaves no answer and its folder is cleared, by the server's keeper if nobody
looks: nothing has changed.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec
from django.conf import settings

from middleground.engines.knowing import load

TOKEN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
TOLD, PATCH, STOPPED = "told.json", "change.json", "stopped"
BEGUN = "begun.lock"
JUST_NOW = 5  # seconds in which a folder was touched by somebody who is still at it
MOST_RUNS = 4  # solving at one time; more would only make all of them slower


class Busy(Exception):
    """Several solves are running already."""


@dataclass(frozen=True)
class Part:
    """One process of a run: its words after `middleground engine timetable`, or a module of the engine's own."""

    end: str
    words: Sequence[str]
    module: str = ""


@dataclass
class State:
    """`running` while any process lives; `stopped` once somebody asked it to end. `progress` and `answers` by end; an end without
    both ended without an answer."""

    told: dict[str, Any]
    seconds: float
    running: bool
    stopped: bool = False
    progress: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return not self.running and not any(map(is_answer, self.answers.values()))


def is_answer(answer: Mapping[str, Any]) -> bool:
    """Whether it holds a plan, or both of a what-if: no error, and the past and the pins don't contradict the rules."""
    plans = [answer[side] for side in ("before", "after") if side in answer] or [answer]
    return "error" not in answer and all(plan.get("status") != "infeasible" for plan in plans)


def place() -> Path:
    found = Path(settings.HOME) / "solving"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def folder(token: str) -> Path | None:
    """The run's folder, None for a token that names none."""
    if not token or not set(token) <= TOKEN:
        return None
    found = place() / token
    return found if (found / TOLD).exists() else None


def begin(instance: Mapping[str, Any], parts: Sequence[Part], told: Mapping[str, Any], change: Any = None) -> str:
    """Start the processes; returns the token of the run. Raises `Busy`."""
    clear_away()
    if sum(alive(each) for each in place().iterdir()) >= MOST_RUNS:
        raise Busy()
    token = secrets.token_hex(12)
    own = place() / token
    own.mkdir(mode=0o700)
    with private(own / BEGUN) as lock:  # until every process has its own, so that nobody takes the run for dead
        fcntl.flock(lock, fcntl.LOCK_EX)
        write(own / TOLD, {**told, "began": time.time(), "ends": [part.end for part in parts]})
        if change is not None:
            write(own / PATCH, change)
        for part in parts:
            start(own, part, instance)
    return token


def write(file: Path, content: Any) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(msgspec.json.encode(content))


def start(own: Path, part: Part, instance: Mapping[str, Any]) -> None:
    """One process, with the lock that says it lives. Somebody waits for it, so that it never stays behind as a zombie."""
    asked = [part.module] if part.module else ["middleground", "engine", "timetable"]
    words = [sys.executable, "-m", *asked, *part.words]
    words = [str(own / PATCH) if word == PATCH else word for word in words]
    with contextlib.ExitStack() as open_files:
        given = open_files.enter_context(tempfile.TemporaryFile())
        given.write(msgspec.json.encode(instance))
        given.seek(0)
        out, told, lock = (
            open_files.enter_context(private(own / f"{part.end}.{what}")) for what in ("answer", "progress", "lock")
        )
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = subprocess.Popen(words, stdin=given, stdout=out, stderr=told, pass_fds=[lock.fileno()])
        write(own / f"{part.end}.pid", child.pid)
    threading.Thread(target=child.wait, daemon=True).start()


def private(file: Path) -> IO[bytes]:
    return os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "wb")


def lives(own: Path, end: str) -> bool:
    try:
        with (own / f"{end}.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def alive(own: Path) -> bool:
    return any(lives(own, file.stem) for file in own.glob("*.lock"))


def state(token: str, user_id: int | None) -> State | None:
    """How a run of this person stands; None when there is none (it was taken out, or cleared away)."""
    own = folder(token)
    told = told_of(own) if own else None
    if own is None or told is None or told.get("by") != user_id:
        return None
    living = {end: lives(own, end) for end in told["ends"]}
    found = State(told, max(0.0, time.time() - told["began"]), any(living.values()), (own / STOPPED).exists())
    for end in told["ends"]:
        if progress := last_line(own / f"{end}.progress"):
            found.progress[end] = progress
        if not living[end] and (answer := read(own / f"{end}.answer")):
            found.answers[end] = answer
    return found


def told_of(own: Path) -> dict[str, Any] | None:
    return read(own / TOLD)


def read(file: Path) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return found if isinstance(found, dict) else None


def last_line(file: Path) -> dict[str, Any] | None:
    """The newest line of progress; a line being written is passed over."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        with contextlib.suppress(msgspec.DecodeError):
            found = msgspec.json.decode(line)
            if isinstance(found, dict):
                return found
    return None


def stop(token: str, user_id: int | None) -> None:
    """Ask the processes for what they have: they answer with the best so far."""
    own = folder(token)
    told = told_of(own) if own else None
    if own is None or told is None or told.get("by") != user_id:
        return
    for end in told["ends"]:
        if lives(own, end):
            (own / STOPPED).touch()
            with contextlib.suppress(OSError, ValueError):
                os.kill(int((own / f"{end}.pid").read_text()), signal.SIGTERM)


def forget(token: str, user_id: int | None) -> None:
    """The folder of a run of this person goes; a process that still lives ends by its own limit and finds nobody."""
    own = folder(token)
    told = told_of(own) if own else None
    if own is not None and told is not None and told.get("by") == user_id:
        shutil.rmtree(own, ignore_errors=True)


def clear_away() -> None:
    """Runs that died without an answer, those nobody looked at any more, and those that were cut off before they were whole."""
    for own in place().iterdir():
        with contextlib.suppress(OSError):  # another process was quicker
            if not alive(own) and own.stat().st_mtime < time.time() - JUST_NOW and useless(own):
                shutil.rmtree(own, ignore_errors=True)


def useless(own: Path) -> bool:
    """Whether a run that no longer lives has nothing to show, or was kept long enough."""
    told, longest = told_of(own), 60 * load("timetabling")["clinic"]["keep_minutes"]
    if told is None or time.time() - told.get("began", 0) > longest:
        return True
    answers = (read(own / f"{end}.answer") for end in told["ends"])
    return not any(answer and is_answer(answer) for answer in answers)


def keep_clear() -> None:
    """A server's keeper: clears away now and every while, as long as its process lives."""

    def sweep() -> None:
        while True:
            with contextlib.suppress(OSError):
                clear_away()
            time.sleep(load("timetabling")["clinic"]["sweep_seconds"])

    threading.Thread(target=sweep, daemon=True).start()


def wait(token: str, user_id: int | None, seconds: float) -> State | None:
    """Its state once it has ended, or after so many seconds: many answers are there before a page would be."""
    until = time.monotonic() + seconds
    found = state(token, user_id)
    while found is not None and found.running and time.monotonic() < until:
        time.sleep(0.05)
        found = state(token, user_id)
    return found
