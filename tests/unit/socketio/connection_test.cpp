// Every row of the table in connection.hpp, against a fake Hub on a loopback socket.
//
// A first wait of a millisecond lets the connection come back at once. A very long one keeps it in backoff or refused until
// the test stops it.
#include "socketio/connection.hpp"

#include "socketio/fake_hub.hpp"
#include "socketio/net_stream.hpp"
#include "within.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace angod;
using namespace angod::socketio;
using namespace std::chrono_literals;

namespace {

/// Waits of a millisecond at first, or so long that a test never sees their end.
constexpr std::chrono::milliseconds kShort{1}, kLong{1'000'000};

struct Rig {
    asio::io_context context;
    asio::thread_pool pool{1};
    FakeHub hub{context};
    std::optional<Connection> connection;
    std::vector<std::string> calls;
    Signal changed{context.get_executor()};

    explicit Rig(std::chrono::milliseconds first_wait) {
        ConnectionOptions options;
        options.url = *parse_url(hub.url());
        options.name_space = "/plugin";
        options.user_agent = "angod/test";
        options.tls = *make_tls_context("");
        Connection::Callbacks on;
        on.live = [this] { called("live"); };
        on.lost = [this](const std::string &reason) { called("lost: " + reason); };
        on.event = [this](Event &&event) { called(event.name); };
        on.delivered = [this](Mark mark) { called(fmt::format("delivered {}", mark)); };
        connection.emplace(context.get_executor(), pool, options, std::move(on), Log(), Backoff(1, first_wait));
    }
    void called(std::string what) {
        calls.push_back(std::move(what));
        changed.wake_all();
    }
    awaitable<void> until_calls(std::size_t count) {
        while (calls.size() < count) co_await changed.wait();
    }
    /// A state shows only when the event loop has gone round; no callback tells of it.
    awaitable<void> until_state(LinkState state) {
        while (connection->state() != state) co_await pause(1ms);
    }
};

} // namespace

TEST_CASE("a connection is idle, connecting, live, and after a loss live again") {
    Rig rig(kShort);
    CHECK(rig.connection->state() == LinkState::idle);
    CHECK(!rig.connection->emit("a", "1"));
    rig.connection->start();
    rig.connection->start(); // the second one changes nothing
    CHECK(rig.connection->state() == LinkState::connecting);
    const auto script = [&]() -> awaitable<void> {
        co_await rig.hub.make_live();
        co_await rig.until_calls(1);
        CHECK(rig.connection->state() == LinkState::live);
        CHECK(rig.connection->reason().empty());
        CHECK(rig.connection->max_payload() == 1000000);
        rig.hub.close();
        co_await rig.until_calls(2);
        co_await rig.hub.make_live();
        co_await rig.until_calls(3);
        CHECK(rig.connection->connects() == 2);
        CHECK(rig.connection->emit("a", "1"));
        co_await rig.connection->stop();
    };
    within_limit(rig.context, script());
    CHECK(rig.connection->state() == LinkState::idle);
    REQUIRE(rig.calls.size() == 3);
    CHECK(rig.calls[0] == "live");
    CHECK(rig.calls[1].starts_with("lost: "));
    CHECK(rig.calls[2] == "live");
}

TEST_CASE("after a loss or a failed attempt it waits, with the reason, and a stop ends the wait at once") {
    Rig rig(kLong);
    rig.connection->start();
    const auto script = [&]() -> awaitable<void> {
        co_await rig.hub.accept_tcp();
        rig.hub.close();
        co_await rig.until_state(LinkState::backoff);
        CHECK(!rig.connection->reason().empty());
        CHECK(rig.connection->max_payload() == 0);
        co_await rig.connection->stop();
    };
    within_limit(rig.context, script());
    CHECK(rig.connection->state() == LinkState::idle);
    CHECK(rig.calls.empty());
}

