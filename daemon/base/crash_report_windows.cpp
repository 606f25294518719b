#include "base/crash_report.hpp"

namespace angod {

// There is no report on Windows yet.

void report_crashes() {}

void report_crashes_of(const char *) {}

CrashStack::CrashStack() = default;

CrashStack::~CrashStack() = default;

} // namespace angod
