// Every row of the table in session.hpp, against a fake Hub on a loopback socket.
//
// bring_to() takes a session to a phase. Then the test does one thing, and looks at the ending. Limits are short where a test
// waits for them.
#include "socketio/session.hpp"

#include "socketio/fake_hub.hpp"
#include "within.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <vector>

using namespace angod;
using namespace angod::socketio;
using namespace std::chrono_literals;
using Phase = Session::Phase;
using End = Session::End;

namespace {

struct Rig {
    asio::io_context context;
    asio::thread_pool pool{1};
    FakeHub hub{context};
    ConnectionOptions options;
    Session::Callbacks callbacks;
    std::shared_ptr<Session> session;
    std::optional<Session::Ending> ending;
    std::vector<std::string> events;
    std::vector<Mark> delivered;
    int lives = 0;
    Signal changed{context.get_executor()};

    Rig() {
        options.url = *parse_url(hub.url());
        options.name_space = "/plugin";
        options.user_agent = "angod/test";
        callbacks.live = [this] {
            ++lives;
            changed.wake_all();
        };
        callbacks.event = [this](Event &&event) {
            events.push_back(event.name + " " + event.payload);
            changed.wake_all();
        };
        callbacks.delivered = [this](Mark mark) {
            delivered.push_back(mark);
            changed.wake_all();
        };
        session = std::make_shared<Session>(context.get_executor(), pool, options, callbacks, Log());
    }
    static awaitable<void> run_session(Rig &rig) {
        rig.ending = co_await rig.session->run();
        rig.changed.wake_all();
    }
    /// The session, and what the test does meanwhile.
    template <class Script> void run(Script script) {
        spawn(context.get_executor(), "session", run_session(*this));
        within_limit(context, script());
    }
    template <class Condition> awaitable<void> until(Condition condition) {
        while (!condition()) co_await changed.wait();
    }
    awaitable<void> until_live() {
        co_await until([this] { return lives > 0; });
    }
    awaitable<void> until_ended() {
        co_await until([this] { return ending.has_value(); });
    }
    /// The server brings the session to a phase.
    awaitable<void> bring_to(Phase phase) {
        co_await hub.accept();
        if (phase == Phase::handshake) co_return;
        co_await hub.greet();
        if (phase == Phase::joining) co_return;
        co_await hub.say(R"(40/plugin,{"sid":"t"})");
        co_await until_live();
    }
};

} // namespace

TEST_CASE("a session goes from connecting to handshake, joining and live") {
    Rig rig;
    CHECK(rig.session->phase() == Phase::connecting);
    rig.run([&]() -> awaitable<void> {
        co_await rig.bring_to(Phase::handshake);
        CHECK(rig.session->phase() == Phase::handshake);
        co_await rig.hub.greet();
        CHECK(rig.session->phase() == Phase::joining);
        CHECK(!rig.session->emit("heartbeat", "{}"));
        CHECK(rig.session->max_payload() == 1000000);
        co_await rig.hub.say("40/plugin,{}");
        co_await rig.until_live();
        CHECK(rig.session->phase() == Phase::live);
        CHECK(rig.session->emit("heartbeat", "{}"));
        CHECK(co_await rig.hub.text() == R"(42/plugin,["heartbeat",{}])");
        co_await rig.session->close();
        co_await rig.until_ended();
    });
    CHECK(rig.lives == 1);
}

TEST_CASE("a session that cannot connect ends with the reason") {
    Rig rig;
    rig.hub.stop_listening();
    rig.run([&]() -> awaitable<void> { co_await rig.until_ended(); });
    CHECK(rig.ending->end == End::failed);
    CHECK(rig.ending->reason.starts_with("cannot connect to 127.0.0.1:"));
    CHECK(!rig.ending->was_live);
}

TEST_CASE("a stop ends a session that has not begun") {
    Rig rig;
    within_limit(rig.context, rig.session->close());
    CHECK(rig.session->phase() == Phase::ended);
    rig.run([&]() -> awaitable<void> { co_await rig.until_ended(); });
    CHECK(rig.ending->end == End::stopped);
}

TEST_CASE("a stop ends a session in each phase before it is live, without a farewell") {
    for (const Phase phase : {Phase::handshake, Phase::joining}) {
        Rig rig;
        rig.run([&]() -> awaitable<void> {
            co_await rig.bring_to(phase);
            co_await rig.session->close();
            co_await rig.until_ended();
        });
        CHECK(rig.ending->end == End::stopped);
        CHECK(!rig.ending->was_live);
    }
}

