# shellcheck shell=bash
# The processes of the demonstration: the trust services and two gateways. None is left when it ends.

processes=()

# A port of loopback from $1 on that nobody listens on, and that is not taken here already.
taken_ports=' '
find_port() {
    port=$1
    while [[ $taken_ports == *" $port "* ]] || (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        port=$((port + 1))
    done
    taken_ports+="$port "
}

# Starts a program in the background; its messages go to the file $1.
start() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 </dev/null &
    processes+=($!)
}

# Ends everything that was started, the youngest first, and waits for it.
stop_processes() {
    local index process
    for ((index = ${#processes[@]} - 1; index >= 0; index--)); do
        process=${processes[index]}
        kill "$process" 2>/dev/null || true
    done
    for process in "${processes[@]}"; do
        # A gateway ends by itself within half a minute; one that does not is ended.
        for _ in $(seq 350); do
            kill -0 "$process" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    processes=()
}

# Waits at most a minute for a command to succeed; the sentence $1 says what did not come, $2 is the process waited for.
wait_for() {
    local sentence=$1 process=$2
    shift 2
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1 </dev/null; then return 0; fi
        kill -0 "$process" 2>/dev/null || break
        sleep 0.1
    done
    fail "$sentence"
}
# Whether a gateway's log has a message.
has_said() { grep -qF "\"$2\"" "$work/$1.log"; }
