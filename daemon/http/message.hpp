// Requests and responses as handlers see them: plain values, without Beast.
#pragma once

#include "base/async.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::http {

/// The other side of a connection, as far as it waits for a response. Event loop only.
struct Caller {
    bool gone = false;             ///< it would not read a response any more
    std::function<void()> on_gone; ///< called once, when that becomes known
};

struct Header {
    std::string name; ///< lower case
    std::string value;
};

struct Request {
    std::string method; ///< "GET"
    std::string path;   ///< decoded, without the query
    std::map<std::string, std::string> query;
    std::vector<Header> headers;
    std::string body;
    std::shared_ptr<Caller> caller; ///< never null in a handler

    /// The value of a header that is there exactly once. name: lower case.
    std::optional<std::string_view> header(std::string_view name) const;
    /// Fills path and query from the target of a request line, "/path?name=value&…".
    void set_target(std::string_view target);
};

struct Response {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    /// If set: called once when the fate of the response is known. True: the other side's machine has received all of it.
    std::function<void(bool)> taken;
    /// If set, it makes the body piece by piece until it returns an empty piece. The server asks for a piece when the one
    /// before is written. When the caller goes or the server stops, the caller's on_gone is called: the function then ends
    /// its wait with an empty piece.
    std::function<awaitable<std::string>()> pieces;
};

} // namespace angod::http
