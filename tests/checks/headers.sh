#!/usr/bin/env bash
# Every header compiles alone: it includes what it uses.
# Usage: headers.sh COMPILER
set -euo pipefail
cd "$(dirname "$0")/../.."
compiler=$1

failures=0
while IFS= read -r header; do
  if ! "$compiler" -std=c++20 -fsyntax-only -x c++ -Iinclude -Isrc -Isrc/support \
      -I"$(dirname "$header")" "$header" 2> >(head -5 >&2); then
    printf '%s does not compile alone\n' "$header" >&2
    failures=$((failures + 1))
  fi
done < <(find include src -name '*.h' | sort)
exit $((failures > 0))
