# What the end-to-end tests share: starts the agent, HAProxy with the example files, and an
# application, all on free loopback ports, and stops them whatever happens.
#
#   SPOA_BUILD  the folder of the build to test (default build/dev)
#   HAPROXY     the HAProxy to test with (default haproxy)
#
# A test (or a file, in setup_file) calls start_stack, and stop_stack in its teardown.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317  # used by the test files, set by bats, called by name

bats_require_minimum_version 1.5.0
PATH=$PATH:/usr/sbin:/sbin
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=haproxy-examples/lib.sh
. "$root/haproxy-examples/lib.sh"
haproxy=${HAPROXY:-haproxy}
build=${SPOA_BUILD:-$root/build/dev}
case $build in /*) ;; *) build=$root/$build ;; esac
agent=$build/spoa-modsecurity

# --- Time -----------------------------------------------------------------------------

# Times that the examples set are multiplied, so that a busy machine fails no test; with a
# sanitizer much more. Tests about the times themselves say `patience=1` in a plain build.
sanitized=false
patience=5
deadline=30 # seconds until a test gives up waiting
if grep -q '^SPOA_SANITIZE:STRING=.' "$build/CMakeCache.txt" 2>/dev/null; then
  sanitized=true
  patience=30
  deadline=120
fi

default_times() { $sanitized || patience=1; }

# --- Processes ------------------------------------------------------------------------

# Everything lives in $E2E: logs, files, one line per process in `pids`, and `env`, which
# carries addresses from setup_file to the tests.
begin() {
  E2E=$1
  mkdir -p "$E2E"
  : >>"$E2E/pids"
  : >>"$E2E/env"
}
remember() { # NAME=VALUE...
  local pair
  for pair in "$@"; do
    printf '%s\n' "$pair" >>"$E2E/env"
    declare -g "${pair%%=*}=${pair#*=}"
  done
}
recall() { # FOLDER
  begin "$1"
  local pair
  while read -r pair; do declare -g "${pair%%=*}=${pair#*=}"; done <"$E2E/env"
}

# A process that ended but that nobody waited for is gone too.
gone() { ! grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$1/status"; }

launch() { # LOG COMMAND...: sets `launched`
  local log=$1
  shift
  "$@" >>"$log" 2>&1 3>&- &
  launched=$!
  disown
  printf '%s\n' "$launched" >>"$E2E/pids"
}

end_process() { # PID
  gone "$1" && return
  kill -CONT "$1" 2>/dev/null || true
  kill "$1" 2>/dev/null || true
  wait_until "$deadline" gone "$1" && return
  kill -KILL "$1" 2>/dev/null || true
  say "process $1 did not end within $deadline s of SIGTERM"
  return 1
}

show_logs() {
  local log
  for log in "$E2E"/*.log "$E2E"/sanitizer.*; do
    [ -s "$log" ] || continue
    printf -- '--- %s\n' "${log##*/}"
    tail -n "${1:-30}" "$log"
  done
}

# Ends everything; fails if something would not end, or a sanitizer found something.
stop_stack() {
  local pid rc=0 reports
  while read -r pid; do end_process "$pid" || rc=1; done < <(tac "$E2E/pids")
  : >"$E2E/pids"
  reports=("$E2E"/sanitizer.*)
  if [ -e "${reports[0]}" ] || grep -q 'runtime error:' "$E2E/agent.log" 2>/dev/null; then
    say "a sanitizer complained"
    rc=1
  fi
  [ "$rc" -eq 0 ] || show_logs 100 >&2
  return "$rc"
}

# For `teardown` of a file whose stack is shared: shows the logs of a test that failed.
logs_if_failed() { [ -n "${BATS_TEST_COMPLETED-}" ] || show_logs 12; }

# --- The agent ------------------------------------------------------------------------

address_in_log() { # PROTOCOL
  sed -n "s/.*event=listening address=\([^ ]*\) protocol=$1.*/\1/p" "$E2E/agent.log" | tail -n 1
}

# Where sanitizers write, and what they leave out. Without a sanitizer nobody reads these.
agent_environment() {
  local common="log_path=$E2E/sanitizer:print_stacktrace=1"
  printf '%s\n' "ASAN_OPTIONS=$common:detect_stack_use_after_return=1" \
    "UBSAN_OPTIONS=$common" \
    "LSAN_OPTIONS=suppressions=$root/tests/lsan.supp:print_suppressions=0" \
    "TSAN_OPTIONS=$common:suppressions=$root/tests/tsan.supp:second_deadlock_stack=1"
}

