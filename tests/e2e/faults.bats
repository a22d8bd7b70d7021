# What breaks around the agent: disk, files, descriptors, memory, clock, certificates, HAProxy
# itself. What visitors get, what the log and the metrics say, and how it ends.
load lib
load fleet

setup() {
  E2E=$BATS_TEST_TMPDIR/e2e
  begin "$E2E"
  visitors_rules "$root/rules/engine.conf"
}
teardown() {
  logs_if_failed
  [ -z "${visitors-}" ] || touch "$E2E/enough"
  stop_stack
}

start_own() { start_agent --rules "$E2E/own.conf" "$@" && start_application && start_haproxy; }
blocks() { expect 403 "$WEB/?word=blocked&n=${1-0}"; }
passes() { expect 200 "$WEB/?word=fine"; }
in_log() { grep -q "event=$1" "$E2E/agent.log"; }
root_only() { [ "$(id -u)" -eq 0 ] || skip "only root can $1"; }
# start_agent_with FLAG...: no others but these.
start_agent_with() {
  local environment
  mapfile -t environment < <(agent_environment)
  launch "$E2E/agent.log" env "${environment[@]}" "$agent" --admin 127.0.0.1:0 "$@"
  remember "AGENT=$launched"
  wait_until "$deadline" in_log ready
  remember "SPOP=$(address_in_log spop)" "ADMIN=$(address_in_log http)"
}
# `behind COMMAND...` starts agents through a command that ends up as the agent.
behind() {
  mapfile -t place < <(printf '%s\n' "$@")
  printf '#!/bin/sh\nexec %s %s "$@"\n' "$(printf "'%s' " "${place[@]}")" "$agent" >"$E2E/agent"
  chmod +x "$E2E/agent"
  agent=$E2E/agent
}

@test "the disk under the events file is full: verdicts as ever, the loss is counted, and it recovers" {
  root_only "mount a small disk"
  local disk=$E2E/disk
  mkdir "$disk"
  # In a mount namespace of its own: it goes with the agent.
  behind unshare --mount sh -c "mount -t tmpfs -o size=64k tmpfs '$disk' && exec \"\$@\"" sh
  start_agent_with --listen 127.0.0.1:0 --rules "$E2E/own.conf" --events "$disk/events.jsonl"
  start_application
  start_haproxy
  # shellcheck disable=SC2153
  local inside=/proc/$AGENT/root$disk
  blocks 1
  wait_until "$deadline" grep -q 'n=1"' "$inside/events.jsonl"
  dd if=/dev/zero of="$inside/filler" bs=1k count=64 2>/dev/null || true
  lost_one() { blocks "2" && in_log event-not-written; }
  wait_until "$deadline" lost_one
  wait_until "$deadline" lost_events
  passes
  # Room again: the next event is there, whole, and on a line of its own.
  rm "$inside/filler"
  written_again() { blocks later && sleep 0.2 && grep -q '"uri":"/?word=blocked&n=later"' "$inside/events.jsonl"; }
  wait_until "$deadline" written_again
  # The one line that was cut by the end of the room has a line to itself.
  torn() { jq -R 'fromjson? // "torn"' "$inside/events.jsonl" | grep -c '^"torn"$'; }
  [ "$(torn)" -le 1 ]
  jq -e '.uri' <(tail -n 1 "$inside/events.jsonl")
}
lost_events() { [ "$(metric spoa_modsecurity_events_dropped_total)" -gt 0 ]; }

@test "the log file is removed: the agent goes on, and SIGUSR1 makes a new one" {
  # `ready` is read from standard error's file, so that is where it logs until it is told otherwise.
  ln -s "$E2E/agent.log" "$E2E/own.log"
  start_own --log-file "$E2E/own.log"
  rm "$E2E/own.log" "$E2E/agent.log"
  blocks
  passes
  kill -USR1 "$AGENT"
  wait_until "$deadline" test -e "$E2E/own.log"
  echo 'SecRule ARGS "@rx ("' >>"$E2E/own.conf"
  kill -HUP "$AGENT"
  wait_until "$deadline" grep -q event=reload-failed "$E2E/own.log"
  blocks
}

