# What the measuring scripts share with the end-to-end tests. Source it from bash.
# shellcheck shell=bash
bats_require_minimum_version() { :; }
# shellcheck source=tests/e2e/lib.bash
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.bash"
# shellcheck source=tests/e2e/fleet.bash
. "$root/tests/e2e/fleet.bash"

# At the examples' own times. The release build, unless SPOA_BUILD names another.
build=${SPOA_BUILD:-$root/build/release}
case $build in /*) ;; *) build=$root/$build ;; esac
agent=$build/spoa-modsecurity
patience=1
[ -x "$agent" ] || die "no $agent: cmake --preset release && cmake --build --preset release"

E2E=$(mktemp -d "${TMPDIR:-/tmp}/spoa-reliability.XXXXXX")
finish() {
  trap - EXIT INT TERM
  [ -z "${KEEP-}" ] || cp -r "$E2E" "$KEEP"
  stop_stack >/dev/null 2>&1 || true
  rm -rf "$E2E"
}
trap finish EXIT
trap 'exit 130' INT TERM
