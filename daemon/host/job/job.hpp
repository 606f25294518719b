// One run of a plugin as the code of its kind sees it: the event, where to log, when to stop.
//
// Everything here is called on the job's thread, except log, progress and the cancel token, which are for any
// thread.
#pragma once

#include "base/cancel.hpp"
#include "base/json.hpp"
#include "base/proxy.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

enum class LogLevel : std::uint32_t { debug, info, warning, error }; // the numbers of ANGO_LOG_…

struct Limits {
    std::uint64_t spool_bytes = 0; ///< result zip and scratch files of one job together
    std::uint64_t unzip_bytes = 0; ///< an export, unzipped
    std::uint64_t asset_bytes = 0; ///< one record of it
};

/// Where Hub's REST API is and how to reach it.
struct HubAddress {
    std::string api_url; ///< without a slash at the end
    std::string ca_file; ///< empty: the system's
    ProxyRules proxies;  ///< the only ones: the host's own environment is not asked
};

/// Why a job failed. An empty user text says that the host has nothing better than a general sentence.
struct Failure {
    std::string user_text;
    std::string operator_text;
    std::int64_t retry_after_ms = -1; ///< −1: cannot succeed
};

class Job {
public:
    std::string id, plugin;
    std::string module_id;
    std::string event;                 ///< as Hub sent it
    std::vector<json::Member> members; ///< of the event; views into it
    std::string config;                ///< configJSON as text, a valid object
    std::uint32_t attempt = 1;
    std::chrono::milliseconds age{0}; ///< when this attempt began, since the event came
    std::optional<std::string> checkpoint;
    std::filesystem::path scratch; ///< an empty folder of its own; removed after the job
    Limits limits;
    HubAddress hub;
    CancelToken cancel;

    /// A line for the user of Hub.
    std::function<void(LogLevel, std::string_view)> log;
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
    /// Durable when it returns.
    std::function<Result<void>(std::string_view)> save_checkpoint;

    /// A member of the event as JSON text; nothing if absent or null.
    std::optional<std::string_view> field(std::string_view name) const;
    /// Whether a member counts as true, as Python has it; otherwise if the event has no such member at all.
    bool flag(std::string_view name, bool otherwise) const;
    /// A string member; empty if absent or no string.
    std::string text_field(std::string_view name) const;
    std::string api_key() const { return text_field("apiKey"); }
    std::string project() const { return text_field("projectId"); }
};

} // namespace angod::host
