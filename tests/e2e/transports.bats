# The ways to the agent: unix socket, TLS, client certificates; HAProxy uses each.
load lib

setup() { begin "$BATS_TEST_TMPDIR/e2e"; }
teardown() { logs_if_failed; stop_stack; }

# certificate NAME [ISSUER]: $E2E/NAME.pem with its key, self-signed or signed by ISSUER.
certificate() {
  local signer=()
  [ $# -eq 1 ] || signer=(-CA "$E2E/$2.crt" -CAkey "$E2E/$2.key")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj "/CN=$1" -addext "subjectAltName=DNS:$1" "${signer[@]}" \
    -keyout "$E2E/$1.key" -out "$E2E/$1.crt" 2>"$E2E/openssl.log"
  cat "$E2E/$1.crt" "$E2E/$1.key" >"$E2E/$1.pem"
}

settings() { # LISTEN-ITEMS [COMMAND...]: writes settings, and starts the agent, by COMMAND
  cat >"$E2E/settings.yaml" <<YAML
listen: [$1]
applications: {shop: {rules: ${rules-$root/rules/baseline.conf}}}
limits: {${limits-}}
YAML
  begin "$E2E"
  : >"$E2E/agent.log"
  local environment
  mapfile -t environment < <(agent_environment)
  launch "$E2E/agent.log" env "${environment[@]}" "${@:2}" "$agent" --config "$E2E/settings.yaml" \
    --admin 127.0.0.1:0 --events "$E2E/events.jsonl" \
    --processing-timeout "$((400 * patience))ms"
  remember "AGENT=$launched"
  wait_until "$deadline" grep -q 'event=ready' "$E2E/agent.log" || return 1
  remember "SPOP=$(address_in_log spop)" "ADMIN=$(address_in_log http)"
}

# The server line of the example, with other words behind the address.
web_with() { # ADDRESS-AND-WORDS
  start_application
  prepare_haproxy
  replace "$E2E/web/haproxy.cfg" "server agent1 $SPOP check" "server agent1 $1 check"
  start_haproxy
  wait_until "$deadline" answers 200
}

inspects() {
  expect 200 "$WEB/products?id=1" && expect 403 "$WEB/?q=<script>alert(1)</script>"
}

@test "a unix socket, with its mode, and gone when the agent is" {
  settings "{address: 'unix:$E2E/spop.sock', mode: '0600'}"
  [ "$(stat -c %a "$E2E/spop.sock")" = 600 ]
  web_with "unix@$E2E/spop.sock"
  inspects
  stop_agent
  [ ! -e "$E2E/spop.sock" ]
}

@test "a unix socket has the group it is given" {
  # A group that is not the process's own can be given by root alone.
  local other
  other=$(id -G | tr ' ' '\n' | grep -vx "$(id -g)" | head -n 1)
  [ -n "$other" ] || [ "$(id -u)" -ne 0 ] || other=$(getent group daemon | cut -d: -f3)
  [ -n "$other" ] || skip "this user belongs to one group only"
  settings "{address: 'unix:$E2E/spop.sock', mode: '0620', group: '$other'}"
  [ "$(stat -c '%a %g' "$E2E/spop.sock")" = "620 $other" ]
  run -0 client --hello-only
}

@test "several listeners at once: IPv4, IPv6, a unix socket and TLS, each answers" {
  certificate agent.internal
  local tls_port addresses
  tls_port=$(free_port)
  addresses="'127.0.0.1:0', 'unix:$E2E/spop.sock', {address: '127.0.0.1:$tls_port', tls: {certificate: $E2E/agent.internal.pem}}"
  if has_ipv6; then addresses+=", '[::1]:0'"; else echo "# no IPv6 on this machine" >&3; fi
  settings "$addresses"
  local address all
  mapfile -t all < <(sed -n 's/.*event=listening address=\([^ ]*\) protocol=spop.*/\1/p' "$E2E/agent.log")
  [ "${#all[@]}" -ge 3 ]
  for address in "${all[@]}"; do
    case $address in
      *:"$tls_port") run -0 openssl s_client -connect "$address" -tls1_2 </dev/null ;;
      *) SPOP=$address run -0 client --method GET --path / ;;
    esac
  done
  web_with "127.0.0.1:$tls_port ssl verify required ca-file $E2E/agent.internal.crt verifyhost agent.internal"
  inspects
}

