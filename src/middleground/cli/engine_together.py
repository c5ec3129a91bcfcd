"""What one more group would do for all who wait, as a process beside a page: an explain instance on standard input; on standard
output {"waiting": [...], "of": how many were asked about}, or {"error": ...}. An interrupt or the limit ends it with those looked at.

`python -m middleground.cli.engine_together SECONDS`
"""

import sys
from typing import Any

import msgspec

from middleground.cli.engine_solving import Solving, tell_row
from middleground.cli.engine_timetable import age, raw_of
from middleground.engines.errors import BadLine
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.reading import Faults, read
from middleground.engines.timetabling.until import Until


def answered(seconds: float) -> dict[str, Any]:
    from middleground.engines.timetabling.reasons.together import together

    loading = age()
    try:
        raw = raw_of(None)
        with Solving(loading, progress=True) as solving:
            clinic = clinic_of(read(raw, "explain"), "explain")
            until = Until(solving.began + seconds, solving.stop)
            rows = together(clinic, until=until, tell=lambda done, of: tell_row({"done": done, "of": of}))
    except Faults as found:
        return {"error": found.as_dict()}
    except BadLine as fault:
        return {"error": {**fault.as_dict(), "more": 0}}
    return {"waiting": rows, "of": len(clinic.asks)}


def main(words: list[str]) -> int:
    answer = answered(float(words[0]))
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    return 2 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
