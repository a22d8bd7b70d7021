#!/usr/bin/env bash
# Two agents behind a real HAProxy for as long as one likes, while everything around them is
# reloaded, and one of them is killed now and then.
# shellcheck disable=SC2317  # functions called by trap and by wait_until
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: tests/soak/soak.sh [FLAG...]

Sends mixed HTTP traffic, whose right answers are known, through HAProxy
(haproxy-examples/several-agents, in master-worker mode) to two agents, and meanwhile reloads the agents (SIGHUP and POST
/reload in turn, with rules that change), reloads HAProxy, and kills the second agent with -9.
In the end it reports what was lost, which verdicts were wrong, and whether memory, descriptors
or threads of the first agent, which lives through all of it, have grown.

  --duration SECONDS       600
  --clients N              8, each with one request at a time
  --pause MS               100 on average, between the requests of a client
  --reload-every SECONDS   3, for each agent
  --haproxy-every SECONDS  20; 0: never
  --kill-every SECONDS     60; 0: never
  --kill-grace SECONDS     5: what is lost up to so long after a kill was taken by the kill. The example
                           should lose nothing even then; the number is in the report
  --patience N             5: times as long as in the examples may verdicts take; 1 on an idle machine
  --folder FOLDER          where logs and measurements go, and stay; a temporary one by default

environment: HAPROXY=/path/to/haproxy; SPOA_BUILD=build/dev, which must be built.
Exit status: 0 only if no answer was lost beyond those that a kill took, no verdict was wrong, and
nothing has grown.
USAGE
}

duration=600 clients=8 pause=100 reload_every=3 haproxy_every=20 kill_every=60 kill_grace=5 patience=5 folder=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --duration | --clients | --pause | --reload-every | --haproxy-every | --kill-every | --kill-grace | --patience)
      [[ ${2-} =~ ^[0-9]+$ ]] || { usage >&2; exit 64; }
      name=${1#--}
      declare "${name//-/_}=$2"
      ;;
    --folder) folder=${2:?} ;;
    *) usage >&2; exit 64 ;;
  esac
  shift 2
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=haproxy-examples/lib.sh
. "$root/haproxy-examples/lib.sh"
PATH=$PATH:/usr/sbin
haproxy=${HAPROXY:-haproxy}
agent=${SPOA_BUILD:-$root/build/dev}/spoa-modsecurity
[ -x "$agent" ] || die "$agent is not there: cmake --preset dev && cmake --build --preset dev"
keep=true
[ -n "$folder" ] || { folder=$(mktemp -d) && keep=false; }
mkdir -p "$folder"
: >"$folder/traffic"
: >"$folder/actions"
: >"$folder/samples"

# --- Processes --------------------------------------------------------------------------

pids=() # of everything that was started; a killed agent's stays, its number is not used again so soon
launch() { # LOG COMMAND...: sets `launched`
  "${@:2}" >>"$folder/$1.log" 2>&1 &
  launched=$!
  pids+=("$launched")
}
runs() { kill -0 "$1" 2>/dev/null; }
clean_up() {
  local pid
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    wait_until 10 not_running "$pid" || kill -KILL "$pid" 2>/dev/null || true
  done
  if $keep; then say "kept: $folder"; else rm -rf "$folder"; fi
}
not_running() { ! runs "$1"; }
trap clean_up EXIT
trap 'exit 130' INT TERM

now() { date +%s.%N; }
note() { printf '%s %s\n' "$(now)" "$*" >>"$folder/actions"; }
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# --- The stack --------------------------------------------------------------------------

# Rules that are others each time: a reload that changes nothing could pass by doing nothing.
write_rules() { # NUMBER
  cat >"$folder/rules.conf.new" <<RULES
Include $root/rules/main.conf
SecAction "id:900$1,phase:1,pass,nolog,setvar:tx.soak=$1"
RULES
  mv "$folder/rules.conf.new" "$folder/rules.conf"
}

ports=() admins=() agents=()
start_agent() { # INDEX
  launch "agent$1" "$agent" --listen "127.0.0.1:${ports[$1]}" --admin "127.0.0.1:${admins[$1]}" \
    --rules "$folder/rules.conf" --events "$folder/events$1.jsonl" --processing-timeout "$((400 * patience))ms"
  agents[$1]=$launched
}
ready() { curl -fsS -o "$folder/body" --max-time 5 "http://127.0.0.1:${admins[$1]}/readyz" 2>/dev/null; }

start_application() {
  application=$(free_port)
  cat >"$folder/application.cfg" <<APPLICATION
defaults
    mode http
    timeout client 60s
frontend application
    bind 127.0.0.1:$application
    http-request return status 200 content-type text/plain string ok
APPLICATION
  launch application "$haproxy" -db -f "$folder/application.cfg"
  wait_until 30 listens "$application" || die "the application did not start"
}

