# The client's address behind other proxies: haproxy-examples/behind-a-proxy. Local addresses
# stand for the proxies: 127.0.0.2 is one that appends to X-Forwarded-For, 127.0.0.3 one that
# speaks the PROXY protocol, 127.0.0.1 is anybody.
load lib

setup_file() {
  begin "$BATS_FILE_TMPDIR/e2e"
  cat >"$E2E/forwarded.conf" <<RULES
Include $root/rules/engine.conf
SecRule &REQUEST_HEADERS:X-Forwarded-For "@gt 0" "id:1,phase:1,pass,log,msg:'forwarded'"
SecRule REMOTE_ADDR "@ipMatch 203.0.113.66" "id:2,phase:1,deny,status:403,log,msg:'blocked address'"
RULES
  start_agent --rules "$E2E/forwarded.conf"
  start_application
  prepare_example behind-a-proxy
  sed -i 's/192\.0\.2\.0\/24/127.0.0.2/; s/198\.51\.100\.7/127.0.0.3/' "$E2E/web/haproxy.cfg"
  start_haproxy
}
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

client_of() { sed -n 's/.* client=\([^ ]*\).*/\1/p' <<<"$(logged "GET $1 ")"; } # PATH
through_proxy() { expect "$1" --interface 127.0.0.2 "${@:2}"; }

@test "a trusted proxy's word is believed" {
  through_proxy 200 -H 'X-Forwarded-For: 203.0.113.9' "$WEB/trusted"
  [ "$(client_of /trusted)" = 203.0.113.9 ]
  # It is what the rules and the events see.
  found=$(event '.uri == "/trusted"')
  [ "$(jq -r .client <<<"$found")" = 203.0.113.9 ]
  through_proxy 403 -H 'X-Forwarded-For: 203.0.113.66' "$WEB/trusted-blocked"
}

@test "what the client wrote in front of the proxy's word does not win" {
  through_proxy 403 -H 'X-Forwarded-For: 198.18.0.1, 203.0.113.66' "$WEB/spoofed-list"
  [ "$(client_of /spoofed-list)" = 203.0.113.66 ]
  through_proxy 403 -H 'X-Forwarded-For: 198.18.0.1' -H 'X-Forwarded-For: 203.0.113.66' "$WEB/spoofed-lines"
  [ "$(client_of /spoofed-lines)" = 203.0.113.66 ]
}

@test "a spoofed X-Forwarded-For of anybody else does not win" {
  expect 200 -H 'X-Forwarded-For: 203.0.113.66' "$WEB/spoofed"
  [ "$(client_of /spoofed)" = 127.0.0.1 ]
  # Nor is it passed on: rule 1 would have seen it.
  logged 'GET /spoofed ' 'reason=clean'
  expect 200 -H 'X-Forwarded-For: 127.0.0.2, 127.0.0.2' "$WEB/spoofed-proxy"
  [ "$(client_of /spoofed-proxy)" = 127.0.0.1 ]
}

@test "two trusted proxies in a row: the first one's word" {
  through_proxy 403 -H 'X-Forwarded-For: 198.18.0.1, 203.0.113.66, 127.0.0.2' "$WEB/two"
  [ "$(client_of /two)" = 203.0.113.66 ]
}

@test "without a usable word it is the proxy's own address" {
  through_proxy 200 "$WEB/silent"
  [ "$(client_of /silent)" = 127.0.0.2 ]
  through_proxy 200 -H 'X-Forwarded-For: unknown' "$WEB/garbage"
  [ "$(client_of /garbage)" = 127.0.0.2 ]
}

# Sends a PROXY header and a request from a local address, and prints the first line of the answer.
proxied() { # FROM CLIENT PATH
  python3 - "$WEB_PORT" "$@" <<'PYTHON'
import socket, sys
port, source, client, path = sys.argv[1:]
with socket.create_connection(("127.0.0.1", int(port)), 30, (source, 0)) as sock:
    sock.settimeout(30)
    sock.sendall(f"PROXY TCP4 {client} 127.0.0.1 40000 80\r\nGET {path} HTTP/1.1\r\n"
                 "Host: shop.example\r\nConnection: close\r\n\r\n".encode())
    print(sock.makefile("rb").readline().decode().strip())
PYTHON
}

@test "the PROXY protocol is believed where it is expected, and refused elsewhere" {
  run -0 proxied 127.0.0.3 203.0.113.66 /proxy-blocked
  [[ $output == *' 403 '* ]]
  [ "$(client_of /proxy-blocked)" = 203.0.113.66 ]
  run -0 proxied 127.0.0.3 203.0.113.9 /proxy
  [[ $output == *' 200 '* ]]
  run -0 proxied 127.0.0.1 203.0.113.9 /proxy-spoofed
  [[ $output == *' 400 '* ]]
  never_reached /proxy-spoofed
}
