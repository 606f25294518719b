// Linked into every program of a sanitizer build, because angod starts its hosts with an environment of their own,
// in which ASAN_OPTIONS and the like would not arrive. Reports go to files: a host that ends with one must not pass
// for a module that crashed.
#define COMMON "halt_on_error=1:log_path=" REPORTS

const char *__asan_default_options(void) {
    return COMMON ":detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1";
}
const char *__ubsan_default_options(void) { return COMMON ":print_stacktrace=1"; }
/* exitcode: a module that exits while it is loaded ends with a report of its own, and tests look at its exit code. What
 * races are is in the reports. */
const char *__tsan_default_options(void) { return COMMON ":second_deadlock_stack=1:exitcode=0"; }
/* libc guards its time zone with a lock of its own, which the sanitizer does not see. */
const char *__tsan_default_suppressions(void) { return "race:tzset_internal\n"; }
