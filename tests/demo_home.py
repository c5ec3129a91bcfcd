"""A small demo clinic in a folder of its own, built once for a whole test run and copied for whoever writes in it."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    return {**kept, "MIDDLEGROUND_HOME": str(home), "PYTHONPATH": str(ROOT / "src"), **more}


def run(home: Path, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
    """`middleground WORDS` in an installation of its own."""
    return subprocess.run(
        [sys.executable, "-m", "middleground", *words],
        env=environment(home),
        capture_output=True,
        text=True,
        cwd=ROOT,
        **more,
    )  # type: ignore[call-overload]


def built(shared: Path) -> Path:
    """The demo's folder, built by whichever worker comes first."""
    home, lock = shared / "demo-home", shared / "demo-home.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (home / "ready").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            done = run(home, "demo", "--yes")
            assert done.returncode == 0, done.stdout + done.stderr
            (home / "ready").touch()
    return home


def copy(shared: Path, to: Path) -> Path:
    """A copy to write in; the audit anchor goes by the database's path, so it is begun anew."""
    shutil.copytree(built(shared), to, dirs_exist_ok=True)
    for anchor in to.glob("audit-anchor-*"):
        anchor.unlink()
    return to


def walked(module: str, factory: pytest.TempPathFactory, name: str) -> Any:
    """What `python -m MODULE FILE` writes down in a copy of the demo of its own."""
    base = factory.getbasetemp()
    shared = base.parent if "popen-gw" in base.name else base
    home = copy(shared, factory.mktemp(name) / "home")
    out = home / f"{name}.json"
    told = environment(home, PYTHONWARNINGS="ignore")
    done = subprocess.run([sys.executable, "-m", module, str(out)], env=told, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(out.read_text())
