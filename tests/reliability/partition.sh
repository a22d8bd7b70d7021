#!/usr/bin/env bash
# Two agents, each in a network namespace of its own, behind HAProxy with
# haproxy-examples/several-agents in a third. In turn one of them cannot be reached: packets vanish
# both ways, without a word, until HAProxy has found out; then they arrive again. Clean visitors and
# attackers come all the time.
#
# usage: tests/reliability/partition.sh [TIMES]    (6) as root
#
# environment: HAPROXY, SPOA_BUILD, CONNECTIONS (16), RATE requests a second in all (200).
set -uo pipefail
[ -n "${SPOA_NAMESPACE-}" ] || SPOA_NAMESPACE=own exec unshare --net "$0" "$@"
# shellcheck source=tests/reliability/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

begin "$E2E"
ip link set lo up

# separate N: agent N gets the address 10.77.N.2, across a cable of its own. The namespace lives as
# long as the process that holds it.
separate() {
  local n=$1
  launch "$E2E/namespace-$n.log" unshare --net sleep infinity
  wait_until 10 in_another "$launched" || die "no second network namespace"
  remember "HOLDER_$n=$launched"
  ip link add "to-agent$n" type veth peer name eth0 netns "$launched"
  ip address add "10.77.$n.1/24" dev "to-agent$n"
  ip link set "to-agent$n" up
  inside "$n" ip address add "10.77.$n.2/24" dev eth0
  inside "$n" ip link set eth0 up
  inside "$n" ip link set lo up
  remember "SPOP_$n=10.77.$n.2:12345" "ADMIN_$n=10.77.$n.2:9180"
}
in_another() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
inside() {
  local holder=HOLDER_$1
  nsenter --net --target "${!holder}" "${@:2}"
}
# Frames go to a station that does not exist: the kernel sends, and nobody hears.
cut() {
  ip neighbour replace "10.77.$1.2" lladdr 02:00:00:00:00:99 dev "to-agent$1" nud permanent
  inside "$1" ip neighbour replace "10.77.$1.1" lladdr 02:00:00:00:00:99 dev eth0 nud permanent
}
mend() {
  ip neighbour del "10.77.$1.2" dev "to-agent$1"
  inside "$1" ip neighbour del "10.77.$1.1" dev eth0
}
found_out() { grep -q "Server spoa-modsecurity-./agent$1 is DOWN" < <(new_lines); }

separate 1
separate 2
# shellcheck disable=SC2034  # for fleet_agent
place_1=(nsenter --net --target "$HOLDER_1") place_2=(nsenter --net --target "$HOLDER_2")
start_fleet "$E2E" || exit 1
since_now
begin_visitors --connections "${CONNECTIONS:-16}" --rate "${RATE:-200}"
for ((times = 0; times < ${1:-6}; times++)); do
  n=$((times % 2 + 1))
  wait_until 30 serves $n || die "agent $n does not serve"
  since_now
  cut $n
  wait_until 30 found_out $n || die "HAProxy does not find out that agent $n is gone"
  sleep 0.3
  since_now
  mend $n
  # What was sent meanwhile is sent again at growing intervals; until then its connections are deaf.
  sleep 2
done
wait_until 30 serves "$n" || die "agent $n does not serve again"
result=right
end_visitors || result=wrong
printf 'HAProxy %s, %s times without a network: answers %s; asked again %s\n' "$(version_of "$haproxy")" \
  "$times" "$result" "$(grep -cE ' (res_)?again=1' "$E2E/haproxy.log")"
[ "$result" = right ]
