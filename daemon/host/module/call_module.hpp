// Calls of a module's functions. No exception may leave one of them (module.h); one that does all the same is caught
// right here, before it comes to code that has to tidy up after the call.
#pragma once

#include "base/result.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

struct ango_job;

namespace angod::host {

/// "an exception: …", or what else was thrown. Only while an exception is being handled.
std::string thrown_text();

/// The error of a run whose module threw; only while that exception is being handled. function: "predict".
std::int32_t fail_by_exception(ango_job &job, std::string_view function);

/// What the call returns; an error for the operator if it throws. function: "create".
template <class Call> auto call_module(std::string_view function, const Call &call) -> Result<decltype(call())> {
    try {
        return call();
    } catch (...) {
        return error(Code::invalid, fmt::format("the module's {} threw {}", function, thrown_text()));
    }
}

/// The status that the call returns. A call that throws has failed the job.
template <class Call> std::int32_t call_module(ango_job &job, std::string_view function, const Call &call) {
    try {
        return call();
    } catch (...) {
        return fail_by_exception(job, function);
    }
}

} // namespace angod::host
