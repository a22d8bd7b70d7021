# The rule's own status, redirect or drop is what the client gets.
load lib

setup_file() {
  mkdir -p "$BATS_FILE_TMPDIR/e2e"
  cat >"$BATS_FILE_TMPDIR/e2e/own.conf" <<RULES
Include $root/rules/engine.conf
SecRule ARGS:want "@streq 400" "id:1400,phase:1,deny,status:400,log,msg:'as asked'"
SecRule ARGS:want "@streq 403" "id:1403,phase:1,deny,status:403,log,msg:'as asked'"
SecRule ARGS:want "@streq 404" "id:1404,phase:1,deny,status:404,log,msg:'as asked'"
SecRule ARGS:want "@streq 406" "id:1406,phase:1,deny,status:406,log,msg:'as asked'"
SecRule ARGS:want "@streq 413" "id:1413,phase:1,deny,status:413,log,msg:'as asked'"
SecRule ARGS:want "@streq 418" "id:1418,phase:1,deny,status:418,log,msg:'as asked'"
SecRule ARGS:want "@streq 429" "id:1429,phase:1,deny,status:429,log,msg:'as asked'"
SecRule ARGS:want "@streq 500" "id:1500,phase:1,deny,status:500,log,msg:'as asked'"
SecRule ARGS:want "@streq 503" "id:1503,phase:1,deny,status:503,log,msg:'as asked'"
SecRule ARGS:want "@streq redirect" "id:1302,phase:1,redirect:https://help.example/blocked,status:302,log,msg:'as asked'"
SecRule ARGS:want "@streq moved" "id:1301,phase:1,redirect:https://help.example/moved,status:301,log,msg:'as asked'"
SecRule ARGS:want "@streq drop" "id:1444,phase:1,drop,log,msg:'as asked'"
RULES
  start_stack "$BATS_FILE_TMPDIR/e2e" --rules "$BATS_FILE_TMPDIR/e2e/own.conf"
}
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

@test "the statuses that the examples list reach the client" {
  for code in 400 403 404 406 413 429 500 503; do
    expect "$code" "$WEB/?want=$code"
    logged "GET /?want=$code" 'action=deny' "code=$code"
  done
}

@test "a status that they do not list becomes 403" {
  expect 403 "$WEB/?want=418"
  logged 'GET /?want=418' 'code=418'
}

@test "a redirect reaches the client with its address" {
  run -0 curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' "$WEB/?want=redirect"
  [ "$output" = "302 https://help.example/blocked" ]
  run -0 curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' "$WEB/?want=moved"
  [ "$output" = "301 https://help.example/moved" ]
}

@test "a drop leaves the client without any answer" {
  run curl -sS --max-time 3 -o /dev/null -w '%{http_code}' "$WEB/?want=drop"
  [ "$status" -ne 0 ]
  [[ $output == *000* ]]
  logged 'GET /?want=drop' 'action=drop'
}

@test "everything else passes" {
  expect 200 "$WEB/?want=nothing"
}
