// A link with a connection to a fake Hub: heartbeats, answers, acknowledgements and session logs, in each state of the
// connection.
//
// The fake Hub sees the frames in their order. The test waits for callbacks and frames only.
#include "hub/socket_link.hpp"

#include "socketio/fake_hub.hpp"
#include "within.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace angod;
using namespace angod::hub;
using namespace std::chrono_literals;
using Sent = Link::Sent;

namespace {

constexpr std::string_view kContext = R"({"session":"s"})";

struct Rig {
    asio::io_context context;
    asio::thread_pool pool{1};
    FakeHub hub{context};
    std::vector<std::string> calls;
    std::function<void()> ack;
    Signal changed{context.get_executor()};
    std::unique_ptr<SocketLink> link;

    explicit Rig(std::chrono::milliseconds heartbeat_every = 1h, bool ask_ack = false) {
        LinkOptions options;
        options.id = "id";
        options.secret = "secret";
        options.heartbeat_every = heartbeat_every;
        options.ask_ack = ask_ack;
        options.connection.url = *parse_url(hub.url());
        options.connection.name_space = "/plugin";
        options.connection.user_agent = "angod/test";
        Link::Callbacks on;
        on.live = [this] { called("live"); };
        on.plugin_event = [this](std::string payload, std::function<void()> recorded) {
            ack = std::move(recorded);
            called("event " + payload);
        };
        on.confirmed = [this] { called("confirmed"); };
        on.delivered = [this](const std::vector<std::string> &keys) {
            for (const std::string &key : keys) called("delivered " + key);
        };
        link = std::make_unique<SocketLink>(context.get_executor(), pool, std::move(options), std::move(on), Log());
    }
    void called(std::string what) {
        calls.push_back(std::move(what));
        changed.wake_all();
    }
    awaitable<void> until_calls(std::size_t count) {
        while (calls.size() < count) co_await changed.wait();
    }
    awaitable<void> make_live(int max_payload = 1000000) {
        const std::size_t before = calls.size();
        co_await hub.make_live(25000, 20000, max_payload);
        co_await until_calls(before + 1);
        CHECK(co_await hub.text() == R"(42/plugin,["heartbeat",{"id":"id","secret":"secret"}])");
    }
};

} // namespace

TEST_CASE("a link beats when it is live, and again in its interval") {
    Rig rig(10ms);
    CHECK(rig.link->last_heartbeat_ms() == 0);
    rig.link->start();
    const auto script = [&]() -> awaitable<void> {
        co_await rig.make_live();
        CHECK(rig.link->last_heartbeat_ms() > 0);
        for (int i = 0; i < 3; ++i) CHECK((co_await rig.hub.text()).starts_with(R"(42/plugin,["heartbeat")"));
        co_await rig.link->stop();
    };
    within_limit(rig.context, script());
}

TEST_CASE("the first heartbeat of a connection asks for an acknowledgement if that is wanted") {
    for (const std::string acknowledged : {"[]", R"([{"status":"success"}])", "[null]", R"([{"error":null}])"}) {
        const std::string answer = "43/plugin,0" + acknowledged;
        Rig rig(1h, true);
        rig.link->start();
        const auto script = [&]() -> awaitable<void> {
            co_await rig.hub.make_live(25000, 20000, 1000000);
            CHECK(co_await rig.hub.text() == R"(42/plugin,0["heartbeat",{"id":"id","secret":"secret"}])");
            CHECK(rig.calls == std::vector<std::string>{"live"});
            co_await rig.hub.say("43/plugin,1[]"); // of an event that was never sent
            co_await rig.hub.say(answer);
            co_await rig.until_calls(2);
            CHECK(rig.calls == std::vector<std::string>{"live", "confirmed"});
            co_await rig.link->stop();
        };
        within_limit(rig.context, script());
    }
}

TEST_CASE("an acknowledgement that refuses the heartbeat confirms nothing") {
    for (const std::string refused :
         {"[false]", R"([{"error":"no such plugin"}])", R"([{"status":"fail"}])", R"([{"success":false}])"}) {
        const std::string answer = "43/plugin,0" + refused;
        Rig rig(1h, true);
        rig.link->start();
        const auto script = [&]() -> awaitable<void> {
            co_await rig.hub.make_live(25000, 20000, 1000000);
            co_await rig.hub.text();
            co_await rig.hub.say(answer);
            co_await rig.hub.say(R"(42/plugin,["plugin",{}])"); // it is handled after the acknowledgement
            co_await rig.until_calls(2);
            CHECK(rig.calls == std::vector<std::string>{"live", "event {}"});
            co_await rig.link->stop();
        };
        within_limit(rig.context, script());
    }
}

