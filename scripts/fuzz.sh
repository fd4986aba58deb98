#!/usr/bin/env bash
# Fuzzes what reads strangers' texts and files (fuzz/README.md).
#
#   scripts/fuzz.sh                     every target for a minute
#   scripts/fuzz.sh TARGET [SECONDS]    one target; 0 seconds is until something is found
#   scripts/fuzz.sh --keep [TARGET]     adds to fuzz/corpus what was found worth keeping
#
# A finding is a file in fuzz/artifacts/TARGET. What reached something new lies in
# fuzz/found/TARGET, and the next run begins with it.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"

missing() {
  echo "fuzzing needs $1: $2" >&2
  exit 2
}
cargo +nightly --version >/dev/null 2>&1 ||
  missing 'a nightly compiler' 'rustup toolchain install nightly --profile minimal'
cargo fuzz --version >/dev/null 2>&1 ||
  missing 'cargo-fuzz' 'cargo install cargo-fuzz --locked'
command -v c++ >/dev/null || missing 'a C++ compiler' 'libFuzzer is built from source'
command -v python3 >/dev/null || missing 'python3' 'it makes the seeds'

# Inputs kept of each target, and their bytes: enough to guard what was found, few enough to run
# with every `cargo test`.
files_max=120
bytes_max=100000
input_bytes_max=2000

mapfile -t all < <(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | tail -n +2)

# prepare TARGET: makes the seeds, and sets what a run needs.
prepare() {
  local target=$1
  [[ " ${all[*]} " == *" $target "* ]] ||
    { echo "there is no target $target; there are: ${all[*]}" >&2; exit 2; }
  mkdir -p "found/$target" "corpus/$target" "artifacts/$target"
  ./seeds.py found/.seeds
  mkdir -p "found/.seeds/$target"
  length=4000 dictionary=import
  case $target in
    language) length=400 dictionary=language ;;
    configuration | rows) dictionary=configuration ;;
  esac
}

# No sanitizer: the project has no unsafe code, and without one there are twice as many runs.
run() {
  local target=$1 seconds=$2
  prepare "$target"
  cargo +nightly fuzz run --sanitizer none "$target" \
    "found/$target" "corpus/$target" "found/.seeds/$target" -- \
    -dict="dictionaries/$dictionary.dict" -max_len="$length" -timeout=5 -rss_limit_mb=2048 \
    -max_total_time="$seconds" -print_final_stats=1
}

# Keeps the smallest inputs that reach something which the seeds and the corpus do not.
keep() {
  local target=$1 whole size bytes=0 count=0
  prepare "$target"
  whole=$(mktemp -d)
  cargo +nightly fuzz run --sanitizer none "$target" \
    "$whole" "found/.seeds/$target" "corpus/$target" "found/$target" -- -merge=1 -rss_limit_mb=2048
  while read -r size file; do
    ((++count <= files_max && (bytes += size) <= bytes_max)) || break
    cp -n "$whole/$file" "corpus/$target/"
  done < <(cd "$whole" && find . -type f -size "-${input_bytes_max}c" -printf '%s %f\n' |
    grep -vFf <(ls "$OLDPWD/found/.seeds/$target") | sort -n)
  rm -rf "$whole"
}

case ${1:-} in
  --keep) for target in "${@:2}"; do keep "$target"; done
    (($# > 1)) || for target in "${all[@]}"; do keep "$target"; done ;;
  '') for target in "${all[@]}"; do run "$target" 60; done ;;
  *) run "$1" "${2:-60}" ;;
esac
