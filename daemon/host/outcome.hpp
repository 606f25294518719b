// How a run ends, as the code of each kind says it.
#pragma once

#include "host/job.hpp"

#include <cstdint>
#include <string>
#include <variant>

struct ango_job;

namespace angod::host {

struct Outcome {
    std::string value = "\"\""; ///< the answer, JSON
    bool silent = false;        ///< Hub wants none
};

using RunResult = std::variant<Outcome, Failure>;

/// What a module returned that is no success, with the best reason that is known. A status alone is for the operator.
Failure module_failure(std::int32_t status, const ango_job &job);

} // namespace angod::host
