"""A PostgreSQL server of our own for the tests: a fresh cluster in a temporary directory, on a private port, gone afterwards.

    python scripts/postgres_for_tests.py -- COMMAND ...     runs COMMAND with DATABASE_URL pointing at it

Uses the system's server binaries. As root it runs the server as the `postgres` user, since the server refuses root.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    if shutil.which("initdb"):
        return Path(shutil.which("initdb")).parent  # type: ignore[arg-type]
    sys.exit("PostgreSQL's server programs are missing. Install them, e.g. `apt-get install postgresql`.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_server(*command: str) -> list[str]:
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


def plain_role(psql: str, port: int) -> None:
    """A role as production has it, which owns its database and is no superuser: row-level security must hold it."""
    server = [psql, "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "postgres"]
    for statement in (
        "CREATE ROLE middleground LOGIN CREATEDB",
        "CREATE DATABASE middleground OWNER middleground",
    ):
        subprocess.run([*server, "-c", statement], check=True)  # noqa: S603


def main(command: list[str]) -> int:
    home = Path(tempfile.mkdtemp(prefix="middleground-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    tools, port, data = binaries(), free_port(), home / "data"
    quiet = {"stdout": subprocess.DEVNULL, "cwd": home, "check": True}
    subprocess.run(
        as_server(str(tools / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"),
        **quiet,
    )  # noqa: S603
    options = (
        f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=100"
    )
    subprocess.run(
        as_server(str(tools / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start"),
        **quiet,
    )  # noqa: S603
    try:
        plain_role(str(tools / "psql"), port)
        url = f"postgres://middleground@127.0.0.1:{port}/middleground"
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}).returncode  # noqa: S603
    finally:
        subprocess.run(
            as_server(str(tools / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"), **{**quiet, "check": False}
        )  # noqa: S603
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[sys.argv.index("--") + 1 :]))
