// Hub's REST calls, with the API key of the user who ran the plugin. Retries are inside.
//
// One object serves one job on one thread.
#pragma once

#include "rest/answer.hpp"
#include "rest/http_client.hpp"
#include "rest/retry.hpp"

#include <cstdint>
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
    OnRetry on_retry; ///< told before each wait
};

/// Names and values as they are; they are escaped on the way.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Call {
    std::string what; ///< "the export"; see Asked
    std::string method = "GET";
    std::string path; ///< "/v2/export", escaped
    Query query;
    std::string body; ///< JSON; empty: none
    /// False: an answer that is lost is an error, for the call may have arrived; only a refusal for its rate is
    /// tried again.
    bool repeat = true;
    std::chrono::milliseconds stall_timeout{60'000};
    std::chrono::milliseconds whole_timeout{120'000};
};

struct ExportRequest {
    std::string project;
    std::optional<std::string_view> stage;   ///< JSON token of the event; nothing: absent or null
    std::optional<std::string_view> batches; ///< likewise
    bool only_key_frames = false;
};

/// A file of the project in Hub's storage.
struct StoredFile {
    std::string name; ///< what is asked for: a file name, or an upload URL
    std::string project;
    std::string storage; ///< id; empty: Hub's own
    std::string type = "exports";
};

class HubApi {
public:
    /// client and cancel must outlive it.
    HubApi(HttpClient &client, HubOptions options, const CancelToken &cancel);

    /// Any call; the answer with its envelope, which says success. Errors as in read_answer, else as in
    /// HttpClient::send; all texts are fit for the user.
    Result<json::Document> call(const Call &call);

    /// Asks Hub to prepare an export, which may take minutes; the URL of the zip.
    Result<std::string> request_export(const ExportRequest &request);
    /// Where to PUT an export file.
    Result<std::string> upload_url(const StoredFile &file);
    /// The address under which others can read it; file.name is what upload_url gave.
    Result<std::string> signed_url(const StoredFile &file);

    const HubOptions &options() const { return options_; }
    /// Hub's own clock when it gave its last answer, to the second; ms since 1970. Nothing: it does not say.
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
/// "?a=b&c=d", escaped; empty if there is none.
std::string query_text(const Query &query);

} // namespace angod::rest