TEST_CASE("a stop of a live session says good-bye first") {
    Rig rig;
    rig.run([&]() -> awaitable<void> {
        co_await rig.bring_to(Phase::live);
        co_await rig.session->close();
        CHECK(rig.session->phase() == Phase::ended);
        CHECK(!rig.session->emit("response", "{}"));
        CHECK(co_await rig.hub.text() == "41/plugin,");
        co_await rig.hub.next(8); // the close frame
        co_await rig.until_ended();
    });
    CHECK(rig.ending->end == End::stopped);
    CHECK(rig.ending->was_live);
}

TEST_CASE("a farewell that the server does not read ends at its limit") {
    Rig rig;
    rig.options.limits.farewell = 20ms;
    rig.run([&]() -> awaitable<void> {
        co_await rig.bring_to(Phase::live);
        rig.session->emit("response", '"' + std::string(32u << 20, 'x') + '"');
        co_await rig.session->close();
        CHECK(rig.session->backlog() > 0);
        co_await rig.until_ended();
    });
    CHECK(rig.ending->end == End::stopped);
}

TEST_CASE("the loss of the link ends a session in each phase") {
    for (const Phase phase : {Phase::handshake, Phase::joining, Phase::live}) {
        Rig rig;
        rig.run([&]() -> awaitable<void> {
            co_await rig.bring_to(phase);
            rig.hub.close();
            co_await rig.until_ended();
        });
        CHECK(rig.ending->end == End::failed);
        CHECK(rig.ending->reason.starts_with("127.0.0.1:"));
        CHECK(rig.ending->was_live == (phase == Phase::live));
    }
}

TEST_CASE("a server that does not answer the handshakes in time ends the session in each phase") {
    for (const Phase phase : {Phase::handshake, Phase::joining}) {
        Rig rig;
        rig.options.limits.join = 300ms;
        rig.run([&]() -> awaitable<void> {
            co_await rig.bring_to(phase);
            co_await rig.until_ended();
        });
        CHECK(rig.ending->end == End::failed);
        CHECK(rig.ending->reason.ends_with("no answer to the WebSocket and Socket.IO handshakes in time"));
    }
}

TEST_CASE("a server that opens no WebSocket ends the session with its words and the pause that it asks for") {
    Rig rig;
    rig.options.secrets = {"the-secret"};
    rig.run([&]() -> awaitable<void> {
        co_await rig.hub.answer(
            "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 19\r\n\r\nno, the-secret, no!");
        co_await rig.until_ended();
    });
    CHECK(rig.ending->end == End::failed);
    CHECK(rig.ending->pause == 120s);
    CHECK(!rig.ending->redirect);
    CHECK(rig.ending->reason.ends_with(
        ": the server answered the WebSocket handshake with HTTP 503 (\"no, ***, no!\"); Hub, "
        "or a server in front of it, is down or overloaded"));
}

TEST_CASE("a refusal whose body has no length ends with the connection") {
    Rig rig;
    rig.run([&]() -> awaitable<void> {
        co_await rig.hub.answer("HTTP/1.1 404 No\r\n\r\n<title>nginx</title>");
        rig.hub.close();
        co_await rig.until_ended();
    });
    CHECK(rig.ending->reason.find("HTTP 404 (\"nginx\");") != std::string::npos);
}

TEST_CASE("an answer that does not come to the end of its head in time ends the session") {
    Rig rig;
    rig.options.limits.join = 300ms;
    rig.run([&]() -> awaitable<void> {
        co_await rig.hub.answer("HTTP/1.1 404 No\r\nX: y");
        co_await rig.until_ended();
    });
    CHECK(rig.ending->reason.ends_with(
        "the server began an answer to the WebSocket handshake, but did not finish it in time"));
}

