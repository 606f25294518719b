// One run of a plugin as the code of its kind sees it: the event, its limits, where to log, when to stop.
//
// All members are for the job's thread. log, progress and the cancel token are for any thread.
#pragma once

#include "host/job/known_assets.hpp"

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
    std::uint64_t unzip_bytes = 0; ///< of an export, unzipped
    std::uint64_t asset_bytes = 0; ///< of one record of an export, or one row of a CSV
};

/// Where Hub's REST API is and how to reach it.
struct HubAddress {
    std::string api_url; ///< without a slash at the end
    std::string ca_file; ///< empty: the system's
    ProxyRules proxies;  ///< all rules; the host ignores its own environment
};

/// Why a job failed. If the user text is empty, the host answers with a general sentence.
struct Failure {
    std::string user_text;
    std::string operator_text;
    std::int64_t retry_after_ms = -1; ///< −1: another attempt cannot succeed
};

class Job {
public:
    std::string id, plugin;
    std::string module_id;
    std::string event;                 ///< as Hub sent it
    std::vector<json::Member> members; ///< of the event; views into it
    std::string config;                ///< configJSON as text, a valid object
    std::uint32_t attempt = 1;
    std::chrono::milliseconds age{0}; ///< from the arrival of the event to the start of this attempt
    std::optional<std::string> checkpoint;
    std::filesystem::path scratch; ///< an empty folder of its own; removed after the job
    Limits limits;
    HubAddress hub;
    KnownAssets *known_assets = nullptr; ///< of the process; null: nothing is remembered
    CancelToken cancel;

    /// Writes a line for the user of Hub.
    std::function<void(LogLevel, std::string_view)> log;
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
    /// The checkpoint is durable when the call returns.
    std::function<Result<void>(std::string_view)> save_checkpoint;

    /// Waits until the job may make one call of Hub's REST API; see hub::CallBudget. Code::cancelled: the job was cancelled
    /// meanwhile. Any thread. Empty: calls are not counted.
    std::function<Result<void>()> want_call;
    /// Hub refused a call with 429. wait: as Hub asked; nothing: it told no time. Any thread. Empty as above.
    std::function<void(std::optional<std::chrono::milliseconds> wait)> call_refused;

    /// Wants each answer of Hub to a call: method, path and query, status, body. Any thread. Empty: nobody wants them.
    std::function<void(std::string_view, std::string_view, long, std::string_view)> heard;

    /// Returns a member of the event as JSON text; nothing if it is absent or null.
    std::optional<std::string_view> field(std::string_view name) const;
    /// Whether a member counts as true by the rules of Python; `otherwise` if the event has no such member.
    bool flag(std::string_view name, bool otherwise) const;
    /// Returns a string member; empty if it is absent or not a string.
    std::string text_field(std::string_view name) const;
    std::string api_key() const { return text_field("apiKey"); }
    std::string project() const { return text_field("projectId"); }
};

} // namespace angod::host
