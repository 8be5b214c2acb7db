# The signed internet: a root, `test.` and customers' zones with DNSSEC, each broken in its own way, and the resolver that
# validates them. Names that are not below its zones lead to the sandbox's other servers, so that Padlock runs on it as usual.
# Sourced by `lab`, as servers.sh is. All zones are signed once, when the server is prepared: nothing here changes later.
# shellcheck shell=bash disable=SC2034

# ZONE: what it shows. good: all well; bogus: no signature verifies; expired and expiring: they end in the past, and in two days;
# orphan: the DS above is of another key; denial: only the proofs of absence are broken.
signed_zones="good bogus expired expiring orphan denial"
# Without DNSSEC: lame is delegated to a server that refuses it; stale has another copy there; mismatch names other servers than
# its parent; dead is delegated to where nobody is; split has a name that is a zone of its own.
plain_zones="lame stale mismatch dead split"
# Those of them that the first server serves: one that served a zone and the one above it would answer for both at once.
own_plain_zones="lame stale split"
# Served by a test itself, each badly in its own way (`src/tests/lab/hostile.rs`).
hostile_zones="caselost ent drops servfail caafail"

# Served by tests as they please (`src/tests/kit/made.rs`), and known to both internets.
made_names() {
  local number
  for ((number = 1; number <= LAB_MADE_ZONES; number++)); do echo "made-$number"; done
}

# Their lines in `test.`: each server has two names, so that a zone can move.
made_delegations() {
  local name number=1
  for name in $LAB_MADE_NS $LAB_MADE_NS; do printf 'made-ns%s A %s\n' "$number" "$name" && number=$((number + 1)); done
  for name in $(made_names); do printf '%s NS made-ns1\n%s NS made-ns2\n' "$name" "$name"; done
}

knot_signed_prepare() {
  local folder=$1 name
  rm -rf "$folder/zones" "$folder/signed" "$folder/db"
  mkdir -p "$folder/zones" "$folder/signed" "$folder/db"
  signing_config "$folder" >"$folder/sign.conf"
  for name in $signed_zones; do signed_zone "$folder" "$name"; done
  for name in $own_plain_zones; do plain_zone "$name" 7 >"$folder/signed/$name.test.zone"; done
  signed_top "$folder" >"$folder/zones/test.zone"
  sign "$folder" test 0
  { zone_head . a.root.; printf 'a.root. A %s\ntest. NS a.root.\n' "$LAB_SIGNED_NS"; ds "$folder" test; } >"$folder/zones/root.zone"
  sign "$folder" . 0
  keymgr -c "$folder/sign.conf" . ds >"$folder/root.ds"
  { static_config "$folder" "$LAB_SIGNED_NS"; printf '  - domain: .\n    file: root.zone\n'; static_zones test $signed_zones $own_plain_zones; } >"$folder/knot.conf"
  run=(knotd -c "$folder/knot.conf")
}

# The other name server of the plain zones: it has an old copy of one, serves another and a zone below a third, and refuses the rest.
knot_stale_prepare() {
  local folder=$1
  mkdir -p "$folder/signed" "$folder/db"
  plain_zone stale 3 >"$folder/signed/stale.test.zone"
  { zone_head portal.split.test. ns2.signed.test.; printf '@ A %s\n' "$LAB_OLD_SITE"; } >"$folder/signed/portal.split.test.zone"
  { plain_zone mismatch 7; printf '@ NS ns9.elsewhere.test.\n'; } >"$folder/signed/mismatch.test.zone"
  { static_config "$folder" "$LAB_STALE_NS"; static_zones stale mismatch portal.split; } >"$folder/knot.conf"
  run=(knotd -c "$folder/knot.conf")
}

unbound_signed_prepare() {
  local folder=$1 zone
  printf '. 3600 NS a.root.\na.root. 3600 A %s\n' "$LAB_SIGNED_NS" >"$folder/root.hints"
  {
    unbound_config "$folder" |
      sed -e "s|interface: .*|interface: $LAB_SIGNED_RESOLVER|" -e 's|module-config: .*|module-config: "validator iterator"|' \
        -e "s|trust-anchor-file: .*|trust-anchor-file: \"$LAB_STATE/knot-signed/root.ds\"|"
    printf 'server:\n  ede: yes\n  aggressive-nsec: no\n'
    if [ "$LAB_DNS_PORT" = 53 ]; then
      printf '  root-hints: "%s/root.hints"\n' "$folder"
    else
      for zone in . test.; do unbound_stub "$zone" "$LAB_SIGNED_NS"; done
      for zone in $signed_zones $plain_zones; do unbound_stub "$zone.test." "$LAB_SIGNED_NS"; done
      for zone in $hostile_zones; do unbound_stub "$zone.test." "$LAB_HOSTILE_NS"; done
      unbound_stubs | sed '1,/^  name: "test\."/d' | tail -n +2
    fi
  } >"$folder/unbound.conf"
  run=(unbound -d -c "$folder/unbound.conf")
}