@test "sockets passed by systemd, TCP and unix" {
  command -v systemd-socket-activate >/dev/null || skip "systemd-socket-activate is not there"
  local port
  port=$(free_port)
  # It starts the agent with the first connection.
  wait_until "$deadline" listens "$port" &
  settings systemd systemd-socket-activate -l "127.0.0.1:$port" -l "$E2E/passed.sock"
  SPOP=127.0.0.1:$port run -0 client --method GET --path /
  SPOP=unix:$E2E/passed.sock run -0 client --method GET --path /
  web_with "127.0.0.1:$port"
  inspects
}

@test "a stale unix socket is taken over, a live one is not" {
  settings "'unix:$E2E/spop.sock'"
  kill -KILL "$AGENT"
  wait_until "$deadline" gone "$AGENT"
  [ -S "$E2E/spop.sock" ]
  settings "'unix:$E2E/spop.sock'"
  run -1 "$agent" --config "$E2E/settings.yaml" --admin 127.0.0.1:0
  [[ $output == *"ddress already in use"* ]]
}

@test "TLS: HAProxy verifies the agent" {
  certificate agent.internal
  settings "{address: '127.0.0.1:0', tls: {certificate: $E2E/agent.internal.pem}}"
  web_with "$SPOP ssl verify required ca-file $E2E/agent.internal.crt verifyhost agent.internal"
  inspects
  run openssl s_client -connect "$SPOP" -tls1_1 </dev/null
  [ "$status" -ne 0 ]
  run -0 openssl s_client -connect "$SPOP" -tls1_2 </dev/null
  run -0 openssl s_client -connect "$SPOP" -tls1_3 </dev/null
}

# The largest messages, in many TLS records each, and more of them at once than may be under
# way: reading stops in the middle of what OpenSSL has decrypted already.
@test "TLS: large messages under back-pressure all get their answers" {
  certificate agent.internal
  limits='frames-in-flight: 1' settings "{address: '127.0.0.1:0', tls: {certificate: $E2E/agent.internal.pem}}"
  local port tunnelled=$SPOP
  port=$(free_port)
  cat >"$E2E/tunnel.cfg" <<CFG
defaults
    mode tcp
    timeout connect 5s
    timeout client ${deadline}s
    timeout server ${deadline}s
listen tunnel
    bind 127.0.0.1:$port
    server agent $tunnelled ssl verify none
CFG
  launch "$E2E/tunnel.log" "$haproxy" -db -f "$E2E/tunnel.cfg"
  wait_until "$deadline" listens "$port"
  form 60000 >"$E2E/large"
  SPOP=127.0.0.1:$port run -0 client --max-frame-size 65532 --repeat 100 --pipeline 20 --id 'q-%n' --method POST \
    --path / --body "@$E2E/large"
  [ "$(grep -o ' id=q-[0-9]*' <<<"$output" | sort -u | wc -l)" -eq 100 ]
  [ "$(metric 'spoa_modsecurity_reading_paused_total{limit="frames-in-flight"}')" -gt 0 ]
}

@test "TLS: a plain peer and a peer without the certificate asked for are refused and counted" {
  certificate agent.internal
  certificate haproxy.internal
  settings "{address: '127.0.0.1:0', tls: {certificate: $E2E/agent.internal.crt, key: $E2E/agent.internal.key, client-ca: $E2E/haproxy.internal.crt}}"
  web_with "$SPOP ssl verify none crt $E2E/haproxy.internal.pem"
  inspects
  client_patience=3 run client --hello-only
  [ "$status" -eq 1 ]
  run openssl s_client -connect "$SPOP" -tls1_2 </dev/null
  [ "$status" -ne 0 ]
  wait_until "$deadline" refused_twice
  grep -q 'event=protocol-error.*error=tls-handshake' "$E2E/agent.log"
  inspects
}
refused_twice() {
  [ "$(metric 'spoa_modsecurity_protocol_errors_total{error="tls-handshake"}')" -ge 2 ]
}

