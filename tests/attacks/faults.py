"""Pulling the plug: SIGKILL to the server and its workers in the middle of mixed writes, again and again.

    python -m tests.attacks.faults --times 10 --seconds 60

builds a small demo clinic, serves it, lets several people write through the pages, kills the server, looks the writes up,
starts it again and sends what was under way once more with the same request keys. Exit 1 if an acknowledged write is gone, one is
there twice, or `audit verify` or `check` complains.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any

from rich.console import Console

from tests import demo_home
from tests.bench.person import Fields, Person
from tests.bench.server import Server, clinic

TASKS_A_SECOND = 30
out = Console(width=120)


@dataclass(frozen=True)
class Write:
    """One form handed in. `words` are found in no other; the request key stays the same however often it is sent."""

    kind: str
    words: str
    path: str
    fields: Fields


@dataclass
class Outcome:
    """What came of a run: all lists but `acknowledged` and `under_way` are faults and stay empty."""

    acknowledged: list[Write] = field(default_factory=list)
    under_way: list[Write] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [*self.refused, *self.lost, *self.doubled, *self.complaints]

    def says(self) -> str:
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(w.kind for w in self.acknowledged).items()))
        return (
            f"{len(self.acknowledged)} acknowledged ({kinds}), {len(self.under_way)} under way at a kill, "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.refused)} refused, "
            f"{len(self.complaints)} complaints of audit verify and check"
        )


class Writer:
    """Somebody who writes without a pause until the server is gone."""

    def __init__(self, person: Person, next_write: Callable[[], Write]) -> None:
        self.person, self.next_write = person, next_write
        self.done: list[Write] = []
        self.under_way: Write | None = None
        self.refused: list[str] = []

    def work(self, stop: Event) -> None:
        while not stop.is_set():
            write = self.under_way = self.next_write()
            try:
                self.hand_in(write)
            except (OSError, HTTPException):
                return
            self.under_way = None

    def hand_in(self, write: Write) -> None:
        answer = self.person.post(write.path, write.fields)
        if answer.accepted:
            self.done.append(write)
        else:
            self.refused.append(f"{write.kind} {write.words}: {answer.status}")


# ---- what each of them writes ------------------------------------------------------------------------------------


def check_in() -> Write:
    words = uuid.uuid4().hex
    return _write("check-in", words, "/me/check-in/", [("craving", "3"), ("mood", "6"), ("note", words)])


def draft() -> Write:
    words = uuid.uuid4().hex
    return _write("draft", words, f"/drafts/fault-{words}/", [("words", words)])


def contact(inquiry: int) -> Write:
    words = uuid.uuid4().hex
    given = [("do", "contact"), ("channel", "phone"), ("outcome", "no-answer"), ("note", words)]
    return _write("contact", words, f"/inquiries/{inquiry}/", given)


def task(number: int) -> Write:
    words = uuid.uuid4().hex
    return _write("task", words, f"/tasks/{number}/", [("outcome", words)])


def _write(kind: str, words: str, path: str, fields: Fields) -> Write:
    return Write(kind, words, path, [*fields, ("request_key", str(uuid.uuid4()))])


def writers(facts: dict[str, Any], port: int) -> list[Writer]:
    """Two check in, two log contacts and keep drafts, two finish tasks and keep drafts."""
    inquiries, tasks = cycle(facts["inquiries"]), iter(facts["tasks"])

    def at_the_phone() -> Iterator[Write]:
        while True:
            yield contact(next(inquiries))
            yield draft()

    def at_the_desk() -> Iterator[Write]:
        for number in tasks:
            yield task(number)
            yield draft()

    def sign_in(role: str) -> Person:
        return Person(port).sign_in(facts["people"][role], facts["password"])

    made = [Writer(sign_in("client"), check_in) for _ in range(2)]
    made.append(Writer(sign_in("intake-coordinator"), at_the_phone().__next__))
    made.append(Writer(sign_in("program-director"), at_the_phone().__next__))
    return [*made, Writer(sign_in("counselor"), at_the_desk().__next__)]


# ---- the plug ----------------------------------------------------------------------------------------------------


def pull_the_plug(home: Path, times: int, seconds: float, tell: Callable[[str], None] = lambda words: None) -> Outcome:
    """Kill the server `times` times, after `seconds` of writing each, and look."""
    outcome = Outcome()
    for number in range(1, times + 1):
        before = len(outcome.acknowledged)
        busy = _write_until_killed(home, seconds, outcome)
        _look(home, outcome)
        with clinic(home) as server:
            _send_again(busy, server.port, outcome)
        _look(home, outcome)
        tell(
            f"kill {number} of {times}: {len(outcome.acknowledged) - before} acknowledged; {len(outcome.faults)} faults so far"
        )
    return outcome


def _write_until_killed(home: Path, seconds: float, outcome: Outcome) -> list[Writer]:
    facts = inside(home, "ready", str(int(seconds * TASKS_A_SECOND)))
    server: Server = clinic(home)
    with server:
        busy, stop = writers(facts, server.port), Event()
        threads = [Thread(target=writer.work, args=(stop,)) for writer in busy]
        for thread in threads:
            thread.start()
        stop.wait(seconds)
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
    for writer in busy:
        outcome.acknowledged += writer.done
        outcome.refused += writer.refused
        outcome.under_way += [writer.under_way] if writer.under_way else []
    return busy


def _send_again(busy: list[Writer], port: int, outcome: Outcome) -> None:
    """What was under way, and the last write that was answered: each once more, with the key it had."""
    for writer in busy:
        writer.person.move_to(port)
        last, writer.done = writer.done[-1:], []
        for write in [*last, *([writer.under_way] if writer.under_way else [])]:
            answer = writer.person.post(write.path, write.fields)
            gone = write.kind == "task" and answer.status == 404  # a finished task's page is no more
            if not answer.accepted and not gone:
                outcome.refused.append(f"{write.kind} {write.words} sent again: {answer.status}")
        if writer.under_way:
            outcome.acknowledged.append(writer.under_way)


def _look(home: Path, outcome: Outcome) -> None:
    """Every acknowledged write is there, once; those under way are there once or not at all; the house is in order."""
    every = [*outcome.acknowledged, *outcome.under_way]
    there = inside(home, "found", given=json.dumps([write.words for write in every]))
    lost = {f"{w.kind} {w.words}" for w in outcome.acknowledged if not there[w.kind].get(w.words)}
    twice = {f"{w.kind} {w.words}" for w in every if there[w.kind].get(w.words, 0) > 1}
    outcome.lost = sorted({*outcome.lost, *lost})
    outcome.doubled = sorted({*outcome.doubled, *twice})
    for words, well in ((("audit", "verify"), "chain is whole"), (("check",), "Nothing is missing")):
        done = demo_home.run(home, *words)
        if done.returncode or well not in done.stdout:
            outcome.complaints.append(f"{' '.join(words)}: {done.stdout}{done.stderr}".strip())


def inside(home: Path, *words: str, given: str = "") -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.faults_inside", *words],
        env=demo_home.environment(home),
        cwd=demo_home.ROOT,
        input=given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="python -m tests.attacks.faults", description="Kill the server while people write."
    )
    asked.add_argument("--times", type=int, default=10)
    asked.add_argument("--seconds", type=float, default=60)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="middleground-faults-") as folder:
        out.print("Building a demo clinic ...")
        home = demo_home.built(Path(folder))
        outcome = pull_the_plug(home, given.times, given.seconds, lambda words: out.print(words, highlight=False))
    out.print(outcome.says(), highlight=False)
    for fault in outcome.faults:
        out.print(f"- {fault}", highlight=False)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
