#!/usr/bin/env bash
# Builds and tests everything. The last line counts: "N passed, N failed, N skipped".
set -uo pipefail

usage() {
  cat <<'USAGE'
usage: tests/run.sh [SUITE...]

Installs missing Debian packages (as root, or through sudo), builds what is stale, and tests.
Without a SUITE all of them, in this order; about 50 minutes on two processors.

  unit         units, documents and corpora, built by g++
  e2e          the program behind a real HAProxy
  detection    the same findings as nginx with ModSecurity, on the same rules
  asan         units and e2e with AddressSanitizer and UndefinedBehaviorSanitizer
  tsan         units and e2e with ThreadSanitizer
  clang        the program and the fuzz targets built by clang, and a moment of fuzzing
  lint         clang-format, clang-tidy, shellcheck
  quickstart   haproxy-examples/quickstart.sh --once

environment: HAPROXY="/path/to/haproxy /another..." tests with other HAProxys than the
distribution's: e2e with each in turn, asan, tsan and quickstart with the first. E2E_SECONDS=60
lengthens the load test; FUZZ_SECONDS=300 the fuzzing of each target; JOBS=N compiles N files at
once.
USAGE
}

suites=(unit e2e detection asan tsan clang lint quickstart)
for argument in "$@"; do
  case $argument in
    -h | --help) usage; exit 0 ;;
    all | unit | e2e | detection | asan | tsan | clang | lint | quickstart) ;;
    *) usage >&2; exit 64 ;;
  esac
done
case " $* " in "  " | *" all "*) ;; *) suites=("$@") ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=haproxy-examples/lib.sh
. "$root/haproxy-examples/lib.sh"
cd "$root" || exit 1
PATH=$PATH:/usr/sbin
jobs=${JOBS:-$(nproc)}
read -ra haproxies <<<"${HAPROXY:-}"
[ "${#haproxies[@]}" -gt 0 ] || haproxies=(haproxy)
export HAPROXY=${haproxies[0]}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0 failures=()

# --- Counting -------------------------------------------------------------------------

add() { # PASSED FAILED SKIPPED
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}
title() { printf '\n=== %s\n' "$*"; }

# step NAME COMMAND... is one test: it passes if the command succeeds.
step() {
  title "$1"
  if "${@:2}"; then add 1 0 0; else
    add 0 1 0
    failures+=("$1")
    return 1
  fi
}

# The counts of a ctest run come from its JUnit file.
attribute() { sed -n "s/^[[:space:]]*$1=\"\([0-9]*\)\".*/\1/p" "$results/ctest.xml" | head -n 1; }
run_ctest() { # PRESET
  local total bad left rc=0
  title "ctest $1"
  rm -f "$results/ctest.xml"
  ctest --preset "$1" --no-tests=error -j "$jobs" --output-junit "$results/ctest.xml" \
    >"$results/ctest.log" 2>&1 || rc=1
  if [ "$rc" -eq 0 ]; then tail -n 5 "$results/ctest.log"; else tail -n 200 "$results/ctest.log"; fi
  tr ' ' '\n' <"$results/ctest.xml" >"$results/ctest.words" 2>/dev/null &&
    mv "$results/ctest.words" "$results/ctest.xml"
  total=$(attribute tests) bad=$(attribute failures)
  left=$(($(attribute skipped) + $(attribute disabled)))
  if [ -z "$total" ] || { [ "$rc" -ne 0 ] && [ "$bad" -eq 0 ]; }; then
    add 0 1 0
    failures+=("ctest $1 did not run")
    return
  fi
  add $((total - bad - left)) "$bad" "$left"
  [ "$bad" -eq 0 ] || failures+=("ctest $1: $bad")
}

# The counts of a bats run come from its TAP lines, against the number it planned.
run_bats() { # PRESET [FILE...]
  local log=$results/bats.tap name plan good bad left
  name="end to end, $1 build, HAProxy $(version_of "$HAPROXY" 2>/dev/null)"
  title "$name ($HAPROXY)"
  SPOA_BUILD=$root/build/$1 bats --tap "${@:2}" 2>&1 | tee "$log"
  plan=$(sed -n '1s/^1\.\.\([0-9]*\)$/\1/p' "$log")
  good=$(grep -c '^ok ' "$log")
  left=$(grep -c '^ok .* # skip' "$log")
  # What was planned but has no line failed too: its set-up did, or bats itself.
  bad=$((${plan:-1} - good))
  add $((good - left)) "$bad" "$left"
  printf '%s: %d passed, %d failed, %d skipped\n' "$name" $((good - left)) "$bad" "$left"
  [ "$bad" -eq 0 ] || failures+=("$name: $bad")
}

