# Several agents behind one HAProxy, with haproxy-examples/several-agents, and visitors who watch
# every answer. Load it after lib.bash. Agents have the numbers 1 and 2.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # set by lib.bash and by `remember`

# One small rule for the visitors' attack: an agent that starts fast, and verdicts beyond doubt.
visitors_rules() {
  printf '%s\n' "Include $root/rules/engine.conf" \
    "SecRule ARGS:word \"@streq blocked\" \"id:1001,phase:2,deny,status:403,log,msg:'a blocked word'\"" >"$E2E/own.conf"
}

# fleet_agent N [FLAG...] starts agent N. Started again it has the address it had.
fleet_agent() {
  local n=$1 spop=SPOP_$1 admin=ADMIN_$1 environment flags
  shift
  mapfile -t environment < <(agent_environment)
  [ -n "${!spop-}" ] || remember "$spop=127.0.0.1:$(free_port)" "$admin=127.0.0.1:$(free_port)"
  : >"$E2E/agent-$n.log"
  flags=(--listen "${!spop}" --admin "${!admin}" --events none --rules "$E2E/own.conf")
  case " $* " in
    *" --processing-timeout "*) ;;
    *) flags+=(--processing-timeout "$((400 * patience))ms") ;;
  esac
  launch "$E2E/agent-$n.log" env "${environment[@]}" "$agent" "${flags[@]}" "$@"
  remember "AGENT_$n=$launched"
  wait_until "$deadline" grep -q 'event=ready' "$E2E/agent-$n.log" || { show_logs; return 1; }
}

# For wait_until: since `since_now` agent N has answered a visitor's first question.
since_now() { seen=$(wc -l <"$E2E/haproxy.log"); }
serves() { tail -n "+$((seen + 1))" "$E2E/haproxy.log" | grep -q "\"GET /?n=.* pool=$(($1 - 1)) again=-"; }

fleet_pid() { local pid=AGENT_$1; printf '%s\n' "${!pid}"; }

# start_fleet FOLDER [FLAG...]: two agents, the application, and HAProxy with the example.
start_fleet() {
  begin "$1"
  shift
  visitors_rules
  fleet_agent 1 "$@" && fleet_agent 2 "$@" && start_application || return
  SPOP=$SPOP_1
  prepare_example several-agents
  sed -i "s/^\( *server agent2 \)127\.0\.0\.1:12346 /\1$SPOP_2 /" "$E2E/web/haproxy.cfg"
  [ "$(grep -c " $SPOP_2 " "$E2E/web/haproxy.cfg")" -eq 1 ] || { say "no line for the second agent"; return 1; }
  start_haproxy
}

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
