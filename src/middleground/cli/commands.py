"""The commands an administrator runs: serve, demo, migrate, user, permissions, audit, backup, restore, check."""

import os
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

from middleground import __version__

out = Console()
err = Console(stderr=True)
app = typer.Typer(
    name="middleground",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Middleground runs an intensive outpatient program. Each command has --help with an example.",
)
user = typer.Typer(help="People who sign in.", no_args_is_help=True)
audit = typer.Typer(help="The audit chain.", no_args_is_help=True)
app.add_typer(user, name="user")
app.add_typer(audit, name="audit")


def run(words: list[str]) -> int:
    """Run one command; plain sentences instead of stack traces for what an administrator can mend."""
    from middleground.cli.engine_app import app as engine_app

    app.add_typer(engine_app, name="engine")
    try:
        answer = app(words, standalone_mode=False)
    except typer.Exit as done:
        return done.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as trouble:
        return _explain(trouble)
    return answer if isinstance(answer, int) else 0  # without standalone mode, typer hands back what Exit carried


def _explain(trouble: Exception) -> int:
    from typer.exceptions import TyperException

    if isinstance(trouble, TyperException):  # a word or option that there isn't: typer says which
        getattr(trouble, "show", lambda: err.print("Nothing was done."))()
        return 2
    plain = plain_sentence(trouble)
    if plain is None:
        raise trouble
    err.print(plain, style="red", highlight=False)
    return 2


def plain_sentence(trouble: Exception) -> str | None:
    """What went wrong and what to do, for troubles that are not faults of the program; None for the others."""
    text = str(trouble)
    closed = isinstance(trouble, PermissionError | NotADirectoryError)
    if closed or "readonly database" in text or "unable to open database" in text:
        return "Middleground can't write its data folder. Set MIDDLEGROUND_HOME to a folder you own, for example: MIDDLEGROUND_HOME=~/middleground make run"
    if isinstance(trouble, OSError) and "Read-only file system" in text:
        return "This disk is read-only. Set MIDDLEGROUND_HOME to a folder that can be written, for example: MIDDLEGROUND_HOME=/tmp/middleground make run"
    if "no such table" in text or type(trouble.__cause__).__name__ == "UndefinedTable":
        return "The database has no tables yet, or those of an earlier version. Run: middleground migrate"
    if isinstance(trouble, OSError) and trouble.filename:
        return f"{trouble.filename}: {trouble.strerror}."
    if type(trouble).__name__ == "OperationalError" and ("connect" in text or "connection" in text):
        return f"The database can't be reached: {text.strip().splitlines()[0]}. Check DATABASE_URL."
    from middleground.kernel.errors import Refused

    return trouble.message if isinstance(trouble, Refused) else None


def django() -> None:
    """Load the settings and every app."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
    import django as framework

    framework.setup()


def with_django(command: Callable[..., Any]) -> Callable[..., Any]:
    from functools import wraps

    @wraps(command)
    def ready(*args: Any, **kwargs: Any) -> Any:
        django()
        return command(*args, **kwargs)

    return ready


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        out.print(f"middleground {__version__}", highlight=False)
        raise typer.Exit()


@app.command(epilog="Example: middleground serve --port 8080 --workers 4")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless told.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Web processes.")] = 1,
    demo: Annotated[bool, typer.Option(help="Build the demo clinic first if there is no data yet.")] = False,
) -> None:
    """Migrate the database and serve the clinic."""
    from middleground.cli import serving

    serving.serve(host, port, workers, demo)


@app.command(epilog="Example: middleground demo --size medium --seed 7")
@with_django
def demo(
    size: Annotated[str, typer.Option(help="small (24 clients), medium (60) or large (220, three years).")] = "small",
    seed: Annotated[int, typer.Option(help="The same seed on the same day gives the same clinic.")] = 1,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before emptying an existing demo.")] = False,
) -> None:
    """Build the demo clinic (invented people), through the same actions the pages use."""
    from middleground.cli import serving

    serving.build_demo(size, seed, yes)


@app.command(epilog="Example: middleground migrate")
@with_django
def migrate() -> None:
    """Bring the database's tables up to this version."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    out.print("The database is up to date.")


@user.command("add", epilog="Example: middleground user add ada 'Ada Stone' --role administrator")
@with_django
def add_user(
    username: Annotated[str, typer.Argument(help="Sign-in name.")],
    name: Annotated[str, typer.Argument(help="Full name.")],
    role: Annotated[list[str], typer.Option(help="A role; repeat for several.")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="First password.")
    ],
) -> None:
    """Add somebody who works here. The password is asked for when it isn't given."""
    from middleground.clinic.actions import add_first_user
    from middleground.kernel.context import system

    made = add_first_user.run(system("command line"), username=username, name=name, password=password, roles=list(role))
    out.print(f"Added {made.name} ({made.username}).")


@app.command(epilog="Example: middleground permissions --role counselor")
@with_django
def permissions(role: Annotated[str, typer.Option(help="Only this role.")] = "") -> None:
    """The whole role x action table, from the declarations."""
    from middleground.kernel.actions import table
    from middleground.kernel.who import ROLES

    if role and role not in ROLES:
        err.print(f"There is no role {role!r}. Roles: {', '.join(ROLES)}.", highlight=False)
        raise typer.Exit(2)
    for action_id, name, may in table():
        granted = {r: w for r, w in may.items() if not role or r == role}
        if granted:
            who = ", ".join(r if w == "yes" else f"{r} ({w})" for r, w in sorted(granted.items()))
            out.print(f"{action_id:<44} {name}: {who}", highlight=False, soft_wrap=True)


@audit.command("verify", epilog="Example: middleground audit verify && echo whole")
@with_django
def verify() -> None:
    """Walk the audit chain and say what was edited, dropped or reordered. Exit 1 if anything was."""
    from middleground.kernel.audit import faults
    from middleground.kernel.models import AuditEntry

    found = list(faults())
    for fault in found:
        err.print(fault, style="red", highlight=False)
    if found:
        raise typer.Exit(1)
    out.print(f"The audit chain is whole: {AuditEntry.objects.count()} entries.", highlight=False)


@app.command(epilog="Example: middleground backup /backups/monday.tar.gz")
@with_django
def backup(to: Annotated[str, typer.Argument(help="The archive to write.")]) -> None:
    """Save the whole clinic (database and keys) in one archive, checked after writing."""
    from middleground.cli import keeping

    out.print(keeping.backup(to), highlight=False)


@app.command(epilog="Example: middleground restore /backups/monday.tar.gz --yes")
@with_django
def restore(
    archive: Annotated[str, typer.Argument(help="An archive made by `middleground backup`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace what is there without asking.")] = False,
) -> None:
    """Put a backup back. The audit chain is verified before and the restore is written on it."""
    from middleground.cli import keeping

    if not yes and not typer.confirm("This replaces the clinic's data with the backup. Go on?"):
        raise typer.Exit(2)
    out.print(keeping.restore(archive), highlight=False)


@app.command(epilog="Example: middleground check")
@with_django
def check() -> None:
    """Say in plain words what is unsafe or missing in this installation. Exit 1 if anything is."""
    from middleground.cli import checking

    wrong = checking.findings()
    for line in wrong:
        out.print(f"- {line}", highlight=False)
    if wrong:
        raise typer.Exit(1)
    out.print("Nothing is missing.")
