// The server on a port of the loopback interface, with handlers that throw, wait, or answer piece by piece.
//
// Requests are written as text, so that a case can also send what no client would. Everything runs on one event loop.
#include "http/client.hpp"
#include "http/server.hpp"
#include "printing.hpp"
#include "run_coroutine.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
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

/// Everything that the server sends on a new connection until it ends it.
std::string answer_to(Listening &listening, tcp::socket &socket, const std::string &request) {
    std::string answer;
    const auto task = [&]() -> awaitable<void> {
        co_await socket.async_connect({asio::ip::make_address("127.0.0.1"), listening.port}, asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
        const auto [failed, n] = co_await asio::async_read(socket, asio::dynamic_buffer(answer), as_value);
        CHECK(failed == asio::error::eof);
    };
    run_coroutine(listening.context, task());
    return answer;
}

std::string body_of(const std::string &answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

/// Until check is true, or for ten seconds.
template <class Check> bool until(Listening &listening, const Check &check) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const auto task = [&]() -> awaitable<void> {
        while (!check() && std::chrono::steady_clock::now() < deadline) co_await pause(std::chrono::milliseconds(1));
    };
    run_coroutine(listening.context, task());
    return check();
}

/// Answers with what `next` gives.
template <class Next> Handler in_pieces(Next next) {
    return [next](Request request) -> awaitable<Response> {
        Response response;
        response.content_type = "text/plain";
        response.pieces = [next, caller = request.caller] { return next(caller); };
        co_return response;
    };
}

/// A body whose next piece never comes.
struct Following {
    bool waits = false;

    Handler handler() {
        return in_pieces([this](std::shared_ptr<Caller> caller) { return wait(caller); });
    }
    awaitable<std::string> wait(std::shared_ptr<Caller> caller) {
        Signal gone(co_await asio::this_coro::executor);
        caller->on_gone = [&] { gone.wake_all(); };
        waits = true;
        while (!caller->gone) co_await gone.wait();
        waits = false;
        co_return "";
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

TEST_CASE("a body in pieces is sent in chunks, and the connection ends with it") {
    int asked = 0;
    const auto next = [&](std::shared_ptr<Caller>) -> awaitable<std::string> {
        ++asked;
        co_return asked == 1 ? "first" : asked == 2 ? "second" : "";
    };
    Listening listening(in_pieces(next), {});
    {
        tcp::socket socket(listening.context);
        const std::string answer = answer_to(listening, socket, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(answer.find("Content-Type: text/plain\r\n") != std::string::npos);
        CHECK(answer.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
        CHECK(body_of(answer) == "5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n");
    }
    asked = 0; // who knows no chunks gets it plain
    tcp::socket socket(listening.context);
    const std::string answer = answer_to(listening, socket, "GET / HTTP/1.0\r\n\r\n");
    CHECK(answer.find("Transfer-Encoding") == std::string::npos);
    CHECK(body_of(answer) == "firstsecond");
}

TEST_CASE("a body in pieces that fails has no last chunk") {
    const auto next = [](std::shared_ptr<Caller>) -> awaitable<std::string> {
        throw std::runtime_error("of the pieces");
        co_return "";
    };
    Listening listening(in_pieces(next), {});
    tcp::socket socket(listening.context);
    CHECK(body_of(answer_to(listening, socket, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")) == "");
}

TEST_CASE("who waits for pieces and goes is let go, even if it had said more") {
    Following following;
    Listening listening(following.handler(), {});
    tcp::socket socket(listening.context);
    CHECK(listening.ask(socket, "/") == "HTTP/1.1 200 OK");
    CHECK(until(listening, [&] { return following.waits; }));
    asio::write(socket, asio::buffer("more", 4));
    socket.close();
    CHECK(until(listening, [&] { return !following.waits; }));
}

TEST_CASE("when the server stops, a body in pieces comes to its end") {
    Following following;
    Listening listening(following.handler(), {});
    tcp::socket socket(listening.context);
    CHECK(listening.ask(socket, "/") == "HTTP/1.1 200 OK");
    CHECK(until(listening, [&] { return following.waits; }));
    listening.server->stop();
    std::string rest;
    const auto read = [&]() -> awaitable<void> {
        co_await asio::async_read(socket, asio::dynamic_buffer(rest), as_value);
    };
    run_coroutine(listening.context, read());
    CHECK(rest == "0\r\n\r\n");
}

TEST_CASE("who takes no piece within the limit is let go") {
    const auto alive = std::make_shared<std::weak_ptr<int>>();
    const auto next = [](std::shared_ptr<Caller>) -> awaitable<std::string> { co_return std::string(1u << 20, 'x'); };
    ServerOptions options;
    options.piece_limit = std::chrono::seconds(1);
    const auto handler = [&](Request) -> awaitable<Response> {
        const auto held = std::make_shared<int>(0);
        *alive = held;
        Response response;
        response.pieces = [next, held] { return next(nullptr); };
        co_return response;
    };
    Listening listening(handler, std::move(options));
    tcp::socket socket(listening.context);
    CHECK(listening.ask(socket, "/") == "HTTP/1.1 200 OK");
    CHECK(until(listening, [&] { return alive->expired(); }));
}
