# Runs the steps of packaging/check, one after the other, and sums them up. This file is sourced.
# shellcheck shell=bash

LOGS=build/check
HEARTBEAT_S=20
TAIL_LINES=140

passed=0
failed=0
summary=()
running=
declare -A ok=()

rm -rf "$LOGS"
mkdir -p "$LOGS"

# Each step is a process group of its own, so that Ctrl-C ends everything that the step started, and nothing else.
interrupted() {
    [[ -n $running ]] && kill -TERM -- "-$running" 2>/dev/null
    printf '\nInterrupted.\n'
    exit 130
}
trap interrupted INT TERM

# Prints one line about a step that takes long: the last line of its output.
heartbeat() {
    local last
    last=$(tail -c 2000 "$2" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-100)
    printf '   %4d s  %s\n' "$1" "$last"
}

# record RESULT NAME SECONDS TEXT: counts a step and adds its line to the summary.
record() {
    if [[ $1 == ok ]]; then
        passed=$((passed + 1))
        ok[$2]=1
    else
        failed=$((failed + 1))
    fi
    summary+=("$(printf '%-8s %-16s %5d s  %s' "$@")")
    printf '%s\n' "${summary[-1]}"
}

# step NAME [--needs A,B] COMMAND...: runs the command. Its output goes to build/check/NAME.log. The summary shows beside
# the result what the command writes to file descriptor 3. If a needed step has not passed, the command is not run: the
# summary names the missing steps, and the step counts as failed.
step() {
    local name=$1 begin=$SECONDS next=$HEARTBEAT_S status took detail need
    local log=$LOGS/$name.log needs=() missing=()
    shift
    if [[ $1 == --needs ]]; then
        IFS=, read -ra needs <<<"$2"
        shift 2
    fi
    for need in "${needs[@]}"; do
        [[ -n ${ok[$need]-} ]] || missing+=("$need")
    done
    printf '== %s\n' "$name"
    if [[ ${#missing[@]} -gt 0 ]]; then
        record 'NOT RUN' "$name" 0 "it needs: ${missing[*]}"
        return
    fi
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
    if [[ $status -ne 0 ]]; then
        printf -- '-- the end of %s --\n' "$log"
        tail -n "$TAIL_LINES" "$log"
        printf -- '-- %s ended with status %d --\n' "$name" "$status"
        record FAILED "$name" "$took" "$detail (see $log)"
        return
    fi
    record ok "$name" "$took" "$detail"
}

# Prints the result of all steps. The exit status is 0 if every step has passed.
sum_up() {
    printf '\nSummary (logs: %s)\n' "$LOGS"
    printf '%s\n' "${summary[@]}"
    printf 'total: %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [[ $failed -eq 0 ]]
}
