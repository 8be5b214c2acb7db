# What the scripts beside it share. Sourced; leaves the shell at the top of the checkout.
# shellcheck shell=bash
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
checkout=$(dirname "$here")
cd "$checkout" || exit 1
# setup puts a Node of its own there when the system's is too old; rustup's folder is on nobody's PATH before the next login.
export PATH=$checkout/target/node/node_modules/.bin:$PATH:$HOME/.cargo/bin:/usr/sbin:/sbin

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

# unchanged STAMP INPUT… : whether these words and files are what they were at `remember STAMP INPUT…`.
unchanged() { [ -f "target/stamps/$1" ] && [ "$(cat "target/stamps/$1")" = "$(fingerprint "${@:2}")" ]; }
remember() { mkdir -p target/stamps && fingerprint "${@:2}" >"target/stamps/$1"; }
fingerprint() {
  local input
  for input in "$@"; do
    if [ -d "$input" ]; then find "$input" -type f -print0 | sort -z | xargs -0r sha256sum
    elif [ -f "$input" ]; then sha256sum "$input"
    else echo "$input"; fi
  done | sha256sum | cut -d' ' -f1
}
