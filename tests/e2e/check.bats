# `check` and the command line: mistakes are named, all of them, before anything starts.
load lib

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# refuses TEXT LINE...: a rules file of these lines is refused with a problem that has TEXT.
refuses() {
  local text=$1
  shift
  printf '%s\n' "$@" >own.conf
  run -78 "$agent" check --rules own.conf
  [[ $output == *"own.conf:"*"$text"* ]] || { echo "$output"; return 1; }
  [[ $output == *"nothing was started"* ]]
}

@test "the project's rules and the packaged settings are good" {
  run -0 "$agent" check --rules "$root/rules/main.conf"
  run -0 "$agent" check --rules "$root/rules/baseline.conf"
  mkdir etc
  cp "$root/packaging/spoa-modsecurity.yaml" etc
  ln -s "$root/rules" etc/rules
  run -0 "$agent" check --config etc/spoa-modsecurity.yaml
}

@test "three mistakes in the settings: all three are listed with their places" {
  cat >bad.yaml <<SETTINGS
workerz: 4
queue: many
applications:
  shop:
    rules: nothing.conf
SETTINGS
  run -78 "$agent" check --config bad.yaml
  [[ $output == *"bad.yaml:1:1:"*"bad.yaml:2:8:"*"bad.yaml:5:12:"* ]]
  [[ $output == *"did you mean \`workers\`"* ]]
  [[ $output == *"3 errors; nothing was started"* ]]
}

@test "run refuses the same mistakes with the same status, and opens nothing" {
  echo 'workerz: 4' >bad.yaml
  run -78 "$agent" --config bad.yaml --events "$PWD/events.jsonl"
  [ ! -e events.jsonl ]
}

@test "an unknown flag or command: 64" {
  run -64 "$agent" --frobnicate
  run -64 "$agent" frobnicate
  run -64 "$agent" check --frobnicate
}

@test "--help and --version succeed" {
  run -0 "$agent" --help
  [[ $output == *check* ]]
  run -0 "$agent" check --help
  run -0 "$agent" --version
  [[ $output == "spoa-modsecurity "* ]]
}

@test "a settings file that is not there: 78" {
  run -78 "$agent" check --config nothing-here.yaml
  [[ $output == *nothing-here.yaml* ]]
}

@test "a rules file that is not there" { refuses "" "Include nothing-here.conf"; }

@test "a pattern that does not compile" {
  refuses "does not compile" 'SecRule ARGS "@rx (" "id:1,phase:1,deny"'
}

@test "two rules with one id" {
  refuses "used already" 'SecRule ARGS "@rx a" "id:2,phase:1,deny"' 'SecRule ARGS "@rx b" "id:2,phase:1,deny"'
}

@test "SecRemoteRules" { refuses "SecRemoteRules" 'SecRemoteRules key https://rules.example/all'; }

@test "IncludeOptional" { refuses "IncludeOptional" 'IncludeOptional nothing/*.conf'; }

@test "an audit log that cannot be opened" {
  refuses "SecAuditLog" 'SecAuditEngine On' "SecAuditLog $BATS_TEST_TMPDIR/no-such-folder/audit.log"
}

@test "several mistakes in the rules: all are listed" {
  printf '%s\n' 'SecRule ARGS "@rx (" "id:1,phase:1,deny"' 'IncludeOptional a.conf' \
    'SecRemoteRules key https://rules.example/all' >own.conf
  run -78 "$agent" check --rules own.conf
  [[ $output == *own.conf:1:*own.conf:2:*own.conf:3:* ]]
  [[ $output == *"3 errors"* ]]
}

# Made by root, it could not be opened by the daemon later.
@test "check leaves no log file behind that the rules name" {
  cat >"$PWD/log.conf" <<RULES
SecRuleEngine On
SecAuditEngine On
SecAuditLog $PWD/audit.log
SecDebugLog $PWD/debug.log
SecAction "id:1,phase:1,pass,nolog"
RULES
  run -0 "$agent" check --rules "$PWD/log.conf"
  [ ! -e "$PWD/audit.log" ]
  [ ! -e "$PWD/debug.log" ]
}

# An operator mends all at once, not round after round.
@test "mistakes in settings and in rules are listed together" {
  printf 'SecRuleEngine On\nSecRule ARGS "@rx (" "id:1,deny"\n' >"$PWD/bad.conf"
  printf 'colour: red\nqueue: 0\napplications: {shop: {rules: %s}}\n' "$PWD/bad.conf" >"$PWD/bad.yaml"
  run -78 "$agent" check --config "$PWD/bad.yaml"
  [[ $output == *"$PWD/bad.yaml:1:1:"* ]]
  [[ $output == *"$PWD/bad.yaml:2:8:"* ]]
  [[ $output == *"$PWD/bad.conf:2:"* ]]
  [[ $output == *"3 errors; nothing was started"* ]]
}
