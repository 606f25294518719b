// The listener for Hub's calls: which of them reach a plugin, and how the others are refused.
//
// Each request has a connection of its own and asks for its end, so that the answer is everything until then.
#include "connector/connector.hpp"

#include "connector/rest_link.hpp"
#include "printing.hpp"
#include "within.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

using namespace angod;
using namespace angod::connector;
using asio::ip::tcp;

namespace {

struct Rig {
    asio::io_context context;
    asio::thread_pool pool{1};
    std::uint16_t port = 0;
    hub::CallBudget budget{context.get_executor()};
    std::unique_ptr<Connector> connector;

    Rig() {
        {
            const tcp::acceptor free(context, {asio::ip::make_address("127.0.0.1"), 0});
            port = free.local_endpoint().port();
        }
        auto opened = Connector::open(context.get_executor(), "127.0.0.1", port, budget);
        REQUIRE(opened);
        connector = std::move(*opened);
        connector->start();
    }
    std::unique_ptr<RestLink> link(std::string secret) {
        RestOptions options;
        options.id = secret;
        options.secret = std::move(secret);
        hub::Link::Callbacks on;
        on.live = [] {};
        on.ready = [] { return true; };
        on.kind = [] { return PluginKind::input; };
        auto made = std::make_unique<RestLink>(context.get_executor(), pool, *connector, std::move(options),
                                               std::move(on), Log());
        made->start();
        return made;
    }
    /// The status of the answer.
    int ask(const std::string &method, const std::string &path, const std::string &secret,
            const std::string &more = "") {
        std::string answer;
        within_limit(context, talk(*this,
                                   method + " " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nsecret: " +
                                       secret + "\r\n" + more + "\r\n",
                                   answer));
        REQUIRE(answer.size() > 12);
        return std::stoi(answer.substr(9, 3));
    }

private:
    static awaitable<void> talk(Rig &rig, std::string request, std::string &answer) {
        tcp::socket socket(rig.context);
        co_await socket.async_connect({asio::ip::make_address("127.0.0.1"), rig.port}, as_value);
        co_await asio::async_write(socket, asio::buffer(request), as_value);
        co_await asio::async_read(socket, asio::dynamic_buffer(answer), as_value);
    }
};

} // namespace

TEST_CASE("a call reaches the plugin of its secret, and without one it learns nothing") {
    Rig rig;
    CHECK(rig.ask("GET", "/heartbeat", "one") == 401);
    const auto one = rig.link("one");
    const auto two = rig.link("two");
    CHECK(rig.ask("GET", "/heartbeat", "one") == 200);
    CHECK(one->connects() == 1);
    CHECK(two->connects() == 0);
    for (const char *path : {"/heartbeat", "/plugin", "/nowhere"}) CHECK(rig.ask("GET", path, "wrong") == 401);
    one->stop_routing();
    CHECK(rig.ask("GET", "/heartbeat", "one") == 401);
    CHECK(rig.ask("GET", "/heartbeat", "two") == 200);
    rig.connector->stop();
}

TEST_CASE("a call with a wrong path, method or encoding is refused") {
    Rig rig;
    const auto one = rig.link("one");
    CHECK(rig.ask("GET", "/nowhere", "one") == 404);
    CHECK(rig.ask("GET", "/plugin", "one") == 405);
    CHECK(rig.ask("POST", "/heartbeat", "one", "Content-Length: 0\r\n") == 405);
    CHECK(rig.ask("POST", "/plugin", "one", "Content-Length: 0\r\nContent-Encoding: gzip\r\n") == 415);
    CHECK(rig.ask("POST", "/plugin", "one", "Content-Length: 0\r\n") == 400);
    rig.connector->stop();
}

TEST_CASE("a connector that drains refuses heartbeats only") {
    Rig rig;
    const auto one = rig.link("one");
    rig.connector->drain();
    CHECK(rig.ask("GET", "/heartbeat", "one") == 503);
    CHECK(rig.ask("POST", "/plugin", "one", "Content-Length: 0\r\n") == 400);
    rig.connector->stop();
}