@test "no descriptors are left: connections that are there are served, the log says so, and it recovers" {
  start_own
  passes
  local used before
  used=$(find "/proc/$AGENT/fd" | wc -l)
  before=$(prlimit --pid "$AGENT" --nofile --noheadings --output SOFT)
  prlimit --pid "$AGENT" --nofile="$used:"
  # Two that stay open: one may take the place of another that has ended.
  refused() {
    (exec 3<>"/dev/tcp/${SPOP%:*}/${SPOP#*:}" 4<>"/dev/tcp/${SPOP%:*}/${SPOP#*:}" 5<>"/dev/tcp/${SPOP%:*}/${SPOP#*:}" && sleep 0.5) || true
    in_log accept-failed
  }
  wait_until "$deadline" refused
  prlimit --pid "$AGENT" --nofile="$((before)):"
  wait_until "$deadline" answers 200
  blocks
  SPOP=$SPOP run -0 client --method GET --path /
}

# The loop thread needs memory for every frame; a worker that gets none answers engine-error.
@test "no memory is left: the agent ends with the reason, is started again, and nothing wrong passes" {
  $sanitized && skip "sanitizers reserve more address space than there is memory"
  start_service
  start_application
  start_haproxy
  passes
  local pid kilobytes
  pid=$(service_pid)
  kilobytes=$(awk '/^VmSize/ {print $2}' "/proc/$pid/status")
  prlimit --pid "$pid" --as=$(((kilobytes + 500) * 1024))
  form 60000 >"$E2E/large"
  for n in {1..40}; do
    curl -sS --max-time "$deadline" -o /dev/null -w '%{http_code}\n' --data-binary "@$E2E/large" \
      "$WEB/?word=blocked&n=$n" >>"$E2E/codes" 2>&1 3>&- &
    askers+=("$!")
  done
  wait "${askers[@]}" || true
  # An attack never passes, whatever the agent could or could not do.
  not grep -vE '^(403|503)$' "$E2E/codes"
  if gone "$pid"; then
    grep -q event=out-of-memory "$E2E/service.log"
    wait_until "$deadline" service_is_up 2
  fi
  wait_until "$deadline" answers 200
  blocks
}

# --- Clocks -----------------------------------------------------------------------------

