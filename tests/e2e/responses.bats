#!/usr/bin/env bats
# Responses behind a real HAProxy: phases 3 and 4 on the request's transaction.

load lib

setup_file() {
  begin "$BATS_FILE_TMPDIR/stack"
  start_agent
  remember "APP_PORT=$(free_port)"
  launch "$E2E/application.log" python3 "$root/tests/e2e/application.py" "$APP_PORT"
  wait_until "$deadline" listens "$APP_PORT"
  start_haproxy
  # The first response makes the agent keep transactions.
  expect 200 "$WEB/"
}
teardown_file() { recall "$BATS_FILE_TMPDIR/stack" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/stack"; }
teardown() { logs_if_failed; }

held() { metric 'spoa_modsecurity_transactions_held{app="default"}'; }
unmatched() { metric 'spoa_modsecurity_responses_unmatched_total{app="default"}'; }

# blocked PATH: the leak does not get out, and the event names rule and request.
blocked() {
  local line
  expect 403 -H "X-Case: $1" "$WEB/$1?case=$BATS_TEST_NUMBER"
  not grep -q MySQL "$E2E/body"
  line=$(event ".uri == \"/$1?case=$BATS_TEST_NUMBER\" and .phase == 4")
  jq -e '.action == "deny" and .reason == "rules" and .method == "GET" and .host == "shop.example" and
    .client == "127.0.0.1" and ([.rules[].id] | index(951230))' <<<"$line"
  logged "/$1?case=$BATS_TEST_NUMBER" "action=allow" "res_action=deny" "res_code=403" "res_reason=rules"
}

@test "a leak in a response is blocked, and the event says where" { blocked leak; }
@test "a leak in a gzip response is blocked" { blocked leak-gzip; }
@test "a leak in a deflate response is blocked, with and without zlib's frame" {
  blocked leak-deflate
  blocked leak-raw-deflate
}
@test "a leak in a chunked response is blocked" { blocked leak-chunked; }
@test "a leak at the start of a large response is blocked" { blocked large-leak; }

@test "clean responses pass whole" {
  for path in / clean-gzip large error redirect; do
    case $path in error) status=500 ;; redirect) status=302 ;; *) status=200 ;; esac
    expect "$status" "$WEB/$path"
  done
  expect 200 "$WEB/large"
  [ "$(wc -c <"$E2E/body")" -gt 300000 ]
  logged "GET /large " "res_action=allow" "res_reason=clean"
}

@test "responses without a body, and of other types, pass" {
  expect 304 "$WEB/not-modified"
  expect 204 "$WEB/empty"
  expect 200 -I "$WEB/leak"
  expect 200 "$WEB/leak-image"
}

@test "a decompression bomb costs little and passes as cut" {
  expect 200 "$WEB/bomb"
  logged "GET /bomb " "res_action=allow" "res_reason=clean"
  [ "$(metric 'spoa_modsecurity_bodies_not_whole_total{app="default",coding="gzip",reason="limit"}')" -ge 1 ]
  [ "$(metric process_resident_memory_bytes)" -lt 1000000000 ] || $sanitized
}

@test "a slow response is handed on as it comes" {
  expect 200 "$WEB/slow"
  grep -q 'last' "$E2E/body"
  logged "GET /slow " "res_action=allow" "res_reason=clean"
}

@test "an event stream is handed on as it comes" {
  # The first event reaches the client long before the last one is sent.
  timeout 10 curl -sN "$WEB/events" | (read -r first && [ "$first" = "data: 0" ])
  expect 200 "$WEB/events"
  [ "$(grep -c data: "$E2E/body")" -eq 4 ]
}

@test "every response finds its request's transaction, and none is left" {
  before=$(unmatched)
  for i in {1..20}; do expect 200 "$WEB/?n=$i"; done
  [ "$(unmatched)" = "$before" ]
  [ "$(held)" = 0 ]
}

@test "a response nobody asked for is inspected on its own" {
  before=$(unmatched)
  line=$(client --id stray --status 200 --http-version 1.1 --header 'content-type: text/html' \
    --body 'You have an error in your SQL syntax; check the manual that corresponds to your MySQL server')
  [[ $line == *res_action=deny* ]]
  line=$(client --id stray --status 200 --http-version 1.1 --header 'content-type: text/html' --body 'Welcome')
  [[ $line == *res_action=allow* && $line == *res_reason=clean* ]]
  [ "$(unmatched)" -eq $((before + 2)) ]
}

