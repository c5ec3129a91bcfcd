"""`migrate`, with the wall opened: table changes are not the work of an action."""

from typing import Any

from django.core.management.commands import migrate

from middleground.kernel import guard


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with guard.opened("maintenance"):
            super().handle(*args, **options)
