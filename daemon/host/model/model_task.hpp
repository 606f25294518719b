// A task of Hub: its stage, its time of change and its labels.
#pragma once

#include "host/model/model_answer.hpp"

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace angod::host {

struct ModelTask {
    std::string stage;   ///< id or name, as in Hub's answer
    std::string updated; ///< time of the last change, as in Hub's answer; empty: unknown
    std::optional<std::int64_t> updated_ms;
    ModelAnswer answer;
};

/// Asks Hub for a task with its labels (GET /v2/task/ID). Errors are sentences for the user.
Result<ModelTask> read_task(rest::HubApi &hub, const std::string &id);

/// Returns milliseconds since 1970 for a text like "2024-05-02T09:00:11.123Z" (seconds and fractions may be missing) or
/// a number of milliseconds; nothing for other values. Pure.
std::optional<std::int64_t> time_of(const json::Value &value);

} // namespace angod::host
