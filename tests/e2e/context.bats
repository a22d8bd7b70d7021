# What HAProxy knows, in the hands of the rules: haproxy-examples/context and ja4.
load lib

tap() { # TARGET_PORT: starts it, sets TAP
  remember "TAP=$(free_port)"
  launch "$E2E/tap.log" python3 "$root/tests/e2e/hello.py" "$TAP" "$1" "$E2E/hellos"
  wait_until "$deadline" listens "$TAP"
}
seen() { tail -n 1 "$E2E/hellos"; } # JA3 and JA4 of the last hello on the wire

# The client that the rules will block, and that no other test is.
blocked_client=(--tls-max 1.2 --no-alpn --ciphers ECDHE-RSA-AES128-GCM-SHA256)

certificate() { # NAME: a key and a certificate of its own
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" \
    -keyout "$E2E/$1.key" -out "$E2E/$1.crt" 2>/dev/null
}

setup_file() {
  begin "$BATS_FILE_TMPDIR/e2e"
  certificate shop.example && certificate ada && certificate mallory
  # Nobody answers behind this tap: it only looks at the hello.
  tap 1
  curl -sk --max-time 5 "${blocked_client[@]}" "https://127.0.0.1:$TAP/" || true
  local ja3
  wait_until "$deadline" test -s "$E2E/hellos"
  read -r ja3 _ <<<"$(seen)"
  mkdir -p "$E2E/rules"
  cp "$root/haproxy-examples/context/context.conf" "$E2E/rules"
  replace "$E2E/rules/context.conf" '?:00000000000000000000000000000000' "?:$ja3"
  replace "$E2E/rules/context.conf" '"@gt 100"' '"@gt 5"'
  cat >"$E2E/rules/types.conf" <<'RULES'
SecRule REQUEST_FILENAME "@streq /types" \
    "id:2001,phase:1,deny,status:403,log,msg:'flag %{TX.flag} no %{TX.no} number %{TX.number} four %{TX.four} six %{TX.six} text %{TX.text} bytes %{TX.bytes}',chain"
    SecRule &TX:absent "@eq 0" "t:none"
RULES
  start_agent --rules "$root/rules/baseline.conf" --rules "$E2E/rules/context.conf" \
    --rules "$E2E/rules/types.conf"
  start_application
  start_web
}
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

supply_files() {
  cat "$E2E/shop.example.key" "$E2E/shop.example.crt" >"$E2E/web/site.pem"
  cat "$E2E/ada.crt" "$E2E/mallory.crt" >"$E2E/web/clients.pem"
}
start_web() { # the example of this file, and a tap in front of it
  prepare_example context
  supply_files
  # Doing as if: the local address 127.0.0.9 is in the third country.
  replace "$E2E/web/countries.map" '203.0.113.0/24    XC' '127.0.0.9/32    XC'
  replace "$E2E/web/spoe-modsecurity.conf" 'tx.country=var(txn.country)' \
    'tx.country=var(txn.country) tx.flag=ssl_fc tx.no=bool(false) tx.number=int(-3) tx.four=src tx.six=var(txn.six) tx.text=str(Ada) tx.bytes=ssl_c_sha1 tx.absent=var(txn.absent)'
  replace "$E2E/web/haproxy.cfg" '    http-request wait-for-body' '    http-request set-var(txn.six) str(2001:db8::7),ipmask(32,128)
    http-request wait-for-body'
  start_haproxy
  tap "$WEB_PORT"
}
has() { "$haproxy" -vv >/dev/null && [ "$(examples_for "$haproxy")" = "$root/haproxy-examples/3.1" ]; }
of_31() { has || skip "$("$haproxy" -v | sed -n '1s/ -.*//p') lacks samples that JA4 needs; set HAPROXY to 3.1 or later"; }

field() { sed -n "s/.* $1=\([^ ]*\).*/\1/p" <<<"$2"; }

@test "JA3 is what an observer on the wire computes" {
  local n=0 options ja3
  for options in '' '--tls-max 1.2' '--no-alpn' '--http1.1' '--curves X25519' \
    '--tls13-ciphers TLS_AES_128_GCM_SHA256 --tlsv1.3'; do
    n=$((n + 1))
    # shellcheck disable=SC2086  # words
    expect 200 -k $options "https://127.0.0.1:$TAP/wire-$n"
    read -r ja3 _ <<<"$(seen)"
    [ "$(field ja3 "$(logged "/wire-$n ")")" = "$ja3" ]
  done
  [ "$(cut -d ' ' -f 1 "$E2E/hellos" | sort -u | wc -l)" -ge 4 ] || { cat "$E2E/hellos"; return 1; }
}

@test "a name, and none, in the hello make different fingerprints" {
  expect 200 -k "https://127.0.0.1:$TAP/no-name"
  expect 200 -k --resolve "shop.example:$TAP:127.0.0.1" "https://shop.example:$TAP/a-name"
  [ "$(field ja3 "$(logged '/no-name ')")" != "$(field ja3 "$(logged '/a-name ')")" ]
  [ "$(field ja3 "$(logged '/a-name ')")" = "$(seen | cut -d ' ' -f 1)" ]
}

@test "JA4 of a client that offers no protocol is what an observer computes" {
  of_31
  local ja4
  expect 200 -k --no-alpn "https://127.0.0.1:$TAP/ja4-exact"
  read -r _ ja4 <<<"$(seen)"
  [[ $ja4 == t13i*00_*_* ]]
  [ "$(field ja4 "$(logged '/ja4-exact ')")" = "$ja4" ]
}

