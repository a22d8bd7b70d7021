# Bodies of which the rules do not get the whole: cut by HAProxy's buffer, of 16 kB here, or
# coded. They are searched all the same, as what they are, and said to be truncated.
load lib

setup_file() {
  begin "$BATS_FILE_TMPDIR/e2e"
  cat >"$E2E/settings.yaml" <<SETTINGS
default-application: inspecting
applications:
  inspecting: {rules: $root/rules/main.conf}
  denying: {rules: $root/rules/main.conf, on-truncated-body: deny}
  allowing: {rules: $root/rules/main.conf, on-truncated-body: allow}
  coded:
    rules: $E2E/coded.conf
    bodies: {limit: 8KiB, ratio: 20}
SETTINGS
  # The Core Rule Set allows no Content-Encoding in requests.
  cat >"$E2E/coded.conf" <<RULES
Include $root/rules/engine.conf
SecRule ARGS "@detectSQLi" "id:1001,phase:2,deny,status:403,log,msg:'SQL'"
RULES
  start_agent --config "$E2E/settings.yaml" && start_application
  prepare_haproxy
  replace "$E2E/web/haproxy.cfg" "tune.bufsize 65536" "tune.bufsize 16384"
  replace "$E2E/web/spoe-modsecurity.conf" "args id=unique-id src-ip" "args app=req.hdr(x-app) id=unique-id src-ip"
  start_haproxy
}
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

attack="1' UNION SELECT name, password FROM users-- "

# Prints a body of 200 kB of that kind, with TEXT in its first field.
body() { # KIND TEXT
  awk -v kind="$1" -v text="$2" 'BEGIN {
    while (length(words) < 500) words = words "word" ++n " "
    if (kind == "form") {
      gsub(" ", "+", text); gsub(" ", "+", words); printf "first=%s", text
      head = "&more%d="; tail = ""
    } else if (kind == "json") {
      printf "{\"first\":\"%s\",\"list\":[null", text
      head = ",{\"more%d\":\""; tail = "\"}"; end = "]}"
    } else if (kind == "xml") {
      printf "<?xml version=\"1.0\"?>\n<doc><first>%s</first>", text
      head = "\n<more id=\"%d\">"; tail = "</more>"; end = "</doc>"
    } else {
      part = "--BOUND\r\nContent-Disposition: form-data; name=\"%s%d\"\r\n\r\n"
      printf part "%s\r\n", "first", 1, text
      head = "--BOUND\r\nContent-Disposition: form-data; name=\"more%d\"\r\n\r\n"
      tail = "\r\n"; end = "--BOUND--\r\n"
    }
    for (i = 1; i <= 400; ++i) { printf head, i; printf "%s", words tail }
    printf "%s", end
  }'
}
type_of() { # KIND
  case $1 in
    form) echo application/x-www-form-urlencoded ;;
    json) echo application/json ;;
    xml) echo application/xml ;;
    multipart) echo 'multipart/form-data; boundary=BOUND' ;;
  esac
}

# upload HOW KIND TEXT PATH [CURL-ARGUMENT...] prints the status of an upload: with its length
# announced, in chunks, or in HTTP/2 without a word about its length.
upload() {
  local how=$1 kind=$2 file=$BATS_TEST_TMPDIR/body path=$4 arguments
  body "$kind" "$3" >"$file"
  arguments=(-H "Content-Type: $(type_of "$kind")" -H 'Expect:' -X POST "${@:5}")
  case $how in
    length) ask "${arguments[@]}" --data-binary "@$file" "$WEB$path" ;;
    chunked) ask "${arguments[@]}" -H 'Transfer-Encoding: chunked' --data-binary "@$file" "$WEB$path" ;;
    http2) ask "${arguments[@]}" --http2-prior-knowledge -T - "$WEB2$path" <"$file" ;;
  esac
}

@test "a cut body passes when it is clean, and is said to be truncated" {
  for how in length chunked http2; do
    for kind in form json xml multipart; do
      run -0 upload "$how" "$kind" "hello world" "/clean-$how-$kind"
      [ "$output" = 200 ] || { echo "$how $kind: $output"; false; }
      logged "POST " "/clean-$how-$kind " 'action=allow' 'reason=clean' 'body_truncated=1'
      event ".uri == \"/clean-$how-$kind\" and .body_truncated and .action == \"allow\""
    done
  done
}

