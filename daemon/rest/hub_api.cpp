// One function per call, all by way of call(): it adds the key, sends the request, and repeats it as long as the policy allows.
// Hub's published API has older names for some calls and members; both are understood.
//
// Thread: that of the job, which waits.
#include "rest/hub_api.hpp"

#include "rest/counted_call.hpp"

#include "base/http_date.hpp"
#include "base/percent.hpp"
#include "base/url.hpp"

#include <fmt/format.h>

namespace angod::rest {

namespace {

constexpr std::chrono::minutes kExportTimeout{15};

/// An empty list means no restriction.
bool empty_list(std::string_view token) {
    const auto elements = json::elements(token);
    return elements && elements->empty();
}

/// A single string counts as a list of one.
std::string as_list(std::string_view token) {
    return token.starts_with('"') ? fmt::format("[{}]", token) : std::string(token);
}

} // namespace

std::string query_text(const Query &query) {
    std::string out;
    for (const auto &[name, value] : query) {
        out += out.empty() ? '?' : '&';
        out += percent_encode(name) + "=" + percent_encode(value);
    }
    return out;
}

std::string without_query(std::string_view url) {
    return std::string(url.find("://") == url.npos ? url : url.substr(0, url.find_first_of("?#")));
}

Query export_query(const ExportRequest &request) {
    Query query{{"project", request.project},
                {"format", "ndjson"},
                {"type", "task"},
                {"sendEmail", "false"},
                {"doNotNotify", "true"},
                {"includeMetadata", "true"},
                {"includeHistory", "true"},
                {"includeOnlyKeyFrames", request.only_key_frames ? "true" : "false"},
                {"includeIdleBlurDurations", "false"},
                {"taskTypes", R"(["default"])"}};
    const std::string_view stage = request.stage.value_or("null");
    if (stage == "null")
        query.emplace_back("stage", R"(["Complete"])");
    else if (!empty_list(stage))
        query.emplace_back("stage", as_list(stage));
    const std::string_view batches = request.batches.value_or("null");
    if (batches != "null" && !empty_list(batches)) query.emplace_back("batches", as_list(batches));
    return query;
}

HubApi::HubApi(HttpClient &client, HubOptions options, const CancelToken &cancel)
    : client_(client), options_(std::move(options)), cancel_(cancel) {}

Asked HubApi::asked(std::string_view what) const {
    const auto url = parse_url(options_.api_url);
    return {std::string(what), url ? url->authority() : "Hub", {options_.api_key}};
}

Result<json::Document> HubApi::call(const Call &call) {
    Request request;
    request.method = call.method;
    request.url = options_.api_url + call.path + query_text(call.query);
    request.headers = {{"Accept", "application/json"}};
    if (!call.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.private_headers = {{"apikey", options_.api_key}};
    request.body = call.body;
    request.once = !call.repeat;
    request.stall_timeout = call.stall_timeout;
    request.whole_timeout = call.whole_timeout;

    Asked asked = this->asked(call.what);
    const CallHooks hooks{options_.permit, options_.refused, options_.heard};
    Retry retry(options_.retry, real_world(cancel_), options_.on_retry);
    for (;;) {
        auto response = send_counted(client_, request, hooks, retry, cancel_);
        Error failed;
        std::optional<std::chrono::milliseconds> retry_after;
        bool may_pass = false;
        if (response) {
            asked.host = response->host;
            server_time_ = parse_http_date(response->header("Date"));
            auto answer = read_answer(asked, {response->status, response->header("Content-Type"), response->body});
            if (answer) return answer;
            failed = answer.error();
            may_pass = call.repeat ? retryable(response->status) : response->status == 429;
            retry_after = wait_of_hub(*response);
        } else {
            if (response.error().code == Code::cancelled) return response.error();
            failed = error(response.error().code,
                           fmt::format("could not ask Hub for {}: {}.", call.what, response.error().text));
            may_pass = call.repeat && retryable(response.error().code);
        }
        if (!may_pass) return failed;
        if (retry.again(failed.text, retry_after)) continue;
        if (cancel_.cancelled()) return error(Code::cancelled, "cancelled");
        failed.text += retry.last_words();
        return failed;
    }
}

Result<std::string> HubApi::request_export(const ExportRequest &request) {
    Call export_call{"the export", "GET", "/v2/export", export_query(request)};
    export_call.stall_timeout = std::chrono::milliseconds(0);
    export_call.whole_timeout = kExportTimeout;
    auto answer = call(export_call);
    if (!answer && answer.error().code == Code::not_found) {
        // Older servers have it under another name. If that is missing too, the project is missing: the first answer tells so.
        export_call.path = "/v2/exportV3";
        auto older = call(export_call);
        if (older || older.error().code != Code::not_found) answer = std::move(older);
    }
    if (!answer) return answer.error();
    return data_text(asked("the export"), *answer, "exportPath");
}

Result<std::string> HubApi::upload_url(const StoredFile &file) {
    Query query{{"name", file.name}, {"project", file.project}, {"type", file.type}};
    if (!file.storage.empty()) query.emplace_back("storageId", file.storage);
    const std::string what = fmt::format("an address to upload {} to", file.what);
    const auto answer = call({what, "GET", "/v2/getUploadUrl", std::move(query)});
    if (!answer) return answer.error();
    return data_text(asked(what), *answer, "uploadUrl");
}

Result<std::string> HubApi::signed_url(const StoredFile &file) {
    const std::string what = fmt::format("the download address of {}", file.what);
    const std::string url = without_query(file.name);
    const auto ask = [&](std::string parameter, std::string value) {
        Query query{{std::move(parameter), std::move(value)}, {"project", file.project}, {"type", file.type}};
        if (!file.storage.empty()) query.emplace_back("storageId", file.storage);
        return call({what, "GET", "/v2/getSignedUrl", std::move(query)});
    };
    // The vendor's client puts the URL into the query as it is, so Hub sees its escapes decoded: "a b.zip", not "a%20b.zip".
    auto answer = ask("name", percent_decode_leniently(url));
    if (!answer && answer.error().code == Code::invalid) // in the published description it is called url
        if (auto other = ask("url", url); other) answer = std::move(other);
    if (!answer) return answer.error();
    return data_text(asked(what), *answer, "signedUrl");
}

} // namespace angod::rest
