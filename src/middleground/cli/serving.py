"""Serving the clinic: port, migrations, the demo on first start, the server."""

import os
import socket

import typer

from .commands import django, err, out


def serve(host: str, port: int, workers: int, demo: bool) -> None:
    """Start the server, or say in one sentence why it can't start."""
    if busy(host, port):
        err.print(
            f"Port {port} is in use. Stop what uses it, or choose another: make run PORT={port + 1}",
            style="red",
            highlight=False,
        )
        raise typer.Exit(2)
    django()
    from django.conf import settings
    from django.core.management import call_command

    if demo and settings.PRODUCTION:
        err.print("The demo clinic is not built in production mode (MIDDLEGROUND_MODE=production).", style="red")
        raise typer.Exit(2)
    call_command("migrate", verbosity=0, interactive=False)
    if settings.PRODUCTION:
        call_command("collectstatic", verbosity=0, interactive=False)
    if demo:
        from middleground.clinic.models import Organization

        if not Organization.objects.exists():
            build_demo("small", 1, yes=True)
        print_sign_ins()
    out.print(f"\n[bold]Middleground is at http://{host}:{port}[/bold]  (stop with Ctrl+C)", highlight=False)
    _start(host, port, workers)


def busy(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _start(host: str, port: int, workers: int) -> None:
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    connections.close_all()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
    Granian(
        "middleground.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        log_access=False,
        log_level="warning",
    ).serve()  # type: ignore[arg-type]


def build_demo(size: str, seed: int, yes: bool) -> None:
    """Build the demo clinic with a progress bar; an existing demo is emptied first, a real clinic is never touched."""
    from django.conf import settings

    from middleground.demo import SIZES, build, clear, is_demo, is_empty

    if settings.PRODUCTION:
        err.print("The demo clinic is not built in production mode (MIDDLEGROUND_MODE=production).", style="red")
        raise typer.Exit(2)
    if size not in SIZES:
        err.print(f"There is no size {size!r}. Sizes: {', '.join(SIZES)}.", highlight=False)
        raise typer.Exit(2)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    if not is_empty():
        if not is_demo():
            err.print("This database holds a clinic that is not a demo. The demo is not built over it.", style="red")
            raise typer.Exit(2)
        if not yes and not typer.confirm("Empty the existing demo clinic and build it anew?"):
            raise typer.Exit(2)
        clear()
    _with_progress(size, seed, build)
    out.print(f"The {size} demo clinic is ready.")


def _with_progress(size: str, seed: int, build) -> None:  # type: ignore[no-untyped-def]
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out) as bar:
        task = bar.add_task(f"Building the {size} demo clinic", total=1000)

        def step(share: float, words: str) -> None:
            bar.update(task, completed=int(share * 1000), description=words)

        build(size, seed, step)
        bar.update(task, completed=1000, description="Demo clinic")


def print_sign_ins() -> None:
    """One sign-in per role, for the demo."""
    from middleground.demo import PASSWORD, sign_ins

    out.print(f"\nDemo sign-ins (password for all: [bold]{PASSWORD}[/bold])", highlight=False)
    for role, username, name in sign_ins():
        out.print(f"  {role:<20} {username:<14} {name}", highlight=False)
