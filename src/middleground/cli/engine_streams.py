"""The streams of a command: any of them may be closed from the start, be full, or be left by whoever reads it."""

import contextlib
import os
import sys
from typing import TextIO

LAST = 2  # standard error; the files that a process opens come after it


def stand_in() -> None:
    """Output that nobody gave a stream goes nowhere, as to a reader who has gone; and no file takes the place of one."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (taken := os.open(os.devnull, os.O_RDWR)) <= LAST:
            pass
        os.close(taken)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def give(content: bytes) -> None:
    """The whole answer, on standard output. Raises `OSError`."""
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def say(sentence: str) -> None:
    """A line on standard error; whoever can't hear it stops nothing."""
    try:
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        nowhere(sys.stderr)


def nowhere(stream: TextIO) -> None:
    """What is still to be written goes nowhere, so that Python doesn't complain at exit."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
