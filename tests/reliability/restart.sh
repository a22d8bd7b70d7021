#!/usr/bin/env bash
# One agent behind HAProxy with the ordinary example, restarted every second as `systemctl restart`
# does with spoa-modsecurity.socket: SIGTERM, wait for the end, start. The socket stays open
# meanwhile. Clean visitors and attackers come all the time.
#
# usage: tests/reliability/restart.sh [TIMES]    (20)
#
# environment: HAPROXY, SPOA_BUILD, CONNECTIONS (16), RATE requests a second in all (400),
# RULES=crs to load the project's main.conf with the Core Rule Set, and HOW=KILL for a crash in
# place of the restart: kill -9, and Restart=on-failure after RestartSec=100ms.
set -uo pipefail
# shellcheck source=tests/reliability/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

times=${1:-20}
begin "$E2E"
base=$root/rules/engine.conf
[ "${RULES-}" != crs ] || base=$root/rules/main.conf
visitors_rules "$base"
if ! { start_service && start_application && start_haproxy; }; then
  show_logs
  exit 1
fi
begin_visitors --connections "${CONNECTIONS:-16}" --rate "${RATE:-400}"
for ((n = 1; n <= times; n++)); do
  sleep 1
  if [ "${HOW-}" = KILL ]; then crash_service; else restart_service; fi || exit 1
done
sleep 1
result=right
end_visitors || result=wrong
printf 'HAProxy %s, %s times %s: answers %s\n' "$(version_of "$haproxy")" "$times" "${HOW:-restart}" "$result"
[ "$result" = right ]
