# A hundred thousand requests whose responses never come: what is kept for them is bounded, and
# gone when its time is over.
load lib

setup() { begin "$BATS_TEST_TMPDIR/e2e"; }
teardown() { logs_if_failed; stop_stack; }

held() { metric 'spoa_modsecurity_transactions_held{app="shop"}'; }
held_bytes() { metric 'spoa_modsecurity_transactions_held_bytes{app="shop"}'; }
unanswered() { metric "spoa_modsecurity_transactions_unanswered_total{app=\"shop\",cause=\"$1\"}"; }
resident_kb() { awk '/^VmRSS/ {print $2}' "/proc/$AGENT/status"; }
none_held() { [ "$(held)" -eq 0 ]; }

requests() { client --repeat "$1" --pipeline 64 --id "$2-%n" --method GET --path / --http-version 1.1 >/dev/null; }

@test "transactions without responses are bounded, and end when their time is over" {
  local count=100000 level
  if $sanitized; then count=5000; fi
  cat >"$E2E/settings.yaml" <<YAML
processing-timeout: 60s
applications:
  shop:
    rules: $E2E/rules.conf
    responses: {hold: 3s, store: 64MiB, transactions: 1000}
YAML
  cat >"$E2E/rules.conf" <<RULES
SecRuleEngine On
SecResponseBodyAccess On
SecRule ARGS "@contains evil" "id:1,phase:2,deny"
RULES
  start_agent --config "$E2E/settings.yaml"
  # Nothing is kept before a response has been seen.
  requests 1000 before
  [ "$(held)" -eq 0 ]
  client --id first --status 200 --http-version 1.1 --header 'content-type: text/html' --body x >/dev/null

  requests $((count / 4)) warm
  [ "$(held)" -le 1000 ]
  wait_until "$deadline" none_held
  level=$(resident_kb)
  requests "$count" flood
  [ "$(held)" -le 1000 ]
  [ "$(held_bytes)" -le $((64 << 20)) ]
  wait_until "$deadline" none_held
  [ "$(held_bytes)" -eq 0 ]
  # Each ended once: none was answered, so all are among these.
  [ $(($(unanswered expired) + $(unanswered evicted))) -eq $((count + count / 4)) ]
  echo "# resident memory $((level / 1024)) MiB before, $(($(resident_kb) / 1024)) MiB after" >&3
  # Not one in two hundred is left behind. Sanitizers keep freed memory on purpose.
  $sanitized || [ "$(resident_kb)" -le $((level + 32768)) ]
}
