// The options of the sanitizers. This file is linked into every program of a sanitizer build, because angod starts its hosts
// without ASAN_OPTIONS and the like in their environment. Reports go to files, so that a host that ends with a report is not
// taken for a module that crashed.
#define COMMON "halt_on_error=1:log_path=" REPORTS

const char *__asan_default_options(void) {
    return COMMON ":detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1";
}
const char *__ubsan_default_options(void) { return COMMON ":print_stacktrace=1"; }
/* exitcode: a module that exits while it is loaded causes a report, and tests check its exit code. The report file shows
 * races. */
const char *__tsan_default_options(void) { return COMMON ":second_deadlock_stack=1:exitcode=0"; }
/* libc guards its time zone with a lock that the sanitizer does not see. */
const char *__tsan_default_suppressions(void) { return "race:tzset_internal\n"; }
