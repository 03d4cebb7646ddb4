# shellcheck shell=bash
# Building the programs, or taking those that were built already.

rogatory() { "$binaries/rogatory" "$@"; }
evidence-verify() { "$binaries/evidence-verify" "$@"; }

build_programs() {
    local log=$data/build.log started=$SECONDS builder
    if ! command -v swift >/dev/null; then
        echo "error: the Swift toolchain is not in PATH; install Swift 6.3 for Debian 12 first" >&2
        exit 78
    fi
    heading "Building the programs (release; the first time takes about ten minutes on two cores)"
    (
        cd "$root"
        for product in rogatory evidence-verify; do swift build -c release --product "$product" || exit 1; done
    ) </dev/null >"$log" 2>&1 &
    builder=$!
    trap 'kill "$builder" 2>/dev/null || true' EXIT
    while kill -0 "$builder" 2>/dev/null; do
        if [ $(((SECONDS - started) % 20)) -eq 19 ]; then
            printf '  %4s  %s\n' "$(seconds_since "$started")" \
                "$(tail -n 1 "$log" | tr '\r' '\n' | tail -n 1 | cut -c1-90)"
        fi
        sleep 1
    done
    if ! wait "$builder"; then
        grep -E 'error:' "$log" | sort -u | head -n 20 || true
        tail -n 20 "$log"
        echo "error: the programs do not build; the whole log is $log" >&2
        exit 1
    fi
    trap - EXIT
    binaries=$(cd "$root" && swift build -c release --show-bin-path)
    echo "built in $(seconds_since "$started")"
}
