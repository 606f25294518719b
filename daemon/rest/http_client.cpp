// Each call drives a multi handle with one easy handle in it: curl_easy_perform looks at its progress callback
// only once a second while nothing moves, too seldom for a cancel. The time limits are kept here too, because
// libcurl's own low-speed limit would also count the time that a sink blocks.
#include "rest/http_client.hpp"

#include "rest/exchange.hpp"
#include "rest/redirect.hpp"
#include "rest/s3_request.hpp"

#include "base/files.hpp"
#include "base/letter_case.hpp"
#include "base/redact.hpp"
#include "base/url.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#ifndef ANGOD_VERSION
#define ANGOD_VERSION "0.1.0"
#endif

namespace angod::rest {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 100; // how late a cancel or a time limit may be noticed

Code code_of(CURLcode failed) {
    switch (failed) {
        case CURLE_OPERATION_TIMEDOUT: return Code::timeout;
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_BAD_CONTENT_ENCODING:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_FAILED_INIT:
        case CURLE_OUT_OF_MEMORY: return Code::protocol;
        default: return Code::network;
    }
}

/// Permanent failures of a TLS handshake in the words of OpenSSL, and the words for an operator.
constexpr std::pair<std::string_view, std::string_view> kTlsRefusals[] = {
    {"wrong version number", "the server does not speak TLS at this port"},
    {"http request", "the server does not speak TLS at this port"},
    {"packet length too long", "the server does not speak TLS at this port"},
    {"unsupported protocol", "the server speaks only versions of TLS that are not safe any more; 1.2 is the least"},
    {"alert protocol version", "the server speaks only versions of TLS that are not safe any more; 1.2 is the least"},
};

struct HeaderList {
    curl_slist *first = nullptr;
    ~HeaderList() { curl_slist_free_all(first); }
    void add(const std::string &line) { first = curl_slist_append(first, line.c_str()); }
};

std::size_t on_header(char *data, std::size_t, std::size_t size, void *user) {
    auto &exchange = *static_cast<Exchange *>(user);
    exchange.header_line({data, size});
    return exchange.failed ? 0 : size;
}

std::size_t on_body(char *data, std::size_t, std::size_t size, void *user) {
    return static_cast<Exchange *>(user)->body_piece({data, size}) ? size : CURL_WRITEFUNC_ERROR;
}

std::size_t on_read(char *data, std::size_t, std::size_t capacity, void *user) {
    auto &exchange = *static_cast<Exchange *>(user);
    exchange.file.read(data, static_cast<std::streamsize>(capacity));
    if (exchange.file.bad()) {
        exchange.failed = error(Code::io, "cannot read the file to upload: " + files::system_error());
        return CURL_READFUNC_ABORT;
    }
    return static_cast<std::size_t>(exchange.file.gcount());
}

std::size_t on_read_body(char *data, std::size_t, std::size_t capacity, void *user) {
    auto &exchange = *static_cast<Exchange *>(user);
    const std::size_t size = exchange.request.body.copy(data, capacity, exchange.body_sent);
    exchange.body_sent += size;
    return size;
}

/// libcurl cannot send a body again if it cannot go back to its start.
int on_seek_body(void *, curl_off_t, int) { return CURL_SEEKFUNC_FAIL; }

int on_seek(void *user, curl_off_t offset, int origin) {
    auto &file = static_cast<Exchange *>(user)->file;
    file.clear();
    file.seekg(offset, origin == SEEK_SET ? std::ios::beg : origin == SEEK_CUR ? std::ios::cur : std::ios::end);
    return file ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

} // namespace

const char *const kUserAgent = "angod/" ANGOD_VERSION;

bool init_http() { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

struct HttpClient::Impl {
    ClientOptions options;
    CURLM *multi = curl_multi_init();
    CURL *easy = curl_easy_init();

    ~Impl() {
        curl_easy_cleanup(easy);
        curl_multi_cleanup(multi);
    }

    template <class T> void set(CURLoption option, T value) { curl_easy_setopt(easy, option, value); }

    Result<void> prepare(Exchange &exchange, HeaderList &headers, char *reason);
    Result<void> add_headers(const Request &request, HeaderList &headers);
    Result<void> set_body(Exchange &exchange);
    Result<void> sign(const Request &request, HeaderList &headers);
    void set_proxy(const std::optional<Proxy> &proxy);
    Error failure(const Exchange &exchange, CURLcode result, const char *reason) const;
    Result<Response> exchange_once(const Request &request, const CancelToken &cancel, std::string &redirect);
    std::optional<Error> drive(Exchange &exchange, const char *reason);
};

Result<void> HttpClient::Impl::prepare(Exchange &exchange, HeaderList &headers, char *reason) {
    const Request &request = exchange.request;
    curl_easy_reset(easy);
    set(CURLOPT_ERRORBUFFER, reason);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_USERAGENT, options.user_agent.empty() ? kUserAgent : options.user_agent.c_str());
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set_proxy(exchange.proxy);
    set(CURLOPT_QUICK_EXIT, 1L); // a cancel does not wait for the system's resolver
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
    set(CURLOPT_BUFFERSIZE, 256L * 1024);
    set(CURLOPT_UPLOAD_BUFFERSIZE, 512L * 1024);
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_HEADERDATA, static_cast<void *>(&exchange));
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_WRITEDATA, static_cast<void *>(&exchange));
    // libcurl takes encoded data that is cut off for all of it, so Exchange decodes it.
    if (!request.sink && request.file.empty()) set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    set(CURLOPT_HTTP_CONTENT_DECODING, 0L);

    if (const auto added = add_headers(request, headers); !added) return added;
    if (const auto ready = set_body(exchange); !ready) return ready;
    if (request.once && request.body.empty()) set(CURLOPT_FRESH_CONNECT, 1L);
    if (request.method != "GET" && request.method != "HEAD") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    return {};
}

