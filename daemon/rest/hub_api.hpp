// Hub's REST calls, with the API key of the user who ran the plugin. Failed calls are repeated inside.
//
// One object serves one job on one thread.
#pragma once

#include "rest/answer.hpp"
#include "rest/http_client.hpp"
#include "rest/retry.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angod::rest {

struct HubOptions {
    std::string api_url; ///< without a slash at the end
    std::string api_key;
    RetryPolicy retry;
    OnRetry on_retry; ///< called before each wait
    /// Called before each attempt; returns when the attempt may be made. An error ends the call. Empty: at once.
    std::function<Result<void>()> permit;
    /// Called when Hub has refused an attempt with 429. wait: as Hub asked; nothing: it told no time.
    std::function<void(std::optional<std::chrono::milliseconds> wait)> refused;
    /// Called with each answer of Hub. target: path and query. Empty: nobody wants them.
    std::function<void(std::string_view method, std::string_view target, long status, std::string_view body)> heard;
};

/// Plain names and values; they are percent-encoded later.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Call {
    std::string what; ///< "the export"; see Asked
    std::string method = "GET";
    std::string path; ///< "/v2/export", escaped
    Query query;
    std::string body; ///< JSON; empty: none
    /// False: a lost answer is an error, because the call may have arrived; the call is repeated only if Hub refused its
    /// rate.
    bool repeat = true;
    std::chrono::milliseconds stall_timeout{60'000};
    std::chrono::milliseconds whole_timeout{120'000};
};

struct ExportRequest {
    std::string project;
    std::optional<std::string_view> stage;   ///< JSON token of the event; nothing: absent or null
    std::optional<std::string_view> batches; ///< under the same rules
    bool only_key_frames = false;
};

/// A file of the project in Hub's storage.
struct StoredFile {
    std::string name; ///< a file name, or an upload URL
    std::string project;
    std::string storage; ///< id; empty: Hub's own
    std::string type = "exports";
    std::string what = "the result"; ///< name in error texts
};

class HubApi {
public:
    /// client and cancel must outlive it.
    HubApi(HttpClient &client, HubOptions options, const CancelToken &cancel);

    /// Makes any call and returns the answer with its envelope, which means success. Errors are those of read_answer and
    /// HttpClient::send; all texts are fit for the user.
    Result<json::Document> call(const Call &call);

    /// Asks Hub to prepare an export, which may take minutes. Returns the URL of the zip.
    Result<std::string> request_export(const ExportRequest &request);
    /// The URL for the PUT of a file.
    Result<std::string> upload_url(const StoredFile &file);
    /// The URL at which people can read it, for a limited time. file.name is the result of upload_url; Hub is asked
    /// without its query, and with the escapes of its path decoded.
    Result<std::string> signed_url(const StoredFile &file);

    const HubOptions &options() const { return options_; }
    /// Hub's own clock at its last answer, to the second; ms since 1970. Nothing: it told no time.
    std::optional<std::int64_t> server_time() const { return server_time_; }

private:
    HttpClient &client_;
    HubOptions options_;
    const CancelToken &cancel_;
    std::optional<std::int64_t> server_time_;
    Asked asked(std::string_view what) const;
};

/// The query of an export request, in the order in which the vendor's client sends it.
Query export_query(const ExportRequest &request);
/// The URL without its query and fragment. Text that is no URL is returned unchanged. Pure.
std::string without_query(std::string_view url);
/// "?a=b&c=d", percent-encoded; empty for an empty query.
std::string query_text(const Query &query);

} // namespace angod::rest