@test "TLS: SIGHUP takes a new certificate, and keeps the old one when the new is bad" {
  certificate agent.internal
  settings "{address: '127.0.0.1:0', tls: {certificate: $E2E/agent.internal.pem}}"
  local before
  before=$(fingerprint)
  certificate agent.internal
  kill -HUP "$AGENT"
  wait_until "$deadline" certificate_changed "$before"
  before=$(fingerprint)
  echo nonsense >"$E2E/agent.internal.pem"
  kill -HUP "$AGENT"
  wait_until "$deadline" grep -q event=reload-failed "$E2E/agent.log"
  grep 'event=reload-problem' "$E2E/agent.log" | grep -q "file=$E2E/agent.internal.pem"
  [ "$(fingerprint)" = "$before" ]
}

# The certificate was swapped at once, whatever became of the rules.
@test "TLS: a reload takes in certificates and rules together, or neither" {
  certificate agent.internal
  printf 'SecRuleEngine On\n' >"$E2E/own.conf"
  rules=$E2E/own.conf settings "{address: '127.0.0.1:0', tls: {certificate: $E2E/agent.internal.pem}}"
  local before reload=(curl -sS -o "$E2E/answer" -w '%{http_code}' -X POST "http://$ADMIN/reload")
  before=$(fingerprint)
  certificate agent.internal
  echo 'SecRule' >>"$E2E/own.conf"
  [ "$("${reload[@]}")" = 422 ]
  [ "$(fingerprint)" = "$before" ]

  echo 'SecRuleEngine On' >"$E2E/own.conf"
  mv "$E2E/agent.internal.pem" "$E2E/good.pem"
  echo nonsense >"$E2E/agent.internal.pem"
  [ "$("${reload[@]}")" = 422 ]
  jq -e --arg file "$E2E/agent.internal.pem" '.ruleset == 1 and (.errors | length) == 1 and
    .errors[0].place == $file + ":1:1" and .errors[0].remedy != ""' "$E2E/answer"
  [ "$(fingerprint)" = "$before" ]

  # Another file is as good as the same.
  sed -i "s/agent.internal.pem/good.pem/" "$E2E/settings.yaml"
  [ "$("${reload[@]}")" = 200 ]
  jq -e '.ruleset == 2 and .needs_restart == []' "$E2E/answer"
  [ "$(fingerprint)" != "$before" ]
}
fingerprint() {
  openssl s_client -connect "$SPOP" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint
}
certificate_changed() { [ "$(fingerprint)" != "$1" ]; }

@test "a certificate that ends within two weeks is a warning, of check and of the log" {
  certificate agent.internal # for two days
  settings "{address: '127.0.0.1:0', tls: {certificate: $E2E/agent.internal.pem}}"
  grep 'event=rules-warning' "$E2E/agent.log" | grep -q "$E2E/agent.internal.pem.*ends within two weeks"
  run -0 "$agent" check --config "$E2E/settings.yaml"
  [[ $output == *"warning: $E2E/agent.internal.pem"*"ends within two weeks"*"1 warnings"* ]]
}

@test "a certificate that has expired is refused at start" {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=old \
    -keyout "$E2E/old.key" -out "$E2E/old.csr" 2>"$E2E/openssl.log"
  openssl x509 -req -in "$E2E/old.csr" -signkey "$E2E/old.key" -days -1 -out "$E2E/old.crt" \
    2>"$E2E/openssl.log"
  run settings "{address: '127.0.0.1:0', tls: {certificate: $E2E/old.crt, key: $E2E/old.key}}"
  [ "$status" -ne 0 ]
  grep -q 'certificate has expired' "$E2E/agent.log"
}
