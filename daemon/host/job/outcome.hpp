// How a run ends, as the code of each kind reports it.
#pragma once

#include "host/job/job.hpp"

#include <string>
#include <variant>

namespace angod::host {

struct Outcome {
    std::string value = "\"\""; ///< the answer, JSON
    bool silent = false;        ///< Hub expects no answer
};

using RunResult = std::variant<Outcome, Failure>;

} // namespace angod::host
