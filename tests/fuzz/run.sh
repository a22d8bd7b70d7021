#!/bin/sh
# Fuzzes each target for SECONDS (default 60) with the `fuzz` preset's build:
#   cmake --preset fuzz && cmake --build --preset fuzz && tests/fuzz/run.sh 300
# New inputs are kept beside the build; inputs that break something are named at the end.
set -eu

seconds=${1:-60}
case $seconds in
  *[!0-9]* | "") echo "usage: $0 [SECONDS]" >&2; exit 64 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/fuzz
found=$build/fuzz-found
status=0

for corpus in "$here"/corpus/*/; do
  target=$(basename "$corpus")
  if [ ! -x "$build/$target" ]; then
    echo "$target is not built: cmake --preset fuzz && cmake --build --preset fuzz" >&2
    exit 1
  fi
  mkdir -p "$found/$target"
  echo "== $target, $seconds seconds"
  "$build/$target" -max_total_time="$seconds" -max_len=8192 -print_final_stats=1 \
    -artifact_prefix="$found/$target-" "$found/$target" "$corpus" \
    >"$found/$target.log" 2>&1 || status=1
  tail -n 8 "$found/$target.log"
done
[ "$status" -eq 0 ] || echo "broken inputs are in $found" >&2
exit "$status"