TEST_CASE("a refusal is a state of its own, from which it tries again, and which a stop ends") {
    for (const auto wait : {kShort, kLong}) {
        Rig rig(wait);
        rig.connection->start();
        const auto script = [&]() -> awaitable<void> {
            co_await rig.hub.accept();
            co_await rig.hub.greet();
            co_await rig.hub.say(R"(44/plugin,"no")");
            if (wait == kShort) {
                co_await rig.hub.make_live();
                co_await rig.until_calls(1);
            } else {
                co_await rig.until_state(LinkState::refused);
                CHECK(rig.connection->reason() == "Hub refused the plugin: no");
            }
            co_await rig.connection->stop();
        };
        within_limit(rig.context, script());
        CHECK(rig.connection->state() == LinkState::idle);
    }
}

TEST_CASE("it tries again only when a pause that the server asked for is over, and the reason says when") {
    Rig rig(kShort);
    rig.connection->start();
    const auto script = [&]() -> awaitable<void> {
        co_await rig.hub.answer("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
        const auto asked = std::chrono::steady_clock::now();
        co_await rig.until_state(LinkState::backoff);
        CHECK(rig.connection->reason().find(
                  "is down or overloaded; the server asked for a pause, so angod tries again at 20") !=
              std::string::npos);
        co_await rig.hub.make_live();
        CHECK(std::chrono::steady_clock::now() - asked >= 1s);
        co_await rig.until_calls(1);
        CHECK(rig.connection->reason().empty());
        co_await rig.connection->stop();
    };
    within_limit(rig.context, script());
}

TEST_CASE("a redirect to the same host over TLS is followed at once, and a stop ends the second session too") {
    for (const bool stops : {false, true}) {
        Rig rig(kLong);
        rig.connection->start();
        const std::string here = rig.hub.url().substr(5);
        const auto script = [&]() -> awaitable<void> {
            co_await rig.hub.answer("HTTP/1.1 301 Moved\r\nLocation: https://" + here +
                                    "/socket.io/\r\nContent-Length: 0\r\n\r\n");
            co_await rig.hub.accept_tcp(); // the second one
            if (!stops) {
                rig.hub.close();
                co_await rig.until_state(LinkState::backoff);
                CHECK(rig.connection->reason().starts_with("cannot connect to " + here + ": "));
                CHECK(rig.connection->reason().find("TLS handshake") != std::string::npos);
            }
            co_await rig.connection->stop();
        };
        within_limit(rig.context, script());
        CHECK(rig.connection->state() == LinkState::idle);
    }
}

TEST_CASE("a redirect to another place is named") {
    Rig rig(kLong);
    rig.connection->start();
    const auto script = [&]() -> awaitable<void> {
        co_await rig.hub.answer("HTTP/1.1 302 Found\r\nLocation: https://other.test/\r\nContent-Length: 0\r\n\r\n");
        co_await rig.until_state(LinkState::backoff);
        CHECK(rig.connection->reason().ends_with(
            "HTTP 302 (a redirect to https://other.test/); check whether hub.url is the address of Hub, and whether a "
            "sign-in page of the network or a load balancer answers in place of Hub"));
        co_await rig.connection->stop();
    };
    within_limit(rig.context, script());
}

TEST_CASE("a stop right after the start ends it before it has connected") {
    Rig rig(kShort);
    rig.connection->start();
    within_limit(rig.context, rig.connection->stop());
    CHECK(rig.connection->state() == LinkState::idle);
    CHECK(rig.calls.empty());
}

TEST_CASE("a stop while it is joining or live ends it, tells of no loss, and it can be started again") {
    Rig rig(kShort);
    const auto script = [&]() -> awaitable<void> {
        rig.connection->start();
        co_await rig.hub.accept();
        co_await rig.hub.greet();
        co_await rig.connection->stop();
        CHECK(rig.connection->state() == LinkState::idle);
        rig.connection->start();
        co_await rig.hub.make_live();
        co_await rig.until_calls(1);
        co_await rig.connection->stop();
        CHECK(co_await rig.hub.text() == "41/plugin,");
        rig.connection->start();
        co_await rig.hub.make_live();
        co_await rig.until_calls(2);
        co_await rig.connection->stop();
        co_await rig.connection->stop(); // the second one changes nothing
    };
    within_limit(rig.context, script());
    CHECK(rig.calls == std::vector<std::string>{"live", "live"});
}