# HAProxy hands over the protocol it chose, not those that were offered.
@test "JA4 of a client that offers protocols is not guessed, but counted" {
  of_31
  local name='spoa_modsecurity_fingerprints_missing_total{kind="ja4",reason="alpn-unknown"}' before
  before=$(metric "$name")
  expect 200 -k "https://127.0.0.1:$TAP/ja4-unknown"
  [ "$(field ja4 "$(logged '/ja4-unknown ')")" = - ]
  [ "$(metric "$name")" -eq $((before + 1)) ]
}

@test "before 3.1 JA4 is not there, and counted" {
  ! has || skip "this HAProxy has the samples"
  local name='spoa_modsecurity_fingerprints_missing_total{kind="ja4",reason="not-sent"}' before
  before=$(metric "$name")
  expect 200 -k "https://127.0.0.1:$TAP/ja4-absent"
  [ "$(field ja4 "$(logged '/ja4-absent ')")" = - ]
  [ "$(metric "$name")" -eq $((before + 1)) ]
}

@test "a client with a blocked fingerprint is denied, whatever it asks for" {
  expect 403 -k "${blocked_client[@]}" "$WEBS/blocked"
  [ "$(field rule_ids "$(logged '/blocked ')")" = 1001 ]
  expect 200 -k "$WEBS/not-blocked"
}

@test "/admin is for those with the right certificate" {
  expect 403 -k "$WEBS/admin/users"
  [ "$(field rule_ids "$(logged '/admin/users ')")" = 1003 ]
  expect 403 -k "$WEBS/%61dmin"
  expect 403 -k --cert "$E2E/mallory.crt" --key "$E2E/mallory.key" "$WEBS/admin/mallory"
  [ "$(field rule_ids "$(logged '/admin/mallory ')")" = 1004 ]
  expect 200 -k --cert "$E2E/ada.crt" --key "$E2E/ada.key" "$WEBS/admin/ada"
}

@test "the rate from HAProxy's table denies the login, and nothing else" {
  for n in 1 2 3 4 5; do expect 200 -k --interface 127.0.0.8 "$WEBS/shop?n=$n"; done
  expect 429 -k --interface 127.0.0.8 "$WEBS/login"
  expect 200 -k --interface 127.0.0.8 "$WEBS/shop?n=6"
  # Another address has its own count.
  expect 200 -k --interface 127.0.0.7 "$WEBS/login"
}

@test "a country may read, but not write" {
  expect 200 -k --interface 127.0.0.9 "$WEBS/abroad"
  [ "$(field country "$(logged '/abroad ')")" = XC ]
  expect 403 -k --interface 127.0.0.9 -d a=b "$WEBS/abroad"
  expect 200 -k -d a=b "$WEBS/at-home"
}

@test "every type of HAProxy's values has its spelling" {
  local sha1
  expect 403 -k --cert "$E2E/ada.crt" --key "$E2E/ada.key" "$WEBS/types"
  sha1=$(openssl x509 -in "$E2E/ada.crt" -outform DER | sha1sum | cut -d ' ' -f 1)
  found=$(event '.uri == "/types"')
  [ "$(jq -r '.rules[] | select(.id == 2001).msg' <<<"$found")" = \
    "flag 1 no 0 number -3 four 127.0.0.1 six 2001:db8::7 text Ada bytes $sha1" ]
}

@test "a hello that HAProxy's buffer cuts has no fingerprint" {
  local reason name before line
  for reason in incomplete not-captured; do
    name="spoa_modsecurity_fingerprints_missing_total{kind=\"ja3\",reason=\"$reason\"}"
    before=$(metric "$name")
    prepare_example context
    supply_files
    if [ "$reason" = incomplete ]; then
      # With 70 bytes it is cut somewhere; the agent is told, as the example says.
      replace "$E2E/web/haproxy.cfg" 'capture-buffer-size 1024' 'capture-buffer-size 70'
      replace "$E2E/web/spoe-modsecurity.conf" 'int(1024)' 'int(70)'
    else
      replace "$E2E/web/haproxy.cfg" '    tune.ssl.capture-buffer-size 1024' ''
    fi
    start_haproxy
    expect 200 -k "$WEBS/cut-$reason"
    line=$(logged "/cut-$reason ")
    [ "$(field ja3 "$line")" = - ]
    [ "$(field reason "$line")" = clean ]
    [ "$(metric "$name")" -eq $((before + 1)) ]
    end_process "$HAPROXY_PID"
  done
}

@test "the example ja4: JA4 of every client is what an observer computes" {
  of_31
  local n=0 options ja4
  prepare_example ja4
  supply_files
  start_haproxy
  tap "$WEB_PORT"
  for options in '' '--http1.1' '--no-alpn' '--tls-max 1.2'; do
    n=$((n + 1))
    # shellcheck disable=SC2086  # words
    expect 200 -k $options --resolve "shop.example:$TAP:127.0.0.1" "https://shop.example:$TAP/chain-$n"
    read -r _ ja4 <<<"$(seen)"
    [ "$(field ja4 "$(logged "/chain-$n ")")" = "$ja4" ]
  done
  # A server name cannot be copied by accident: these two agree in nothing but the client.
  [[ $(field ja4 "$(logged '/chain-1 ')") == t13d*h2_* ]]
  [[ $(field ja4 "$(logged '/chain-2 ')") == t13d*h1_* ]]
  end_process "$HAPROXY_PID"
}
