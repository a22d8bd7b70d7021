# Two agents behind haproxy-examples/several-agents: whatever befalls one of them, no visitor
# gets an error, and no attack passes. And when both are gone, nobody waits for ever.
load lib
load fleet

setup() {
  default_times
  E2E=$BATS_TEST_TMPDIR/e2e
}
teardown() {
  logs_if_failed
  [ -z "${visitors-}" ] || touch "$E2E/enough"
  stop_stack
}

asked_again() { grep -cE ' (res_)?again=1' "$E2E/haproxy.log"; }
start_visited() {
  start_fleet "$E2E"
  since_now
  begin_visitors --connections 16 --rate 300
  wait_until "$deadline" serves 1
  wait_until "$deadline" serves 2
}

@test "agents are killed with -9 in turn, under load: no visitor notices" {
  start_visited
  for n in 1 2 1 2; do
    kill -KILL "$(fleet_pid $n)"
    wait_until "$deadline" gone "$(fleet_pid $n)"
    sleep 0.3
    since_now
    fleet_agent $n
    wait_until "$deadline" serves $n
  done
  end_visitors
}

@test "agents are stopped in turn, under load: no visitor notices" {
  start_visited
  for n in 1 2 1 2; do
    end_process "$(fleet_pid $n)"
    since_now
    fleet_agent $n
    wait_until "$deadline" serves $n
  done
  end_visitors
}

@test "an agent hangs under load: its questions are asked of the other one, no visitor gets an error" {
  start_visited
  kill -STOP "$(fleet_pid 1)"
  wait_until "$deadline" grep -q 'Server spoa-modsecurity-a/agent1 is DOWN' "$E2E/haproxy.log"
  since_now
  kill -CONT "$(fleet_pid 1)"
  wait_until "$deadline" serves 1
  end_visitors
  [ "$(asked_again)" -gt 0 ]
}

# Its policy is to let pass what it has no time for (on-failure: allow).
@test "an agent has too much to do: what it cannot inspect the other one does, no attack passes" {
  start_fleet "$E2E"
  end_process "$(fleet_pid 1)"
  fleet_agent 1 --workers 1 --queue 1
  form 60000 >"$E2E/large"
  SPOP=$SPOP_1
  busy() {
    until [ -e "$E2E/enough" ]; do
      client --repeat 200 --pipeline 50 --max-frame-size 65532 --method POST --path / --http-version 1.1 --header 'host: shop.example' \
        --header 'content-type: application/x-www-form-urlencoded' --body "@$E2E/large" --src 127.0.0.1 >/dev/null 2>&1 || true
    done
  }
  begin_visitors --connections 16 --rate 300
  busy 3>&- &
  crowd=$!
  overloaded_visitor() { grep -qE 'reason=(clean|rules) .* pool=1 again=1' "$E2E/haproxy.log"; }
  wait_until "$deadline" overloaded_visitor
  sleep 2
  end_visitors
  wait "$crowd"
  ADMIN=$ADMIN_1
  curl -fsS "http://$ADMIN/metrics" | grep -q 'verdicts_total.*reason="overload"'
  not grep -q '"GET /?n=.*reason=overload' "$E2E/haproxy.log"
}

# HAProxy before 3.0 looks for the end of a question in the time of its stream, and loses it when
# the first question failed before its own end (2.6.12 does; 3c066b1e3 mended it). Without the
# pause between the two this request got no answer until an agent was back.
@test "both agents are killed with a question under way: 503, and no wait for ever" {
  start_fleet "$E2E"
  for n in {1..16}; do expect 200 "$WEB/?word=fine"; done
  kill -STOP "$(fleet_pid 1)" "$(fleet_pid 2)"
  for n in {1..4}; do
    curl -sS --max-time 20 -o /dev/null -w '%{http_code}\n' "$WEB/under-way/$n" >>"$E2E/codes" 2>&1 3>&- &
    askers+=("$!")
  done
  sleep 0.05
  kill -KILL "$(fleet_pid 1)" "$(fleet_pid 2)"
  wait "${askers[@]}"
  [ "$(grep -c '^503$' "$E2E/codes")" -eq 4 ]
}

@test "both agents hang: 503, and no wait for ever" {
  start_fleet "$E2E"
  for n in {1..16}; do expect 200 "$WEB/?word=fine"; done
  kill -STOP "$(fleet_pid 1)" "$(fleet_pid 2)"
  expect 503 --max-time 20 "$WEB/hanging"
  logged 'GET /hanging' 'action=- ' 'again=1'
  kill -CONT "$(fleet_pid 1)" "$(fleet_pid 2)"
  wait_until "$deadline" answers 200
}

@test "a request that used up its time is not asked about again" {
  start_fleet "$E2E" --processing-timeout 1ms
  form 60000 >"$E2E/large"
  expensive() {
    expect 503 --data-binary "@$E2E/large" "$WEB/expensive"
    grep -q 'POST /expensive.* reason=timeout .*again=- ' <(tail -n 3 "$E2E/haproxy.log")
  }
  wait_until "$deadline" expensive
}

@test "the answer about a response comes from the agent that knows its request" {
  start_fleet "$E2E"
  # The first response of an agent finds none: transactions are kept from then on.
  for n in {1..8}; do expect 200 "$WEB/?word=fine"; done
  before=$(ADMIN=$ADMIN_1 metric 'spoa_modsecurity_responses_unmatched_total{app="default"}')
  before2=$(ADMIN=$ADMIN_2 metric 'spoa_modsecurity_responses_unmatched_total{app="default"}')
  for n in {1..20}; do expect 200 "$WEB/?word=fine"; done
  [ "$(ADMIN=$ADMIN_1 metric 'spoa_modsecurity_responses_unmatched_total{app="default"}')" -eq "$before" ]
  [ "$(ADMIN=$ADMIN_2 metric 'spoa_modsecurity_responses_unmatched_total{app="default"}')" -eq "$before2" ]
}
