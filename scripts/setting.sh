# To be sourced by the scripts beside it that try the program on real data, after `set -eu`:
#
#   data_set NAME FILE [FOLDER]   sets $data to the folder that holds FILE: FOLDER if it is given, else NAME in
#                                 $FIRSTHAND_DATA, else NAME in ../shared/data. Without it the script ends: with
#                                 status 2 if FOLDER was given, else with status 0 and the reason.
#                                 NAME may be empty, where FILE names its folder too.
#   program                       sets $firsthand: the binary that $FIRSTHAND names, else the release build, made
#                                 if missing; $work, a folder that is gone when the script ends; and $project, the
#                                 path of a folder in it that is not made yet.
#   run COMMAND ...               runs the program on $project.
#   python_with MODULE PACKAGE    sets $python to a Python that has the module; where it is missing, the package is
#                                 installed in $work for the time of the run. Comes after `program`.
#   a_browser                     sets and exports $CHROMIUM, unless it names one: the installed Chromium, else Debian's,
#                                 which is installed. Comes after `program`.
#   served PID                    waits until the server of that process, whose standard error goes to
#                                 $work/server.log, says where it listens: sets $address.
# shellcheck shell=sh disable=SC2034

root=$(cd "$(dirname "$0")/.." && pwd)
# Nothing is left behind in the folder of the scripts.
export PYTHONDONTWRITEBYTECODE=1

data_set() {
    data=${3:-${FIRSTHAND_DATA:-$root/../shared/data}${1:+/$1}}
    [ ! -f "$data/$2" ] || return 0
    if [ $# -gt 2 ]; then
        echo "there is no $2 in $data" >&2
        exit 2
    fi
    echo "skipped: there is no $2 in $data; name its folder, or set FIRSTHAND_DATA to its parent" >&2
    exit 0
}

program() {
    firsthand=${FIRSTHAND:-${CARGO_TARGET_DIR:-$root/target}/release/firsthand}
    if [ ! -x "$firsthand" ]; then
        cargo build --release --locked --package firsthand --manifest-path "$root/Cargo.toml"
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    project=$work/project
}

run() {
    "$firsthand" "$@" --project "$project"
}

python_with() {
    python=python3
    if ! python3 -c "import $1" 2>/dev/null; then
        python3 -m venv "$work/venv"
        "$work/venv/bin/pip" --quiet --disable-pip-version-check install "$2"
        python=$work/venv/bin/python
    fi
}

a_browser() {
    CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
    if [ -z "$CHROMIUM" ]; then
        if ! { apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium; } > "$work/apt.log"; then
            echo "there is no Chromium; install one, or name one in \$CHROMIUM" >&2
            exit 1
        fi
        CHROMIUM=$(command -v chromium)
    fi
    export CHROMIUM
}

served() {
    address=
    until [ -n "$address" ]; do
        if ! kill -0 "$1" 2> "$work/kill.log"; then
            cat "$work/server.log" >&2
            exit 1
        fi
        address=$(sed -n 's|^listening on http://||p' "$work/server.log")
        sleep 0.1
    done
}
