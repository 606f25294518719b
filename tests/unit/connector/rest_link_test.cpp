// Every row of the table in rest_link.hpp: a link that is stopped, started, unrouted or has left.
//
// The test makes the calls that the connector would make. No run has a key for Hub's API, so an answer that no call receives is
// given up, which shows that it took the other way.
#include "connector/rest_link.hpp"

#include "within.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace angod;
using namespace angod::connector;
using namespace std::chrono_literals;
using Sent = hub::Link::Sent;
using socketio::LinkState;

namespace {

constexpr std::string_view kEvent = R"({"session":"s","apiKey":"k"})", kContext = R"({"session":"s"})";

struct Rig {
    asio::io_context context;
    asio::thread_pool pool{1};
    hub::CallBudget budget{context.get_executor()};
    std::unique_ptr<Connector> connector;
    std::unique_ptr<RestLink> link;
    bool ready = true, records = true, failed = false;
    PluginKind kind = PluginKind::input;
    std::vector<std::string> calls;
    std::string digest;
    Signal changed{context.get_executor()};

    explicit Rig(std::chrono::milliseconds hold = 1h) {
        connector = *Connector::open(context.get_executor(), "127.0.0.1", 0, budget);
        RestOptions options;
        options.id = "id";
        options.secret = "secret";
        options.api_url = "http://127.0.0.1:9";
        options.hold = hold;
        hub::Link::Callbacks on;
        on.live = [this] { called("live"); };
        on.plugin_event = [this](std::string payload, std::function<void()> ack) {
            digest = hub::parse_plugin_event(payload, "id")->digest;
            if (records) ack();
            called("event");
        };
        on.delivered = [this](const std::vector<std::string> &keys) { called("delivered " + keys.at(0)); };
        on.undeliverable = [this](const std::string &, const std::string &why) { called("undeliverable: " + why); };
        on.run = [this](const std::string &) {
            hub::Run run;
            run.digest = digest;
            run.failed = failed;
            return std::optional(run);
        };
        on.ready = [this] { return ready; };
        on.kind = [this] { return kind; };
        link = std::make_unique<RestLink>(context.get_executor(), pool, *connector, std::move(options), std::move(on),
                                          Log());
    }
    void called(std::string what) {
        calls.push_back(std::move(what));
        changed.wake_all();
    }
    awaitable<void> until_called(std::string what) {
        while (std::find(calls.begin(), calls.end(), what) == calls.end()) co_await changed.wait();
    }
    std::string event = std::string(kEvent);
    http::Request call() const {
        http::Request request;
        request.method = "POST";
        request.path = "/plugin";
        request.body = event;
        request.caller = std::make_shared<http::Caller>();
        return request;
    }
    /// Makes a call whose answer is noted.
    void post() { spawn(context.get_executor(), "call", keep(*this)); }
    std::optional<http::Response> response;

private:
    static awaitable<void> keep(Rig &rig) {
        http::Request request = rig.call();
        rig.response = co_await rig.link->take(std::move(request));
        rig.called("answered");
    }
};

} // namespace

TEST_CASE("a stopped link refuses heartbeats and answers, and answers a run with its record") {
    Rig rig(5ms);
    CHECK(rig.link->state() == LinkState::idle);
    CHECK(rig.link->heartbeat().status == 503);
    CHECK(rig.link->send_answer("a", "{}", kContext) == Sent::not_live);
    rig.post();
    within_limit(rig.context, rig.until_called("answered"));
    CHECK(rig.response->body == R"({"session":"s"})");
    Rig unrecorded(5ms);
    unrecorded.records = false;
    unrecorded.post();
    within_limit(unrecorded.context, unrecorded.until_called("answered"));
    CHECK(unrecorded.response->status == 503);
}

TEST_CASE(
    "a call for a task of a workflow is answered with null as soon as the task is recorded, unless it is to be held") {
    for (const bool hold : {false, true}) {
        Rig rig(hold ? std::chrono::milliseconds(50) : std::chrono::milliseconds(1h));
        rig.link->set_hold(hold ? std::chrono::milliseconds(50) : std::chrono::milliseconds(1h), hold);
        rig.kind = PluginKind::model;
        rig.event = R"({"session":"s","apiKey":"k","workflow":true})";
        rig.link->start();
        const auto begin = std::chrono::steady_clock::now();
        rig.post();
        within_limit(rig.context, rig.until_called("answered"));
        CHECK(rig.response->status == 200);
        CHECK(rig.response->body == "null");
        if (hold) CHECK(std::chrono::steady_clock::now() - begin >= 50ms);
    }
}

TEST_CASE("a call for an export ends with null, and one for a user's model run is held") {
    Rig rig(5ms);
    rig.link->start();
    rig.kind = PluginKind::export_;
    rig.post();
    within_limit(rig.context, rig.until_called("answered"));
    CHECK(rig.response->body == "null");
    Rig model(5ms);
    model.link->start();
    model.kind = PluginKind::model;
    model.post();
    within_limit(model.context, model.until_called("answered"));
    CHECK(model.response->body == R"({"session":"s"})");
}

