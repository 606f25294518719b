// One HTTP exchange while it runs: the state of libcurl's callbacks.
#pragma once

#include "rest/http_client.hpp"
#include "unpack/content_decoder.hpp"

#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace angod::rest {

/// One thread. request and cancel must outlive it.
struct Exchange {
    using Clock = std::chrono::steady_clock;

    Exchange(const Request &of, const CancelToken &token, std::string host, std::optional<Proxy> through);

    bool success() const { return response.status >= 200 && response.status < 300; }
    /// A line of a head, with its end.
    void header_line(std::string_view line);
    /// A piece of the body, as it was sent: a sink gets it so, Response::body without its Content-Encoding. False ends the exchange.
    bool body_piece(std::string_view piece);
    /// The body ends. An error (protocol) if the encoding of a success has no end.
    Result<void> end();

    const Request &request;
    const CancelToken &cancel;
    Response response;
    std::optional<Proxy> proxy;
    std::optional<Error> failed; ///< found in a callback
    std::ifstream file;
    std::size_t body_sent = 0;
    Clock::time_point last_progress = Clock::now();

private:
    bool keep(std::string_view piece);
    void decode(std::string_view piece);
    std::string broken(const Error &why) const;
    void undecodable(std::string why);

    std::optional<ContentDecoder> decoder_; ///< made with the first piece for Response::body
    bool unreadable_ = false;               ///< the encoding is unknown or damaged
};

} // namespace angod::rest
