# Starting, stopping, dying, hanging, reloading: what the site's visitors get meanwhile.
load lib

setup() {
  # One small rule takes no time even with a sanitizer, and some tests wait for these times.
  $sanitized && patience=5
  E2E=$BATS_TEST_TMPDIR/e2e
  mkdir -p "$E2E"
  cat >"$E2E/own.conf" <<RULES
Include $root/rules/engine.conf
SecRule ARGS:word "@streq blocked" "id:1001,phase:1,deny,status:403,log,msg:'a blocked word'"
RULES
}
teardown() {
  logs_if_failed
  stop_stack
}
start_own() { start_stack "$E2E" --rules "$E2E/own.conf"; }

# Sends clean and hostile requests in turn until $E2E/enough exists.
traffic() {
  until [ -e "$E2E/enough" ]; do
    curl -sS --max-time "$deadline" -o /dev/null -w 'clean %{http_code}\n' "$WEB/?word=fine"
    curl -sS --max-time "$deadline" -o /dev/null -w 'hostile %{http_code}\n' "$WEB/?word=blocked"
  done >>"$E2E/traffic" 2>&1
}
begin_traffic() {
  rm -f "$E2E/enough"
  traffic 3>&- &
  writer=$!
}
end_traffic() {
  touch "$E2E/enough"
  wait "$writer"
}
# Fail-closed: no attack passed, no clean request was taken for one, nobody went unanswered.
only_expected_answers() {
  not grep -vE '^(clean (200|503)|hostile (403|503))$' "$E2E/traffic"
}

@test "the agent is stopped and started under traffic: nothing slips through, and it resumes" {
  start_own
  begin_traffic
  wait_until "$deadline" grep -q 'clean 200' "$E2E/traffic"
  stop_agent
  wait_until "$deadline" grep -q 'clean 503' "$E2E/traffic"
  start_agent --rules "$E2E/own.conf"
  wait_until "$deadline" answers 200
  end_traffic
  only_expected_answers
  expect 403 "$WEB/?word=blocked"
}

@test "the agent is killed with -9 and started again: HAProxy resumes by itself" {
  start_own
  begin_traffic
  wait_until "$deadline" grep -q 'clean 200' "$E2E/traffic"
  kill -KILL "$AGENT"
  wait_until "$deadline" grep -q 'clean 503' "$E2E/traffic"
  start_agent --rules "$E2E/own.conf"
  wait_until "$deadline" answers 200
  end_traffic
  only_expected_answers
}

@test "an agent that hangs: 503 after HAProxy's time, and service again once it goes on" {
  patience=1
  start_own
  expect 200 "$WEB/"
  kill -STOP "$AGENT"
  expect 503 "$WEB/hanging"
  logged 'GET /hanging' 'action=- ' 'err=1'
  kill -CONT "$AGENT"
  wait_until "$deadline" answers 200
  expect 403 "$WEB/?word=blocked"
}

# Without a pause before the repeated question HAProxy 2.6.12 kept this request, and a processor
# busy, until an agent was back.
@test "a request under way when the agent is killed is answered, not kept" {
  patience=1
  start_own
  kill -STOP "$AGENT"
  curl -sS --max-time 20 -o /dev/null -w '%{http_code}' "$WEB/under-way" >"$E2E/code" 3>&- &
  asker=$!
  sleep 0.05
  kill -KILL "$AGENT"
  wait "$asker"
  [ "$(<"$E2E/code")" = 503 ]
}

@test "without the fail-closed line: a hanging and a dead agent let requests pass" {
  patience=1
  begin "$E2E"
  start_agent --rules "$E2E/own.conf"
  start_application
  prepare_haproxy
  fail_open
  start_haproxy
  expect 403 "$WEB/?word=blocked"
  kill -STOP "$AGENT"
  expect 200 "$WEB/?word=blocked"
  kill -KILL "$AGENT"
  expect 200 "$WEB/?word=blocked"
  start_agent --rules "$E2E/own.conf"
  wait_until "$deadline" blocks
}
blocks() { [ "$(ask "$WEB/?word=blocked")" = 403 ]; }

