# Prints the failed cases in a log of ctest: of node's tests (TAP) each case with its error, of doctest each failed assertion.
# A suite that failed because of its cases is left out.
function finish() {
    if (block != "" && block !~ /failureType: 'subtestsFailed'/) printf "%s", block
    block = ""
}

/^ *not ok / {
    finish()
    block = $0 "\n"
    left = 40
    next
}
block != "" {
    block = block $0 "\n"
    if (--left == 0 || $0 ~ /^ *\.\.\.$/) finish()
    next
}
/^TEST CASE: / { unit = $0 }
/: (ERROR|FATAL ERROR): / {
    if (unit != "") print unit
    unit = ""
    show = 8
}
show > 0 {
    print
    show--
}
END { finish() }
