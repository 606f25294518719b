#include "socketio/proxy_tunnel.hpp"

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/percent.hpp"
#include "socketio/handshake_refusal.hpp"

#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace angod::socketio {

namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using namespace asio::experimental::awaitable_operators;

Error network_error(const boost::system::error_code &failed) {
    if (failed == asio::error::eof) return error(Code::network, "the proxy ended the connection");
    return error(Code::network, failed.message());
}

/// The forms in which the credentials of a proxy could come back in its answer.
std::vector<std::string> secrets_of(const Proxy &proxy) {
    if (!proxy.has_credentials()) return {};
    const std::string both = proxy.user + ":" + proxy.password;
    return {to_base64(both), both, proxy.password, percent_encode(proxy.password)};
}

/// Reads more of the answer. At the end of the connection or the time it returns an error.
awaitable<Result<void>> read_some(tcp::socket &socket, HttpAnswerReader &reader, Clock::time_point until) {
    asio::steady_timer timer(co_await asio::this_coro::executor, until);
    std::array<char, 1024> buffer;
    const auto got = co_await (socket.async_read_some(asio::buffer(buffer), as_value) || timer.async_wait(as_value));
    if (got.index() == 1) co_return error(Code::timeout, "the proxy did not answer in time");
    const auto &[failed, n] = std::get<0>(got);
    if (failed) co_return network_error(failed);
    if (const auto fed = reader.feed({buffer.data(), n}); !fed)
        co_return error(fed.error().code, "the proxy cannot be used: its answer " + fed.error().text);
    co_return Result<void>();
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

awaitable<Tunnel> open_tunnel(tcp::socket &socket, const Url &url, const Proxy &proxy, std::string user_agent,
                              Clock::time_point deadline) {
    Tunnel tunnel;
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    const std::string request = connect_request(url, proxy, user_agent);
    const auto asking =
        co_await (asio::async_write(socket, asio::buffer(request), as_value) || timer.async_wait(as_value));
    if (asking.index() == 1) {
        tunnel.opened = error(Code::timeout, "the proxy does not accept the request");
        co_return tunnel;
    }
    if (const auto [failed, n] = std::get<0>(asking); failed) {
        tunnel.opened = network_error(failed);
        co_return tunnel;
    }
    HttpAnswerReader reader;
    while (tunnel.opened && !reader.status()) tunnel.opened = co_await read_some(socket, reader, deadline);
    if (!tunnel.opened) co_return tunnel;
    if (*reader.status() >= 200 && *reader.status() <= 299) {
        // In TLS and WebSocket the client speaks first: these bytes are the proxy's own.
        if (reader.behind_head() > 0)
            tunnel.opened = error(Code::protocol, "the proxy sent more than its answer to the request for a tunnel");
        co_return tunnel;
    }
    const auto until = std::min(deadline, Clock::now() + kRefusalWait);
    bool more = true;
    while (more && !reader.is_whole()) {
        const auto read = co_await read_some(socket, reader, until);
        more = read.has_value();
    }
    const HttpAnswer answer = reader.answer();
    tunnel.pause = pause_asked(answer, now_ms());
    std::string why = proxy_refusal(proxy, answer.status);
    if (const std::string said = said_in(answer, secrets_of(proxy)); !said.empty()) why += "; its answer: " + said;
    tunnel.opened = error(Code::remote, std::move(why));
    co_return tunnel;
}

} // namespace angod::socketio
