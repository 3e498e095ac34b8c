#!/bin/sh
# Installs Debian packages: those named, or else what the tests use. Without root it says what is missing and skipped.
set -eu
missing="$*"
if [ $# -eq 0 ]; then
    command -v chromium >/dev/null 2>&1 || missing="$missing chromium fonts-liberation"
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
    command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing="$missing rabbitmq-server"
    command -v dovecot >/dev/null 2>&1 || [ -x /usr/sbin/dovecot ] || missing="$missing dovecot-imapd"
    command -v tesseract >/dev/null 2>&1 || missing="$missing tesseract-ocr tesseract-ocr-nld"
fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing from Debian" >&2
    apt-get update -qq >/dev/null
    # shellcheck disable=SC2086  # a list of names on purpose
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
elif [ $# -eq 0 ]; then
    echo "Missing:$missing. Tests that need them are skipped (markers: browser, postgres, broker; IMAP, scans)." >&2
    echo "Install them as root to run those tests too." >&2
else
    echo "Missing: $missing. Install it as root, then run make again." >&2
    exit 1
fi
