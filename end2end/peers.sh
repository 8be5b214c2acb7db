# Issuance by Debian's ACME clients against the sandbox's CA, for the benchmark: `peers FLOOR_MS` prints each as a ratio.
# Sourced by `bench`, which has started the sandbox. Caddy serves the name when it is done, as Padlock does; the others
# leave a certificate on disk.
# shellcheck shell=bash disable=SC2154

peers() {
  local floor=$1 client
  peer=$state/peer
  mkdir -p "$peer"
  export LEGO_CA_CERTIFICATES=$PADLOCK_ACME_ROOT EXEC_PATH=$peer/hook
  peer_hook
  for client in caddy dehydrated lego; do
    "${client}_begin" >"$peer/$client.log" 2>&1
    peer_median "$client" "$floor"
    "${client}_end" >>"$peer/$client.log" 2>&1
  done
}

peer_median() { # CLIENT FLOOR_MS
  local client=$1 run name begun took=()
  for run in 1 2 3; do
    name=$client-$run-$RANDOM.court.test
    "${client}_prepare" "$name"
    begun=$(date +%s%N)
    "${client}_get" "$name" >>"$peer/$client.log" 2>&1 || fail "$client got no certificate: $peer/$client.log"
    took+=($((($(date +%s%N) - begun) / 1000)))
  done
  printf '%s\n' "${took[@]}" | sort -n | awk -v client="$client" -v floor="$2" \
    'NR == 2 { printf "issuance, %s: one name %.0f ms, %.0f times the floor\n", client, $1 / 1000, $1 / 1000 / floor }'
}

# The clients' hook puts the challenge's answer into the customers' DNS, as an administrator's script would.
peer_hook() {
  cat >"$peer/hook" <<H
#!/bin/sh
case \$1 in
  deploy_challenge) name=\$2 value=\$4 ;;
  present) name=\${2#_acme-challenge.} value=\$3 ;;
  *) exit 0 ;;
esac
exec env LAB_OFFSET=$LAB_OFFSET "$here/lab" record add court.test "_acme-challenge.\${name%.}" TXT "\$value"
H
  chmod 755 "$peer/hook"
}

# ---- caddy: on demand, the first handshake waits for the certificate; http-01 on an address of its own

caddy_begin() {
  printf '{\n admin off\n default_bind %s\n acme_ca %s\n acme_ca_root %s\n storage file_system %s\n}\n' \
    "$LAB_OLD_SITE" "$PADLOCK_ACME_DIRECTORY" "$PADLOCK_ACME_ROOT" "$peer/caddy" >"$peer/Caddyfile"
  printf 'https:// {\n tls {\n  on_demand\n }\n respond "it works"\n}\n' >>"$peer/Caddyfile"
  HOME=$peer caddy run --config "$peer/Caddyfile" --adapter caddyfile &
  caddy=$!
  local tries
  for ((tries = 0; tries < 100; tries++)); do (: <"/dev/tcp/$LAB_OLD_SITE/$LAB_HTTPS_PORT") && return; sleep 0.1; done
  return 1
}

caddy_prepare() { end2end/lab record add court.test "$1" A "$LAB_OLD_SITE"; }
caddy_get() { curl -sSkf --max-time 60 --connect-to "::$LAB_OLD_SITE:$LAB_HTTPS_PORT" "https://$1/"; }
caddy_end() { kill "$caddy" && wait "$caddy" || true; }

# ---- dehydrated

dehydrated_begin() {
  printf '%s\n' "CA=$PADLOCK_ACME_DIRECTORY" "CURL_OPTS='--cacert $PADLOCK_ACME_ROOT'" "BASEDIR=$peer/dehydrated" CHALLENGETYPE=dns-01 \
    "HOOK=$peer/hook" >"$peer/dehydrated.conf"
  mkdir -p "$peer/dehydrated"
  dehydrated -f "$peer/dehydrated.conf" --register --accept-terms
}

dehydrated_prepare() { :; }
dehydrated_get() { dehydrated -f "$peer/dehydrated.conf" -c -d "$1"; }
dehydrated_end() { :; }

# ---- lego

lego_begin() { lego_get "lego-account-$RANDOM.court.test"; }
lego_prepare() { :; }

lego_get() {
  lego --server "$PADLOCK_ACME_DIRECTORY" --accept-tos --email ops@court.test --dns exec --dns.disable-cp \
    --dns.resolvers "$LAB_RESOLVER:$LAB_DNS_PORT" --path "$peer/lego" -d "$1" run
}

lego_end() { :; }
