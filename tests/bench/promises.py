"""How often the start dates promised on the planner's pages would have held in the demo's past: `python -m tests.bench.promises`.

`--homes FOLDER` keeps the built clinics; `--sizes small medium large`. Beside each share stands what chance alone does to a
promise that is true: of few people, a share far from 80 % says little.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from math import comb
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.measuring import build
from tests.demo_home import ROOT, environment

SIZES = ("small", "medium", "large")
OFTEN = 0.95  # of true promises lie inside what chance allows
HEADS = ("clinic", "site", "began", "tried", "held", "share", "stated", "chance alone", "days between, today")


def inside() -> list[dict[str, Any]]:
    """Of every site of the clinic this process stands in: how many promises of the past could be tried and how many held."""
    from middleground.clinic import queries as clinic
    from middleground.kernel.context import everything
    from middleground.timetable import promising

    found = []
    with everything("bench"):
        for site in clinic.sites():
            promise = promising.promise(site.pk)
            today = [promise.told.early, promise.told.late] if promise.told else None
            row = {"site": site.name, "began": len(promise.history), "tried": promise.test.judged}
            found.append({**row, "held": promise.test.held, "today": today})
    return found


def look(home: Path) -> list[dict[str, Any]]:
    """What `inside` finds in the clinic of this folder."""
    words = [sys.executable, "-W", "ignore", "-m", "tests.bench.promises", "--inside"]
    done = subprocess.run(words, env=environment(home), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def by_chance(tried: int, share: float, often: float = OFTEN) -> tuple[int, int]:
    """Between how many of `tried` promises hold so often, when each of them holds with the stated share."""
    tail, below, low, high = (1 - often) / 2, 0.0, 0, tried
    for held in range(tried + 1):
        one = comb(tried, held) * share**held * (1 - share) ** (tried - held)
        if below <= tail < below + one:
            low = held
        if below < 1 - tail <= below + one:
            high = held
            break
        below += one
    return low, high


def table(found: dict[str, list[dict[str, Any]]]) -> Table:
    from middleground.engines.outcomes.starting import rule

    share = rule()["share"]
    made = Table(box=None, pad_edge=False, header_style="bold")
    for head in HEADS:
        made.add_column(head, justify="left" if head in HEADS[:2] else "right")
    for size, sites in found.items():
        for row in sites:
            low, high = (100 * each / row["tried"] if row["tried"] else 0 for each in by_chance(row["tried"], share))
            held = f"{100 * row['held'] / row['tried']:.0f}%" if row["tried"] else "-"
            today = "{} to {}".format(*row["today"]) if row["today"] else "-"
            counts = [str(row[name]) for name in ("began", "tried", "held")]
            made.add_row(size, row["site"], *counts, held, f"{share:.0%}", f"{low:.0f} to {high:.0f}%", today)
    return made


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.promises", description=__doc__.splitlines()[0])
    asked.add_argument("--homes", type=Path, help="build the clinics in this folder and keep them")
    asked.add_argument("--sizes", nargs="+", choices=SIZES, default=SIZES[:2])
    asked.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.inside:
        from middleground.cli.commands import django

        django()
        json.dump(inside(), sys.stdout)
        return 0
    with tempfile.TemporaryDirectory(prefix="middleground-promises-") as passing:
        homes, found = (given.homes or Path(passing)).resolve(), {}
        for size in given.sizes:
            build(size, homes / size)
            found[size] = look(homes / size)
    Console(width=120).print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
