"""How many requests a second a page bears, as a share of what a bare view bears at the same moment."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Barrier, Thread
from typing import Any

from tests.bench.note import note_fields
from tests.bench.person import Fields, Person
from tests.bench.server import bare, clinic
from tests.demo_home import ROOT, environment, run

PEOPLE = 4
ROUNDS = 5
REQUESTS = {"bare": 1200, "page": 48, "save": 24}


@dataclass
class Figures:
    """One page in one clinic. `rates` are requests a second and `shares` are of the bare view, one for each round."""

    queries: int
    rates: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return median(self.rates)

    @property
    def share(self) -> float:
        return median(self.shares)


@dataclass
class Measured:
    """One size of the clinic: seconds it took to build (None: it stood already), how much is in it, its pages by name."""

    built_in: float | None
    clients: int
    attendance: int
    pages: dict[str, Figures]


def build(size: str, home: Path) -> float | None:
    """Build the demo clinic of this size in `home`, unless it stands there. Returns the seconds it took."""
    if (home / "built").exists():
        return None
    home.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    done = run(home, "demo", "--size", size, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    (home / "built").touch()
    return time.monotonic() - begun


def measure(size: str, home: Path) -> Measured:
    built_in = build(size, home)
    facts = look_inside(home)
    pages = {page["name"]: Figures(page["queries"]) for page in facts["pages"]}
    with clinic(home) as served, bare(home) as yardstick:
        strangers = [Person(yardstick.port) for _ in range(PEOPLE)]
        ready = [(page["name"], *_ready(page, facts["password"], served.port)) for page in facts["pages"]]
        for _ in range(ROUNDS):
            for name, people, work, count in ready:
                plain = rate(strangers, lambda person: person.get("/").status == 200, REQUESTS["bare"])
                pages[name].rates.append(rate(people, work, count))
                pages[name].shares.append(pages[name].rates[-1] / plain)
    return Measured(built_in, facts["clients"], facts["attendance"], pages)


def look_inside(home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.bench.look"],
        env=environment(home),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _ready(page: dict[str, Any], password: str, port: int) -> tuple[list[Person], Callable[[Person], bool], int]:
    """People signed in, what each does again and again, and how often a round."""
    people = [Person(port).sign_in(page["who"], password) for _ in range(PEOPLE)]
    if not page.get("save"):
        return people, lambda person: person.get(page["path"]).status == 200, REQUESTS["page"]
    shown = people[0].get(page["path"])
    assert shown.status == 200, f"{page['path']}: {shown.status}"
    fields = note_fields(shown.body, "Practice in pairs, round at the end.")
    return people, lambda person: person.post(page["path"], _fresh(fields)).status == 302, REQUESTS["save"]


def _fresh(fields: Fields) -> Fields:
    """The same form handed in as a new one: its own request key, its own words."""
    key = str(uuid.uuid4())
    changed = {"request_key": key, "shared": f"Practice in pairs, round at the end. {key}"}
    return [(name, changed.get(name, value)) for name, value in fields]


def rate(people: list[Person], work: Callable[[Person], bool], count: int) -> float:
    """Requests a second of these people working at once; each request must do what it was for."""
    begin, wrong = Barrier(len(people) + 1), []

    def go(person: Person) -> None:
        begin.wait()
        for _ in range(count // len(people)):
            if not work(person):
                wrong.append(person)

    threads = [Thread(target=go, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    begin.wait()
    since = time.perf_counter()
    for thread in threads:
        thread.join()
    assert not wrong, f"{len(wrong)} requests were not answered as they should be"
    return count / (time.perf_counter() - since)
