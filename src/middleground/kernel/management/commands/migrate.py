"""`migrate`, with the walls opened: table changes are not the work of an action. Afterwards the second wall is whole."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from middleground.kernel import guard, second_wall


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with guard.opened("maintenance"), second_wall.lowered(connections[options["database"]]):
            super().handle(*args, **options)
            second_wall.stand(options["database"])