# start_agent [FLAG...] with the project's rules, unless the flags name others. Started again,
# it takes the addresses it had.
start_agent() {
  local environment flags
  mapfile -t environment < <(agent_environment)
  flags=(--listen "${SPOP:-127.0.0.1:0}" --admin "${ADMIN:-127.0.0.1:0}"
    --events "$E2E/events.jsonl")
  case " $* " in
    *" --rules "* | *" --config "*) ;;
    *) flags+=(--rules "$root/rules/main.conf") ;;
  esac
  case " $* " in
    *" --processing-timeout "*) ;;
    *) flags+=(--processing-timeout "$((400 * patience))ms") ;;
  esac
  : >"$E2E/agent.log"
  launch "$E2E/agent.log" env "${environment[@]}" "$agent" "${flags[@]}" "$@"
  remember "AGENT=$launched"
  wait_until "$deadline" grep -q 'event=ready' "$E2E/agent.log" || {
    show_logs
    return 1
  }
  remember "SPOP=$(address_in_log spop)" "ADMIN=$(address_in_log http)"
}

# shellcheck disable=SC2153  # `remember` sets it
stop_agent() { end_process "$AGENT"; }


metric() { # NAME{LABELS}: prints its value, 0 if it is not there yet
  curl -fsS "http://$ADMIN/metrics" | awk -v name="$1" '$1 == name {v = $2} END {print v + 0}'
}

# --- HAProxy and the application ------------------------------------------------------

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
has_ipv6() { grep -qs '^0\{31\}1 ' /proc/net/if_inet6; }

# The application answers 200 "ok" once it has the whole body, and logs what reached it:
# method, the header x-case, and the path.
start_application() {
  remember "APP_PORT=$(free_port)"
  mkdir -p "$E2E/application"
  cat >"$E2E/application/haproxy.cfg" <<APPLICATION
global
    tune.bufsize 1048576
    log stdout format raw local0
defaults
    mode http
    log global
    timeout client 60s
frontend application
    bind 127.0.0.1:$APP_PORT
    http-request capture req.hdr(x-case) len 64
    http-request capture path len 64
    http-request wait-for-body time 30s
    http-request return status 200 content-type text/plain string ok
    log-format "seen method=%HM case=%[capture.req.hdr(0)] path=%[capture.req.hdr(1)] size=%U"
APPLICATION
  launch "$E2E/application.log" "$haproxy" -db -f "$E2E/application/haproxy.cfg"
  wait_until "$deadline" listens "$APP_PORT"
}

# prepare_haproxy copies the example files to $E2E/web, where a test may still change them.
prepare_haproxy() {
  local ports=("$(free_port)" "$(free_port)") more
  remember "WEB=http://127.0.0.1:${ports[0]}" "WEB2=http://127.0.0.1:${ports[1]}" \
    "WEB_PORT=${ports[0]}" "WEB6=http://[::1]:${ports[0]}"
  copy_example "$haproxy" "$E2E/web" "${ports[0]}" "$APP_PORT" "$SPOP"
  more="bind 127.0.0.1:${ports[0]}
    bind 127.0.0.1:${ports[1]} proto h2"
  if has_ipv6; then more+="
    bind [::1]:${ports[0]}"; fi
  replace "$E2E/web/haproxy.cfg" "bind 127.0.0.1:${ports[0]}" "$more"
  if [ "$patience" -ne 1 ]; then
    replace "$E2E/web/spoe-modsecurity.conf" "timeout processing 500ms" \
      "timeout processing $((500 * patience))ms"
  fi
}

