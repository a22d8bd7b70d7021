# The example files load, and work as they stand: only the ports are replaced.
load lib

teardown() {
  [ -z "${E2E-}" ] || { logs_if_failed; stop_stack; }
}
# Works with all example files there are for the HAProxy under test.
@test "the example files of this HAProxy load without a remark" {
  run -0 "$haproxy" -c -f "$(examples_for "$haproxy")/haproxy.cfg"
  not grep -E 'WARNING|ALERT' <<<"$output"
}

@test "the example files for HAProxy 3.1 and later load" {
  [ "$(examples_for "$haproxy")" = "$root/haproxy-examples/3.1" ] ||
    skip "HAProxy $(version_of "$haproxy") has no mode spop; set HAPROXY to a newer one"
  run -0 "$haproxy" -c -f "$root/haproxy-examples/3.1/haproxy.cfg"
}

@test "the example files are chosen by what a HAProxy takes, whatever it calls itself" {
  local claim real
  real=$(command -v "$haproxy")
  for claim in 1.0.0 9.9.9; do
    cat >"$BATS_TEST_TMPDIR/haproxy" <<CLAIM
#!/bin/sh
case \$1 in -v) echo "HAProxy version $claim" ;; *) exec "$real" "\$@" ;; esac
CLAIM
    chmod +x "$BATS_TEST_TMPDIR/haproxy"
    [ "$(version_of "$BATS_TEST_TMPDIR/haproxy")" = "$claim" ]
    run -0 examples_for "$BATS_TEST_TMPDIR/haproxy"
    [ "$output" = "$(examples_for "$haproxy")" ]
  done
  run -1 examples_for false
  [[ $output == *"not a HAProxy"* ]]
}

# Each of them has a test that runs it; this one sees to it that none is forgotten, in a test or
# in the installation.
@test "every example for a single matter is run by a test, and loads without a remark" {
  local folder name copy=$BATS_TEST_TMPDIR/copy seen=0
  for folder in "$root"/haproxy-examples/*/; do
    name=$(basename "$folder")
    [ "$name" != 3.1 ] || continue
    seen=$((seen + 1))
    grep -qE "(prepare_example|start_dialect) $name\$" "$root"/tests/e2e/*.ba*
    grep -qw -e "$name" "$root/packaging/CMakeLists.txt"
    [ "$name" != ja4 ] || [ "$(examples_for "$haproxy")" = "$root/haproxy-examples/3.1" ] || continue
    rm -rf "$copy" && cp -r "$folder" "$copy"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.example \
      -keyout "$copy/site.pem.key" -out "$copy/site.pem" 2>/dev/null
    cp "$copy/site.pem" "$copy/clients.pem"
    sed -i "s|/etc/haproxy/|$copy/|" "$copy/haproxy.cfg"
    run -0 "$haproxy" -c -f "$copy/haproxy.cfg"
    not grep -E 'WARNING|ALERT' <<<"$output"
  done
  [ "$seen" -ge 5 ]
}

@test "the two pairs differ only where the versions do" {
  # Each line that is in one pair alone must be about one of these.
  run diff "$root/haproxy-examples/haproxy.cfg" "$root/haproxy-examples/3.1/haproxy.cfg"
  grep '^[<>]' <<<"$output" | not grep -vE 'HAProxy|mode (tcp|spop)|err|no verdict came|timeout|retries|Once more|send-spoe-group'
}

@test "the examples work as they stand, with the baseline rules" {
  patience=1
  $sanitized && skip "at the examples' own times, not with a sanitizer"
  start_stack "$BATS_TEST_TMPDIR/e2e" --rules "$root/rules/baseline.conf"
  expect 200 "$WEB/products?id=1"
  expect 200 -d 'name=Ada&note=two+words' "$WEB/form"
  expect 403 "$WEB/products?id=1'+UNION+SELECT+name,password+FROM+users--"
  expect 403 "$WEB/search?q=<script>alert(1)</script>"
  expect 403 "$WEB/file?name=../../../../etc/passwd"
  expect 403 -d 'host=;cat+/etc/passwd' "$WEB/form"
}

# HAProxy 2.6.12 asks in an endless loop when a repeated question finds no agent.
@test "up to 3.0 the question is sent once" {
  run -0 grep -c 'http-request send-spoe-group' "$root/haproxy-examples/haproxy.cfg"
  [ "$output" -eq 1 ]
}

@test "one line makes the examples fail open" {
  run -0 grep -c 'deny_status 503 unless waf_answered' "$root/haproxy-examples/haproxy.cfg"
  [ "$output" -eq 1 ]
  run -0 grep -c 'deny_status 503 unless waf_answered' "$root/haproxy-examples/3.1/haproxy.cfg"
  [ "$output" -eq 1 ]
}

@test "quickstart.sh has a help, and refuses what it does not know" {
  run -0 "$root/haproxy-examples/quickstart.sh" --help
  [[ $output == *--once* ]]
  run -64 "$root/haproxy-examples/quickstart.sh" --twice
}
