"""`MIDDLEGROUND_HOME=... python -m tests.bench.look` prints what `inside.look` finds, as one JSON object."""

import json
import sys

from middleground.cli.commands import django

if __name__ == "__main__":
    django()
    from tests.bench.inside import look

    json.dump(look(), sys.stdout)
