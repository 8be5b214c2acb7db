# The sandbox's servers: for each, its address, how its folder is prepared and the command that runs it in the foreground.
# Sourced by `lab`; `…_prepare FOLDER` leaves the command in the array `run`, `…_settle` runs once it answers.
# shellcheck shell=bash disable=SC2034

address() {
  case $1 in
    knot-root) echo "$LAB_ROOT_NS:$LAB_DNS_PORT" ;;
    knot-customers) echo "$LAB_CUSTOMERS_NS:$LAB_DNS_PORT" ;;
    unbound) echo "$LAB_RESOLVER:$LAB_DNS_PORT" ;;
    knot-signed) echo "$LAB_SIGNED_NS:$LAB_DNS_PORT" ;;
    knot-stale) echo "$LAB_STALE_NS:$LAB_DNS_PORT" ;;
    unbound-signed) echo "$LAB_SIGNED_RESOLVER:$LAB_DNS_PORT" ;;
    pebble) echo "127.0.0.1:$LAB_PEBBLE_PORT" ;;
    postgres) echo "127.0.0.1:$LAB_POSTGRES_PORT" ;;
    mailbox) echo "127.0.0.1:$LAB_MAILBOX_PORT" ;;
  esac
}

# PostgreSQL ends its sessions on INT and waits for them on TERM.
stop_signal() { case $1 in postgres) echo INT ;; *) echo TERM ;; esac; }

# ---- what several of them share

write_secrets() {
  (
    umask 077
    if [ ! -s "$LAB_STATE/tsig.key" ]; then printf 'hmac-sha256:lab:%s\n' "$(openssl rand -base64 32)" >"$LAB_STATE/tsig.key"; fi
  )
  [ -s "$LAB_STATE/ca/server.pem" ] || listener_certificate "$LAB_STATE/ca"
}

# Debian's Pebble ships none for its own HTTPS. An unfinished folder is not mistaken for a finished one.
listener_certificate() {
  local work=$1.new key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  rm -rf "$work" && mkdir -p "$work"
  openssl req -x509 "${key[@]}" -days 3650 -subj "/CN=Padlock sandbox" -keyout "$work/ca.key" -out "$work/ca.pem" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  openssl req "${key[@]}" -subj /CN=localhost -keyout "$work/server.key" -out "$work/server.csr" 2>/dev/null
  openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 3650 -out "$work/server.pem" \
    -extfile <(printf '%s\n' subjectAltName=DNS:localhost,IP:127.0.0.1 basicConstraints=critical,CA:FALSE extendedKeyUsage=serverAuth) 2>/dev/null
  rm -rf "$1" && mv "$work" "$1"
}

knot_config() { # FOLDER ADDRESS
  cat <<K
server:
    rundir: "$1"
    listen: $2@$LAB_DNS_PORT
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "$1/db"
log:
  - target: stderr
    any: warning
key:
  - id: lab
    algorithm: hmac-sha256
    secret: $(cut -d: -f3 "$LAB_STATE/tsig.key")
acl:
  - id: lab
    action: [update, transfer]
    key: lab
template:
  - id: default
    storage: "$1/zones"
    file: "%s.zone"
    semantic-checks: off
    zonefile-load: whole
    zonefile-sync: 0
zone:
K
}

zone_head() { # ORIGIN SERVER
  # shellcheck disable=SC2016 # the dollars are the zone file's
  printf '$ORIGIN %s\n$TTL 300\n@ SOA %s hostmaster.provider.test. 1 3600 600 86400 1\n@ NS %s\n' "$1" "$2" "$2"
}

# ---- knot-root: the root, `test.` and the platform's zone

knot_root_prepare() {
  local folder=$1 zone
  mkdir -p "$folder/zones" "$folder/db"
  { zone_head . a.root.; printf 'a.root. A %s\ntest. NS a.root.\n' "$LAB_ROOT_NS"; } >"$folder/zones/root.zone"
  {
    zone_head test. a.root.
    printf 'platform NS a.root.\nprovider NS ns1.provider\nns1.provider A %s\n' "$LAB_CUSTOMERS_NS"
    for zone in $LAB_ZONES; do printf '%s. NS ns1.provider\n' "$zone"; done
    made_delegations
  } >"$folder/zones/test.zone"
  platform_zone >"$folder/zones/platform.test.zone"
  {
    knot_config "$folder" "$LAB_ROOT_NS"
    printf '  - domain: .\n    file: root.zone\n  - domain: test\n  - domain: platform.test\n'
  } >"$folder/knot.conf"
  knotc -c "$folder/knot.conf" conf-check >/dev/null
  run=(knotd -c "$folder/knot.conf")
}

