# Requests that are unusual, but that real clients, old clients and attackers send.
load lib

setup_file() { start_stack "$BATS_FILE_TMPDIR/e2e"; }
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

attack="id=1'+UNION+SELECT+name,password+FROM+users--"
# inspected TEXT...: HAProxy's log shows a verdict that the rules made.
inspected() { logged "$@" 'err=-' | grep -E 'reason=(clean|rules) '; }

# raw TEXT (printf's format) sends bytes as they are and prints HAProxy's first line.
raw() {
  local line
  exec 4<>"/dev/tcp/127.0.0.1/$WEB_PORT"
  # shellcheck disable=SC2059  # the format is the request
  printf "$1" >&4
  IFS= read -r -t "$deadline" line <&4 || true
  exec 4>&-
  printf '%s\n' "${line%$'\r'}"
}

@test "an unknown method is inspected, and refused by the rules" {
  expect 403 -X BREW "$WEB/pot"
  inspected 'BREW /pot'
}

@test "OPTIONS * is inspected and passes" {
  run -0 raw 'OPTIONS * HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n'
  [[ $output == "HTTP/1.1 "* ]]
  inspected 'OPTIONS *'
}

@test "HTTP/1.0 without Host is inspected" {
  run -0 raw 'GET /old HTTP/1.0\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n'
  [[ $output == "HTTP/1."*" 200 OK" ]]
  inspected 'GET /old'
  run -0 raw "GET /old-attack?${attack} HTTP/1.0\r\n\r\n"
  [[ $output == "HTTP/1."*" 403 Forbidden" ]]
}

@test "empty Host and empty Authorization are inspected" {
  run -0 raw 'GET /empty-host HTTP/1.1\r\nHost:\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n'
  [[ $output == "HTTP/1.1 "* ]]
  inspected 'GET /empty-host'
  expect 200 -H 'Authorization;' "$WEB/empty-authorization"
  inspected 'GET /empty-authorization'
  expect 200 -H 'X-Empty;' -H 'X-Empty-Too;' "$WEB/empty-header"
}

@test "duplicate headers are all inspected: the attack may be in any of them" {
  expect 200 -H 'Cookie: a=1' -H 'Cookie: b=2' "$WEB/two-cookies"
  expect 403 -H 'Cookie: a=1' -H 'Cookie: b=<script>alert(1)</script>' "$WEB/second-cookie"
  expect 403 -H 'Cookie: b=<script>alert(1)</script>' -H 'Cookie: a=1' "$WEB/first-cookie"
}

@test "many headers are all inspected, to the last" {
  local headers=()
  for n in {1..90}; do headers+=(-H "X-Number-$n: $n"); done
  expect 200 "${headers[@]}" "$WEB/many-headers"
  inspected 'GET /many-headers'
  expect 403 "${headers[@]}" -A 'sqlmap/1.7' "$WEB/many-headers-attack"
}

@test "300 headers, more than HAProxy takes, are inspected too" {
  local headers=(--header 'host: shop.example')
  for n in {1..300}; do headers+=(--header "x-number-$n: $n"); done
  run -0 client --max-frame-size 65532 --method GET --path / --http-version 1.1 "${headers[@]}" \
    --header 'user-agent: sqlmap/1.7' --src 127.0.0.1
  [[ $output == *action=deny*reason=rules* ]]
}

@test "bytes above 0x7f in header values are inspected" {
  expect 200 -H $'X-Name: Andr\xe9' "$WEB/latin"
  inspected 'GET /latin'
  expect 200 -H 'X-Name: André' "$WEB/utf8"
  inspected 'GET /utf8'
}

@test "NUL bytes hide nothing" {
  run -0 client --method POST --path / --http-version 1.1 --header 'host: shop.example' \
    --header 'content-type: application/x-www-form-urlencoded' --src 127.0.0.1 \
    --body "a=\\x00&id=1' UNION SELECT name, password FROM users--"
  [[ $output == *action=deny*reason=rules* ]]
  run -0 client --method GET --path '/a\x00b' --query "id=1' UNION SELECT name, password FROM users--" \
    --http-version 1.1 --header 'host: shop.example' --src 127.0.0.1
  [[ $output == *action=deny*reason=rules* ]]
}

@test "the query alone, the question mark alone, the fragment sign: inspected" {
  expect 200 "$WEB/mark?"
  inspected 'GET /mark?'
  expect 403 "$WEB/no-name?=1'+UNION+SELECT+name,password+FROM+users--"
  expect 403 "$WEB/same?id=1&id=1'+UNION+SELECT+name,password+FROM+users--"
}

@test "a question without arguments, or with NULLs, is answered" {
  run -0 client
  [[ $output == *action=* ]]
  run -0 client --null method --null path --null headers --null body
  [[ $output == *action=* ]]
}

@test "a payload that cannot be decoded gets bad-request, and the connection goes on" {
  # NOTIFY, FIN, ids 1 and 1; message "m" with one argument "a" of a reserved type.
  client_patience=2
  run -0 client --after-hello --raw-hex '0000000d03000000010101016d0101610f'
  [[ $output == *bad-request* ]]
}

@test "something else than SPOP on the port ends that connection alone" {
  client_patience=2
  run -0 client --raw-hex "$(printf 'GET / HTTP/1.1\r\n\r\n' | od -An -v -tx1 | tr -d ' \n')"
  expect 200 "$WEB/"
}

@test "a health check is answered as HAProxy expects" {
  run -0 client --healthcheck
}

@test "the client's address reaches the rules, as IPv4 and as IPv6" {
  recall "$BATS_TEST_TMPDIR/own"
  cat >"$E2E/own.conf" <<RULES
Include $root/rules/engine.conf
SecRule REMOTE_ADDR "@ipMatch 127.0.0.1" "id:1004,phase:1,deny,status:429,log,msg:'IPv4'"
SecRule REMOTE_ADDR "@ipMatch ::1" "id:1006,phase:1,deny,status:404,log,msg:'IPv6'"
RULES
  SPOP='' ADMIN=''
  start_stack "$E2E" --rules "$E2E/own.conf"
  rc=0
  expect 429 "$WEB/" || rc=1
  found=$(event '.rules[0].id == 1004')
  [ "$(jq -r .client <<<"$found")" = 127.0.0.1 ] || rc=1
  if has_ipv6; then
    expect 404 "$WEB6/" || rc=1
    found=$(event '.rules[0].id == 1006')
    [ "$(jq -r .client <<<"$found")" = ::1 ] || rc=1
  else
    echo "# no IPv6 on this machine: only IPv4 was tried" >&3
  fi
  stop_stack
  [ "$rc" -eq 0 ]
}

@test "at default times an attack at the very end of a 60 kB form is found" {
  default_times
  SPOP='' ADMIN=''
  start_stack "$BATS_TEST_TMPDIR/times"
  { form 60000; printf '&%s' "$attack"; } >"$E2E/large"
  rc=0
  # On a machine whose processors are all taken by others it may need more than these times: then
  # it is refused for that, and asked again.
  for attempt in {1..10}; do
    code=$(ask --data-binary "@$E2E/large" "$WEB/end-of-large?n=$attempt")
    [ "$code" = 503 ] || break
    logged "POST /end-of-large?n=$attempt " | grep -E 'reason=timeout|err=1$' || break
  done
  [ "$code" = 403 ] || rc=1
  logged 'POST /end-of-large' 'reason=rules' 'body_truncated=0' || rc=1
  stop_stack
  [ "$rc" -eq 0 ]
}
