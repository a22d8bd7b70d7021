# Sixteen connections of mixed traffic for a while, at the times of the examples: nobody goes
# unanswered, no attack passes, nothing clean is refused, but for want of time. E2E_SECONDS sets
# how long (10).
load lib

setup_file() {
  default_times
  start_stack "$BATS_FILE_TMPDIR/e2e"
}
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

transfer() { # WANTED-STATUS URL [CURL-OPTION...]
  local wanted=$1 url=$2
  shift 2
  printf '%s\n' "$@" "url = \"$url\"" 'output = /dev/null' 'header = "Host: shop.example"' \
    "write-out = \"$wanted %{http_code}\\n\"" next
}

batch() {
  form 4000 >"$E2E/form"
  for n in {1..40}; do
    transfer 200 "$WEB/page?n=$n"
    transfer 200 "$WEB/form" "data-binary = \"@$E2E/form\""
    transfer 200 "$WEB/api" 'header = "Content-Type: application/json"' 'data = "{\"name\": \"Ada\"}"'
    transfer 403 "$WEB/page?id=1'+UNION+SELECT+name,password+FROM+users--"
    transfer 403 "$WEB/form" 'data = "comment=<script>alert(1)</script>"'
  done | sed '$d'
}

resident_kb() { awk '/^VmRSS/ {print $2}' "/proc/$AGENT/status"; }

@test "mixed traffic on sixteen connections: every request gets the answer it deserves" {
  local seconds=${E2E_SECONDS:-10} end warm now
  batch >"$E2E/batch"
  curl_batch() {
    curl -sS -g --parallel --parallel-immediate --parallel-max 16 --max-time 60 --config "$E2E/batch" >>"$E2E/codes"
  }
  : >"$E2E/codes"
  end=$((SECONDS + seconds / 5 + 1))
  while [ "$SECONDS" -lt "$end" ]; do curl_batch; done
  warm=$(resident_kb)
  end=$((SECONDS + seconds))
  while [ "$SECONDS" -lt "$end" ]; do curl_batch; done
  now=$(resident_kb)
  echo "# $(wc -l <"$E2E/codes") requests; resident memory $((warm / 1024)) MiB when warm, $((now / 1024)) MiB at the end" >&3
  awk '$1 != $2' "$E2E/codes" | sort | uniq -c
  # Those whose time ran out get what the policies say, and HAProxy's log names them. On a machine
  # of one's own there are none; where others take the processors, at most one in a hundred.
  expect 200 "$WEB/last"
  logged 'GET /last '
  wrong=$(awk '$1 != $2' "$E2E/codes" | wc -l)
  late=$(grep -cE ' reason=(timeout|overload) | err=1$' "$E2E/haproxy.log" || true)
  [ "$late" -eq 0 ] || echo "# $late ran out of time: is this machine busy?" >&3
  [ "$wrong" -le "$late" ]
  [ $((late * 100)) -le "$(wc -l <"$E2E/codes")" ]
  [ "$(wc -l <"$E2E/codes")" -ge 200 ]
  # Sanitizers keep freed memory on purpose.
  $sanitized || [ "$now" -le $((warm * 3 / 2 + 32768)) ]
}