TEST_CASE("an answer is written while the link is live and if Hub takes its length") {
    Rig rig;
    CHECK(rig.link->send_answer("a", "{}", kContext) == Sent::not_live);
    CHECK(rig.link->fits(std::string(1000, 'x'))); // the limit is not known yet
    rig.link->start();
    const auto script = [&]() -> awaitable<void> {
        co_await rig.make_live(100);
        CHECK(rig.link->fits(std::string(77, '1'))); // the message on the wire has 23 more: exactly the limit
        CHECK(!rig.link->fits(std::string(78, '1')));
        CHECK(rig.link->send_answer("long", std::string(100, '1'), kContext) == Sent::too_long);
        CHECK(rig.link->send_answer("a", R"({"response":1})", kContext) == Sent::written);
        CHECK(co_await rig.hub.text() == R"(42/plugin,["response",{"response":1}])");
        const std::string mark = co_await rig.hub.ping();
        CHECK(rig.link->send_answer("none", "", kContext) == Sent::written); // Hub wants no answer
        co_await rig.hub.pong(mark);
        co_await rig.hub.pong(co_await rig.hub.ping());
        co_await rig.until_calls(3);
        co_await rig.link->stop();
        CHECK(rig.link->send_answer("a", "{}", kContext) == Sent::not_live);
    };
    within_limit(rig.context, script());
    CHECK(rig.calls == std::vector<std::string>{"live", "delivered a", "delivered none"});
}

TEST_CASE("what a session did not confirm is not delivered by the next one, after a loss or a stop") {
    for (const bool stopped : {true, false}) {
        Rig rig;
        rig.link->start();
        const auto script = [&]() -> awaitable<void> {
            co_await rig.make_live();
            rig.link->send_answer("old", "1", kContext);
            co_await rig.hub.ping();
            if (stopped) {
                co_await rig.link->stop();
                rig.link->start();
            } else {
                rig.hub.close();
            }
            co_await rig.make_live();
            rig.link->send_answer("new", "2", kContext);
            co_await rig.hub.pong(co_await rig.hub.ping());
            co_await rig.until_calls(3);
            co_await rig.link->stop();
        };
        within_limit(rig.context, script());
        CHECK(rig.calls == std::vector<std::string>{"live", "live", "delivered new"});
    }
}

TEST_CASE("an event is acknowledged when it is recorded, but not in a later session") {
    Rig rig;
    rig.link->start();
    const auto script = [&]() -> awaitable<void> {
        co_await rig.make_live();
        co_await rig.hub.say(R"(42/plugin,7["plugin",{"session":"s"}])");
        co_await rig.until_calls(2);
        rig.ack();
        CHECK(co_await rig.hub.text() == "43/plugin,7[]");
        co_await rig.hub.say(R"(42/plugin,8["other"])"); // nobody records it
        CHECK(co_await rig.hub.text() == "43/plugin,8[]");
        rig.hub.close();
        co_await rig.make_live();
        rig.ack();
        rig.link->send_answer("a", "1", kContext);
        CHECK(co_await rig.hub.text() == R"(42/plugin,["response",1])");
        co_await rig.link->stop();
    };
    within_limit(rig.context, script());
    CHECK(rig.calls[1] == R"(event {"session":"s"})");
}

TEST_CASE("lines that were kept go before the answer of their run, with the number of those that were dropped") {
    Rig rig;
    for (int i = 0; i < 258; ++i) rig.link->log("a", kContext, hub::LogLevel::info, std::to_string(i));
    rig.link->start();
    const auto script = [&]() -> awaitable<void> {
        co_await rig.make_live();
        rig.link->send_answer("a", "1", kContext);
        CHECK((co_await rig.hub.text()).find("2 earlier lines of this run were dropped") != std::string::npos);
        for (int i = 2; i < 258; ++i)
            CHECK(co_await rig.hub.text() ==
                  fmt::format(R"(42/plugin,["log",{{"session":"s","level":"INFO","msg":"{}"}}])", i));
        CHECK(co_await rig.hub.text() == R"(42/plugin,["response",1])");
        rig.link->log("a", kContext, hub::LogLevel::error, "at once");
        CHECK((co_await rig.hub.text()).find("at once") != std::string::npos);
        co_await rig.link->stop();
    };
    within_limit(rig.context, script());
}
