#include "socketio/http_connect.hpp"

#include "base/ids.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::socketio {

namespace {

constexpr std::string_view kStart = "HTTP/1.";

bool digit(char c) { return c >= '0' && c <= '9'; }

/// A status line, or as much of one as there is: "HTTP/1.1 200" and a blank or nothing behind it.
bool may_be_status_line(std::string_view line) {
    const std::size_t compared = std::min(line.size(), kStart.size());
    if (line.substr(0, compared) != kStart.substr(0, compared)) return false;
    const std::string_view rest = line.substr(compared);
    static constexpr std::string_view kShape = "d ddd ";
    for (std::size_t i = 0; i < std::min(rest.size(), kShape.size()); ++i)
        if (kShape[i] == 'd' ? !digit(rest[i]) : rest[i] != ' ') return false;
    return true;
}

} // namespace

std::string connect_request(const Url &url, const Proxy &proxy, std::string_view user_agent) {
    const std::string target = host_and_port(url.host, url.port);
    std::string request =
        fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n", target, target, user_agent);
    if (proxy.has_credentials())
        request += fmt::format("Proxy-Authorization: Basic {}\r\n",
                               to_base64(fmt::format("{}:{}", proxy.user, proxy.password)));
    return request + "\r\n";
}

Result<std::optional<ConnectReply>> parse_connect_reply(std::string_view bytes) {
    const Error no_http = error(Code::protocol, "its answer is not HTTP");
    const std::size_t line_end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    const std::string_view line = bytes.substr(0, line_end);
    if (!may_be_status_line(line)) return no_http;
    if (line_end < bytes.size() && line.size() < kStart.size() + 5) return no_http;
    const std::size_t head = bytes.find("\n\r\n"), bare = bytes.find("\n\n");
    const std::size_t size =
        std::min(head == std::string_view::npos ? head : head + 3, bare == std::string_view::npos ? bare : bare + 2);
    if (std::min(size, bytes.size()) > kMaxConnectReply)
        return error(Code::limit, fmt::format("its answer is longer than {} KB", kMaxConnectReply / 1024));
    if (size == std::string_view::npos) return std::optional<ConnectReply>();
    const auto at = [&](std::size_t i) { return line[kStart.size() + i] - '0'; };
    return std::optional<ConnectReply>(ConnectReply{at(2) * 100 + at(3) * 10 + at(4), size});
}

} // namespace angod::socketio