Result<void> HttpClient::Impl::add_headers(const Request &request, HeaderList &headers) {
    for (const auto *list : {&request.headers, &request.private_headers})
        for (const Header &header : *list) {
            if (header.value.empty()) continue;
            const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
            if (std::any_of(header.value.begin(), header.value.end(), breaks))
                return error(Code::protocol,
                             fmt::format("the value for the header {} holds a line break", header.name));
            headers.add(header.name + ": " + header.value);
        }
    const auto named = [](const std::vector<Header> &list) {
        return std::any_of(list.begin(), list.end(),
                           [](const Header &one) { return equal_but_for_case(one.name, "Content-Type"); });
    };
    // libcurl would call every body a form. A signature of the older kind covers this header.
    if (request.s3.id.empty() && !request.body.empty() && !named(request.headers)) headers.add("Content-Type:");
    if (request.s3.id.empty())
        headers.add("Expect:");
    else if (const auto ready = sign(request, headers); !ready)
        return ready;
    set(CURLOPT_HTTPHEADER, headers.first);
    return {};
}

/// A file is streamed, and libcurl may go back to its start. A body that must be sent only once is handed over by a callback
/// that cannot go back.
Result<void> HttpClient::Impl::set_body(Exchange &exchange) {
    const Request &request = exchange.request;
    if (!request.file.empty()) {
        exchange.file.open(request.file, std::ios::binary);
        if (!exchange.file)
            return error(Code::io, fmt::format("cannot open the file to upload: {}", files::system_error()));
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.file_size));
        set(CURLOPT_READFUNCTION, on_read);
        set(CURLOPT_READDATA, static_cast<void *>(&exchange));
        set(CURLOPT_SEEKFUNCTION, on_seek);
        set(CURLOPT_SEEKDATA, static_cast<void *>(&exchange));
    } else if (request.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (!request.body.empty() || request.method == "POST") {
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        if (request.once && !request.body.empty()) {
            set(CURLOPT_POST, 1L);
            set(CURLOPT_READFUNCTION, on_read_body);
            set(CURLOPT_READDATA, static_cast<void *>(&exchange));
            set(CURLOPT_SEEKFUNCTION, on_seek_body);
        } else {
            set(CURLOPT_POSTFIELDS, request.body.data());
        }
    }
    return {};
}

/// libcurl signs all headers that it is given, also those that only tell it to leave a header out.
Result<void> HttpClient::Impl::sign(const Request &request, HeaderList &headers) {
    const auto signature = s3_signature(request.s3);
    if (!signature) return error(Code::protocol, signature.error().text);
    set(CURLOPT_URL, s3_url(request.url).c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_AWS_SIGV4, signature->c_str());
    set(CURLOPT_USERNAME, request.s3.id.c_str()); // not as ID:SECRET, because either may hold a colon
    set(CURLOPT_PASSWORD, request.s3.secret.c_str());
    headers.add("x-amz-content-sha256: " +
                (request.file.empty() ? s3_content_hash(request.body) : std::string("UNSIGNED-PAYLOAD")));
    return {};
}

/// An empty name means no proxy; without a name libcurl would ask the environment.
void HttpClient::Impl::set_proxy(const std::optional<Proxy> &proxy) {
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_PROXY, proxy ? ("http://" + proxy->authority()).c_str() : "");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!proxy || !proxy->has_credentials()) return;
    set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_PROXYUSERNAME, proxy->user.c_str());
    set(CURLOPT_PROXYPASSWORD, proxy->password.c_str());
}