TEST_CASE("a call that waits for a run that fails ends with status 500") {
    Rig rig;
    rig.failed = true;
    rig.link->start();
    const auto script = [&]() -> awaitable<void> {
        rig.post();
        co_await rig.until_called("event");
        CHECK(rig.link->send_answer("a", R"({"error":true,"session":"s"})", kContext) == Sent::written);
        co_await rig.until_called("answered");
    };
    within_limit(rig.context, script());
    CHECK(rig.response->status == 500);
    CHECK(rig.response->body == R"({"error":true,"session":"s"})");
}

TEST_CASE("a started link is live when Hub asks for its heartbeat and it is ready") {
    Rig rig;
    rig.link->start();
    rig.link->start(); // the second one changes nothing
    CHECK(rig.calls == std::vector<std::string>{"live"});
    CHECK(rig.link->state() == LinkState::connecting);
    CHECK(rig.link->reason() == "Hub has not asked for the heartbeat yet");
    rig.ready = false;
    CHECK(rig.link->heartbeat().status == 503);
    rig.ready = true;
    CHECK(rig.link->heartbeat().body == R"("ok")");
    CHECK(rig.link->heartbeat().status == 200);
    CHECK(rig.link->state() == LinkState::live);
    CHECK(rig.link->reason().empty());
    CHECK(rig.link->connects() == 1);
    within_limit(rig.context, rig.link->stop());
    CHECK(rig.link->state() == LinkState::idle);
    CHECK(rig.link->heartbeat().status == 503);
}

TEST_CASE("a call that waits gets the answer, which is delivered when the caller has it") {
    for (const bool unrouted : {false, true}) {
        Rig rig;
        rig.link->start();
        const auto script = [&]() -> awaitable<void> {
            rig.post();
            co_await rig.until_called("event");
            if (unrouted) rig.link->stop_routing();
            CHECK(rig.link->send_answer("a", R"({"response":1})", kContext) == Sent::written);
            co_await rig.until_called("answered");
            CHECK(rig.response->body == R"({"response":1})");
            rig.response->taken(true);
            co_await rig.until_called("delivered a");
            co_await rig.link->stop();
        };
        within_limit(rig.context, script());
    }
}

TEST_CASE("an answer that the caller did not receive takes the other way") {
    Rig rig;
    rig.link->start();
    const auto script = [&]() -> awaitable<void> {
        rig.post();
        co_await rig.until_called("event");
        rig.link->send_answer("a", "{}", kContext);
        co_await rig.until_called("answered");
        rig.response->taken(false);
        // The run has no key to call Hub's API with.
        co_await rig.until_called("undeliverable: the event of the run had no API key to send it with");
        co_await rig.link->stop();
    };
    within_limit(rig.context, script());
}

TEST_CASE("a stop answers the calls that wait with the record of their run, and the link can be started again") {
    Rig rig;
    const auto script = [&]() -> awaitable<void> {
        rig.link->start();
        rig.post();
        co_await rig.until_called("event");
        co_await rig.link->stop();
        co_await rig.until_called("answered");
        CHECK(rig.response->body == R"({"session":"s"})");
        rig.link->start();
        CHECK(rig.link->state() == LinkState::connecting);
        co_await rig.link->stop();
    };
    within_limit(rig.context, script());
}

TEST_CASE("a link that has left answers calls at once, whether it was stopped before or after") {
    for (const bool stop_first : {true, false}) {
        Rig rig;
        const auto script = [&]() -> awaitable<void> {
            rig.link->start();
            if (stop_first) co_await rig.link->stop();
            rig.link->stop_routing();
            rig.link->stop_routing(); // the second one changes nothing
            if (!stop_first) co_await rig.link->stop();
            CHECK(rig.link->state() == LinkState::idle);
            rig.post(); // it was on its way
            co_await rig.until_called("answered");
            CHECK(rig.response->body == R"({"session":"s"})");
        };
        within_limit(rig.context, script());
    }
}

TEST_CASE("a link that has left can be started to send what it has, and gets no call") {
    Rig rig;
    const auto script = [&]() -> awaitable<void> {
        rig.link->stop_routing();
        CHECK(rig.link->send_answer("a", "{}", kContext) == Sent::not_live);
        rig.link->start();
        co_await rig.until_called("live");
        CHECK(rig.link->send_answer("a", "{}", kContext) == Sent::written);
        co_await rig.until_called("undeliverable: the event of the run had no API key to send it with");
        rig.link->stop_routing(); // changes nothing
        co_await rig.link->stop();
        CHECK(rig.link->state() == LinkState::idle);
    };
    within_limit(rig.context, script());
}

TEST_CASE("a stopped link that leaves lets the calls go that wait") {
    Rig rig;
    const auto script = [&]() -> awaitable<void> {
        rig.post();
        co_await rig.until_called("event");
        rig.link->stop_routing();
        co_await rig.until_called("answered");
    };
    within_limit(rig.context, script());
}

TEST_CASE("a call without a readable run is refused") {
    Rig rig;
    http::Request request = rig.call();
    request.body = "[]";
    const auto script = [&]() -> awaitable<void> { rig.response = co_await rig.link->take(std::move(request)); };
    within_limit(rig.context, script());
    CHECK(rig.response->status == 400);
}
