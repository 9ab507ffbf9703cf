#!/usr/bin/env bash
# Runs every check of the project: formatting, lints, all tests on SQLite and PostgreSQL and in a real browser.
# Installs PostgreSQL, Chromium and its driver with apt-get when they are absent and that is allowed; otherwise it
# says what to install and runs what can run. With CI=true whatever is missing is a failure.
set -euo pipefail
cd "$(dirname "$0")"

has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_browser() { command -v chromium >/dev/null || command -v google-chrome >/dev/null; }
has_driver() { command -v chromedriver >/dev/null; }

absent=()
has_postgresql || absent+=(postgresql)
has_browser || absent+=(chromium)
has_driver || absent+=(chromium-driver)

if ((${#absent[@]})); then
    if ! command -v apt-get >/dev/null; then
        install=()
    elif [[ $(id -u) == 0 ]]; then
        install=(env DEBIAN_FRONTEND=noninteractive apt-get)
    elif sudo -n true 2>/dev/null; then
        install=(sudo -n env DEBIAN_FRONTEND=noninteractive apt-get)
    else
        install=()
    fi
    if ((${#install[@]})); then
        echo "Installing ${absent[*]}"
        if ! { "${install[@]}" update -qq && "${install[@]}" install -y -qq --no-install-recommends "${absent[@]}"; }; then
            echo "apt-get could not install ${absent[*]}" >&2
        fi
    else
        echo "Not installed, and this user may not install it. As root: apt-get install ${absent[*]}" >&2
    fi
    if ! { has_postgresql && has_browser && has_driver; }; then
        if [[ ${CI:-} == true ]]; then
            echo "CI needs PostgreSQL, Chromium and chromedriver: apt-get install postgresql chromium chromium-driver" >&2
            exit 1
        fi
        echo "Going on without; the tests say what they leave out." >&2
    fi
fi

if [[ ${CI:-} == true ]]; then
    # Nothing is built a second time there.
    export CARGO_INCREMENTAL=0
fi

began=$SECONDS
step() { printf '\n== %s (%d s)\n' "$1" $((SECONDS - began)); }

step "Formatting"
cargo fmt --all --check

step "Lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "Building"
# The tests drive the program as it is built here, so it must be there before they run.
cargo build --workspace --all-targets --locked

step "Tests"
results=$(mktemp)
trap 'rm -f "$results"' EXIT
outcome=0
cargo test --workspace --locked --no-fail-fast 2>&1 | tee "$results" || outcome=$?

step "Done"
awk '/^test result:/ { passed += $4; failed += $6 }
     END { printf "%d passed, %d failed\n", passed, failed }' "$results"
exit "$outcome"
