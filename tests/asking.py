"""What a page asks the database, counted alike on SQLite and PostgreSQL."""

from collections.abc import Iterable

BRACKETS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SELECT pg_advisory")


def asked(seen: Iterable[dict[str, str]]) -> list[str]:
    """The statements captured, without the brackets of transactions and locks of one database only."""
    return [query["sql"] for query in seen if not query["sql"].startswith(BRACKETS)]
