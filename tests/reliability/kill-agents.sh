#!/usr/bin/env bash
# Two agents behind HAProxy with haproxy-examples/several-agents; one of them, in turn, is killed
# with -9 every five seconds and started again a second later. Clean visitors and attackers come
# all the time.
#
# usage: tests/reliability/kill-agents.sh [SECONDS]    (60)
#
# environment: HAPROXY, SPOA_BUILD, CONNECTIONS (16), RATE requests a second in all (400), and
# HOW=KILL: TERM stops it, STOP lets it hang for two seconds.
set -uo pipefail
# shellcheck source=tests/reliability/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seconds=${1:-60} how=${HOW:-KILL}
start_fleet "$E2E" || exit 1
begin_visitors --connections "${CONNECTIONS:-16}" --rate "${RATE:-400}"
end=$((SECONDS + seconds)) times=0
while [ "$SECONDS" -lt "$end" ]; do
  n=$((times % 2 + 1))
  sleep 2
  kill "-$how" "$(fleet_pid $n)"
  times=$((times + 1))
  if [ "$how" = STOP ]; then
    sleep 2
    kill -CONT "$(fleet_pid $n)"
  else
    wait_until 30 gone "$(fleet_pid $n)"
    sleep 1
    fleet_agent $n || exit 1
  fi
  sleep 2
done
result=right
end_visitors || result=wrong
printf 'HAProxy %s, %s times %s: answers %s; asked again %s, of them about the response %s\n' \
  "$(version_of "$haproxy")" "$times" "$how" "$result" \
  "$(grep -cE ' (res_)?again=1' "$E2E/haproxy.log")" "$(grep -c ' res_again=1' "$E2E/haproxy.log")"
[ "$result" = right ]
