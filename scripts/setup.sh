#!/bin/sh
# Makes .venv with the hashed lock file given as $1 (runtime or dev). Does nothing when it is already so.
set -eu
lock="requirements/${1:-runtime}.lock"
say() { printf '%s\n' "$*" >&2; }

python=""
for name in python3.13 python3 python3.14 python3.12 "$HOME/.pyenv/versions/3.13"*/bin/python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then python="$name"; break; fi
done
if [ -z "$python" ]; then
    say "Middleground needs Python 3.12 or newer. Install it (for example: apt-get install python3, or pyenv install 3.13) and try again."
    exit 1
fi
if ! mkdir -p .venv 2>/dev/null || ! touch .venv/.writable 2>/dev/null; then
    say "This folder can't be written to. Copy Middleground to a folder you own and try again."
    exit 1
fi
want="$(cat "$lock" scripts/setup.sh | cksum)"
if [ -x .venv/bin/python ] && { [ "$(cat .venv/.runtime 2>/dev/null)" = "$want" ] && [ "${1:-runtime}" = runtime ] || [ "$(cat .venv/.dev 2>/dev/null)" = "$want" ]; }; then exit 0; fi
if [ "${1:-runtime}" = runtime ] && [ -f .venv/.dev ] && [ "$(cat .venv/.dev)" = "$(cat requirements/dev.lock scripts/setup.sh | cksum)" ]; then exit 0; fi
if [ ! -x .venv/bin/python ] && ! "$python" -m venv .venv; then
    say "Python can't make a virtual environment. Install its venv package (for example: apt-get install python3-venv) and try again."
    exit 1
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
.venv/bin/uv pip sync --quiet "$lock" || { say "The packages could not be installed. Is the network reachable?"; exit 1; }
.venv/bin/python - <<'PY'
import pathlib, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "middleground.pth").write_text(str(pathlib.Path("src").resolve()) + "\n")
tool = pathlib.Path(".venv/bin/middleground")
tool.write_text(f"#!{pathlib.Path('.venv/bin/python').absolute()}\nimport sys\nfrom middleground.cli import main\nsys.exit(main())\n")
tool.chmod(0o755)
PY
printf '%s' "$want" > ".venv/.${1:-runtime}"
[ "${1:-runtime}" = dev ] || rm -f .venv/.dev
