#include "rest/probe.hpp"

#include "base/http_date.hpp"
#include "rest/http_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace angod::rest {

namespace {

std::size_t take_date(const char *bytes, std::size_t size, std::size_t count, void *into) {
    const std::string_view line(bytes, size * count);
    constexpr std::string_view kName = "date:";
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    if (line.size() > kName.size() && std::equal(kName.begin(), kName.end(), line.begin(), same)) {
        std::string_view value = line.substr(kName.size());
        while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
        while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.remove_suffix(1);
        *static_cast<std::optional<std::int64_t> *>(into) = parse_http_date(value);
    }
    return size * count;
}

/// The body is not needed: the call ends with its first bytes.
std::size_t end_with_body(const char *, std::size_t, std::size_t, void *) { return 0; }

ProbeStep step_of(CURLcode result, bool proxied, bool connected, long connect_status) {
    switch (result) {
        case CURLE_OK:
        case CURLE_WRITE_ERROR: return ProbeStep::complete; // the body has begun
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY: return ProbeStep::name;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ISSUER_ERROR: return ProbeStep::tls;
        default: break;
    }
    if (proxied && (result == CURLE_PROXY || connect_status >= 300)) return ProbeStep::proxy;
    return connected ? ProbeStep::answer : ProbeStep::connection;
}

std::optional<std::int64_t> earliest_end(CURL *easy) {
    curl_certinfo *chain = nullptr;
    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain) return std::nullopt;
    std::optional<std::int64_t> earliest;
    for (int i = 0; i < chain->num_of_certs; ++i)
        for (const curl_slist *entry = chain->certinfo[i]; entry; entry = entry->next) {
            constexpr std::string_view kName = "Expire date:";
            const std::string_view text = entry->data;
            if (!text.starts_with(kName)) continue;
            const auto end = parse_certificate_date(text.substr(kName.size()));
            if (end && (!earliest || *end < *earliest)) earliest = end;
        }
    return earliest;
}

} // namespace

std::optional<std::int64_t> parse_certificate_date(std::string_view text) {
    // The parts of "Nov  9 14:13:18 2026 GMT".
    std::array<std::string, 5> parts;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end > at) {
            if (count == parts.size()) return std::nullopt;
            parts[count++] = text.substr(at, end - at);
        }
        at = end + 1;
    }
    if (count != parts.size() || parts[1].size() > 2) return std::nullopt;
    // The day of the week is not looked at.
    return parse_http_date(fmt::format("Mon, {:0>2} {} {} {} {}", parts[1], parts[0], parts[3], parts[2], parts[4]));
}

Probe probe(const std::string &url, const std::string &ca_file, const std::optional<Proxy> &proxy,
            std::chrono::milliseconds limit) {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), curl_easy_cleanup);
    Probe out;
    std::array<char, CURL_ERROR_SIZE> reason{};
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy.get(), option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_USERAGENT, kUserAgent);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, reason.data());
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_CERTINFO, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_HEADERFUNCTION, take_date);
    set(CURLOPT_HEADERDATA, static_cast<void *>(&out.date_ms));
    set(CURLOPT_WRITEFUNCTION, end_with_body);
    if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
    set(CURLOPT_NOPROXY, "");
    const std::string proxy_url = proxy ? "http://" + proxy->authority() : "";
    set(CURLOPT_PROXY, proxy_url.c_str());
    if (proxy && proxy->has_credentials()) {
        set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
        set(CURLOPT_PROXYUSERNAME, proxy->user.c_str());
        set(CURLOPT_PROXYPASSWORD, proxy->password.c_str());
    }
    const CURLcode result = curl_easy_perform(easy.get());
    const char *address = nullptr;
    long connect_status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_PRIMARY_IP, &address);
    curl_easy_getinfo(easy.get(), CURLINFO_HTTP_CONNECTCODE, &connect_status);
    double connected_after = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_CONNECT_TIME, &connected_after);
    if (address) out.address = address;
    out.failed = step_of(result, proxy.has_value(), connected_after > 0, connect_status);
    if (out.failed == ProbeStep::proxy && connect_status > 0) {
        out.problem = proxy_refusal(*proxy, connect_status);
    } else if (out.failed != ProbeStep::complete) {
        out.problem = reason[0] ? reason.data() : curl_easy_strerror(result);
        for (char &c : out.problem)
            if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
    }
    out.certificate_end_ms = earliest_end(easy.get());
    return out;
}

} // namespace angod::rest
