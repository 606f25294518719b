// An answer may be anything: JSON of Hub, XML of a storage, the error page of a proxy, or bytes. The first text in it that explains
// the failure becomes part of a sentence for the user. Foreign text is redacted first and cut afterwards, because a cut in the
// middle of a secret would hide it from the search.
#include "rest/answer.hpp"

#include "rest/retry.hpp"

#include "base/server_words.hpp"

#include <fmt/format.h>

#include <optional>

namespace angod::rest {

namespace {

constexpr std::size_t kMaxLooked = 1200; // bytes of a text that is no JSON

std::string explanation(const Asked &asked, const Answer &answer) {
    if (looks_like_markup(answer.content_type, answer.body)) return {}; // the error page of a proxy
    const auto body = json::parse(answer.body);
    if (body) return quote_foreign(message_of(*body), asked.secrets);
    return quote_foreign(answer.body.substr(0, kMaxLooked), asked.secrets);
}

std::string_view meaning(long status) {
    switch (status) {
        case 400: return "the request was not understood";
        case 401: return "the API key of the user who ran the plugin is not valid";
        case 403: return "the user who ran the plugin may not do this";
        case 404: return "there is no such thing";
        case 408: return "the request took too long";
        case 413: return "the request is too large";
        case 429: return "too many requests";
        case 500: return "internal error of the server";
        case 502: return "bad gateway";
        case 503: return "the service is not available";
        case 504: return "a gateway waited in vain";
        default: return "no explanation given";
    }
}

/// Advice for the reader, as a sentence of its own; empty if there is none.
std::string_view advice(long status) {
    switch (status) {
        case 401:
            return " Creating a new API key in Hub revokes the old one: check the key of that user and run the plugin "
                   "again.";
        case 403: return " Check the rights of the user who ran the plugin in this project.";
        default: return "";
    }
}

Code code_of(long status) {
    if (retryable(status)) return Code::network;
    return status == 400 ? Code::invalid : status == 404 ? Code::not_found : Code::remote;
}

/// The text of <name>…</name>; S3, GCS and Azure answer with such XML.
std::string_view xml_text(std::string_view body, std::string_view name) {
    const std::string open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
    const std::size_t from = body.find(open);
    if (from == std::string_view::npos) return {};
    const std::size_t to = body.find(close, from);
    if (to == std::string_view::npos) return {};
    return body.substr(from + open.size(), to - from - open.size());
}

/// The status that an answer has inside of its body, {"error": {"statusCode": 404}}, whatever its head says; nothing if the
/// body tells no error.
std::optional<long> inner_status(const json::Document &body, long status) {
    const json::Value *failed = json::find(body, "error");
    if (!failed || failed->IsNull() || failed->IsFalse()) return std::nullopt;
    if (failed->IsString() && failed->GetStringLength() == 0) return std::nullopt;
    if (failed->IsObject() && failed->ObjectEmpty()) return std::nullopt;
    const json::Value *code = failed->IsObject() ? json::find(*failed, "statusCode") : nullptr;
    const bool plausible = code && code->IsInt() && code->GetInt() >= 400 && code->GetInt() < 600;
    return plausible ? code->GetInt() : status;
}

} // namespace

Error refusal(const Asked &asked, const Answer &answer) {
    std::string why = explanation(asked, answer);
    if (why.empty())
        why = meaning(answer.status);
    else if (answer.status == 401)
        why = fmt::format("{} (Hub says: {})", meaning(401), why);
    return error(code_of(answer.status), fmt::format("Hub refused {}: {} (HTTP {} from {}).{}", asked.what, why,
                                                     answer.status, asked.host, advice(answer.status)));
}

Error storage_refusal(const Asked &asked, const Answer &answer) {
    const std::string code = quote_foreign(xml_text(answer.body, "Code"), asked.secrets);
    std::string why = quote_foreign(xml_text(answer.body, "Message"), asked.secrets);
    if (why.empty() && code.empty()) why = explanation(asked, answer);
    if (!code.empty()) why = why.empty() ? code : code + ": " + why;
    if (why.empty()) why = answer.status == 401 || answer.status == 403 ? "access denied" : meaning(answer.status);
    return error(code_of(answer.status), fmt::format("the storage refused {}: {} (HTTP {} from {}).", asked.what, why,
                                                     answer.status, asked.host));
}

Result<json::Document> read_answer(const Asked &asked, const Answer &answer) {
    if (answer.status < 200 || answer.status > 299) return refusal(asked, answer);
    auto body = json::parse(answer.body);
    if (!body || !body->IsObject()) {
        const std::string kind = answer.body.empty()                                   ? "is empty"
                                 : looks_like_markup(answer.content_type, answer.body) ? "is a web page instead of JSON"
                                 : body                                                ? "is no JSON object"
                                        : "is not JSON (" + body.error().text + ")";
        return error(
            Code::protocol,
            fmt::format("Hub's answer to the request for {} {} (HTTP {} from {}). Is the address of Hub's API right?",
                        asked.what, kind, answer.status, asked.host));
    }
    if (const auto inner = inner_status(*body, answer.status)) {
        Answer failed = answer;
        failed.status = *inner;
        return refusal(asked, failed);
    }
    const json::Value *status = json::find(*body, "status");
    if (status && !status->IsNull() && !(status->IsString() && json::view(*status) == "success"))
        return refusal(asked, answer);
    return body;
}

Result<std::string> data_text(const Asked &asked, const json::Document &answer, std::string_view name) {
    const json::Value *data = json::find(answer, "data");
    std::string text = data ? json::text_or(*data, name, "") : "";
    if (text.empty())
        return error(Code::protocol, fmt::format("Hub's answer to the request for {} has no data.{} (from {})",
                                                 asked.what, name, asked.host));
    return text;
}

} // namespace angod::rest
