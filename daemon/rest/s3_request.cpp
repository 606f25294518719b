#include "rest/s3_request.hpp"

#include "rest/http_client.hpp"

#include "base/ids.hpp"
#include "base/percent.hpp"
#include "base/url.hpp"
#include "rest/redirect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace angod::rest {

namespace {

std::string canonical(std::string_view text) { return percent_encode(percent_decode_leniently(text)); }

/// The pieces between separators; none of an empty text.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < text.size() + 1 && !text.empty();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

/// A host with its port, or a region: nothing that XML would have to escape.
bool is_host(std::string_view text) {
    return !text.empty() && text.size() < 256 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
               c == '_' || c == ':' || c == '[' || c == ']';
    });
}

} // namespace

std::string s3_url(std::string_view url) {
    url = url.substr(0, url.find('#'));
    const std::size_t scheme = url.find("://");
    const std::size_t authority = scheme == url.npos ? 0 : scheme + 3;
    const std::size_t path = std::min(url.find_first_of("/?", authority), url.size());
    const std::size_t question = std::min(url.find('?', path), url.size());

    std::string out(url.substr(0, path));
    const auto segments = split(url.substr(path, question - path), '/');
    for (std::size_t i = 1; i < segments.size(); ++i) out += '/' + canonical(segments[i]); // the first one is empty
    if (segments.size() < 2) out += '/';

    std::vector<std::pair<std::string, std::string>> query;
    for (const std::string_view parameter : split(url.substr(std::min(question + 1, url.size())), '&')) {
        if (parameter.empty()) continue;
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        query.emplace_back(canonical(parameter.substr(0, equals)),
                           canonical(parameter.substr(std::min(equals + 1, parameter.size()))));
    }
    std::sort(query.begin(), query.end());
    char before = '?';
    for (const auto &[name, value] : query) {
        out += before + name + '=' + value;
        before = '&';
    }
    return out;
}

std::string s3_explanation(const Response &response) {
    if (response.status < 300 || response.status >= 500) return response.body;
    constexpr std::string_view kEnd = "</Error>";
    std::string added;
    const auto add = [&](std::string_view element, std::string_view value) {
        const std::string open = fmt::format("<{}>", element);
        if (is_host(value) && response.body.find(open) == std::string::npos)
            added += fmt::format("{0}{1}</{2}>", open, value, element);
    };
    add("Region", response.header("x-amz-bucket-region"));
    if (const auto to = parse_url(response.header("Location")); to && is_redirect(response.status))
        add("Endpoint", to->authority());
    if (added.empty()) return response.body;
    std::string out = response.body;
    if (const std::size_t end = out.rfind(kEnd); end != std::string::npos) return out.insert(end, added);
    if (!is_redirect(response.status)) return out;
    const bool for_ever = response.status == 301 || response.status == 308;
    return fmt::format("<Error><Code>{}</Code>{}</Error>", for_ever ? "PermanentRedirect" : "TemporaryRedirect", added);
}

std::string s3_content_hash(std::string_view body) { return to_hex(sha256(body)); }

Result<std::string> s3_signature(const S3Key &key) {
    const std::string region = key.region.empty() ? "us-east-1" : key.region;
    if (!std::all_of(region.begin(), region.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
        }))
        return error(Code::invalid, "the region of the S3 key holds characters that no region has");
    return "aws:amz:" + region + ":s3";
}

} // namespace angod::rest