@test "a cut body with an attack in it is denied, whatever its kind" {
  for how in length chunked http2; do
    for kind in form json xml multipart; do
      upload "$how" "$kind" "$attack" "/attack-$how-$kind"
      logged "POST " "/attack-$how-$kind " 'action=deny' 'code=403' 'reason=rules' 'body_truncated=1'
    done
  done
}

@test "a whole body of the same kinds is not said to be truncated" {
  for how in length chunked http2; do
    printf 'a=1&b=2' >"$BATS_TEST_TMPDIR/small"
    case $how in
      length) expect 200 --data-binary "@$BATS_TEST_TMPDIR/small" "$WEB/small-$how" ;;
      chunked) expect 200 -H 'Transfer-Encoding: chunked' --data-binary "@$BATS_TEST_TMPDIR/small" "$WEB/small-$how" ;;
      http2) expect 200 --http2-prior-knowledge -X POST -T - -H 'Content-Type: application/x-www-form-urlencoded' \
        "$WEB2/small-$how" <"$BATS_TEST_TMPDIR/small" ;;
    esac
    logged "/small-$how " 'action=allow' 'reason=clean' 'body_truncated=0'
  done
}

@test "on-truncated-body deny answers 413, allow lets it pass, attack or not" {
  upload length json "hello" /denied -H 'X-App: denying'
  logged 'POST /denied ' 'action=deny' 'code=413' 'reason=truncated' 'body_truncated=1'
  event '.uri == "/denied" and .status == 413 and .reason == "truncated" and .body_truncated'
  upload chunked form "hello" /denied-chunked -H 'X-App: denying'
  logged 'POST /denied-chunked ' 'action=deny' 'code=413' 'reason=truncated' 'body_truncated=1'
  run -0 upload length json "$attack" /allowed -H 'X-App: allowing'
  [ "$output" = 200 ]
  logged 'POST /allowed ' 'action=allow' 'reason=truncated' 'body_truncated=1'
  [ "$(metric 'spoa_modsecurity_bodies_truncated_total{app="denying"}')" = 2 ]
  [ "$(metric 'spoa_modsecurity_bodies_truncated_total{app="allowing"}')" = 1 ]
}

coded() { # TEXT CODING PATH
  printf '%s' "$1" | gzip >"$BATS_TEST_TMPDIR/gz"
  ask -H 'X-App: coded' -H "Content-Encoding: $2" --data-binary "@$BATS_TEST_TMPDIR/gz" "$WEB$3"
}

@test "a gzip body is decoded before the rules see it" {
  [ "$(coded 'a=1&b=2' gzip /gzip)" = 200 ]
  logged 'POST /gzip ' 'reason=clean' 'body_truncated=0'
  [ "$(coded "a=1&b=$attack" gzip /gzip-attack)" = 403 ]
  logged 'POST /gzip-attack ' 'reason=rules' 'body_truncated=0'
}

@test "a coded body that grows beyond the limits is searched up to there" {
  [ "$(coded "a=1&b=$(printf '%05000d' 0)" gzip /bomb)" = 200 ]
  logged 'POST /bomb ' 'reason=clean' 'body_truncated=1'
  event '.uri == "/bomb" and .body_truncated and .body_fault == "ratio"'
  [ "$(metric 'spoa_modsecurity_bodies_not_whole_total{app="coded",coding="gzip",reason="ratio"}')" = 1 ]
  [ "$(coded "a=$attack&b=$(printf '%05000d' 0)" gzip /bomb-attack)" = 403 ]
}

@test "a body with a coding that is not decoded is searched as it came" {
  expect 200 -H 'X-App: coded' -H 'Content-Encoding: br' --data 'a=1' "$WEB/unknown"
  event '.uri == "/unknown" and .body_truncated and .body_fault == "unknown"'
  expect 403 -H 'X-App: coded' -H 'Content-Encoding: br' --data-urlencode "a=$attack" "$WEB/unknown-attack"
}