@test "SIGTERM: everything under way is answered, and the exit is clean" {
  $sanitized && patience=30
  start_stack "$E2E"
  form 60000 >"$E2E/large"
  client --repeat 30 --pipeline 30 --max-frame-size 65532 --method POST --path / --http-version 1.1 \
    --header 'host: shop.example' --header 'content-type: application/x-www-form-urlencoded' \
    --body "@$E2E/large" --src 127.0.0.1 >"$E2E/answers" 2>"$E2E/client.log" 3>&- &
  asker=$!
  wait_until "$deadline" grep -q action= "$E2E/answers"
  kill -TERM "$AGENT"
  wait "$asker"
  [ "$(grep -c action= "$E2E/answers")" -eq 30 ]
  wait_until "$deadline" gone "$AGENT"
  grep -q 'event=draining' "$E2E/agent.log"
  grep -q 'event=drained' "$E2E/agent.log"
}

@test "SIGINT ends the agent as SIGTERM does" {
  start_own
  kill -INT "$AGENT"
  wait_until "$deadline" gone "$AGENT"
  grep -q 'event=drained' "$E2E/agent.log"
}

@test "SIGHUP: a new rule is in force, under traffic, and the generation counts up" {
  start_own
  begin_traffic
  expect 200 "$WEB/?word=new"
  echo 'SecRule ARGS:word "@streq new" "id:1002,phase:1,deny,status:403,log,msg:'"'a new word'"'"' >>"$E2E/own.conf"
  kill -HUP "$AGENT"
  wait_until "$deadline" grep -q 'event=reloaded' "$E2E/agent.log"
  expect 403 "$WEB/?word=new"
  logged 'GET /?word=new' 'action=deny' 'ruleset=2'
  end_traffic
  not grep -vE '^(clean 200|hostile 403)$' "$E2E/traffic"
  [ "$(metric spoa_modsecurity_ruleset_generation)" -eq 2 ]
}

@test "SIGHUP with a broken rule: the rules before stay in force, and the log says why" {
  start_own
  echo 'SecRule ARGS:word "@rx (" "id:1002,phase:1,deny"' >>"$E2E/own.conf"
  kill -HUP "$AGENT"
  wait_until "$deadline" grep -q 'event=reload-failed' "$E2E/agent.log"
  grep 'event=reload-problem' "$E2E/agent.log" | grep -q 'own.conf'
  expect 403 "$WEB/?word=blocked"
  expect 200 "$WEB/"
  [ "$(metric spoa_modsecurity_ruleset_generation)" -eq 1 ]
}

@test "twenty reloads under traffic: every request is answered right" {
  start_own
  begin_traffic
  for n in {1..20}; do
    kill -HUP "$AGENT"
    sleep 0.1
  done
  wait_until "$deadline" grep -q 'event=reloaded' "$E2E/agent.log"
  end_traffic
  not grep -vE '^(clean 200|hostile 403)$' "$E2E/traffic"
}

# reload [CURL-ARGUMENT...] asks for one; prints the status, and puts the answer into $E2E/answer.
reload() { curl -sS --max-time "$deadline" -o "$E2E/answer" -w '%{http_code}' -X POST "$@" "http://$ADMIN/reload"; }
rule() { # ID WORD
  printf 'SecRule ARGS:word "@streq %s" "id:%s,phase:1,deny,status:403,log"\n' "$2" "$1" >>"$E2E/own.conf"
}

@test "POST /reload answers with what is in force, or with every mistake" {
  start_own
  rule 1002 new
  [ "$(reload)" = 200 ]
  jq -e '.result == "reloaded" and .ruleset == 2 and .applications == ["default"] and .needs_restart == []' "$E2E/answer"
  expect 403 "$WEB/?word=new"
  local rules
  rules=$(jq .rules "$E2E/answer")

  rule 1002 again
  echo 'SecRule ARGS:word "@rx (" "id:1003,phase:1,deny"' >>"$E2E/own.conf"
  [ "$(reload)" = 422 ]
  # Both, with their places and what to do.
  jq -e --arg place "$E2E/own.conf:" '.result == "refused" and .ruleset == 2 and (.errors | length) == 2 and
    all(.errors[]; (.place | startswith($place) and test(":[0-9]+:[0-9]+$")) and .remedy != "")' "$E2E/answer"
  expect 403 "$WEB/?word=new"
  expect 200 "$WEB/?word=again"
  [ "$(metric 'spoa_modsecurity_reloads_total{result="failure"}')" -eq 1 ]
  [ "$(metric 'spoa_modsecurity_reloads_total{result="success"}')" -eq 1 ]

  sed -i '$d' "$E2E/own.conf" && sed -i '$d' "$E2E/own.conf"
  [ "$(reload)" = 200 ]
  [ "$(jq .rules "$E2E/answer")" -eq "$rules" ]
}