Error HttpClient::Impl::failure(const Exchange &exchange, CURLcode result, const char *reason) const {
    std::string where = exchange.response.host;
    if (exchange.proxy) {
        where += fmt::format(" through the proxy {}", exchange.proxy->authority());
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
        if (status >= 300)
            return error(status >= 500 ? Code::network : Code::protocol,
                         fmt::format("connection to {} failed: {}", exchange.response.host,
                                     proxy_refusal(*exchange.proxy, status)));
    }
    if (result == CURLE_SEND_FAIL_REWIND)
        return error(Code::network, fmt::format("the connection to {} ended before an answer came", where));
    const std::string why = *reason ? redact_urls(reason) : std::string(curl_easy_strerror(result));
    if (result == CURLE_SSL_CONNECT_ERROR)
        for (const auto &[said, meant] : kTlsRefusals)
            if (why.find(said) != std::string::npos)
                return error(Code::protocol, fmt::format("connection to {} failed: {}", where, meant));
    return error(code_of(result), fmt::format("connection to {} failed: {}", where, why));
}

std::optional<Error> HttpClient::Impl::drive(Exchange &exchange, const char *reason) {
    const Request &request = exchange.request;
    const std::string &host = exchange.response.host;
    const auto start = Clock::now();
    curl_off_t moved = 0;
    for (;;) {
        int running = 0;
        const CURLMcode broken = curl_multi_perform(multi, &running);
        if (exchange.failed) return exchange.failed;
        if (broken != CURLM_OK) return error(Code::network, fmt::format("libcurl: {}", curl_multi_strerror(broken)));
        int left = 0;
        if (const CURLMsg *message = curl_multi_info_read(multi, &left); message && message->msg == CURLMSG_DONE) {
            const CURLcode result = message->data.result;
            if (result == CURLE_OK) return std::nullopt;
            return failure(exchange, result, reason);
        }
        if (exchange.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        curl_off_t down = 0, up = 0;
        curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
        curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &up);
        const auto now = Clock::now();
        if (down + up != moved) {
            moved = down + up;
            exchange.last_progress = now;
        }
        if (request.whole_timeout.count() > 0 && now - start > request.whole_timeout)
            return error(Code::timeout, fmt::format("{} did not finish its answer within {} s", host,
                                                    request.whole_timeout.count() / 1000.0));
        if (request.stall_timeout.count() > 0 && now - exchange.last_progress > request.stall_timeout)
            return error(Code::timeout,
                         fmt::format("nothing came from {} for {} s", host, request.stall_timeout.count() / 1000.0));
        curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr);
    }
}

Result<Response> HttpClient::Impl::exchange_once(const Request &request, const CancelToken &cancel,
                                                 std::string &redirect) {
    const auto url = parse_url(request.url);
    if (!url) return error(Code::protocol, url.error().text);
    if (!multi || !easy) return error(Code::protocol, "libcurl could not be initialised");
    auto proxy = proxy_for(options.proxies, *url);
    if (!proxy) return error(Code::protocol, proxy.error().text);
    Exchange exchange(request, cancel, url->authority(), std::move(*proxy));
    HeaderList headers;
    char reason[CURL_ERROR_SIZE] = "";
    if (const auto ready = prepare(exchange, headers, reason); !ready) return ready.error();
    curl_multi_add_handle(multi, easy);
    const auto failed = drive(exchange, reason);
    curl_off_t sent = 0;
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    const char *to = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &to);
    redirect = to ? to : "";
    curl_multi_remove_handle(multi, easy); // an unfinished transfer ends here, with its connection
    curl_easy_reset(easy);                 // nothing of this frame stays in the handle
    if (failed) return *failed;
    if (const auto whole = exchange.end(); !whole) return whole.error();
    // For a plain URL, only this status certainly comes from the proxy itself.
    if (exchange.proxy && exchange.response.status == 407)
        return error(Code::protocol, fmt::format("connection to {} failed: {}", exchange.response.host,
                                                 proxy_refusal(*exchange.proxy, 407)));
    const std::uint64_t all = request.file.empty() ? request.body.size() : request.file_size;
    if (request.method == "PUT" && exchange.success() && static_cast<std::uint64_t>(sent) < all)
        return error(Code::network, fmt::format("{} answered after {} of {} bytes", exchange.response.host, sent, all));
    return std::move(exchange.response);
}

HttpClient::HttpClient(ClientOptions options) : impl_(std::make_unique<Impl>()) { impl_->options = std::move(options); }
HttpClient::~HttpClient() = default;

Result<Response> HttpClient::send(const Request &request, const CancelToken &cancel) {
    Request current = request;
    for (int redirects = 0;; ++redirects) {
        std::string to;
        auto response = impl_->exchange_once(current, cancel, to);
        if (!response || !is_redirect(response->status) || to.empty()) return response;
        if (!current.s3.id.empty() && !may_be_signed_for(current, to))
            return response; // the caller tells where it leads
        if (redirects == kMaxRedirects)
            return error(Code::protocol, fmt::format("{} redirects too often", response->host));
        const auto region = response->header("x-amz-bucket-region");
        if (const auto followed = follow_redirect(current, response->status, to, region); !followed)
            return followed.error();
    }
}

} // namespace angod::rest
