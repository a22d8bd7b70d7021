# Those who come from the agent of 2017 and from coraza-spoa: their files work as they are.
# Only addresses are replaced, and the time HAProxy waits.
load lib

teardown() { [ -z "${E2E-}" ] || { logs_if_failed; stop_stack; }; }

start_dialect() { # FOLDER
  begin "$BATS_TEST_TMPDIR/e2e"
  start_agent
  start_application
  prepare_example "$1"
}
attack="id=1'+UNION+SELECT+name,password+FROM+users--"

# The lines that these users have, as published; the examples hold exactly these.
@test "the examples ask as their users do" {
  grep -qxE ' *args unique-id method path query req\.ver req\.hdrs_bin req\.body_size req\.body' \
    "$root/haproxy-examples/2017-agent/spoe-modsecurity.conf"
  grep -qxE ' *http-request deny if \{ var\(txn\.modsec\.code\) -m int gt 0 \}' \
    "$root/haproxy-examples/2017-agent/haproxy.cfg"
  grep -qxE ' *args app=var\(txn\.coraza\.app\) src-ip=src src-port=src_port dst-ip=dst dst-port=dst_port method=method path=path query=query version=req\.ver headers=req\.hdrs body=req\.body exportRuleIDs=bool\(false\)' \
    "$root/haproxy-examples/coraza-spoa/coraza.cfg"
  grep -qxE ' *args app=var\(txn\.coraza\.app\) id=var\(txn\.coraza\.id\) version=res\.ver status=status headers=res\.hdrs body=res\.body exportRuleIDs=bool\(false\) detect-only=bool\(false\)' \
    "$root/haproxy-examples/coraza-spoa/coraza.cfg"
}

@test "the agent of 2017: blocks and allows" {
  start_dialect 2017-agent
  start_haproxy
  expect 200 "$WEB/products?id=1"
  expect 200 -d 'name=Ada&note=two+words' "$WEB/form"
  expect 403 "$WEB/products?$attack"
  expect 403 -d "$attack" "$WEB/form"
  # Each was asked about, and none passed for want of an answer.
  [ "$(metric 'spoa_modsecurity_frames_total{type="notify",direction="in"}')" -eq 4 ]
  [ "$(metric 'spoa_modsecurity_unknown_arguments_total')" -eq 0 ]
  found=$(event '.method == "POST"')
  [ "$(jq -r '.uri + " " + .host + " " + .action' <<<"$found")" = '/form shop.example deny' ]
}

@test "coraza-spoa: blocks and allows" {
  start_dialect coraza-spoa
  start_haproxy
  expect 200 "$WEB/clean"
  line=$(logged 'GET /clean ')
  [[ $line == *' spoa-error: - waf-hit: - action: allow ruleid: - rules-hit: 0 '* ]]
  expect 403 "$WEB/products?$attack"
  line=$(logged 'GET /products?')
  # The rule of the Core Rule Set that adds up the scores is the one that decided.
  [[ $line == *' spoa-error: - waf-hit: 403 action: deny ruleid: 949110 '* ]]
  [[ $line == *'942100'*949110* ]]
  found=$(event '.action == "deny"')
  [[ $line == *" $(jq -r .id <<<"$found") spoa-error"* ]]
  [ "$(jq -r .client <<<"$found")" = 127.0.0.1 ]
  # exportRuleIDs is known.
  [ "$(metric 'spoa_modsecurity_unknown_arguments_total')" -eq 0 ]
}

@test "coraza-spoa: the header of a blocked request, and a body that came with it" {
  start_dialect coraza-spoa
  # Its users add this where bodies matter.
  replace "$E2E/web/haproxy.cfg" '    http-request set-var(txn.coraza.app)' '    option http-buffer-request
    http-request set-var(txn.coraza.app)'
  start_haproxy
  run -0 curl -sS -o /dev/null -D - -d "$attack" "$WEB/form"
  [[ $output == *' 403'*waf-block:\ request* ]]
}

@test "coraza-spoa with responses: their answers overwrite the plain names" {
  start_dialect coraza-spoa
  replace "$E2E/web/coraza.cfg" '#messages   coraza-res' 'messages   coraza-res'
  replace "$E2E/web/haproxy.cfg" 'rule_ids:\ %[var(txn.coraza.rule_ids)]' \
    'res:\ %[var(txn.coraza.res_action)]'
  start_haproxy
  expect 200 "$WEB/clean"
  line=$(logged 'GET /clean ')
  [[ $line == *' action: allow '*' res: -'* ]]
  [[ $line != *' - spoa-error'* ]] # its id
  # Two questions, two answers: the request's and the response's.
  [ "$(metric 'spoa_modsecurity_frames_total{type="notify",direction="in"}')" -eq 2 ]
  [ "$(metric 'spoa_modsecurity_frames_total{type="ack",direction="out"}')" -eq 2 ]
  expect 403 "$WEB/products?$attack"
}

@test "coraza-spoa with responses: a leak is blocked" {
  begin "$BATS_TEST_TMPDIR/e2e"
  start_agent
  remember "APP_PORT=$(free_port)"
  launch "$E2E/application.log" python3 "$root/tests/e2e/application.py" "$APP_PORT"
  wait_until "$deadline" listens "$APP_PORT"
  prepare_example coraza-spoa
  replace "$E2E/web/coraza.cfg" '#messages   coraza-res' 'messages   coraza-res'
  start_haproxy
  expect 200 "$WEB/"
  expect 403 "$WEB/leak"
  line=$(logged 'GET /leak ')
  [[ $line == *' action: deny ruleid: 959100 '* ]]
  event '.uri == "/leak" and .action == "deny" and .phase == 4'
}
