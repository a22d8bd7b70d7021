# Peers that mean harm, beside a real HAProxy with real traffic: each is named, counted and
# shown out, and every honest request gets the answer it deserves.
load lib

setup() { begin "$BATS_TEST_TMPDIR/e2e"; }
teardown() {
  touch "$E2E/stop"
  logs_if_failed
  stop_stack
}

settings() { # LIMITS: writes settings, and starts agent, application and HAProxy with them
  cat >"$E2E/settings.yaml" <<YAML
applications: {shop: {rules: $root/rules/main.conf}}
limits: {$1}
YAML
  start_agent --config "$E2E/settings.yaml" && start_application && start_haproxy
}

errors() { metric "spoa_modsecurity_protocol_errors_total{error=\"$1\"}"; }
connections() { metric spoa_modsecurity_connections; }

# attack NAME CLIENT-FLAG... over and over until the test says stop; what came of it is in
# $E2E/attack-NAME.
attack() {
  local name=$1
  shift
  while [ ! -e "$E2E/stop" ]; do
    client_patience=$deadline client "$@" || true
  done >"$E2E/attack-$name" 2>&1 3>&- &
  attackers+=($!)
}
hex_of() { od -An -v -tx1 | tr -d ' \n'; }

# transfer WANTED-STATUS URL [CURL-OPTION...]
transfer() {
  local wanted=$1 url=$2
  shift 2
  printf '%s\n' "$@" "url = \"$url\"" 'output = /dev/null' 'header = "Host: shop.example"' \
    'header = "Accept: */*"' "write-out = \"$wanted %{http_code}\\n\"" next
}
traffic() { # FILE: 60 requests, a third of them attacks; appends wanted and got statuses
  for n in {1..20}; do
    transfer 200 "$WEB/page?n=$n"
    transfer 200 "$WEB/form" 'data = "name=Ada&city=London"'
    transfer 403 "$WEB/page?id=1'+UNION+SELECT+name,password+FROM+users--"
  done | sed '$d' >"$E2E/batch"
  curl -sS -g --parallel --parallel-immediate --parallel-max 4 --max-time "$deadline" \
    --config "$E2E/batch" >>"$1"
}
all_right() { # FILE: every request got what it deserved, and none went uninspected
  awk '$1 != $2' "$1" | sort | uniq -c
  [ "$(awk '$1 != $2' "$1" | wc -l)" -eq 0 ]
  # Before HAProxy's first check of the agent has succeeded it asks nobody.
  grep -E "\"(GET /page|POST /form)" "$E2E/haproxy.log" | not grep -vE "reason=(clean|rules) .*err=-"
}

@test "attackers of every kind at once: each is counted and closed, honest traffic is not disturbed" {
  settings 'hello-timeout: 1s, frame-timeout: 1s, unsent: 16KiB, buffered-per-connection: 1MiB, frames-in-flight: 64'
  wait_until "$deadline" answers 200
  head -c 2000000 /dev/zero | tr '\0' x >"$E2E/endless"
  local attackers=() end pid error minimum=60

  attack huge --lie length-huge --method GET --path /
  attack zero --lie length-zero --method GET --path /
  attack endless-fragments --fragment 1000 --body "@$E2E/endless"
  attack wrong-fragments --lie fragment-ids --fragment 10 --method GET --path /
  attack trickle --trickle 1 --trickle-every 0.5 --method GET --path /
  attack half-a-frame --stall-at 120 --method GET --path /
  attack deaf --never-read --repeat 60000
  attack http --raw-hex "$(printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' | hex_of)"
  attack tls --raw-hex "16030102000100"
  attack random --raw-hex "$(head -c 500 /dev/urandom | tr '\000-\037' '\377' | hex_of)"
  attack bad-payload --after-hello --raw-hex '0000000d03000000010101016d0101610f00000000'
  attack resets --reset --method GET --path / --repeat 3

  end=$((SECONDS + 5))
  while [ "$SECONDS" -lt "$end" ]; do traffic "$E2E/codes"; done
  # The slow kinds have all been through at least once.
  for error in hello-timeout frame-timeout slow-reader fragments-too-big; do
    wait_until "$deadline" test_errors "$error"
  done
  touch "$E2E/stop"
  for pid in "${attackers[@]}"; do wait "$pid"; done

  all_right "$E2E/codes"
  [ "$(wc -l <"$E2E/codes")" -ge "$minimum" ]
  for error in frame-too-big frame-too-small interlaced-fragments fragments-too-big hello-timeout \
    frame-timeout slow-reader; do
    echo "# $error: $(errors "$error")" >&3
    test_errors "$error"
    grep -q "error=$error" "$E2E/agent.log"
  done
  for error in huge zero endless-fragments wrong-fragments trickle half-a-frame deaf http tls random; do
    echo "$error:" && sort "$E2E/attack-$error" | uniq -c
    # The agent ended every one of them.
    grep -qE '(disconnected: |^closed)' "$E2E/attack-$error"
    not grep -vE '(disconnect(ed:)? status-code=|the agent closed the connection|^closed)' "$E2E/attack-$error"
  done
  grep -q 'reason=bad-request' "$E2E/attack-bad-payload"
  not grep -v 'action=allow' "$E2E/attack-resets"
  # Nothing is left of them, and the log did not grow with them.
  wait_until "$deadline" no_bytes_held
  [ "$(grep -c event=protocol-error "$E2E/agent.log")" -lt 200 ]
  # HAProxy never had reason to complain.
  not grep -E 'event=haproxy-disconnect' "$E2E/agent.log"
}
test_errors() { [ "$(errors "$1")" -gt 0 ]; }
no_bytes_held() { [ "$(metric spoa_modsecurity_buffered_bytes)" -eq 0 ]; }

