# `bench` against the real agent, and against targets that fail it.
load lib

setup_file() {
  begin "$BATS_FILE_TMPDIR/e2e"
  cat >"$E2E/two.yaml" <<SETTINGS
processing-timeout: 60s
default-application: shop
applications:
  shop: {rules: $root/rules/main.conf}
  blog: {rules: $root/rules/baseline.conf}
SETTINGS
  start_agent --config "$E2E/two.yaml" --processing-timeout 60s
}
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

# bench FLAG...: its JSON is in `json`, its exit status in `status`. Nothing depends on the time
# that anything takes.
bench() {
  run --separate-stderr timeout "$((4 * deadline))" "$agent" bench --target "$SPOP" \
    --in-time 60s --timeout 60s --warmup 0 "$@" --json
  json=$output
}
protocol_errors() {
  curl -fsS "http://$ADMIN/metrics" |
    awk '/^spoa_modsecurity_protocol_errors_total[{]/ {n += $2; rows += 1} END {print (rows ? n : "no such metric")}'
}
# holds FILTER: jq finds it true of the JSON.
holds() { jq -e "$1" <<<"$json" >/dev/null || { jq . <<<"$json"; return 1; }; }

# On a machine that is too busy for the rate the run does not count, and says so.
counts_or_fell_behind() {
  [ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && holds '.why_not | test("fell behind")'; }
}

@test "a closed loop: all of the mix is inspected, and no verdict is wrong" {
  local notifies='spoa_modsecurity_frames_total{type="notify",direction="in"}' before
  before=$(metric "$notifies")
  bench --requests 150 --duration 10m --concurrency 4 --connections 3
  [ "$status" -eq 0 ]
  holds '.counts and .load.loop == "closed"'
  holds '.total | .offered == 150 and .answered == 150 and .inspected_in_time == 150'
  holds '.total.wrong == {attacks_allowed: 0, clean_denied: 0}'
  holds '.total.kinds | .get.offered == 60 and .query.offered == 38 and .form.offered == 27
    and .json.offered == 22 and .attack == {offered: 3, inspected: 3, allowed: 0}'
  # The agent saw as many as bench says.
  [ $(($(metric "$notifies") - before)) -eq 150 ]
  [ "$(protocol_errors)" -eq 0 ]
}

@test "an open loop keeps its schedule, phase by phase" {
  bench --rate 20:1s,60:1s,0:1s,20:1s --arrivals even --interval 500ms
  counts_or_fell_behind
  holds '[.phases[].offered] == [20, 60, 0, 20]'
  holds '[.timeline[].offered] == [10, 10, 30, 30, 0, 0, 10, 10]'
  holds '.total | .answered == 100 and .lost == 0 and .unanswered == 0'
}

@test "the tables say the same to people" {
  run timeout "$deadline" "$agent" bench --target "$SPOP" --requests 30 --warmup 0 --in-time 2s
  [[ $output == *"closed loop, 16 at once"*"latency counts from sending"* ]]
  [[ $output == *"attacks let through"*"bench itself"* ]]
}

@test "every dialect gets its verdicts" {
  local dialect
  for dialect in named coraza 2017; do
    bench --dialect "$dialect" --requests 6 --mix form,attack --concurrency 2
    [ "$status" -eq 0 ]
    holds '.total | .answered == 6 and .wrong == {attacks_allowed: 0, clean_denied: 0}'
    holds '.total.kinds.attack == {offered: 3, inspected: 3, allowed: 0}'
  done
}

# Verdicts of the application NAME so far.
verdicts() { # NAME
  curl -fsS "http://$ADMIN/metrics" | grep -F "spoa_modsecurity_verdicts_total{app=\"$1\"," | awk '{n += $2} END {print n + 0}'
}

@test "--app reaches the application it names" {
  local blog shop
  blog=$(verdicts blog) shop=$(verdicts shop)
  bench --app blog --mix get --requests 5
  bench --app shop --mix get --requests 2
  [ $(($(verdicts blog) - blog)) -eq 5 ]
  [ $(($(verdicts shop) - shop)) -eq 2 ]
}

@test "a request of one's own is sent as it is" {
  printf 'GET /?id=1%%27+UNION+SELECT+name,password+FROM+users-- HTTP/1.1\nHost: shop.example\nUser-Agent: x\nAccept: */*\n\n' >"$E2E/own.http"
  bench --request "$E2E/own.http" --requests 4
  [ "$status" -eq 0 ]
  holds '.total.kinds == {file: {offered: 4, inspected: 4, allowed: 0}}'
  printf 'GET /\n\n' >"$E2E/bad.http"
  run -64 "$agent" bench --target "$SPOP" --request "$E2E/bad.http"
  [[ $output == *"bad.http: line 1:"* ]]
}

@test "SIGINT ends it early, and the report is there" {
  "$agent" bench --target "$SPOP" --rate 20 --duration 1h --warmup 0 --in-time 60s --timeout 60s --json \
    >"$E2E/early.json" 3>&- &
  local pid=$!
  wait_until "$deadline" asked_more_than "$(metric 'spoa_modsecurity_frames_total{type="notify",direction="in"}')"
  kill -INT "$pid"
  wait "$pid" || true
  json=$(<"$E2E/early.json")
  holds '.generator.interrupted and .total.answered > 0 and .total.answered == .total.offered'
}
asked_more_than() { [ "$(metric 'spoa_modsecurity_frames_total{type="notify",direction="in"}')" -gt $(($1 + 5)) ]; }

@test "an agent killed under load: each connection is opened anew, and each request is accounted for" {
  "$agent" bench --target "$SPOP" --rate 100 --duration 1h --warmup 0 --in-time 1s --timeout 1s --json \
    >"$E2E/killed.json" 3>&- &
  local pid=$! before
  before=$(metric 'spoa_modsecurity_frames_total{type="notify",direction="in"}')
  wait_until "$deadline" asked_more_than "$before"
  kill -KILL "$AGENT"
  wait_until "$deadline" gone "$AGENT"
  start_agent --config "$E2E/two.yaml" --processing-timeout 60s
  wait_until "$deadline" asked_more_than 0
  kill -INT "$pid"
  wait "$pid" || true
  json=$(<"$E2E/killed.json")
  holds '.generator.connections_lost == 8 and .total.answered > 0'
  holds '.total | .offered == .answered + .unanswered + .lost'
}

@test "nobody there, or somebody who speaks something else: 1, with the reason" {
  run -1 "$agent" bench --target "127.0.0.1:$(free_port)"
  [[ $output == *"Connection refused"* ]]
  run -1 "$agent" bench --target "unix:$E2E/nothing.sock"
  [[ $output == *"No such file"* ]]
  run -1 timeout "$deadline" "$agent" bench --target "$ADMIN"
  [[ $output == "$ADMIN: "* ]]
}

@test "a target that takes connections and says nothing: 1" {
  local port
  port=$(free_port)
  launch "$E2E/silent.log" python3 -c "
import socket, time
silent = socket.create_server(('127.0.0.1', $port))
time.sleep(600)"
  wait_until "$deadline" listens "$port"
  run -1 timeout "$deadline" "$agent" bench --target "127.0.0.1:$port" --timeout 500ms
  [[ $output == *"does not answer HELLO"* ]]
}

@test "a command line that makes no sense: 64" {
  run -64 "$agent" bench
  run -64 "$agent" bench --target "$SPOP" --rate 5 --concurrency 2
  run -64 "$agent" bench --target "$SPOP" --rate fast
  run -64 "$agent" bench --target "$SPOP" --workers 2
}
