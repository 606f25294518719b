// Calls of a module's functions. By module.h no exception may leave such a function. If one does, it is caught here,
// before it reaches code that has to clean up after the call.
#pragma once

#include "base/result.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

struct ango_job;

namespace angod::host {

/// Returns "an exception: …" or a text for other thrown objects. Call it only while an exception is being handled.
std::string thrown_text();

/// Sets the failure of a run whose module threw, and returns ANGO_FAILED. Call it only while that exception is being
/// handled. function: for example "predict".
std::int32_t fail_by_exception(ango_job &job, std::string_view function);

/// Returns the result of the call, or an error for the operator if the call throws. function: for example "create".
template <class Call> auto call_module(std::string_view function, const Call &call) -> Result<decltype(call())> {
    try {
        return call();
    } catch (...) {
        return error(Code::invalid, fmt::format("the module's {} threw {}", function, thrown_text()));
    }
}

/// Returns the status of the call. A call that throws fails the job.
template <class Call> std::int32_t call_module(ango_job &job, std::string_view function, const Call &call) {
    try {
        return call();
    } catch (...) {
        return fail_by_exception(job, function);
    }
}

} // namespace angod::host
