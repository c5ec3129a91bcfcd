"""Puts people into the demo clinic who are admitted and have no week, and prints their ids: run by the coordinators' journeys.

python -m tests.journeys.newcomers Ember Lark
"""

import json
import os
import sys
from types import SimpleNamespace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
FAMILY = "Quillon"


def main(names: list[str]) -> None:
    import django

    django.setup()
    from middleground.clinic.models import Site, User
    from tests import builders

    of_role = {
        "intake-coordinator": "iris",
        "program-director": "dee",
        "counselor": "cora",
        "prescriber": "pax",
        "case-manager": "casey",
    }
    people = {role: User.objects.get(username=username) for role, username in of_role.items()}
    site = Site.objects.order_by("pk").first()
    clinic = SimpleNamespace(site=site, people=people, actor=lambda role: people[role].actor())
    made = {name: builders.a_client(clinic, name, FAMILY).pk for name in names}  # type: ignore[arg-type]
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main(sys.argv[1:])
