#!/usr/bin/env bash
# Reloads under load: HTTP through HAProxy's example files with the Core Rule Set, clean and hostile
# requests whose verdicts are checked, and a reload every moment.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: tests/reliability/reloads.sh [--reloads N] [--seconds N] [--connections N] [--preload LIBRARY]

Prints what was asked and answered, and the agent's memory. Fails unless every request was
answered, each with the right verdict, every reload succeeded, and memory stayed level: no more
than a tenth more in the last fifth than in the second one.
Defaults: 200 reloads in 60 seconds, 4 connections. --preload puts a library in front of the
agent's, such as one whose malloc_trim does nothing.

environment: SPOA_BUILD=build/release the build to test; HAPROXY=haproxy.
USAGE
}

reloads=200 seconds=60 connections=4 preload=
while [ $# -gt 0 ]; do
  case $1 in
    --reloads) reloads=$2 ;;
    --seconds) seconds=$2 ;;
    --connections) connections=$2 ;;
    --preload) preload=$2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
  shift 2
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=haproxy-examples/lib.sh
. "$root/haproxy-examples/lib.sh"
PATH=$PATH:/usr/sbin
haproxy=${HAPROXY:-haproxy}
build=${SPOA_BUILD:-build/release}
case $build in /*) ;; *) build=$root/$build ;; esac
[ -x "$build/spoa-modsecurity" ] || die "no $build/spoa-modsecurity: cmake --preset release && cmake --build --preset release"

folder=$(mktemp -d)
pids=()
clean_up() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait "${pids[@]}" 2>/dev/null || true
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

start() { # LOG COMMAND...
  "${@:2}" >"$folder/$1.log" 2>&1 &
  pids+=($!)
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

spop=$(free_port) admin=$(free_port) web=$(free_port) app=$(free_port)
cat >"$folder/settings.yaml" <<YAML
listen: 127.0.0.1:$spop
admin: 127.0.0.1:$admin
events: $folder/events.jsonl
log-level: debug
applications: {shop: {rules: $root/rules/main.conf}}
YAML
start agent env ${preload:+LD_PRELOAD="$preload"} "$build/spoa-modsecurity" --config "$folder/settings.yaml"
agent=${pids[-1]}
wait_until 30 grep -q event=ready "$folder/agent.log" || { cat "$folder/agent.log" >&2; die "the agent did not start"; }

cat >"$folder/application.cfg" <<CFG
defaults
    mode http
    timeout client 60s
frontend application
    bind 127.0.0.1:$app
    http-request return status 200 content-type text/html string "<html>ok</html>"
CFG
start application "$haproxy" -db -f "$folder/application.cfg"
copy_example "$haproxy" "$folder/web" "$web" "$app" "127.0.0.1:$spop"
start haproxy "$haproxy" -db -f "$folder/web/haproxy.cfg"
{ wait_until 30 listens "$app" && wait_until 30 listens "$web"; } || die "HAProxy did not start"
agent_is_up() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$web/")" = 200 ]; }
wait_until 30 agent_is_up || die "no request passes"

python3 "$root/tests/reliability/reloads.py" --web "$web" --admin "$admin" --agent "$agent" --log "$folder/agent.log" \
  --reloads "$reloads" --seconds "$seconds" --connections "$connections" || {
  grep ' 503 ' "$folder/haproxy.log" | tail -n 10
  grep -E 'level=(warn|error)' "$folder/agent.log" | tail -n 20
  exit 1
}