TEST_CASE("the secret does not come back in the words of a refusal") {
    Rig rig;
    rig.options.secrets = {"the-secret"};
    rig.run([&]() -> awaitable<void> {
        co_await rig.bring_to(Phase::joining);
        co_await rig.hub.say(R"(44/plugin,{"message":"the-secret is wrong\u001b[2J"})");
        co_await rig.until_ended();
    });
    CHECK(rig.ending->reason == "Hub refused the plugin: *** is wrong [2J");
}

TEST_CASE("a live session ends when nothing is received for the ping interval and time-out") {
    Rig rig;
    rig.run([&]() -> awaitable<void> {
        co_await rig.hub.make_live(20, 20);
        co_await rig.until_ended();
    });
    CHECK(rig.ending->end == End::failed);
    CHECK(rig.ending->reason.ends_with(
        "nothing received for longer than the server's ping interval and time-out; the link is dead"));
}

TEST_CASE("a refusal of the namespace ends the session as refused, also when it is live") {
    for (const Phase phase : {Phase::handshake, Phase::joining, Phase::live}) {
        Rig rig;
        rig.run([&]() -> awaitable<void> {
            co_await rig.bring_to(phase);
            co_await rig.hub.say(R"(44/plugin,{"message":"no"})");
            co_await rig.until_ended();
        });
        CHECK(rig.ending->end == End::refused);
        CHECK(rig.ending->reason == "Hub refused the plugin: no");
    }
}

TEST_CASE("a session that Hub ends at once is unwanted, and one that it ends later is lost") {
    for (const bool soon : {true, false}) {
        Rig rig;
        if (!soon) rig.options.limits.too_soon = 0ms;
        rig.run([&]() -> awaitable<void> {
            co_await rig.bring_to(Phase::live);
            co_await rig.hub.say("41/plugin,");
            co_await rig.until_ended();
        });
        CHECK(rig.ending->end == (soon ? End::unwanted : End::failed));
        CHECK(rig.ending->reason.starts_with("Hub ended the plugin's session"));
    }
}

TEST_CASE("a server that breaks the protocol ends the session in each phase") {
    for (const Phase phase : {Phase::handshake, Phase::joining, Phase::live}) {
        Rig rig;
        rig.run([&]() -> awaitable<void> {
            co_await rig.bring_to(phase);
            co_await rig.hub.say("x");
            co_await rig.until_ended();
        });
        CHECK(rig.ending->end == End::failed);
        CHECK(rig.ending->reason == "the server sent a message that is not an Engine.IO packet");
    }
}

TEST_CASE("the namespace cannot be accepted before the server's handshake, and only once") {
    Rig early;
    early.run([&]() -> awaitable<void> {
        co_await early.bring_to(Phase::handshake);
        co_await early.hub.say("40/plugin,{}");
        co_await early.until_ended();
    });
    CHECK(early.ending->reason == "the server accepted the plugin before its own handshake");
    Rig twice;
    twice.run([&]() -> awaitable<void> {
        co_await twice.bring_to(Phase::live);
        co_await twice.hub.say("40/plugin,{}");
        co_await twice.hub.say(R"(42/plugin,["a",1])");
        co_await twice.until([&] { return !twice.events.empty(); });
        co_await twice.session->close();
        co_await twice.until_ended();
    });
    CHECK(twice.lives == 1);
}

TEST_CASE("events come only while the session is live, those with attachments whole") {
    Rig rig;
    rig.run([&]() -> awaitable<void> {
        co_await rig.bring_to(Phase::joining);
        co_await rig.hub.say(R"(42/plugin,["early",1])");
        co_await rig.hub.say("40/plugin,{}");
        co_await rig.hub.say(R"(451-/plugin,["blob",{"_placeholder":true,"num":0}])");
        co_await rig.hub.send(2, "zz");
        co_await rig.hub.say(R"(450-/plugin,["none",2])");
        co_await rig.until([&] { return rig.events.size() == 2; });
        co_await rig.session->close();
        co_await rig.until_ended();
    });
    CHECK(rig.events == std::vector<std::string>{R"(blob "eno=")", "none 2"});
}

TEST_CASE("a mark is delivered by a pong, or by the server's second ping") {
    Rig rig;
    rig.run([&]() -> awaitable<void> {
        co_await rig.bring_to(Phase::live);
        CHECK(rig.session->mark() == 1);
        CHECK(co_await rig.hub.ping() == "1");
        co_await rig.hub.pong("1");
        co_await rig.until([&] { return rig.delivered.size() == 1; });
        CHECK(rig.session->mark() == 2);
        CHECK(co_await rig.hub.ping() == "2");
        co_await rig.hub.say("2");
        CHECK(co_await rig.hub.text() == "3");
        co_await rig.hub.say("2");
        co_await rig.until([&] { return rig.delivered.size() == 2; });
        co_await rig.session->close();
        co_await rig.until_ended();
    });
    CHECK(rig.delivered == std::vector<Mark>{1, 2});
}
