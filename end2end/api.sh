# Talking to a running Padlock: is it ready, and its REST API. Sourced after common.sh and lab.env.
# shellcheck shell=bash

# api METHOD PATH [JSON]: the answer's body; on an error its detail on stderr, and 1.
api() {
  local answer status
  [ -s "$checkout/target/demo/token" ] || fail "no demo is set up here (make demo)"
  answer=$(curl -sS -w '\n%{http_code}' -X "$1" "http://$LAB_CONSOLE_ADDR/api/v1$2" -H @<(printf 'Authorization: Bearer %s\n' "$(cat "$checkout/target/demo/token")") \
    ${3:+-H 'Content-Type: application/json' --data "$3"}) || return 1
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  if [ "$status" -ge 400 ]; then
    echo "$1 $2: $status $(jq -r '.detail // .title // .' <<<"$answer" 2>/dev/null || echo "$answer")" >&2
    return 1
  fi
  printf '%s\n' "$answer"
}

# find_domain NAME: the domain of exactly this name, or nothing.
find_domain() { api GET "/domains?q=$(jq -rn --arg name "$1" '$name | @uri')" | jq -c --arg name "$1" 'first(.items[] | select(.domain == $name)) // empty'; }

# await_ready PID: until the Padlock of this process says so.
await_ready() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    curl -sf -o /dev/null "http://$LAB_CONSOLE_ADDR/readyz" && return
    kill -0 "$1" 2>/dev/null || fail "Padlock ended; its last words are above"
    sleep 0.1
  done
  fail "Padlock is not ready after 30 s (http://$LAB_CONSOLE_ADDR/readyz)"
}
