#!/usr/bin/env bash
# The rules of docs/architecture.md and docs/CONTRIBUTING.md that a script can check.
set -euo pipefail
cd "$(dirname "$0")/../.."

failures=0
complain() {
  printf '%s\n' "$1" >&2
  failures=$((failures + 1))
}

stages=(accept bench decode extract inspect judge reply report seclang settings)

# A library is used in one place.
only_in() {
  local pattern=$1 place=$2 file
  while IFS= read -r file; do
    [[ $file == src/$place/* ]] || complain "$file includes $pattern: only src/$place may"
  done < <(grep -rlE "^#include <$pattern" src include || true)
}
only_in 'event2/' accept
only_in 'modsecurity/' inspect
only_in 'yaml-cpp/' settings
only_in 'CLI/' settings
only_in 'pcre2' seclang
only_in 'zlib' inspect

# No stage includes another.
for stage in "${stages[@]}"; do
  for other in "${stages[@]}" serve; do
    [[ $stage == "$other" ]] && continue
    if grep -rnE "^#include \"(\.\./)?$other/" "src/$stage"; then
      complain "src/$stage includes src/$other"
    fi
  done
done

# The nouns need nothing but the standard library and each other.
if grep -rnE '^#include "' include | grep -v '"spoa/'; then
  complain 'include/spoa includes something else than spoa/'
fi

# Small files.
while read -r lines file; do
  [[ $file == total ]] && continue
  ((lines <= 400)) || complain "$file has $lines lines; 400 are allowed"
done < <(find src include tests \( -name '*.cc' -o -name '*.h' \) -exec wc -l {} +)

# Every source and every unit test is in the build.
for file in src/*/*.cc tests/unit/*/*.cc; do
  grep -q "\b$(basename "$file")\b" "$(dirname "$file")/CMakeLists.txt" ||
    complain "$file is not in the build"
done

# Every stage says what it is.
for stage in "${stages[@]}" serve support; do
  [[ -f src/$stage/README.md ]] || complain "src/$stage has no README.md"
  (($(wc -l < "src/$stage/README.md") <= 40)) || complain "src/$stage/README.md is longer than 40 lines"
done

if ((failures > 0)); then
  printf '%d complaints\n' "$failures" >&2
  exit 1
fi
