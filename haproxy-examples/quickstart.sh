#!/usr/bin/env bash
# See spoa-modsecurity work: builds it, puts it behind a real HAProxy on free loopback ports,
# and sends one clean and one hostile request.
# shellcheck disable=SC2317  # functions called by trap and by wait_until
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: haproxy-examples/quickstart.sh [--once]

Builds spoa-modsecurity, starts it with the OWASP Core Rule Set, a real HAProxy and a tiny
application on free loopback ports, and sends one clean and one hostile request with curl.
Missing Debian packages are installed first (as root, or through sudo).

  --once   stop after the demonstration; exit 0 only if the clean request got 200 and the
           hostile one 403
  --help   this text

HAPROXY=/path/to/haproxy chooses another HAProxy.
USAGE
}

once=false
case "${1-}" in
  "") ;;
  --once) once=true ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 64 ;;
esac
[ $# -le 1 ] || { usage >&2; exit 64; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=haproxy-examples/lib.sh
. "$root/haproxy-examples/lib.sh"
PATH=$PATH:/usr/sbin # where Debian puts haproxy, and where an ordinary user does not look
haproxy=${HAPROXY:-haproxy}

# --- What is needed: packages, and the program ----------------------------------------

install_packages run build
say "building build/release/spoa-modsecurity (a few minutes the first time)"
(cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release) >&2

# --- Nothing stays behind: processes and files go when this script ends ---------------

work=$(mktemp -d "${TMPDIR:-/tmp}/spoa-modsecurity.XXXXXX")
pids=()
cleanup() {
  trap - EXIT INT TERM HUP
  [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

fail() {
  say "$1"
  for log in "$work"/*.log; do say "--- ${log##*/}" && tail -n 20 "$log" >&2; done
  exit 1
}

# --- The agent: port 0 is any free port; its log says which ---------------------------

"$root/build/release/spoa-modsecurity" \
  --rules "$root/rules/main.conf" \
  --listen 127.0.0.1:0 --admin 127.0.0.1:0 \
  --events "$work/events.jsonl" 2>"$work/agent.log" &
agent=$!
pids+=("$agent")
wait_until 60 grep -q 'event=ready' "$work/agent.log" || fail "the agent did not start"
address_of() {
  sed -n "s/.*event=listening address=\([^ ]*\) protocol=$1.*/\1/p" "$work/agent.log"
}
spop=$(address_of spop)
admin=$(address_of http)

# --- A tiny application, and HAProxy with the example files in front of it ------------

start_haproxy() { # NAME
  "$haproxy" -db -f "$work/$1/haproxy.cfg" >"$work/$1.log" 2>&1 &
  pids+=("$!")
}
app_port=$(free_port)
web_port=$(free_port)
while [ "$web_port" = "$app_port" ]; do web_port=$(free_port); done

mkdir "$work/application"
cat >"$work/application/haproxy.cfg" <<APPLICATION
defaults
    mode http
    timeout client 30s
frontend application
    bind 127.0.0.1:$app_port
    http-request return status 200 content-type text/plain string "ok"
APPLICATION
copy_example "$haproxy" "$work/web" "$web_port" "$app_port" "$spop"
start_haproxy application
start_haproxy web
site=http://localhost:$web_port
answers() { curl -fsS --max-time 5 "$site/"; }
wait_until 20 answers || fail "HAProxy did not answer"

# --- One clean and one hostile request ------------------------------------------------

ask() { # URL; prints the request and its answer, sets `status`
  printf '\n$ curl "%s"\n' "$1"
  status=$(curl -sS --max-time 10 -o "$work/body" -w '%{http_code}' "$1") || status=000
  printf 'HTTP status %s\n%s\n' "$status" "$(<"$work/body")"
}
ask "$site/products?id=1"
clean=$status
ask "$site/products?id=1'+UNION+SELECT+name,password+FROM+users--"
hostile=$status

printf '\nThe event of the blocked request:\n'
wait_until 5 grep -q '"action":"deny"' "$work/events.jsonl" || fail "the agent wrote no event"
pretty=(cat)
if command -v jq >/dev/null; then pretty=(jq .); fi
grep '"action":"deny"' "$work/events.jsonl" | tail -n 1 | "${pretty[@]}"

[ "$clean" = 200 ] || fail "the clean request got $clean, not 200"
[ "$hostile" = 403 ] || fail "the hostile request got $hostile, not 403"
if $once; then exit 0; fi

# --- Stay, for more -------------------------------------------------------------------

cat <<NEXT

Up until Ctrl-C. Try next, in another terminal:

  curl "$site/?q=<script>alert(1)</script>"       # cross-site scripting, in the query
  curl -d "file=../../../../etc/passwd" $site/    # path traversal, in a form
  curl -H "User-Agent: sqlmap" $site/             # a scanner
  tail -f $work/web.log                           # HAProxy's log, with the verdicts
  tail -f $work/events.jsonl                      # the agent's events
  curl -s http://$admin/metrics                   # its figures, for Prometheus

HAProxy's files are in $work/web, copied from
$(examples_for "$haproxy"). To put this in front of a real site: README.md.
NEXT
wait "$agent" || true
fail "the agent stopped"
