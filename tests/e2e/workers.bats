# Workers that do not come back, and a process that does not survive: who is named, who is
# answered, what goes on.
load lib

setup() {
  begin "$BATS_TEST_TMPDIR/e2e"
  # Scripts of rules are the one way to have the library at one message for as long as is wanted.
  cat >"$E2E/until.lua" <<'LUA'
function main(file)
  local f
  repeat
    f = io.open(file, "r")
  until f
  f:close()
  return nil
end
LUA
  cat >"$E2E/own.conf" <<'RULES'
SecRuleEngine On
SecRule ARGS:until "@inspectFile until.lua" "id:1,phase:1,pass,nolog,t:none"
SecRule ARGS:word "@streq blocked" "id:2,phase:2,deny,status:403,log,msg:'the word'"
RULES
}
teardown() {
  touch "$E2E/go"
  stop_stack
}

start() { # SETTING...
  printf '%s\n' "events: $E2E/events.jsonl" "processing-timeout: 300ms" "$@" \
    "applications: {shop: {rules: own.conf}}" >"$E2E/own.yaml"
  start_agent --processing-timeout 300ms --config "$E2E/own.yaml"
}
request() { # ID QUERY
  client --id "$1" --app shop --method GET --path / --query "$2" --http-version 1.1 \
    --header 'host: shop.example' --src 127.0.0.1
}
says() { grep -qE "$1" "$E2E/agent.log"; }
metric_is() { [ "$(metric "spoa_modsecurity_$1")" -eq "$2" ]; }

@test "a worker that hangs is named, its request answered, and another takes its place" {
  start "workers: 1" "hang-timeout: 500ms"
  run request first "until=$E2E/go"
  [[ $output == *action=deny*reason=timeout* ]]
  wait_until "$deadline" says 'event=worker-hung worker=0 id=first app=shop phase=1 age_ms=[0-9]+ hung=1 workers=1'
  for n in {1..5}; do
    run request "clean-$n" "word=fine"
    [[ $output == *reason=clean* ]]
    run request "hostile-$n" "word=blocked"
    [[ $output == *action=deny*code=403* ]]
  done
  metric_is workers 1
  metric_is workers_hung 1
  metric_is 'worker_hangs_total{app="shop"}' 1
  touch "$E2E/go"
  wait_until "$deadline" metric_is workers_hung 0
  metric_is workers 1
  run request "later" "word=blocked"
  [[ $output == *action=deny*code=403* ]]
}

@test "with every worker lost the agent ends with a status that has it started again" {
  start "workers: 1" "hang-timeout: 300ms"
  for n in 1 2; do
    run request "hang-$n" "until=$E2E/go"
    [[ $output == *reason=timeout* ]]
    wait_until "$deadline" says "event=worker-hung .*id=hang-$n"
  done
  run request "nobody-left" "word=fine"
  [[ $output == *reason=overload* ]] || [ "$status" -ne 0 ]
  wait_until "$deadline" gone "$AGENT"
  says 'event=workers-lost hung=2'
}

thread_named() { # NAME
  grep -lx "$1" /proc/"$AGENT"/task/*/comm | cut -d/ -f5
}
busy() { metric_is workers_busy 1; }

# Were the faults blocked in a worker, as its other signals are, the kernel would end the process
# without a word.
@test "a crash names its signal and the transaction that the thread was inspecting" {
  $sanitized && skip "a sanitizer reports crashes itself"
  start "workers: 1" "hang-timeout: 1m"
  request doomed "until=$E2E/go" >"$E2E/answer" 2>&1 3>&- &
  wait_until "$deadline" busy
  python3 -c 'import ctypes, sys; ctypes.CDLL(None).tgkill(*map(int, sys.argv[1:]), 11)' \
    "$AGENT" "$(thread_named worker-0)"
  wait_until "$deadline" gone "$AGENT"
  grep -qE '^time=[-0-9]+T[:0-9]+\.[0-9]{3}Z level=error event=crashed signal=SIGSEGV address=0x[0-9a-f]+ id="?doomed"? app=shop phase=1 msg=' "$E2E/agent.log"
  grep -q 'libmodsecurity' "$E2E/agent.log"
}
