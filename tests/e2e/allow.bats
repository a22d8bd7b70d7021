# Traffic without harm passes, whatever its shape. The Core Rule Set is at its defaults.
load lib

setup_file() { start_stack "$BATS_FILE_TMPDIR/e2e"; }
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

@test "GET passes, and the application answers it" {
  expect 200 "$WEB/products?id=17&sort=price"
  [ "$(<"$E2E/body")" = ok ]
}

@test "GET passes over HTTP/2" {
  expect 200 --http2-prior-knowledge "$WEB2/products?id=17"
}

@test "HEAD passes" {
  expect 200 --head "$WEB/"
}

@test "a form passes" {
  expect 200 -d 'name=Ada&city=London&note=two+words' "$WEB/form"
}

@test "JSON passes" {
  expect 200 -H 'Content-Type: application/json' \
    -d '{"name": "Ada", "tags": ["x", "y"], "deep": {"n": 1}}' "$WEB/api"
}

@test "XML passes" {
  expect 200 -H 'Content-Type: application/xml' -d '<order><item n="2">tea</item></order>' "$WEB/api"
}

@test "a multipart upload passes" {
  head -c 20000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/photo.jpg"
  expect 200 -F 'title=holiday' -F "photo=@$BATS_TEST_TMPDIR/photo.jpg;type=image/jpeg" "$WEB/upload"
}

@test "chunked forms pass" {
  expect 200 -H 'Transfer-Encoding: chunked' -d 'name=Ada&city=London' "$WEB/form"
}

@test "a client that waits for 100 Continue passes" {
  form 4000 >"$BATS_TEST_TMPDIR/form"
  expect 200 -H 'Expect: 100-continue' --data-binary "@$BATS_TEST_TMPDIR/form" "$WEB/form"
}

@test "a form of 60 kB passes, seen whole" {
  form 60000 >"$BATS_TEST_TMPDIR/form"
  expect 200 -H 'X-Case: whole' --data-binary "@$BATS_TEST_TMPDIR/form" "$WEB/whole"
  logged 'POST /whole' 'action=allow' 'body_truncated=0'
}

@test "a form of 200 kB does not fit HAProxy's buffer: it is inspected as far as it goes, and passes" {
  form 200000 >"$BATS_TEST_TMPDIR/form"
  expect 200 --data-binary "@$BATS_TEST_TMPDIR/form" "$WEB/cut"
  logged 'POST /cut' 'action=allow' 'body_truncated=1'
}

@test "long cookies without harm pass" {
  local value
  value=$(head -c 3000 /dev/zero | tr '\0' a)
  expect 200 -H "Cookie: session=$value; theme=dark" "$WEB/"
}

@test "many clean requests on one connection all pass" {
  local urls=()
  for n in {1..50}; do urls+=(-o /dev/null "$WEB/page?n=$n"); done
  run -0 curl -sS -H 'Host: shop.example' -w '%{http_code}\n' "${urls[@]}"
  [ "$(sort -u <<<"$output")" = 200 ]
  [ "$(wc -l <<<"$output")" -eq 50 ]
}
