// Blocking HTTP calls over libcurl, for job threads.
//
// A client keeps its connections open from call to call. It belongs to one thread at a time; each thread takes a client of its
// own. TLS certificates are always verified. Redirects are followed here, not by libcurl, so that private headers (the API
// key) do not travel to another host. Proxies come from the options alone: the environment of a host belongs to a plugin.
#pragma once

#include "base/cancel.hpp"
#include "base/proxy.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::rest {

/// Once per process, from main, before any thread. False: libcurl cannot work on this machine.
bool init_http();

struct Header {
    std::string name, value;
};

/// The head of an answer, and its body unless a sink took it.
struct Response {
    long status = 0;
    std::vector<Header> headers;
    std::string body;
    std::uint64_t body_bytes = 0; ///< all that came, to a sink or not
    std::string host;             ///< the server that answered; with the port if unusual
    std::string url;              ///< the last one, after redirects; may hold a signature: not for logs

    /// The last header of this name, in any case of letters; empty if there is none.
    std::string_view header(std::string_view name) const;
};

/// Keys for a signature of Amazon's S3, version 4.
struct S3Key {
    std::string region, id, secret; ///< id empty: not signed
};

struct Request {
    std::string method = "GET";
    std::string url;
    std::vector<Header> headers;
    std::vector<Header> private_headers; ///< dropped on a redirect to another host, port or scheme

    S3Key s3;
    std::string body; ///< sent if not empty
    /// A kept connection may end while the request is on its way. libcurl then sends the request again on a new connection,
    /// unless this is set: then a request that may have arrived is an error.
    bool once = false;
    /// A redirect with status 303, or 301 or 302 of a POST, turns the request into a GET without its content, as in browsers.
    /// Unless this is set, such a redirect of a request with content is an error: its answer would tell of a request that nobody
    /// got.
    bool may_become_get = false;
    std::filesystem::path file; ///< if not empty: the body, with Content-Length, never chunked
    std::uint64_t file_size = 0;

    /// Called once when a 2xx head is complete, before any of its body. An error ends the call with it.
    std::function<Result<void>(const Response &)> on_head;
    /// Takes the body of a 2xx answer piece by piece; may block. False ends the call with Code::cancelled.
    /// Bodies of other answers, and all bodies without a sink, go to Response::body.
    std::function<bool(std::string_view)> sink;
    std::uint64_t body_limit = std::uint64_t{64} << 20; ///< bytes of Response::body

    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds stall_timeout{60'000}; ///< no byte in either direction for so long; 0: no limit.
                                                     ///< Time inside the sink does not count
    std::chrono::milliseconds whole_timeout{0};      ///< 0: no limit
};

struct ClientOptions {
    std::string ca_file;    ///< PEM; empty: the system's
    std::string user_agent; ///< empty: kUserAgent
    ProxyRules proxies;
};

/// "angod/VERSION"
extern const char *const kUserAgent;

class HttpClient {
public:
    explicit HttpClient(ClientOptions options);
    ~HttpClient();
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;

    /// Any status is a Response. So is a redirect of a request that is signed for S3 to a host of another store. Errors: network and timeout (may pass), protocol (will not: bad URL, bad
    /// certificate, too many redirects), limit (body too long), cancelled (within about 100 ms), io (the file
    /// to send). The text names the host but no path or query.
    Result<Response> send(const Request &request, const CancelToken &cancel);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace angod::rest
