"""Who answers for what a client reports: the primary counselor, or whoever stands in."""

from typing import Any

from middleground.records import queries as records
from middleground.records.models import Client


def owner_of(client: Client, *parts: str) -> dict[str, Any]:
    """The first of these parts of the care team (default: primary counselor) as a task's owner; else the director's desk."""
    people = {member.part: member.user_id for member in records.team(client)}
    for part in (*parts, "primary-counselor"):
        if part in people:
            return {"owner": people[part]}
    return {"owner_role": "program-director"}
