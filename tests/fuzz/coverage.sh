#!/usr/bin/env bash
# Says which lines the inputs of each fuzz target reach: those of the committed corpus, and
# those that run.sh has found (build/fuzz/fuzz-found).
#
#   tests/fuzz/coverage.sh [TARGET...]     all targets, if none is named
#
# Lists every source file of which the target runs a line. The lines themselves are to be
# seen in build/coverage/html/TARGET/index.html.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/coverage
found=$root/build/fuzz/fuzz-found

targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(cd "$here/corpus" && printf '%s\n' *)
for target in "${targets[@]}"; do
  [ -d "$here/corpus/$target" ] || { echo "no such target: $target" >&2; exit 64; }
done

flags='-fprofile-instr-generate -fcoverage-mapping -O1'
{
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_CXX_FLAGS_DEBUG="$flags" &&
    cmake --build "$build" --target "${targets[@]/#/replay_}"
} >"${build%/*}/coverage.log" 2>&1 || { tail -n 30 "${build%/*}/coverage.log" >&2; exit 1; }

for target in "${targets[@]}"; do
  inputs=("$here/corpus/$target")
  [ ! -d "$found/$target" ] || inputs+=("$found/$target")
  program=$build/replay_$target
  profile=$build/$target.profdata
  LLVM_PROFILE_FILE=$build/$target.profraw "$program" "${inputs[@]}" >"$build/$target.log" 2>&1 ||
    { tail -n 5 "$build/$target.log" >&2; exit 1; }
  llvm-profdata-14 merge -o "$profile" "$build/$target.profraw"
  printf '\n%s: %s\n' "$target" "$(tail -n 1 "$build/$target.log")"
  llvm-cov-14 export -summary-only -instr-profile="$profile" "$program" 2>/dev/null |
    jq -r --arg root "$root/" '
      [.data[0].files[] | select(.filename | test("/(src|include)/"))
        | {name: (.filename[($root | length):] | sub("^build/coverage/../../"; "")), lines: .summary.lines} | select(.lines.covered > 0)]
      | (.[] | [.name, .lines.covered, .lines.count]),
        ["all of these", (map(.lines.covered) | add), (map(.lines.count) | add)] | @tsv' |
    awk -F '\t' '{printf "  %-34s %5d of %5d lines  %5.1f %%\n", $1, $2, $3, 100 * $2 / $3}'
  llvm-cov-14 show -format=html -output-dir="$build/html/$target" -instr-profile="$profile" \
    -ignore-filename-regex='/(tests|usr)/' "$program" >/dev/null 2>&1
done
