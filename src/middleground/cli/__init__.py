"""`middleground`: the one command line.

Exit codes: 0 done, 1 done but something is wrong (a failed check, a broken chain), 2 the command or its input can't be used.
"""

import sys


def main(words: list[str] | None = None) -> int:
    """Run a command. The engines need no settings and no database, so they are answered before anything else is loaded."""
    words = sys.argv[1:] if words is None else words
    if words[:1] == ["engine"]:
        from middleground.cli import engine

        return engine.main(words[1:])
    from middleground.cli.commands import run

    return run(words)
