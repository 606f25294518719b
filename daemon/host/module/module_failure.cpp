#include "host/module/module_failure.hpp"

#include "host/module/handles.hpp"

#include <fmt/format.h>

namespace angod::host {

Failure module_failure(std::int32_t status, const ango_job &job) {
    if (!job.failure.user_text.empty()) return job.failure;
    if (status == ANGO_PENDING)
        return {"The plugin failed.", "the module answered ANGO_PENDING, which is reserved", -1};
    Failure failure = job.failure;
    failure.operator_text = fmt::format("the module returned status {}{}{}", status,
                                        failure.operator_text.empty() ? "" : ": ", failure.operator_text);
    return failure;
}

} // namespace angod::host
