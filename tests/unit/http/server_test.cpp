#include "http/http.hpp"
#include "run_coroutine.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <stdexcept>

using namespace angod;
using namespace angod::http;
using asio::ip::tcp;

namespace {

struct Listening {
    asio::io_context context;
    std::uint16_t port = 0;
    std::optional<Server> server;

    Listening(Handler handler, ServerOptions options) {
        auto acceptor = listen_tcp(context.get_executor(), "127.0.0.1", 0);
        REQUIRE(acceptor);
        tcp::endpoint at;
        const auto endpoint = acceptor->local_endpoint();
        at.resize(endpoint.size());
        std::memcpy(at.data(), endpoint.data(), endpoint.size());
        port = at.port();
        server.emplace(std::move(*acceptor), std::move(handler), std::move(options));
        server->start();
    }

    /// The first line of the answer to a request on a connection of its own, which is left open.
    std::string ask(tcp::socket &socket, const std::string &path) {
        using namespace asio::experimental::awaitable_operators;
        std::string answer;
        const auto task = [&]() -> awaitable<void> {
            co_await (talk(socket, path, answer) || pause(std::chrono::seconds(10)));
        };
        run_coroutine(context, task());
        return answer.substr(0, answer.find("\r\n"));
    }

private:
    awaitable<void> talk(tcp::socket &socket, const std::string &path, std::string &answer) {
        const tcp::endpoint at(asio::ip::make_address("127.0.0.1"), port);
        co_await socket.async_connect(at, as_value);
        const std::string request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
        co_await asio::async_write(socket, asio::buffer(request), as_value);
        co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n", as_value);
    }
};

awaitable<Response> handle(Request request) {
    if (request.path == "/throws") throw std::runtime_error("of the handler");
    co_return Response{};
}

} // namespace

TEST_CASE("a handler that throws costs its caller an answer with 500, and no place among the connections") {
    ServerOptions options;
    options.max_connections = 3;
    options.admit = [](const Request &head) -> std::optional<Response> {
        if (head.path == "/admit") throw std::runtime_error("of the admission");
        return std::nullopt;
    };
    Listening listening(handle, std::move(options));
    for (const char *path : {"/throws", "/admit"})
        for (int i = 0; i < 5; ++i) {
            tcp::socket socket(listening.context);
            CHECK(listening.ask(socket, path) == "HTTP/1.1 500 Internal Server Error");
        }
    tcp::socket socket(listening.context);
    CHECK(listening.ask(socket, "/fine") == "HTTP/1.1 200 OK");
}

TEST_CASE("callers beyond the limit are counted right after others have thrown") {
    ServerOptions options;
    options.max_connections = 2;
    Listening listening(handle, std::move(options));
    std::vector<tcp::socket> open;
    for (int i = 0; i < 2; ++i) {
        open.emplace_back(listening.context);
        CHECK(listening.ask(open.back(), "/throws") == "HTTP/1.1 500 Internal Server Error");
    }
    tcp::socket third(listening.context);
    CHECK(listening.ask(third, "/fine") == "HTTP/1.1 503 Service Unavailable");
}
