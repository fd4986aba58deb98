#!/usr/bin/env bash
# Proves that the crates depend only on what they may (ARCHITECTURE.md), that the default build
# has no DataFusion, and that every licence is one of those we accept.
set -euo pipefail
cd "$(dirname "$0")/.."

fail=0
# refuses CRATE WORD…: no dependency of the crate, at any depth, is called one of the words.
refuses() {
  local crate=$1 tree
  shift
  tree=$(cargo tree --locked -p "$crate" -e normal --prefix none --format '{p}' | cut -d' ' -f1 | sort -u)
  for word in "$@"; do
    if grep -qx -- "$word" <<<"$tree"; then
      echo "$crate must not depend on $word" >&2
      fail=1
    fi
  done
}

async=(tokio async-std smol futures hyper)
http=(reqwest hyper axum ureq)
sql=(rusqlite sqlx postgres tokio-postgres libsqlite3-sys)
arrow=(arrow arrow-array parquet)
refuses firsthand-model "${async[@]}" "${http[@]}" "${sql[@]}" "${arrow[@]}" rayon
refuses firsthand-rules "${async[@]}" "${http[@]}" "${sql[@]}" "${arrow[@]}" rayon
refuses firsthand-plays "${async[@]}" "${http[@]}" "${sql[@]}" "${arrow[@]}" rayon
refuses firsthand-history "${http[@]}" "${sql[@]}"
refuses firsthand-lab "${http[@]}" "${sql[@]}"
refuses firsthand-collect "${async[@]}" "${http[@]}" "${sql[@]}"
refuses firsthand-web "${sql[@]}"
refuses firsthand-deliver "${sql[@]}" "${arrow[@]}" rayon axum
refuses firsthand-store "${async[@]}" "${http[@]}" "${arrow[@]}" rayon
refuses firsthand-simulate "${async[@]}" "${http[@]}" "${sql[@]}" "${arrow[@]}"
refuses firsthand datafusion datafusion-common serde_yaml evalexpr

# The arrows point left only: nobody but the binary sees everything.
refuses firsthand-model firsthand-rules firsthand-history firsthand-lab firsthand-collect
refuses firsthand-rules firsthand-history firsthand-lab firsthand-collect
refuses firsthand-history firsthand-lab firsthand-collect
refuses firsthand-collect firsthand-history firsthand-lab
refuses firsthand-store firsthand-history firsthand-lab firsthand-collect firsthand-engine
refuses firsthand-plays firsthand-rules firsthand-history firsthand-lab firsthand-collect firsthand-store firsthand-engine
refuses firsthand-simulate firsthand-rules firsthand-history firsthand-lab firsthand-collect
refuses firsthand-web firsthand-rules firsthand-history firsthand-lab firsthand-engine firsthand-store
refuses firsthand-deliver firsthand-history firsthand-lab firsthand-collect firsthand-engine firsthand-web

accepted='^(MIT|Apache-2.0|BSD-2-Clause|BSD-3-Clause|ISC|Zlib|Unlicense|CC0-1.0|0BSD|BSL-1.0|Unicode-3.0|MPL-2.0|CDLA-Permissive-2.0)$'
while IFS=$'\t' read -r crate licence; do
  # One accepted licence of an OR is enough; of an AND, each is needed.
  ok=0
  while read -r way; do
    all=1
    for part in ${way// AND / }; do
      part=${part//[()]/}
      [[ $part == WITH || $part == LLVM-exception ]] && continue
      [[ $part =~ $accepted ]] || all=0
    done
    [[ $all == 1 ]] && ok=1
  done <<<"$(sed -e 's# */ *# OR #g' -e 's/ OR /\n/g' <<<"$licence")"
  if [[ $ok == 0 ]]; then
    echo "$crate has the licence '$licence', which is not accepted" >&2
    fail=1
  fi
done < <(cargo tree --locked --workspace -e normal,build --prefix none --format $'{p}\t{l}' |
  sed -e 's/ (\*)$//' | awk -F'\t' '{split($1, name, " "); print name[1] "\t" $2}' | sort -u)

exit "$fail"