@test "POST /reload is refused to web pages, and nothing but POST reloads" {
  start_own
  [ "$(reload -H 'Origin: http://elsewhere.example')" = 403 ]
  [ "$(reload -H 'Sec-Fetch-Site: same-origin')" = 403 ]
  local method
  for method in GET PUT DELETE OPTIONS; do
    run -0 curl -sS -i -X "$method" "http://$ADMIN/reload"
    [[ $output == *" 405 "* && $output == *"Allow: POST"* ]]
  done
  run -0 curl -sS -i -X POST "http://$ADMIN/metrics"
  [[ $output == *" 405 "* && $output == *"Allow: GET, HEAD"* ]]
  [ "$(metric spoa_modsecurity_ruleset_generation)" -eq 1 ]
}

# A reload under way has read the files already: the answer must be that of a later one.
@test "reloads asked for at once, and by SIGHUP: each answer knows what was written before it was asked for" {
  start_own
  local n askers=()
  [ "$(reload)" = 200 ]
  local before
  before=$(jq .rules "$E2E/answer")
  for n in {1..12}; do
    rule $((2000 + n)) "word$n"
    curl -sS --max-time "$deadline" -o "$E2E/answer.$n" -X POST "http://$ADMIN/reload" 3>&- &
    askers+=($!)
    kill -HUP "$AGENT"
  done
  wait "${askers[@]}"
  for n in {1..12}; do
    jq -e --argjson least $((before + n)) '.result == "reloaded" and .rules >= $least' "$E2E/answer.$n"
  done
}

@test "a peer that asks for a reload and leaves does not matter" {
  start_own
  local n
  for n in {1..20}; do curl -sS --max-time 0.001 -X POST "http://$ADMIN/reload" >/dev/null 2>&1 || true; done
  [ "$(reload)" = 200 ]
  expect 403 "$WEB/?word=blocked"
}

@test "settings: a reload takes in what it can, and names the rest; flags stay above the file" {
  begin "$E2E"
  settings() { # LOG-LEVEL WORKERS
    printf 'log-level: %s\nworkers: %s\nprocessing-timeout: 7ms\nadmin: 127.0.0.1:1\napplications: {shop: {rules: %s}}\n' \
      "$1" "$2" "$E2E/own.conf" >"$E2E/settings.yaml"
  }
  settings info 2
  start_agent --config "$E2E/settings.yaml"
  run -0 client --hello-only
  not grep -q 'level=debug' "$E2E/agent.log"
  settings debug 3
  [ "$(reload)" = 200 ]
  # --admin and --processing-timeout were flags, and are no difference.
  jq -e '.needs_restart == [{"setting": "workers", "in_force": "2", "wanted": "3"}]' "$E2E/answer"
  grep -q 'event=needs-restart setting=workers in_force=2 wanted=3' "$E2E/agent.log"
  [ "$(metric spoa_modsecurity_workers)" -eq 2 ]
  run -0 client --hello-only
  wait_until "$deadline" grep -q 'level=debug event=hello' "$E2E/agent.log"
  run -0 client --method GET --path / --http-version 1.1
  [[ $output == *"reason=clean"* ]]
}

# notices FOLDER: what the daemon tells its service manager, a message a line, in FOLDER/notices.
notices() {
  launch "$1/notices.log" python3 -c '
import socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1] + "/notify.sock")
with open(sys.argv[1] + "/notices", "w", buffering=1) as out:
    while True:
        print(heard.recv(65536).decode().replace("\n", "|"), file=out)' "$1"
  wait_until "$deadline" test -S "$1/notify.sock"
}
# Of all but the watchdog, the first words, in their order.
heard() { sed -n '/^WATCHDOG/d; s/|.*//p' "$E2E/notices" | paste -s -d ' '; }
heard_so_far() { [ "$(heard)" = "$1" ]; }