platform_zone() {
  local slot node
  zone_head platform.test. a.root.
  printf '%s. A %s\nns1 A %s\n%s. NS ns1\n' "$LAB_EDGE_HOSTNAME" "$LAB_EDGE_IP" "$LAB_DCV_NS" "$LAB_DCV_ZONE"
  for ((slot = 1; slot <= LAB_SLOTS; slot++)); do
    printf 'edge-%s A %s\n' "$slot" "$(slot_address "$LAB_SLOT_EDGE_BASE" "$slot")"
    printf 'ns-%s A %s\ndcv-%s NS ns-%s\n' "$slot" "$(slot_address "$LAB_SLOT_DCV_BASE" "$slot")" "$slot" "$slot"
    # Three nodes of one slot share these.
    printf 'dcvs-%s NS ns-%s\nedges-%s A %s\n' "$slot" "$slot" "$slot" "$(slot_address "$LAB_SLOT_EDGE_BASE" "$slot")"
    for node in 2 3; do
      printf 'ns-%s-%s A %s\ndcvs-%s NS ns-%s-%s\n' "$slot" "$node" "$(node_address "$LAB_SLOT_DCV_BASE" "$slot" "$node")" "$slot" "$slot" "$node"
      printf 'edges-%s A %s\n' "$slot" "$(node_address "$LAB_SLOT_EDGE_BASE" "$slot" "$node")"
    done
  done
}

# ---- knot-customers: their DNS provider; what is published stays over a restart

knot_customers_prepare() {
  local folder=$1 zone file
  mkdir -p "$folder/zones" "$folder/db"
  { zone_head provider.test. ns1.provider.test.; printf 'ns1 A %s\n' "$LAB_CUSTOMERS_NS"; } >"$folder/zones/provider.test.zone"
  { knot_config "$folder" "$LAB_CUSTOMERS_NS"; printf '  - domain: provider.test\n'; } >"$folder/knot.conf"
  for zone in $LAB_ZONES; do
    file=$folder/zones/$zone.zone
    [ -s "$file" ] || { zone_head "$zone." ns1.provider.test.; printf '@ A %s\n' "$LAB_OLD_SITE"; } >"$file"
    printf '  - domain: %s\n    acl: lab\n' "$zone" >>"$folder/knot.conf"
  done
  knotc -c "$folder/knot.conf" conf-check >/dev/null
  run=(knotd -c "$folder/knot.conf")
}

# ---- unbound: the internet's resolver, recursing from the lab's root

unbound_prepare() {
  local folder=$1
  printf '. 3600 NS a.root.\na.root. 3600 A %s\n' "$LAB_ROOT_NS" >"$folder/root.hints"
  {
    unbound_config "$folder"
    if [ "$LAB_DNS_PORT" = 53 ]; then printf 'server:\n  root-hints: "%s/root.hints"\n' "$folder"; else unbound_stubs; fi
  } >"$folder/unbound.conf"
  run=(unbound -d -c "$folder/unbound.conf")
}

# On loopback nothing resolves without do-not-query-localhost and nodefault; without the negative TTL an early NXDOMAIN
# outlives the update, and without the infra lines a server that was asked before it ran counts as dead for a minute.
# Signed zones are signed.sh's: module-config "validator iterator" and the root's key as trust-anchor-file.
unbound_config() {
  cat <<U
server:
  interface: $LAB_RESOLVER
  port: $LAB_DNS_PORT
  access-control: 127.0.0.0/8 allow
  do-ip6: no
  username: ""
  chroot: ""
  directory: "$1"
  pidfile: "$1/unbound.pid"
  use-syslog: no
  logfile: ""
  verbosity: 0
  num-threads: 1
  do-not-query-localhost: no
  local-zone: "test." nodefault
  module-config: "iterator"
  trust-anchor-file: ""
  cache-max-ttl: $LAB_CACHE_MAX_TTL
  cache-max-negative-ttl: 0
  infra-host-ttl: 1
  infra-keep-probing: yes
remote-control:
  control-enable: no
U
}

# A delegation carries no port, so on high ports each zone's server is written down.
unbound_stubs() {
  local zone slot
  for zone in . test. platform.test.; do unbound_stub "$zone" "$LAB_ROOT_NS"; done
  for zone in provider.test $LAB_ZONES; do unbound_stub "$zone." "$LAB_CUSTOMERS_NS"; done
  # shellcheck disable=SC2086 # both addresses
  for zone in $(made_names); do unbound_stub "$zone.test." $LAB_MADE_NS; done
  unbound_stub "$LAB_DCV_ZONE." "$LAB_DCV_NS"
  for ((slot = 1; slot <= LAB_SLOTS; slot++)); do
    unbound_stub "dcv-$slot.platform.test." "$(slot_address "$LAB_SLOT_DCV_BASE" "$slot")"
    unbound_stub "dcvs-$slot.platform.test." "$(node_address "$LAB_SLOT_DCV_BASE" "$slot" 1)" "$(node_address "$LAB_SLOT_DCV_BASE" "$slot" 2)" \
      "$(node_address "$LAB_SLOT_DCV_BASE" "$slot" 3)"
  done
}

