# Several agents behind one HAProxy, with haproxy-examples/several-agents, and visitors who watch
# every answer. Load it after lib.bash. Agents have the numbers 1 and 2.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154  # set by lib.bash and by `remember`

# One small rule for the visitors' attack: an agent that starts fast, and verdicts beyond doubt.
visitors_rules() { # BASE: the rules file that comes first
  printf '%s\n' "Include $1" \
    "SecRule ARGS:word \"@streq blocked\" \"id:1001,phase:2,deny,status:403,log,msg:'a blocked word'\"" >"$E2E/own.conf"
}

# What comes before the command of agent 1 and 2: another namespace, or nothing.
place_1=() place_2=()

# fleet_agent N [FLAG...] starts agent N. Started again it has the address it had.
fleet_agent() {
  local n=$1 spop=SPOP_$1 admin=ADMIN_$1 environment flags
  local -n place=place_$1
  shift
  mapfile -t environment < <(agent_environment)
  [ -n "${!spop-}" ] || remember "$spop=127.0.0.1:$(free_port)" "$admin=127.0.0.1:$(free_port)"
  : >"$E2E/agent-$n.log"
  flags=(--listen "${!spop}" --admin "${!admin}" --events none --rules "$E2E/own.conf")
  case " $* " in
    *" --processing-timeout "*) ;;
    *) flags+=(--processing-timeout "$((400 * patience))ms") ;;
  esac
  launch "$E2E/agent-$n.log" "${place[@]}" env "${environment[@]}" "$agent" "${flags[@]}" "$@"
  remember "AGENT_$n=$launched"
  wait_until "$deadline" grep -q 'event=ready' "$E2E/agent-$n.log" || { show_logs; return 1; }
}

# For wait_until: since `since_now` agent N has answered a visitor's first question.
since_now() { seen=$(wc -l <"$E2E/haproxy.log"); }
new_lines() { tail -n "+$((seen + 1))" "$E2E/haproxy.log"; }
serves() { grep -q "\"GET /?n=.* pool=$(($1 - 1)) again=-" < <(new_lines); }

fleet_pid() { local pid=AGENT_$1; printf '%s\n' "${!pid}"; }

# start_fleet FOLDER [FLAG...]: two agents, the application, and HAProxy with the example.
start_fleet() {
  begin "$1"
  shift
  visitors_rules "$root/rules/engine.conf"
  fleet_agent 1 "$@" && fleet_agent 2 "$@" && start_application || return
  SPOP=$SPOP_1
  prepare_example several-agents
  sed -i "s/^\( *server agent2 \)127\.0\.0\.1:12346 /\1$SPOP_2 /" "$E2E/web/haproxy.cfg"
  [ "$(grep -c " $SPOP_2 " "$E2E/web/haproxy.cfg")" -eq 1 ] || { say "no line for the second agent"; return 1; }
  start_haproxy
}

# --- One agent, its socket held as systemd holds it -------------------------------------

start_service() {
  remember "SPOP=127.0.0.1:$(free_port)" "ADMIN=127.0.0.1:$(free_port)"
  launch "$E2E/service.log" python3 "$root/tests/e2e/service.py" --listen "$SPOP" \
    "$agent" --listen systemd --admin "$ADMIN" --events none --rules "$E2E/own.conf" \
    --processing-timeout "$((400 * patience))ms"
  remember "SERVICE=$launched"
  wait_until "$deadline" service_is_up 1
}
starts() { grep -c '^started' "$E2E/service.log"; }
service_pid() { sed -n 's/^started //p' "$E2E/service.log" | tail -n 1; }
service_is_up() { [ "$(grep -c 'event=ready' "$E2E/service.log")" -eq "$1" ]; }
# Both return when the new program inspects requests.
restart_service() {
  local next=$(($(starts) + 1))
  kill -USR2 "$SERVICE"
  wait_until "$deadline" service_is_up "$next"
}
crash_service() {
  local next=$(($(starts) + 1))
  kill -KILL "$(service_pid)"
  wait_until "$deadline" service_is_up "$next"
}

# --- Visitors ---------------------------------------------------------------------------

# They come until end_visitors, which fails if one of them got a wrong answer, or none. A wrong
# one is on the screen with the time it took.
begin_visitors() { # [OPTION...] of visitors.py
  rm -f "$E2E/enough"
  python3 "$root/tests/e2e/visitors.py" --until "$E2E/enough" "$@" "$WEB/" >"$E2E/visitors" 2>"$E2E/visitors.log" 3>&- &
  visitors=$!
}
end_visitors() {
  local rc=0
  touch "$E2E/enough"
  wait "$visitors" || rc=$?
  head -n 20 "$E2E/visitors.log"
  cat "$E2E/visitors"
  return "$rc"
}