# prepare_example FOLDER copies one of the examples for a single matter to $E2E/web: its own files,
# but for addresses and, on a busy machine, the time HAProxy waits for the answer.
prepare_example() {
  local web=$E2E/web port conf
  port=$(free_port)
  remember "WEB_PORT=$port" "WEB=http://127.0.0.1:$port" "WEBS=https://127.0.0.1:$port"
  rm -rf "$web" && cp -r "$root/haproxy-examples/$1" "$web"
  sed -i -E "s/^( +bind ):(8080|8443)( |$)/\\1127.0.0.1:$port\\3/; s/abns@web/abns@web-$port/
    s|/etc/haproxy/|$web/|
    s/^( +server app1 ).*/\\1127.0.0.1:$APP_PORT/
    s/^( +server (agent1|modsec1|coraza_spoa) )127.0.0.1:(12345|9000)/\\1$SPOP/" "$web/haproxy.cfg"
  # Each of them was there.
  for conf in "bind 127.0.0.1:$port" "server app1 127.0.0.1:$APP_PORT" " $SPOP"; do
    grep -q -e "$conf" "$web/haproxy.cfg" || { say "$1 has no line for $conf"; return 1; }
  done
  sed -i -E "s/(timeout +processing +).*/\\1$((500 * patience))ms/" "$web"/{spoe*.conf,coraza*.cfg} 2>/dev/null || true
}

fail_open() {
  replace "$E2E/web/haproxy.cfg" "    http-request deny deny_status 503 unless waf_answered
" ""
}

start_haproxy() {
  [ -d "$E2E/web" ] || prepare_haproxy
  launch "$E2E/haproxy.log" "$haproxy" -db -f "$E2E/web/haproxy.cfg"
  remember "HAPROXY_PID=$launched"
  wait_until "$deadline" listens "$WEB_PORT" || {
    show_logs
    return 1
  }
}

start_stack() { # FOLDER [AGENT-FLAG...]
  begin "$1"
  shift
  start_agent "$@" && start_application && start_haproxy
}

# --- Requests and what came of them ---------------------------------------------------

# Prints the status of one request, 000 when there was no answer. The body is in $E2E/body.
ask() {
  curl -sS -g --path-as-is --max-time "$deadline" -o "$E2E/body" -w '%{http_code}' \
    -H 'Host: shop.example' "$@" 2>"$E2E/curl.log" || true
}

# expect STATUS CURL-ARGUMENT...
expect() {
  local wanted=$1 got
  shift
  got=$(ask "$@")
  [ "$got" = "$wanted" ] && return
  printf 'wanted %s, got %s: curl %s\n' "$wanted" "$got" "$*"
  cat "$E2E/curl.log"
  return 1
}

answers() { [ "$(ask --max-time 5 "$WEB/")" = "$1" ]; } # STATUS, for wait_until

# `not COMMAND` fails the test if the command succeeds; `! COMMAND` would fail it only as its
# last line.
not() { ! "$@"; }

# The application saw a request with `X-Case: NAME`. Its log is in the order of requests.
reached() { grep -q "case=$1 " "$E2E/application.log"; }

# The application did not see it: one more request passes first, so that the log is complete.
never_reached() {
  expect 200 -H "X-Case: after-$1" "$WEB/" &&
    wait_until "$deadline" reached "after-$1" && ! reached "$1"
}

logged() { # waits for a line of HAProxy's log with all these texts, and prints it
  local end=$((SECONDS + deadline)) lines text
  while :; do
    lines=$(cat "$E2E/haproxy.log")
    for text in "$@"; do lines=$(grep -F -e "$text" <<<"$lines" || true); done
    [ -z "$lines" ] || break
    [ "$SECONDS" -lt "$end" ] || { echo "not in HAProxy's log: $*"; return 1; }
    sleep 0.05
  done
  tail -n 1 <<<"$lines"
}

event() { # waits for an event that jq selects, and prints the last such
  local end=$((SECONDS + deadline)) found
  while :; do
    found=$(jq -c "select($1)" "$E2E/events.jsonl" | tail -n 1)
    [ -z "$found" ] || break
    [ "$SECONDS" -lt "$end" ] || { echo "no event with $1"; return 1; }
    sleep 0.05
  done
  printf '%s\n' "$found"
}

# Speaks SPOP without HAProxy. It waits `client_patience` seconds where no answer may come.
client() { "$build/spop-client" --timeout "${client_patience:-$deadline}" --connect "$SPOP" "$@"; }

# form BYTES prints a harmless urlencoded form of that size, a field for every 600 bytes: what a
# long text in a few fields costs the rules. (Thousands of fields cost them far more.)
form() {
  awk -v size="$1" 'BEGIN {
    while (length(form) < size) {
      if (n % 100 == 0) form = form (n ? "&" : "") "field" n / 100 "="
      form = form "word" ++n "+"
    }
    printf "%s", substr(form, 1, size)
  }'
}