@test "a response without headers and without a request is unknown-transaction" {
  line=$(client --id stray --status 200)
  [[ $line == *res_action=allow* && $line == *res_reason=unknown-transaction* ]]
  event '.reason == "unknown-transaction" and .id == "stray"'
}

@test "of two requests under one id the newer one is kept" {
  client --id twin --method GET --path /first >/dev/null
  client --id twin --method GET --path /second >/dev/null
  [ "$(metric 'spoa_modsecurity_transactions_unanswered_total{app="default",cause="replaced"}')" -ge 1 ]
  client --id twin --status 200 --http-version 1.1 --header 'content-type: text/html' \
    --body 'You have an error in your SQL syntax; check the manual that corresponds to your MySQL server'
  event '.id == "twin" and .uri == "/second"'
}

@test "a reload keeps what waits for its response" {
  client --id across --method GET --path /before >/dev/null
  kill -HUP "$AGENT"
  wait_until "$deadline" grep -q 'event=reloaded' "$E2E/agent.log"
  before=$(unmatched)
  line=$(client --id across --status 200 --http-version 1.1 --header 'content-type: text/html' --body hello)
  [[ $line == *res_action=allow* && $line == *res_ruleset=1* ]]
  [ "$(unmatched)" = "$before" ]
}

reload() { # GENERATION
  kill -HUP "$AGENT"
  wait_until "$deadline" grep -q "event=reloaded ruleset=$1 " "$E2E/agent.log"
}

@test "what waits for three reloads ends, and its response is inspected on its own" {
  client --id old --method GET --path /old >/dev/null
  from=$(metric spoa_modsecurity_ruleset_generation)
  reload $((from + 1))
  reload $((from + 2))
  [ "$(metric 'spoa_modsecurity_transactions_unanswered_total{app="default",cause="reload"}')" -eq 0 ]
  reload $((from + 3))
  [ "$(metric 'spoa_modsecurity_transactions_unanswered_total{app="default",cause="reload"}')" -ge 1 ]
  before=$(unmatched)
  line=$(client --id old --status 200 --http-version 1.1 --header 'content-type: text/html' --body hello)
  [[ $line == *res_action=allow* && $line == *"res_ruleset=$((from + 3))"* ]]
  [ "$(unmatched)" -eq $((before + 1)) ]
}

@test "a drain ends what waits" {
  client --id left --method GET --path / >/dev/null
  [ "$(held)" -ge 1 ]
  stop_agent
  wait_until "$deadline" grep -q 'event=drained' "$E2E/agent.log"
  not grep -q 'event=drain-limit' "$E2E/agent.log"
}

@test "an agent that dies between request and response: 503, and service again with the next one" {
  gone "$AGENT" || stop_agent
  start_agent
  wait_until "$deadline" answers 200
  ask "$WEB/wait" >"$E2E/code" &
  waiting=$!
  sleep 1
  kill -KILL "$AGENT"
  wait "$waiting"
  [ "$(cat "$E2E/code")" = 503 ]
  logged "GET /wait " "action=allow" "res_action=-"
  start_agent
  wait_until "$deadline" answers 200
}

# The response is asked about while the time of the question about its request still runs. HAProxy
# 2.6.12 then forgot when the second one is to end, and the visitor waited for ever. And without
# the yield in pause.lua it called this request 260,000 times a second, and then ended itself.
@test "an agent that hangs between request and response: 503, and no wait for ever" {
  gone "$AGENT" || stop_agent
  start_agent
  hangs_in_between() {
    tries=$((${tries-0} + 1))
    wait_until "$deadline" answers 200
    ask --max-time "$deadline" "$WEB/moment?hang=$tries" >"$E2E/code" &
    waiting=$!
    sleep 0.2
    kill -STOP "$AGENT"
    wait "$waiting"
    kill -CONT "$AGENT"
    [ "$(cat "$E2E/code")" = 503 ] || touch "$E2E/unanswered"
    # Where the machine is slow it hung before the request's verdict, which proves nothing.
    logged "GET /moment?hang=$tries " "res_action=-" "err=1" | grep -q " action=allow "
  }
  wait_until $((deadline * 2)) hangs_in_between
  [ ! -e "$E2E/unanswered" ]
  wait_until "$deadline" answers 200
}
