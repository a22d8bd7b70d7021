# Shell functions that quickstart.sh and the tests share. Source it from bash; it expects
# nothing but `root`, the folder of the clone.
# shellcheck shell=bash
# shellcheck disable=SC2154  # root is set by whoever sources this file

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# missing_packages USE... prints what packaging/debian-packages.txt lists for these uses and
# this machine has not.
missing_packages() {
  local uses=" $* " use package
  while read -r use package; do
    [[ $uses == *" $use "* ]] || continue
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      printf '%s\n' "$package"
  done <"$root/packaging/debian-packages.txt"
}

# install_packages USE... installs what is missing, and does not touch apt otherwise. Only the
# programs are wanted: services that come with them are not started (nginx would take port 80),
# and nginx, which serves the tests alone, not at the next start of the machine either.
install_packages() {
  command -v dpkg-query >/dev/null ||
    die "this needs Debian 12: see packaging/debian-packages.txt for what to install by hand"
  local missing as_root=()
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "missing packages; as root: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  { "${apt[@]}" update && without_services "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >&2 ||
    die "apt-get failed; see above"
  case " ${missing[*]} " in
    *" nginx "*) "${as_root[@]}" systemctl disable nginx >/dev/null 2>&1 || true ;;
  esac
}

# without_services COMMAND... runs a command that installs packages; their services are not
# started. A policy is Debian's way to say so (invoke-rc.d(8)); one that is there is left alone.
# Expects `as_root`.
without_services() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
  fi
  "$@"
)

# free_port prints a TCP port of 127.0.0.1 that nobody listens on, below the range from which
# the kernel takes ports for outgoing connections.
free_port() {
  local port try
  for try in {1..200}; do
    port=$((10000 + (RANDOM * 32768 + RANDOM + try) % 22000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%s\n' "$port"
      return
    fi
  done
  die "found no free port on 127.0.0.1"
}

# wait_until SECONDS COMMAND... polls until the command succeeds; fails after SECONDS.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# version_of HAPROXY prints its version as it spells it, for people to read. What a HAProxy can
# do is asked with `takes`.
version_of() { "$1" -v | sed -n '1s/.*version \([^ ]*\).*/\1/p'; }

# takes HAPROXY LINES: that HAProxy accepts a configuration with these lines.
takes() {
  "$1" -c -f <(printf 'listen probe\n    mode tcp\n    bind 127.0.0.1:1\n%s\n' "$2") >/dev/null 2>&1
}

# examples_for HAPROXY prints the folder of the example files for that HAProxy.
examples_for() {
  if takes "$1" $'backend agents\n    mode spop'; then
    printf '%s\n' "$root/haproxy-examples/3.1"
  elif takes "$1" ""; then
    printf '%s\n' "$root/haproxy-examples"
  else
    say "$1 is not a HAProxy that runs here"
    return 1
  fi
}

# replace FILE OLD NEW replaces text that stands in the file exactly once, and fails if it does
# not: an example that changed is noticed, not tested by halves.
replace() {
  local text
  text=$(<"$1")
  local rest=${text#*"$2"}
  if [ "$rest" = "$text" ] || [[ $rest == *"$2"* ]]; then
    say "$1 does not have exactly once: $2"
    return 1
  fi
  printf '%s\n' "${text%%"$2"*}$3$rest" >"$1"
}

# copy_example HAPROXY FOLDER PORT APP_PORT AGENT_ADDRESS copies the example files of that
# HAProxy to FOLDER, and puts these in place of the well-known ports.
copy_example() {
  mkdir -p "$2" &&
    cp "$(examples_for "$1")"/*.{cfg,conf} "$root/haproxy-examples/pause.lua" "$2" &&
    replace "$2/haproxy.cfg" "bind :8080" "bind 127.0.0.1:$3" &&
    replace "$2/haproxy.cfg" "server app1 127.0.0.1:8000" "server app1 127.0.0.1:$4" &&
    replace "$2/haproxy.cfg" "server agent1 127.0.0.1:12345" "server agent1 $5"
}