# The counts of the detection suite are in the last line of each of its parts.
run_detection() { # WHAT COMMAND...
  local log=$results/detection.log counts
  title "detection: $1"
  "${@:2}" 2>&1 | tee "$log"
  counts=$(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log")
  # shellcheck disable=SC2086  # two numbers
  add ${counts:-0 1} 0
  case $counts in *" 0") ;; *) failures+=("detection: $1") ;; esac
}

# --- Suites ---------------------------------------------------------------------------

configure_and_build() {
  cmake --preset "$1" >"$results/cmake.log" 2>&1 || { cat "$results/cmake.log"; return 1; }
  cmake --build --preset "$1" -j "$jobs" ${2:+--target "${@:2}"} >"$results/build.log" 2>&1 || {
    grep -vE '^\[[0-9]+/[0-9]+\]' "$results/build.log" | tail -n 100
    return 1
  }
}
built=" "
build() { # PRESET [TARGET...], once
  case $built in *" $1 "*) return ;; esac
  step "build $1" configure_and_build "$@" && built+="$1 "
}

suite_unit() { build dev && run_ctest dev; }
suite_e2e() {
  local -x HAPROXY
  build dev || return
  for HAPROXY in "${haproxies[@]}"; do
    step "HAProxy $HAPROXY runs" examples_for "$HAPROXY" && run_bats dev tests/e2e
  done
}
suite_detection() {
  build dev || return
  step "the detection suite itself" python3 tests/detection/suite_test.py
  run_detection "docs/detection.md" python3 tests/detection/run.py --check-docs
  SPOA_BUILD=build/dev run_detection "requests" python3 tests/detection/run.py
  SPOA_BUILD=build/dev run_detection "responses" python3 tests/detection/run.py --responses
}
# What a sanitizer can say something about: the running program. Memory under every kind of
# input; threads under traffic, reloads and the end.
asan_files=(tests/e2e/{bodies,held,hostile,load,odd,responses}.bats)
tsan_files=(tests/e2e/{concurrency,held,lifecycle,load,responses,workers}.bats)
suite_asan() { build asan && run_ctest asan && run_bats asan "${asan_files[@]}"; }
suite_tsan() { build tsan && run_ctest tsan && run_bats tsan "${tsan_files[@]}"; }
suite_clang() {
  build fuzz spoa-modsecurity fuzzers && step "fuzzing" tests/fuzz/run.sh "${FUZZ_SECONDS:-5}"
}

sources() { find include src tests -name '*.h' -o -name '*.cc'; }
formatted() { sources | xargs clang-format-14 --dry-run --Werror; }
tidy() {
  find src -name '*.cc' -print0 | timeout 1200 xargs -0 -n 1 -P "$jobs" \
    clang-tidy-14 --quiet --config-file=tests/clang-tidy.yaml -p build/dev 2>/dev/null
}
shell_checked() {
  shellcheck -x haproxy-examples/*.sh tests/*.sh tests/{checks,fuzz,reliability,soak}/*.sh tests/e2e/*.bash .ci/run &&
    shellcheck -x -s bats -e SC2030,SC2031,SC2034,SC2154,SC2317 tests/e2e/*.bats
}
suite_lint() {
  step "clang-format" formatted
  step "shellcheck" shell_checked
  build dev && step "clang-tidy" tidy
}
suite_quickstart() { step "quickstart.sh --once" haproxy-examples/quickstart.sh --once; }

# --- All of it ------------------------------------------------------------------------

install_packages run build test
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
export CTEST_OUTPUT_ON_FAILURE=1
for suite in "${suites[@]}"; do "suite_$suite"; done

if [ "${#failures[@]}" -gt 0 ]; then
  title "failed"
  printf '%s\n' "${failures[@]}"
fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
