"""`python -m tests.bench [--skip-large] [--homes FOLDER]`: prints the table of docs/benchmarks.md.

With `--homes` the clinics are built in FOLDER/small and FOLDER/large and kept, so that the next run need not build them.
"""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.measuring import PEOPLE, ROUNDS, Measured, measure

out = Console(width=120)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    asked.add_argument("--skip-large", action="store_true", help="only the small clinic (the large one takes minutes)")
    asked.add_argument("--homes", type=Path, help="build the clinics in this folder and keep them")
    given = asked.parse_args()
    sizes = ("small",) if given.skip_large else ("small", "large")
    with tempfile.TemporaryDirectory(prefix="middleground-bench-") as passing:
        homes = (given.homes or Path(passing)).resolve()
        found = {}
        for size in sizes:
            out.print(f"The {size} clinic ...", highlight=False)
            found[size] = measure(size, homes / size)
    show(found)
    return 0


def show(found: dict[str, Measured]) -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    out.print(
        f"\n{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, SQLite; "
        f"{PEOPLE} people at once, medians of {ROUNDS} rounds",
        highlight=False,
    )
    for size, one in found.items():
        took = f"built in {one.built_in:.0f} s" if one.built_in is not None else "stood already"
        out.print(f"{size}: {one.clients:,} clients, {one.attendance:,} attendance rows, {took}", highlight=False)
    out.print(table(found))


def table(found: dict[str, Measured]) -> Table:
    """A row for each page: its share of a bare view's throughput, its queries, and both in the large clinic."""
    small, large = found["small"], found.get("large")
    made = Table(box=None, pad_edge=False, header_style="bold")
    heads = ["page", "requests/s", "bare view = 1", "queries"]
    if large:
        heads += ["large: requests/s", "bare view = 1", "queries", "throughput large : small"]
    for head in heads:
        made.add_column(head, justify="left" if head == "page" else "right")
    for name, here in small.pages.items():
        row = [name, f"{here.rate:.1f}", f"1 : {1 / here.share:.0f}", str(here.queries)]
        if large and (there := large.pages.get(name)):
            row += [f"{there.rate:.1f}", f"1 : {1 / there.share:.0f}", str(there.queries)]
            row.append(f"{there.share / here.share:.2f}")
        made.add_row(*row)
    return made


if __name__ == "__main__":
    sys.exit(main())
