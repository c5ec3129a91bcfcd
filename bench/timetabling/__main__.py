"""`python -m bench.timetabling [--only open-024] [--seconds 30] [--parts plans,offers,repair,explain]`: prints Markdown."""

import argparse
import json
import math
import subprocess
import sys
from typing import Any

from .measuring import INSTANCES, LEVELS

Row = dict[str, Any]
PARTS = ("plans", "offers", "repair", "explain")
LARGE, MIDDLE = "open-500", "open-240"
ROOM = 120  # seconds beyond its limit after which a measurement is given up


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.timetabling", description=__doc__)
    asked.add_argument("--only", action="append", help="this instance (may be given again)")
    asked.add_argument("--seconds", type=float, default=60.0, help="for each plan")
    asked.add_argument("--parts", default=",".join(PARTS), help="some of " + ", ".join(PARTS))
    given = asked.parse_args()
    parts = given.parts.split(",")
    names = given.only or sorted((path.stem for path in INSTANCES.glob("*.json")), key=lambda name: (name[:8], name))
    if "plans" in parts:
        plans(names, given.seconds)
    if "offers" in parts:
        offers(given.only[0] if given.only else LARGE, given.seconds)
    if "repair" in parts:
        repair(given.only[0] if given.only else MIDDLE, given.seconds)
    if "explain" in parts:
        explain(given.only[0] if given.only else MIDDLE, given.seconds)
    return 0


def measured(what: str, name: str, seconds: float) -> Row | None:
    """What a process of its own found; None if it failed or took far too long."""
    command = [sys.executable, "-m", "bench.timetabling.measuring", what, name, str(seconds)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * seconds + ROOM, check=True)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{what} {name}: given up\n")
        return None
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{what} {name}: {error.stderr[-600:]}\n")
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def line(*cells: object) -> None:
    say("| " + " | ".join(map(str, cells)) + " |")


def head(*cells: str) -> None:
    say("")
    line(*cells)
    line(*("---" for _ in cells))


def plans(names: list[str], seconds: float) -> None:
    """The engine on each instance, level by level, and beside the baselines."""
    found = {name: measured("engine", name, seconds) for name in names}
    marks = [mark for mark in ("10", "30", "60", "120") if float(mark) <= seconds]
    head("instance", "level", "value", "bound", "bound known after, s", *(f"gap at {mark} s" for mark in marks))
    for name, row in found.items():
        for i, level in enumerate(LEVELS if row else ()):
            gaps = [f"{row['gaps'][mark][i]:.1%}" for mark in marks]
            line(name, level, row["vector"][i], row["bounds"][i], f"{row['bound_at'][i]:.1f}", *gaps)
    head(
        "instance",
        "first plan, s",
        "status",
        "seconds",
        "MB",
        "valid",
        "engine",
        "first come",
        "plain MIP",
        "short: first come",
        "short: MIP",
    )
    for name, row in found.items():
        if row:
            beside(name, row, seconds)
    firsts = {name: row["first"] for name, row in found.items() if row}
    if len(firsts) > 2:
        say(f"\nTime to the first plan grows as n^{growth(firsts):.2f} with the number of clients.")


def beside(name: str, row: Row, seconds: float) -> None:
    """One instance against both baselines: short minutes of the engine as a share of theirs."""
    hand, program = measured("first_come", name, seconds), measured("plain_mip", name, seconds)
    shares = [f"{row['vector'][1] / max(1, other['vector'][1]):.2f}" if other else "-" for other in (hand, program)]
    vectors = [other["vector"] if other else "-" for other in (row, hand, program)]
    valid = all(other["valid"] for other in (row, hand, program) if other)
    line(
        name,
        f"{row['first']:.2f}",
        row["status"],
        f"{row['seconds']:.1f}",
        f"{row['megabytes']:.0f}",
        valid,
        *vectors,
        *shares,
    )


def growth(firsts: dict[str, float]) -> float:
    """The slope of log seconds over log clients."""
    points = [(math.log(int(name.split("-")[1])), math.log(max(1e-3, first))) for name, first in firsts.items()]
    x, y = (sum(column) / len(points) for column in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / max(1e-9, sum((a - x) ** 2 for a, _ in points))


def offers(name: str, seconds: float) -> None:
    row = measured("offers", name, seconds)
    head(f"offers at {name}", "p50, ms", "p95, ms", "longest, ms", "p95 as share of the time to a first plan")
    for what, key in (("one at a time", "alone"), ("20 at once", "together")):
        if row:
            milliseconds = [f"{1000 * row[key][each]:.0f}" for each in ("p50", "p95", "most")]
            line(what, *milliseconds, f"{row[key]['p95'] / row['first']:.1%}")


def repair(name: str, seconds: float) -> None:
    row = measured("repair", name, seconds)
    head(
        f"repair at {name}",
        "levels 1-4 proved after, s",
        "vector",
        "bounds",
        "changes",
        "changes planning anew",
        "ratio",
    )
    if row:
        proved = "not proved" if row["proved_at"] is None else f"{row['proved_at']:.1f}"
        ratio = f"{row['changes'] / max(1, row['anew']):.2f}"
        line("one clinician away for a day", proved, row["vector"], row["bounds"], row["changes"], row["anew"], ratio)


def explain(name: str, seconds: float) -> None:
    row = measured("explain", name, seconds)
    head(f"explain at {name}", "seconds of each ask", "longest")
    if row:
        line("proved smallest", ", ".join(f"{each:.2f}" for each in row["seconds"]), f"{max(row['seconds']):.2f}")


if __name__ == "__main__":
    sys.exit(main())