signing_config() { # FOLDER
  cat <<K
database:
    storage: "$1/db"
log:
  - target: stderr
    any: error
policy:
  - id: signed
    algorithm: ecdsap256sha256
    single-type-signing: on
    cds-cdnskey-publish: none
    rrsig-lifetime: 14d
    rrsig-refresh: 1d
template:
  - id: default
    storage: "$1/zones"
    file: "%s.zone"
    dnssec-signing: on
    dnssec-policy: signed
zone:
  - domain: .
    file: root.zone
  - domain: test
K
  local name
  for name in $signed_zones stranger; do printf '  - domain: %s.test\n' "$name"; done
}

# Signs a zone as of some seconds ago.
sign() { # FOLDER ZONE SECONDS
  kzonesign -c "$1/sign.conf" -o "$1/signed" -t "$(($(date +%s) - $3))" "$2" >>"$1/log" 2>&1
}

ds() { keymgr -c "$1/sign.conf" "$2" ds; }

signed_zone() { # FOLDER NAME
  local folder=$1 name=$2 age=3600 file=$1/signed/$2.test.zone
  case $name in expired) age=$((30 * 86400)) ;; expiring) age=$((12 * 86400)) ;; esac
  { zone_head "$name.test." ns1.signed.test.; printf 'portal A %s\n' "$LAB_OLD_SITE"; } >"$folder/zones/$name.test.zone"
  sign "$folder" "$name.test" "$age"
  case $name in
    bogus) sed -i '/RRSIG/s/....==$/AAAA==/' "$file" ;;
    denial) sed -i '/RRSIG[[:space:]]*NSEC /s/....==$/AAAA==/' "$file" ;;
    orphan)
      zone_head stranger.test. ns1.signed.test. >"$folder/zones/stranger.test.zone"
      sign "$folder" stranger.test 0
      ;;
  esac
}

plain_zone() { # NAME SERIAL
  local first=ns1.signed.test.
  if [ "$1" = mismatch ]; then first=ns2.signed.test.; fi
  zone_head "$1.test." "$first" | sed "s/hostmaster.provider.test. 1 /hostmaster.provider.test. $2 /"
  case $1 in
    lame | stale) printf '@ NS ns2.signed.test.\nportal A %s\n' "$LAB_OLD_SITE" ;;
    split) printf 'portal NS ns2.signed.test.\n' ;;
    *) printf 'portal A %s\n' "$LAB_OLD_SITE" ;;
  esac
}

# `test.`: the zones above, and the ways to the sandbox's other servers.
signed_top() { # FOLDER
  local folder=$1 name zone
  zone_head test. a.root.
  printf 'ns1.signed A %s\nns2.signed A %s\nns8.signed A %s\n' "$LAB_SIGNED_NS" "$LAB_STALE_NS" "$LAB_DEAD_NS"
  printf 'ns7.signed A %s\n' "$LAB_HOSTILE_NS"
  for name in $hostile_zones; do printf '%s NS ns7.signed\n' "$name"; done
  made_delegations
  printf 'platform NS a.lab\na.lab A %s\nprovider NS ns1.provider\nns1.provider A %s\n' "$LAB_ROOT_NS" "$LAB_CUSTOMERS_NS"
  for zone in $LAB_ZONES; do printf '%s. NS ns1.provider\n' "$zone"; done
  for name in $signed_zones $plain_zones; do
    case $name in dead) printf 'dead NS ns8.signed\n' ;; mismatch) printf 'mismatch NS ns2.signed\n' ;; *) printf '%s NS ns1.signed\n' "$name" ;; esac
    case $name in lame | stale) printf '%s NS ns2.signed\n' "$name" ;; esac
  done
  for name in $signed_zones; do
    case $name in
      orphan) ds "$folder" stranger.test | sed 's/^stranger/orphan/' ;;
      *) ds "$folder" "$name.test" ;;
    esac
  done
}

static_config() { # FOLDER ADDRESS
  knot_config "$1" "$2" | sed "s|storage: \"$1/zones\"|storage: \"$1/signed\"|"
}

static_zones() {
  local name
  for name in "$@"; do
    case $name in test) printf '  - domain: test\n' ;; *) printf '  - domain: %s.test\n' "$name" ;; esac
  done
}
