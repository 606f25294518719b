// Ways to a server on a loopback socket: direct, through a proxy that says one thing or another, and TLS with a server that
// does not speak it. A real TLS handshake is tested with the whole system, which has certificates.
//
// The test is the server. It reads the request of the client before it answers.
#include "socketio/net_stream.hpp"

#include "printing.hpp"
#include "within.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <array>

using namespace angod;
using namespace angod::socketio;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

struct Rig {
    asio::io_context context;
    tcp::acceptor acceptor{context, {asio::ip::make_address("127.0.0.1"), 0}};
    tcp::socket peer{context};
    Route route;
    std::string request; ///< of the client, up to the empty line
    std::optional<Result<std::unique_ptr<NetStream>>> made;
    std::optional<std::chrono::milliseconds> pause; ///< for which the proxy asked

    explicit Rig(const char *scheme = "ws") {
        const std::string here = fmt::format("127.0.0.1:{}", acceptor.local_endpoint().port());
        route.url = *parse_url(std::string(scheme) + "://" + here);
        route.user_agent = "angod/test";
    }
    /// From now on the server is a proxy in front of another one.
    void be_proxy() {
        route.proxy = Proxy{};
        route.proxy->host = "127.0.0.1";
        route.proxy->port = acceptor.local_endpoint().port();
        route.url = *parse_url("ws://hub.test:80");
    }
    /// Connects while the server answers the first request, if an answer is given.
    void connect_to(std::string answer, std::chrono::milliseconds limit = 5s) {
        within_limit(context, both(*this, std::move(answer), limit));
    }
    std::string reason() const { return made->error().text; }

private:
    static awaitable<void> serve(Rig &rig, std::string answer) {
        rig.peer = co_await rig.acceptor.async_accept(asio::use_awaitable);
        if (answer.empty()) co_return;
        co_await asio::async_read_until(rig.peer, asio::dynamic_buffer(rig.request), "\r\n\r\n", as_value);
        co_await asio::async_write(rig.peer, asio::buffer(answer), as_value);
    }
    static awaitable<void> both(Rig &rig, std::string answer, std::chrono::milliseconds limit) {
        spawn(rig.context.get_executor(), "server", serve(rig, std::move(answer)));
        Route route = rig.route;
        Connected connected = co_await connect(std::move(route), limit);
        rig.pause = connected.pause;
        rig.made.emplace(std::move(connected.stream));
    }
};

} // namespace

TEST_CASE("a plain stream carries bytes both ways and ends where it is closed") {
    Rig rig;
    rig.connect_to("");
    REQUIRE(*rig.made);
    NetStream &stream = ***rig.made;
    const auto script = [&]() -> awaitable<void> {
        CHECK(stream.try_write(asio::buffer("ab", 2)) == 2);
        CHECK(co_await stream.write(asio::buffer("\r\n\r\n", 4)));
        co_await asio::async_read_until(rig.peer, asio::dynamic_buffer(rig.request), "\r\n\r\n", as_value);
        CHECK(rig.request == "ab\r\n\r\n");
        co_await asio::async_write(rig.peer, asio::buffer("cd", 2), as_value);
        std::array<char, 8> buffer{};
        const auto got = co_await stream.read_some(asio::buffer(buffer));
        REQUIRE(got);
        CHECK(std::string_view(buffer.data(), *got) == "cd");
        rig.peer.close();
        const auto end = co_await stream.read_some(asio::buffer(buffer));
        REQUIRE(!end);
        CHECK(end.error().text == "the server ended the connection");
        stream.close();
        stream.close();
        CHECK(!co_await stream.write(asio::buffer("x", 1)));
    };
    within_limit(rig.context, script());
}

TEST_CASE("a server that is not there is an error with its name") {
    Rig rig;
    rig.acceptor.close();
    within_limit(rig.context, [](Rig &r) -> awaitable<void> {
        Route route = r.route;
        Connected connected = co_await connect(std::move(route), std::chrono::seconds(5));
        r.made.emplace(std::move(connected.stream));
    }(rig));
    CHECK(rig.reason().starts_with("cannot connect to 127.0.0.1:"));
}

TEST_CASE("a proxy makes a tunnel, also behind interim answers") {
    Rig rig;
    rig.be_proxy();
    rig.connect_to("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    REQUIRE(*rig.made);
    CHECK(rig.request.starts_with("CONNECT hub.test:80 HTTP/1.1\r\n"));
}

TEST_CASE("a proxy that makes no tunnel is an error with both names") {
    const std::pair<std::string, std::string> cases[] = {
        {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "502"},
        {"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 40\r\n\r\n"
         "<html><title>Blocked by policy 7</title>",
         "does not allow connections to there (HTTP 403); its answer: \"Blocked by policy 7\""},
        {"SSH-2.0\r\n", "the proxy cannot be used: its answer is not HTTP, but begins with \"SSH-2.0\""},
        {"HTTP/1.1 200 OK\r\n\r\nmore", "the proxy sent more than its answer to the request for a tunnel"}};
    for (const auto &[answer, reason] : cases) {
        Rig rig;
        rig.be_proxy();
        rig.connect_to(answer);
        REQUIRE(!*rig.made);
        CHECK(rig.reason().starts_with("cannot connect to hub.test through the proxy 127.0.0.1:"));
        CHECK_MESSAGE(rig.reason().find(reason) != std::string::npos, rig.reason());
    }
}

TEST_CASE("a proxy that asks for a pause is heard, and its words do not repeat the password") {
    Rig rig;
    rig.be_proxy();
    rig.route.proxy->user = "ann";
    rig.route.proxy->password = "open sesame";
    rig.connect_to(
        "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 30\r\n\r\nno tunnel for ann:open sesame\r\n");
    REQUIRE(!*rig.made);
    CHECK(rig.pause == 120s);
    CHECK(rig.reason().find("could not reach it (HTTP 503); its answer: \"no tunnel for ***\"") != std::string::npos);
}

TEST_CASE("a server or a proxy that says nothing is given up at the deadline") {
    Rig proxy;
    proxy.be_proxy();
    proxy.connect_to("", 50ms);
    CHECK(proxy.reason().ends_with("the proxy did not answer in time"));
    Rig tls("wss");
    tls.route.tls = *make_tls_context("");
    tls.connect_to("", 50ms);
    CHECK(tls.reason().ends_with("the TLS handshake took too long"));
}

TEST_CASE("authorities come from a file that can be read") {
    CHECK(make_tls_context(""));
    const auto missing = make_tls_context("/nowhere/ca.pem");
    REQUIRE(!missing);
    CHECK(missing.error().text.starts_with("cannot use the certificate authorities of /nowhere/ca.pem: "));
}
