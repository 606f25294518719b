// A task of Hub as a model finds it: its stage, and the labels that are in it.
#pragma once

#include "host/model/model_answer.hpp"

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace angod::host {

struct ModelTask {
    std::string stage;   ///< id or name, as Hub says it
    std::string updated; ///< when it was last changed, as Hub says it; empty: it does not say
    std::optional<std::int64_t> updated_ms;
    ModelAnswer answer;
};

/// GET /v2/task/ID with its answer. Errors are sentences for the user.
Result<ModelTask> read_task(rest::HubApi &hub, const std::string &id);

/// Milliseconds since 1970 of "2024-05-02T09:00:11.123Z" (seconds and their fractions may be missing), or of a number
/// of milliseconds; nothing if it is neither. Pure.
std::optional<std::int64_t> time_of(const json::Value &value);

} // namespace angod::host