unbound_stub() { # ZONE ADDRESS…
  printf 'stub-zone:\n  name: "%s"\n' "$1"
  printf "  stub-addr: %s@$LAB_DNS_PORT\n" "${@:2}"
}

# ---- pebble: the CA. Its RSA root is new at each start and it forgets its accounts.

pebble_prepare() {
  local folder=$1
  cat >"$folder/config.json" <<J
{ "pebble": {
  "listenAddress": "127.0.0.1:$LAB_PEBBLE_PORT", "managementListenAddress": "127.0.0.1:$LAB_PEBBLE_MANAGEMENT_PORT",
  "certificate": "$LAB_STATE/ca/server.pem", "privateKey": "$LAB_STATE/ca/server.key",
  "httpPort": $LAB_HTTP_PORT, "tlsPort": $LAB_HTTPS_PORT, "ocspResponderURL": "",
  "externalAccountBindingRequired": $LAB_EAB,
  "externalAccountMACKeys": { "kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W" },
  "domainBlocklist": ["blocked.court.test"],
  "certificateValidityPeriod": $LAB_VALIDITY } }
J
  # Pebble 2.4 locks itself up when one thread reads an authorization while another looks for a valid one.
  run=(env "GOMAXPROCS=$LAB_PEBBLE_THREADS" "PEBBLE_VA_NOSLEEP=$LAB_NOSLEEP" "PEBBLE_WFE_NONCEREJECT=$LAB_NONCEREJECT" "PEBBLE_AUTHZREUSE=$LAB_AUTHZREUSE"
    "PEBBLE_VA_ALWAYS_VALID=$LAB_ALWAYS_VALID" "PEBBLE_CHAIN_LENGTH=$LAB_CHAIN_LENGTH" "PEBBLE_ALTERNATE_ROOTS=$LAB_ALTERNATE_ROOTS"
    pebble "-strict=$LAB_STRICT" -config "$folder/config.json" -dnsserver "$LAB_RESOLVER:$LAB_DNS_PORT")
}

# ---- postgres: a cluster of its own, with the durability of a real one; each node of each test keeps up to 17 connections

postgres_prepare() {
  local folder=$1 bin
  bin=$(postgres_bin)
  if [ ! -s "$folder/data/PG_VERSION" ]; then
    rm -rf "$folder/data"
    openssl rand -hex 16 >"$folder/password"
    chmod 600 "$folder/password"
    if [ "$(id -u)" = 0 ]; then chown -R "$(postgres_user):" "$folder"; fi
    as_postgres "$bin/initdb" -D "$folder/data" -U padlock --pwfile="$folder/password" --auth=scram-sha-256 \
      --encoding=UTF8 --locale=C.UTF-8 --no-instructions >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; return 1; }
  fi
  rm -f "$folder/data/postmaster.pid" "$folder"/.s.PGSQL.* # `launch` saw that ours is gone; a killed one leaves these
  postgres_runner
  run=("${as[@]}" "$bin/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c "port=$LAB_POSTGRES_PORT"
    -c "unix_socket_directories=$folder" -c fsync=on -c max_connections=400 -c logging_collector=off -c log_min_messages=warning)
}

postgres_settle() {
  local psql=("$(postgres_bin)/psql" -X -v ON_ERROR_STOP=1 -qAt "$(postgres_url postgres)") tries
  for ((tries = 0; tries < 100; tries++)); do "${psql[@]}" -c 'select 1' >/dev/null 2>&1 && break; sleep 0.05; done
  [ "$("${psql[@]}" -c "select 1 from pg_database where datname = 'padlock'")" = 1 ] || "${psql[@]}" -c 'create database padlock'
}

postgres_url() { echo "postgres://padlock:$(cat "$LAB_STATE/postgres/password")@127.0.0.1:$LAB_POSTGRES_PORT/${1:-padlock}"; }

postgres_bin() {
  local found
  found=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/postgres' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] || { echo "lab: no PostgreSQL under /usr/lib/postgresql (make setup)" >&2; return 1; }
  dirname "$found"
}

# As root PostgreSQL runs as a user of its own, since it refuses to be root.
postgres_user() { if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi; }

postgres_runner() {
  as=()
  if [ "$(id -u)" = 0 ]; then as=(setpriv "--reuid=$(postgres_user)" "--regid=$(id -g "$(postgres_user)")" --clear-groups); fi
}

as_postgres() {
  local as
  postgres_runner
  "${as[@]}" "$@"
}

# ---- mailbox: takes every mail and shows it

mailbox_prepare() {
  run=(node "$here/mailbox.mjs" "$LAB_SMTP_PORT" "$LAB_MAILBOX_PORT")
}
