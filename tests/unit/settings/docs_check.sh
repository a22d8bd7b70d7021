#!/bin/sh
# docs_check.sh matches SPOA-DOCS FILE   fails, with the difference, when FILE is stale
# docs_check.sh lint FOLDER              fails when a man page in FOLDER earns a warning
set -eu

case "$1" in
matches)
  fresh=$(mktemp)
  trap 'rm -f "$fresh"' EXIT
  "$2" "$3" > "$fresh"
  if ! diff -u "$3" "$fresh"; then
    echo "$3 is stale: replace it with the output of spoa-docs $3" >&2
    exit 1
  fi
  ;;
lint)
  if ! command -v mandoc > /dev/null; then
    echo "SKIPPED: mandoc is not installed, the man pages were not checked" >&2
    exit 77
  fi
  mandoc -T lint -W warning "$2"/*.[1-9]
  ;;
*)
  echo "usage: docs_check.sh matches|lint ..." >&2
  exit 64
  ;;
esac
