#!/bin/sh
# Installs Debian packages: those named, or else what the tests use. Without root it says what is missing and skipped.
set -eu
missing="$*"
if [ $# -eq 0 ] && ! command -v chromium >/dev/null 2>&1; then missing="chromium fonts-liberation"; fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing $missing from Debian" >&2
    apt-get update -qq >/dev/null
    # shellcheck disable=SC2086  # a list of names on purpose
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
elif [ $# -eq 0 ]; then
    echo "Missing: $missing. The browser tests (marker: browser) are skipped; install it as root to run them." >&2
else
    echo "Missing: $missing. Install it as root, then run make again." >&2
    exit 1
fi
