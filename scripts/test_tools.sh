#!/bin/sh
# What the tests need from the system: Chromium and PostgreSQL's server programs. Installs them when it may, else says how.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0
may=""
if [ "$(id -u)" = 0 ]; then may="env"; elif sudo -n true 2>/dev/null; then may="sudo"; fi
if [ -z "$may" ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need:$missing. Install with your system's package manager, for example: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing for the tests:$missing"
$may apt-get update -qq
DEBIAN_FRONTEND=noninteractive $may apt-get install -y -qq --no-install-recommends $missing >/dev/null
