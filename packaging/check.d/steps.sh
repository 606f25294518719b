# Runs the steps of packaging/check, one after the other, and sums them up. To be sourced.
# shellcheck shell=bash

LOGS=build/check
HEARTBEAT_S=20
TAIL_LINES=40

passed=0
failed=0
summary=()
running=

rm -rf "$LOGS"
mkdir -p "$LOGS"

# Steps are process groups of their own, so that Ctrl-C ends all that they started, and nothing else.
interrupted() {
    [[ -n $running ]] && kill -TERM -- "-$running" 2>/dev/null
    printf '\nInterrupted.\n'
    exit 130
}
trap interrupted INT TERM

# One line for whoever waits: what the step printed last.
heartbeat() {
    local last
    last=$(tail -c 2000 "$2" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-100)
    printf '   %4d s  %s\n' "$1" "$last"
}

# step NAME COMMAND...: output goes to build/check/NAME.log. What the command writes to file descriptor 3 is shown in
# the summary beside its result.
step() {
    local name=$1 begin=$SECONDS next=$HEARTBEAT_S status took detail
    local log=$LOGS/$name.log
    shift
    printf '== %s\n' "$name"
    set -m
    "$@" >"$log" 2>&1 </dev/null 3>"$LOGS/$name.detail" &
    running=$!
    set +m
    while kill -0 "$running" 2>/dev/null; do
        sleep 0.2
        if ((SECONDS - begin >= next)); then
            heartbeat $((SECONDS - begin)) "$log"
            next=$((next + HEARTBEAT_S))
        fi
    done
    wait "$running"
    status=$?
    running=
    took=$((SECONDS - begin))
    detail=$(tr '\n' ' ' <"$LOGS/$name.detail")
    rm -f "$LOGS/$name.detail"
    if [[ $status -eq 0 ]]; then
        passed=$((passed + 1))
        summary+=("$(printf '%-8s %-16s %5d s  %s' ok "$name" "$took" "$detail")")
    else
        failed=$((failed + 1))
        summary+=("$(printf '%-8s %-16s %5d s  %s' FAILED "$name" "$took" "$detail (see $log)")")
        printf -- '-- the end of %s --\n' "$log"
        tail -n "$TAIL_LINES" "$log"
        printf -- '-- %s ended with status %d --\n' "$name" "$status"
    fi
    printf '%s\n' "${summary[-1]}"
}

# Prints the result of all steps; the exit status says whether all went well.
sum_up() {
    printf '\nSummary (logs: %s)\n' "$LOGS"
    printf '%s\n' "${summary[@]}"
    printf 'total: %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [[ $failed -eq 0 ]]
}
