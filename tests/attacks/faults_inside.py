"""Inside the clinic of a fault test, while its server is down: what there is to write to, and what was kept of it.

`MIDDLEGROUND_HOME=... python -m tests.attacks.faults_inside ready 300` prints sign-ins, open inquiries and fresh tasks;
`... found` reads a JSON list of words and prints {kind of write: {words: how many rows hold them}}.
"""

import json
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

from middleground.cli.commands import django


def ready(how_many: int) -> dict[str, Any]:
    """Sign-ins by role, inquiries to log contacts on, `how_many` new tasks for the counselor."""
    from middleground.admissions.models import Inquiry
    from middleground.demo import PASSWORD, sign_ins
    from middleground.kernel.context import everything, system
    from middleground.records.models import Task

    people = {role: username for role, username, _ in sign_ins()}
    _ask_for_tasks().run(system("fault test"), how_many=how_many)
    with everything("fault test"):
        tasks = list(Task.objects.filter(why="fault test", done_at=None).values_list("pk", flat=True))
        inquiries = list(Inquiry.objects.filter(status__in=("new", "contacted")).values_list("pk", flat=True))
    return {"people": people, "password": PASSWORD, "tasks": tasks, "inquiries": inquiries}


def _ask_for_tasks() -> Any:
    from middleground.kernel.actions import action
    from middleground.kernel.who import system_only
    from middleground.records.actions import ask_for

    @action("Ask for tasks to finish", by=system_only())
    def ask_for_tasks(act, how_many: int) -> None:  # type: ignore[no-untyped-def]
        """Tasks that a counselor finishes in the fault test."""
        for number in range(how_many):
            due = act.now + timedelta(days=2)
            ask_for(act, f"Put chair {number} back", due, why="fault test", owner_role="counselor")

    return ask_for_tasks


def found(words: list[str]) -> dict[str, Counter[str]]:
    """How many rows of each kind hold each of these words."""
    from middleground.admissions.models import ContactAttempt
    from middleground.kernel.context import everything
    from middleground.kernel.models import Draft
    from middleground.records.models import Task
    from middleground.recovery.models import CheckIn

    wanted = set(words)
    with everything("fault test"):
        kept = {
            "check-in": CheckIn.objects.values_list("note", flat=True),
            "contact": ContactAttempt.objects.values_list("note", flat=True),
            "task": Task.objects.values_list("outcome", flat=True),
            "draft": [(data.get("words") or [""])[-1] for data in Draft.objects.values_list("data", flat=True)],
        }
        return {kind: Counter(each for each in rows if each in wanted) for kind, rows in kept.items()}


if __name__ == "__main__":
    django()
    answer = found(json.load(sys.stdin)) if sys.argv[1] == "found" else ready(int(sys.argv[2]))
    json.dump(answer, sys.stdout)