resident_kb() { awk '/^VmRSS/ {print $2}' "/proc/$AGENT/status"; }

@test "10,000 connections that say nothing or half a HELLO: HELLO is answered at once, memory is bounded, all are closed" {
  local crowd=10000 files before full bound n
  files=$(ulimit -Hn)
  if [ "$files" != unlimited ] && [ "$files" -lt $((crowd + 200)) ]; then
    crowd=$((files - 200))
    echo "# ONLY $crowd CONNECTIONS: the hard limit of open files is $files" >&3
    [ "$crowd" -ge 500 ] || skip "the hard limit of open files is $files: too few for a crowd"
  fi
  # Each may hold 16 KiB whatever the others hold, and all together what is set here.
  settings 'hello-timeout: 8s, buffered: 8MiB'
  wait_until "$deadline" answers 200
  before=$(resident_kb)
  bound=$((before + crowd * 16 + 8 * 1024))

  launch "$E2E/crowd.log" "$root/tests/e2e/crowd.py" "$SPOP" "$crowd" "$deadline"
  wait_until "$deadline" grep -q '^open ' "$E2E/crowd.log"
  n=$(connections)
  full=$(resident_kb)
  echo "# $n connections; resident memory $((before / 1024)) MiB before, $((full / 1024)) MiB with them" >&3
  [ "$n" -ge $((crowd - 10)) ]
  # `--timeout 1` and not the crowd's eight seconds: at once.
  for _ in {1..20}; do client_patience=$patience client --hello-only >"$E2E/hello"; done
  traffic "$E2E/codes"
  all_right "$E2E/codes"
  not grep -q '^ended ' "$E2E/crowd.log"

  wait_until "$deadline" grep -q "^ended $crowd$" "$E2E/crowd.log"
  $sanitized || [ "$full" -le "$bound" ]
  $sanitized || [ "$(resident_kb)" -le "$bound" ]
  wait_until "$deadline" few_connections
  [ $(($(errors hello-timeout) + $(errors crowded-out))) -eq "$crowd" ]
  [ "$(grep -c event=protocol-error "$E2E/agent.log")" -lt 100 ]
}
few_connections() { [ "$(connections)" -lt 50 ]; }

@test "a crowd larger than limits.connections keeps no HAProxy out" {
  settings 'connections: 100, hello-timeout: 1m'
  wait_until "$deadline" answers 200
  launch "$E2E/crowd.log" "$root/tests/e2e/crowd.py" "$SPOP" 400 120
  wait_until "$deadline" grep -q '^open ' "$E2E/crowd.log"
  for _ in {1..20}; do client_patience=$patience client --hello-only >"$E2E/hello"; done
  traffic "$E2E/codes"
  all_right "$E2E/codes"
  [ "$(connections)" -le 100 ]
  [ "$(errors crowded-out)" -ge 300 ]
  # Their hello-timeout of a minute has not come: nothing but the crowd itself made room.
  [ "$(errors hello-timeout)" -eq 0 ]
}

@test "every dialect of HAProxy is answered, also with messages larger than a frame" {
  start_agent
  head -c 60000 /dev/zero | tr '\0' x >"$E2E/large"
  local dialect asked=(--path / --http-version 1.1 --header 'host: shop.example' --header 'user-agent: test'
    --header 'accept: */*' --src 127.0.0.1)
  for dialect in 2.6 3.0 3.1.0 3.4; do
    run -0 client --dialect "$dialect" --method GET "${asked[@]}" --repeat 100 --pipeline 40
    [ "$(grep -c 'action=allow .*reason=clean' <<<"$output")" -eq 100 ]
  done
  # Up to 3.0 in fragments; 3.1.0 whole, though less was negotiated; later versions not at all.
  asked+=(--method POST --header 'content-type: application/x-www-form-urlencoded'
    --header 'content-length: 60000' --body-size 60000 --body "@$E2E/large")
  run -0 client --dialect 3.0 "${asked[@]}" --disconnect
  [[ $output == *action=allow* ]]
  run -1 client --dialect 3.4 "${asked[@]}"
  [[ $output == *"larger than a frame"* ]]
  stop_agent
  start_agent --max-frame-size 4096
  run -0 client --dialect 3.1.0 --max-frame-size 65532 "${asked[@]}"
  [[ $output == *action=allow* ]]
}
