# What HAProxy learns of the verdict, as its log shows it.
load lib

setup_file() { start_stack "$BATS_FILE_TMPDIR/e2e"; }
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

# field NAME LINE prints the value of NAME= in a log line.
field() { sed -n "s/.* $1=\([^ ]*\).*/\1/p" <<<"$2"; }

@test "a clean request: every variable says so" {
  expect 200 "$WEB/clean-one"
  line=$(logged 'GET /clean-one')
  [ "$(field action "$line")" = allow ]
  [ "$(field code "$line")" = 0 ]
  [ "$(field reason "$line")" = clean ]
  [ "$(field anomaly_score "$line")" = 0 ]
  [ "$(field rules_hit "$line")" = 0 ]
  [ "$(field body_truncated "$line")" = 0 ]
  [ "$(field ruleset "$line")" = 1 ]
  [ "$(field inspect_us "$line")" -gt 0 ]
  [ "$(field err "$line")" = - ]
}

@test "a denied request: status, score and rules" {
  expect 403 "$WEB/denied-one?id=1'+UNION+SELECT+name,password+FROM+users--"
  line=$(logged 'GET /denied-one')
  [ "$(field action "$line")" = deny ]
  [ "$(field code "$line")" = 403 ]
  [ "$(field reason "$line")" = rules ]
  [ "$(field anomaly_score "$line")" -ge 5 ]
  [[ ",$(field rule_ids "$line")," == *,942100,* ]]
  [[ ",$(field rule_ids "$line")," == *,949110,* ]]
  [ "$(field rules_hit "$line")" = "$(field rule_ids "$line" | tr ',' '\n' | wc -l)" ]
}

@test "the id is HAProxy's unique-id, in the log, the verdict and the event" {
  expect 403 "$WEB/same-id?q=<script>alert(1)</script>"
  line=$(logged 'GET /same-id')
  [ "$(field unique_id "$line")" = "$(field id "$line")" ]
  found=$(event ".id == \"$(field id "$line")\"")
  [ "$(jq -r .action <<<"$found")" = deny ]
  [ "$(jq -r '[.rules[].id | tostring] | join(",")' <<<"$found")" = "$(field rule_ids "$line")" ]
  [ "$(jq -r .anomaly_score <<<"$found")" = "$(field anomaly_score "$line")" ]
}

@test "two requests have two ids" {
  expect 200 "$WEB/first-id"
  expect 200 "$WEB/second-id"
  [ "$(field id "$(logged 'GET /first-id')")" != "$(field id "$(logged 'GET /second-id')")" ]
}

@test "a rule that logs without blocking: allowed, reason rules, and an event" {
  # A numeric Host is worth a warning: below the threshold.
  [ "$(curl -sS -o /dev/null -w '%{http_code}' "$WEB/numeric-host")" = 200 ]
  line=$(logged 'GET /numeric-host')
  [ "$(field action "$line")" = allow ]
  [ "$(field reason "$line")" = rules ]
  [ "$(field rule_ids "$line")" = 920350 ]
  found=$(event ".id == \"$(field id "$line")\"")
  [ "$(jq -r .action <<<"$found")" = allow ]
}

@test "a clean request leaves no event" {
  expect 200 "$WEB/no-event"
  expect 403 "$WEB/barrier?q=<script>alert(1)</script>"
  event '.uri | startswith("/barrier")'
  [ -z "$(jq -c 'select(.uri == "/no-event")' "$E2E/events.jsonl")" ]
}

@test "an event is one line of JSON with every key, and secrets are masked" {
  expect 403 -H 'Authorization: Basic c2VjcmV0' -H 'Cookie: sid=topsecretcookie' \
    "$WEB/keys?password=hunter2secret&q=<script>alert(1)</script>"
  found=$(event '.uri | startswith("/keys")')
  run -0 jq -r 'keys_unsorted | join(" ")' <<<"$found"
  for key in time id app client client_port method host uri version status action reason phase \
    anomaly_score ruleset inspect_us queue_us body_bytes body_truncated rules shadow; do
    [[ " $output " == *" $key "* ]] || { echo "no key $key"; return 1; }
  done
  [ "$(jq -r .host <<<"$found")" = shop.example ]
  [ "$(jq -r .client <<<"$found")" = 127.0.0.1 ]
  not grep -qE 'hunter2secret|topsecretcookie|c2VjcmV0' "$E2E/events.jsonl"
}
