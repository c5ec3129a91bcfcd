"""Backup and restore: one archive that holds the database and the keys, proved by reading it back."""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

import typer
from django.conf import settings
from django.db import connection

from middleground import __version__
from middleground.kernel import audit, second_wall
from middleground.kernel.context import everything, system
from middleground.kernel.models import AuditEntry

from .commands import err

KEYS = ("secret_key.txt", "audit_key.txt")


def backup(to: str) -> str:
    """Write the archive and read it back. Returns a sentence with its size and checksum."""
    target = Path(to)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(target.suffix + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        database = _dump(Path(work))
        facts = {
            "version": __version__,
            "vendor": connection.vendor,
            "database": database.name,
            "sha256": checksum(database),
            "entries": AuditEntry.objects.count(),
        }
        with tarfile.open(part, "w:gz") as archive:
            archive.add(database, database.name)
            for name in KEYS:
                if (settings.HOME / name).exists():
                    archive.add(settings.HOME / name, name)
            _add_text(archive, "manifest.json", json.dumps(facts, indent=1))
    os.chmod(part, 0o600)
    _prove(part, facts)
    part.replace(target)
    return f"Backup written to {target} ({target.stat().st_size / 1e6:.1f} MB, sha256 {checksum(target)[:16]}…, {facts['entries']} audit entries). It holds the keys: keep it safe."


def _dump(work: Path) -> Path:
    if connection.vendor == "sqlite":
        copy = work / "database.sqlite3"
        with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as source, sqlite3.connect(copy) as into:
            source.backup(into)
        return copy
    copy, filled = work / "database.sql.gz", _filled()
    made = subprocess.run(  # noqa: S603
        ["pg_dump", "--no-owner", "--enable-row-security", settings.DATABASE_URL],  # noqa: S607
        env=second_wall.lowered_environment(os.environ),
        capture_output=True,
    )
    if made.returncode:
        err.print(f"pg_dump failed: {made.stderr.decode().strip()}", style="red", highlight=False)
        raise typer.Exit(2)
    if missing := [table for table in filled if _is_empty(table, made.stdout)]:
        err.print(f"pg_dump was not shown the rows of {', '.join(missing)}. Nothing was kept.", style="red")
        raise typer.Exit(2)
    copy.write_bytes(gzip.compress(made.stdout))
    return copy


def _filled() -> list[str]:
    """Tables of client records that hold something; such rows are never deleted, so a dump must hold something too."""
    with everything("backup"):
        return [t for t, model in second_wall.protected().items() if not model.deletable and model.objects.exists()]


def _is_empty(table: str, dump: bytes) -> bool:
    """Whether row-level security hid the table's rows from the dump: it leaves them out without a word."""
    return re.search(rb"^COPY public\.%s \([^\n]*\n(?!\\\.)" % table.encode(), dump, re.MULTILINE) is None


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(text.encode())
    archive.addfile(info, io.BytesIO(text.encode()))


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prove(archive: Path, facts: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as work:
        unpack(archive, Path(work))
        if checksum(Path(work) / str(facts["database"])) != facts["sha256"]:
            err.print("The backup could not be read back as it was written. Nothing was kept.", style="red")
            raise typer.Exit(2)


def unpack(archive: Path, into: Path) -> dict[str, str]:
    """Unpack into a folder and return the manifest. Refuses anything that is not one of our archives, whole."""
    try:
        with tarfile.open(archive) as read:
            read.extractall(into, filter="data")
        facts: dict[str, str] = json.loads((into / "manifest.json").read_text())
        whole = checksum(into / facts["database"]) == facts["sha256"]
    except (tarfile.TarError, OSError, KeyError, ValueError, EOFError):
        whole = False
    if not whole:
        err.print(f"{archive} is not a whole Middleground backup. Nothing was changed.", style="red", highlight=False)
        raise typer.Exit(2)
    return facts


def restore(archive: str) -> str:
    """Put the archive's database and keys in place of the present ones; the old files are set aside, not destroyed."""
    with tempfile.TemporaryDirectory() as work:
        facts = unpack(Path(archive), Path(work))
        if facts["vendor"] != connection.vendor:
            err.print(
                f"This backup is of a {facts['vendor']} database; this installation uses {connection.vendor}.",
                style="red",
                highlight=False,
            )
            raise typer.Exit(2)
        anchor = audit.Anchor()
        connection.close()
        _put_database(Path(work) / facts["database"])
        for name in KEYS:
            if (Path(work) / name).exists():
                shutil.copy(Path(work) / name, settings.HOME / name)
        settings.AUDIT_KEY = (
            (settings.HOME / "audit_key.txt").read_text().strip()
            if (settings.HOME / "audit_key.txt").exists()
            else settings.AUDIT_KEY
        )
        anchor.reset()
    faults = list(audit.faults())
    audit.write_alone(
        audit.Line(
            system("restore"),
            "operations",
            "Restore",
            f"Restored from a backup of version {facts['version']} with {facts['entries']} entries",
        )
    )
    return f"Restored. The audit chain {'is whole' if not faults else 'has faults: ' + ' '.join(faults[:3])}. Restart the server."


def _put_database(copy: Path) -> None:
    if connection.vendor == "sqlite":
        place = Path(settings.DATABASES["default"]["NAME"])
        if place.exists():
            place.replace(place.with_suffix(".before-restore"))
        for extra in ("-wal", "-shm"):
            Path(f"{place}{extra}").unlink(missing_ok=True)
        shutil.copy(copy, place)
        return
    sql = b"DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n" + gzip.decompress(copy.read_bytes())
    done = subprocess.run(
        ["psql", "-q", "--single-transaction", "-v", "ON_ERROR_STOP=1", settings.DATABASE_URL],
        input=sql,
        env=second_wall.lowered_environment(os.environ),
        capture_output=True,
    )  # noqa: S603, S607
    if done.returncode:
        err.print(
            f"The database refused the backup; nothing was changed. {done.stderr.decode().strip()[:200]}",
            style="red",
            highlight=False,
        )
        raise typer.Exit(2)