# `clock NOW` sets what the agent takes for the time of day, as libfaketime spells it.
clock() { printf '%s\n' "$1" >"$E2E/clock.new" && mv "$E2E/clock.new" "$E2E/clock"; }
with_faketime() { # [NAME=VALUE...]
  local library
  library=$(find /usr/lib -name libfaketimeMT.so.1 | head -n 1)
  [ -n "$library" ] || skip "libfaketime is not there"
  $sanitized && skip "a sanitizer must be loaded first"
  clock "+0"
  behind env "LD_PRELOAD=$library" "FAKETIME_TIMESTAMP_FILE=$E2E/clock" FAKETIME_NO_CACHE=1 "$@"
}
# Traffic while the clock jumps by a day and by an hour, both ways: every answer is right, in time,
# and its transaction is found for the response.
jumps() {
  start_own
  for n in {1..4}; do passes; done
  local before
  before=$(unmatched)
  begin_visitors --connections 4 --rate 40
  for jump in +1d -1d +1h +0; do
    clock "$jump"
    sleep 0.3
  done
  clock -1d
  blocks yesterday
  end_visitors
  not grep -qE ' reason=(timeout|overload)' "$E2E/haproxy.log"
  [ "$(unmatched)" -eq "$before" ]
  [ "$(metric spoa_modsecurity_events_dropped_total)" -eq 0 ]
}
unmatched() { metric 'spoa_modsecurity_responses_unmatched_total{app="default"}'; }
day_of() { jq -r '.time[:10]' <<<"$(event ".uri | endswith(\"n=$1\")")"; }

@test "the time of day jumps: deadlines and what waits for responses do not, events have the new time" {
  with_faketime FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
  jumps
  [[ $(day_of yesterday) == "$(date -u -d '-1 day' +%F)" ]]
}

# --- Rules, certificates ------------------------------------------------------------------

@test "a rules file vanishes: a reload is refused, and the rules before stay" {
  start_own
  mv "$E2E/own.conf" "$E2E/away.conf"
  kill -HUP "$AGENT"
  wait_until "$deadline" in_log reload-failed
  grep event=reload-problem "$E2E/agent.log" | grep -q own.conf
  [ "$(metric 'spoa_modsecurity_reloads_total{result="failure"}')" -eq 1 ]
  [ "$(metric spoa_modsecurity_ruleset_generation)" -eq 1 ]
  blocks
  passes
  mv "$E2E/away.conf" "$E2E/own.conf"
  kill -HUP "$AGENT"
  wait_until "$deadline" in_log reloaded
  blocks
}

certificate() { # DAYS: from which on it is valid, for 60 days
  faketime -f "$1" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj /CN=agent.internal \
    -addext subjectAltName=DNS:agent.internal -keyout "$E2E/new.key" -out "$E2E/new.crt" 2>"$E2E/openssl.log"
  cat "$E2E/new.crt" "$E2E/new.key" >"$E2E/agent.pem"
  cat "$E2E/new.crt" >>"$E2E/trusted.pem"
}

# It was good when the agent started, two months ago by its own clock.
@test "a certificate expires: HAProxy asks no more and says why, a reload names it, a new one mends it" {
  command -v faketime >/dev/null || skip "faketime is not there"
  certificate -70d
  with_faketime FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
  clock -30d
  printf '%s\n' 'listen:' "  - {address: '127.0.0.1:0', tls: {certificate: $E2E/agent.pem}}" \
    "applications: {default: {rules: [$E2E/own.conf]}}" >"$E2E/settings.yaml"
  start_agent_with --config "$E2E/settings.yaml" --events none
  start_application
  SPOP="$SPOP ssl verify required ca-file $E2E/trusted.pem verifyhost agent.internal" start_haproxy
  expect 503 "$WEB/"
  # HAProxy says no more than this; what it is about, a look at the file says.
  logged 'Server spoa-modsecurity/agent1 is DOWN' 'SSL handshake failure'
  grep event=protocol-error "$E2E/agent.log" | grep -q error=tls-handshake
  clock +0
  kill -HUP "$AGENT"
  wait_until "$deadline" in_log reload-failed
  grep event=reload-problem "$E2E/agent.log" | grep -q 'certificate has expired'
  run -78 "$build/spoa-modsecurity" check --config "$E2E/settings.yaml"
  [[ $output == *"$E2E/agent.pem"*"certificate has expired"* ]]
  certificate +0
  kill -HUP "$AGENT"
  wait_until "$deadline" in_log reloaded
  kill "$HAPROXY_PID"
  start_haproxy
  wait_until "$deadline" answers 200
  blocks
}

# --- HAProxy ------------------------------------------------------------------------------

@test "HAProxy is reloaded in a loop under load: no visitor notices" {
  start_agent --rules "$E2E/own.conf"
  start_application
  prepare_haproxy
  replace "$E2E/web/haproxy.cfg" "    tune.bufsize 65536" "    stats socket $E2E/haproxy.sock expose-fd listeners
    tune.bufsize 65536"
  launch "$E2E/haproxy.log" "$haproxy" -W -f "$E2E/web/haproxy.cfg"
  remember "HAPROXY_PID=$launched"
  wait_until "$deadline" listens "$WEB_PORT"
  begin_visitors --connections 8 --rate 100
  for n in {1..6}; do
    kill -USR2 "$HAPROXY_PID"
    sleep 0.5
  done
  end_visitors
}
