# shellcheck shell=bash
# What the demonstration says: headings, the commands it runs, and a plain sentence when something fails.

if [ -t 1 ]; then
    heading() { printf '\n\033[1m%s\033[0m\n' "$1"; }
else
    heading() { printf '\n%s\n' "$1"; }
fi

seconds_since() { echo "$((SECONDS - $1)) s"; }

# Ends the demonstration with a sentence and the ends of the logs, if there are any.
fail() {
    local log
    for log in "$work"/*.log; do
        [ -s "$log" ] || continue
        printf '\nthe end of %s:\n' "$log" >&2
        tail -n 8 "$log" | cut -c1-400 | sed 's/^/  /' >&2
    done
    printf '\nerror: %s\n' "$1" >&2
    exit 1
}

# The words of a command as they are shown: our own paths shortened, and in quotes what a shell would split.
shown() {
    local word line=''
    for word in "$@"; do
        word=${word//$work\//}
        word=${word//$data\//}
        [[ $word == *[[:space:]]* ]] && word="\"$word\""
        line+=" $word"
    done
    printf '$%s\n' "$line"
}

# Shows a command and runs it; what it says is shown, and kept in $said for `field`.
said=''
show() {
    shown "$@"
    said=$("$@" 2>&1 </dev/null) || {
        printf '%s\n' "$said" | sed 's/^/  /'
        fail "this command failed: $1 ${2:-} ${3:-}"
    }
    [ -z "$said" ] || printf '%s\n' "$said" | cut -c1-160 | sed 's/^/  /'
}

# The same without showing what the command says, when it is well.
briefly() {
    shown "$@"
    quietly "$@"
}
quietly() {
    said=$("$@" 2>&1 </dev/null) || {
        printf '%s\n' "$said" | sed 's/^/  /'
        fail "this command failed: $1 ${2:-} ${3:-}"
    }
}

# The value that the last command wrote beside the name $1.
field() {
    local value
    value=$(printf '%s\n' "$said" | sed -n "s/^$1  *//p" | head -n 1)
    [ -n "$value" ] || fail "the last command wrote no “$1”"
    printf '%s\n' "$value"
}