# The example with two pools, whatever HAProxy: its own files, but for addresses and times.
start_haproxy() {
  local cfg=$folder/web/haproxy.cfg conf
  web=$(free_port)
  cp -r "$root/haproxy-examples/several-agents" "$folder/web"
  sed -i "s#/etc/haproxy/#$folder/web/#" "$cfg"
  replace "$cfg" "    bind :8080" "    bind 127.0.0.1:$web"
  replace "$cfg" "    server app1 127.0.0.1:8000" "    server app1 127.0.0.1:$application"
  replace "$cfg" "    server agent1 127.0.0.1:12345" "    server agent1 127.0.0.1:${ports[1]}"
  replace "$cfg" "    server agent2 127.0.0.1:12346" "    server agent2 127.0.0.1:${ports[2]}"
  conf=$folder/web/spoe-modsecurity.conf
  sed -i "s/timeout processing 500ms/timeout processing $((500 * patience))ms/" "$conf"
  [ "$(grep -c "timeout processing $((500 * patience))ms" "$conf")" -eq 2 ] || die "the example has other times"
  launch haproxy "$haproxy" -W -f "$cfg"
  master=$launched
  wait_until 30 listens "$web" || die "HAProxy did not start: $(tail -n 5 "$folder/haproxy.log")"
}

# --- What happens to it -----------------------------------------------------------------

reload_agent() { # INDEX
  local generation
  runs "${agents[$1]}" && ready "$1" || return 0
  generation=$(generation_of "$1")
  if ((RANDOM % 2)); then
    kill -HUP "${agents[$1]}"
  elif ! curl -fsS -o "$folder/body" --max-time 60 -X POST "http://127.0.0.1:${admins[$1]}/reload" 2>>"$folder/curl.log"; then
    note "reload-failed agent$1 POST"
    return 0
  fi
  if wait_until 60 generation_above "$1" "$generation"; then note "reload-ok agent$1"; else note "reload-failed agent$1"; fi
}
generation_of() {
  curl -fsS --max-time 5 "http://127.0.0.1:${admins[$1]}/metrics" | awk '$1 == "spoa_modsecurity_ruleset_generation" {print $2}'
}
generation_above() { [ "$(generation_of "$1")" -gt "$2" ]; }

kill_agent() { # INDEX: and starts it again
  note "kill agent$1"
  kill -KILL "${agents[$1]}"
  wait "${agents[$1]}" 2>/dev/null || true
  sleep 2
  start_agent "$1"
  wait_until 60 ready "$1" || note "died agent$1 did not come back"
}

sample() {
  local pid=${agents[1]} rss threads
  rss=$(awk '/^VmRSS:/ {print $2}' "/proc/$pid/status" 2>/dev/null) || return 0
  threads=$(awk '/^Threads:/ {print $2}' "/proc/$pid/status")
  printf '%s %s %s %s\n' "$(now)" "$rss" "$(find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l)" "$threads" >>"$folder/samples"
}

watch_over() {
  local name
  for name in 1 2; do runs "${agents[$name]}" || { note "died agent$name"; start_agent "$name"; }; done
  runs "$master" || { note "died haproxy"; return 1; }
}

# due NAME SECONDS: SECONDS have gone by since it last said so.
declare -A last=()
due() {
  [ "$2" -gt 0 ] && [ $((SECONDS - ${last[$1]:-0})) -ge "$2" ] || return 1
  last[$1]=$SECONDS
}

# --- The soak ---------------------------------------------------------------------------

write_rules 0
for index in 1 2; do
  ports[index]=$(free_port)
  admins[index]=$(free_port)
  start_agent "$index"
done
for index in 1 2; do wait_until 60 ready "$index" || die "agent $index did not start: $(tail -n 5 "$folder/agent$index.log")"; done
start_application
start_haproxy
answers() { [ "$(curl -s -o "$folder/body" -w '%{http_code}' --max-time 5 -H 'Host: shop.example' -H 'User-Agent: soak' -H 'Accept: */*' "http://127.0.0.1:$web/")" = 200 ]; }
wait_until 30 answers || die "no answer comes through HAProxy"
say "HAProxy $(version_of "$haproxy"), two agents, $duration s from now"

python3 "$root/tests/soak/traffic.py" "$web" "$duration" "$clients" "$pause" "$folder/traffic" 2>>"$folder/traffic.log" &
traffic=$!
pids+=("$traffic")
SECONDS=0
last=([reload1]=0 [reload2]=1 [haproxy]=0 [kill]=0 [sample]=0)
number=0
while runs "$traffic" && [ "$SECONDS" -lt $((duration + 120)) ]; do
  watch_over || break
  if due sample $((duration >= 200 ? 5 : 1)); then sample; fi
  for index in 1 2; do
    if due "reload$index" "$reload_every"; then
      write_rules $((number = (number + 1) % 100))
      reload_agent "$index"
    fi
  done
  if due haproxy "$haproxy_every"; then
    note haproxy-reload
    kill -USR2 "$master"
  fi
  # Not at the very end: what comes of it would not be seen.
  if [ $((duration - SECONDS)) -gt $((2 * kill_grace)) ] && due kill "$kill_every"; then kill_agent 2; fi
  sleep 0.2
done
wait "$traffic" || say "the traffic ended with an error: $(tail -n 3 "$folder/traffic.log")"
python3 "$root/tests/soak/report.py" "$folder" "$kill_grace"