@test "systemd hears of start, reload, refused reload and drain, in this order, and that the loop turns" {
  begin "$E2E"
  notices "$E2E"
  export NOTIFY_SOCKET=$E2E/notify.sock WATCHDOG_USEC=100000
  start_agent --rules "$E2E/own.conf"
  unset NOTIFY_SOCKET WATCHDOG_USEC
  wait_until "$deadline" heard_so_far 'READY=1'
  grep -q '^READY=1|STATUS=ruleset 1: .* rules; applications: default$' "$E2E/notices"
  [ "$(reload)" = 200 ]
  wait_until "$deadline" heard_so_far 'READY=1 RELOADING=1 READY=1'
  grep -qE '^RELOADING=1\|MONOTONIC_USEC=[0-9]+\|STATUS=' "$E2E/notices"
  grep -q '^READY=1|STATUS=ruleset 2: ' "$E2E/notices"
  echo 'SecRule' >>"$E2E/own.conf"
  [ "$(reload)" = 422 ]
  wait_until "$deadline" heard_so_far 'READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1'
  grep -q '^READY=1|STATUS=the last reload was refused, errors: .*; ruleset 2: ' "$E2E/notices"
  twice_alive() { [ "$(grep -c '^WATCHDOG=1$' "$E2E/notices")" -ge 2 ]; }
  wait_until "$deadline" twice_alive
  kill -TERM "$AGENT"
  wait_until "$deadline" gone "$AGENT"
  wait_until "$deadline" heard_so_far 'READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1 STOPPING=1'
  # Twice the processing-timeout, what a drain takes beyond, and some.
  grep -q "^STOPPING=1|EXTEND_TIMEOUT_USEC=$((2 * 400 * patience * 1000 + 10000000))|STATUS=" "$E2E/notices"
}

@test "SIGUSR1: after a rotation events go to the new file" {
  start_own
  expect 403 "$WEB/?word=blocked&n=1"
  event '.uri == "/?word=blocked&n=1"'
  mv "$E2E/events.jsonl" "$E2E/events.jsonl.1"
  kill -USR1 "$AGENT"
  wait_until "$deadline" test -e "$E2E/events.jsonl"
  expect 403 "$WEB/?word=blocked&n=2"
  event '.uri == "/?word=blocked&n=2"'
  [ "$(wc -l <"$E2E/events.jsonl.1")" -eq 1 ]
}

@test "the admin listener: health, readiness, metrics, and nothing else" {
  start_own
  [ "$(ask "http://$ADMIN/healthz")" = 200 ]
  [ "$(ask "http://$ADMIN/readyz")" = 200 ]
  [ "$(ask "http://$ADMIN/nothing-here")" = 404 ]
  [ "$(ask "http://$ADMIN/api/status")" = 404 ]
  expect 403 "$WEB/?word=blocked"
  expect 200 "$WEB/"
  [ "$(metric 'spoa_modsecurity_verdicts_total{app="default",phase="1",action="deny",reason="rules"}')" -eq 1 ]
  [ "$(metric 'spoa_modsecurity_rule_matches_total{app="default",rule_id="1001"}')" -eq 1 ]
  [ "$(metric spoa_modsecurity_connections)" -ge 1 ]
  [ "$(metric process_open_fds)" -ge 1 ]
}

@test "a second agent on the same address refuses to start, and says so" {
  start_own
  run timeout 60 "$agent" --rules "$E2E/own.conf" --listen "$SPOP" --admin 127.0.0.1:0 --events none
  [ "$status" -eq 1 ]
  [[ $output == *"event=listen-failed"* ]]
}

@test "a unix socket works, and a socket left by a killed agent does not prevent the next" {
  begin "$E2E"
  SPOP="unix:$E2E/spop.sock"
  start_agent --rules "$E2E/own.conf"
  kill -KILL "$AGENT"
  wait_until "$deadline" gone "$AGENT"
  [ -S "$E2E/spop.sock" ]
  SPOP="unix:$E2E/spop.sock"
  start_agent --rules "$E2E/own.conf"
  start_application
  mkdir -p "$E2E"
  SPOP="unix@$E2E/spop.sock"
  prepare_haproxy
  start_haproxy
  wait_until "$deadline" answers 200
  expect 403 "$WEB/?word=blocked"
}
