// Calls of Hub's API against a server on a loopback socket that gives one answer.
#include "connector/hub_calls.hpp"

#include "within.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

using namespace angod;
using namespace angod::connector;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

struct Rig {
    asio::io_context context;
    tcp::acceptor acceptor{context, {asio::ip::make_address("127.0.0.1"), 0}};
    hub::CallBudget budget{context.get_executor()};
    HubCalls calls{context.get_executor(), budget};
    std::shared_ptr<CancelToken> cancel = std::make_shared<CancelToken>();
    std::string request;
    Posted posted;
    bool now = false; ///< the call must not wait

    Posted post(std::string answer) {
        within_limit(context, both(*this, std::move(answer)));
        return posted;
    }

    void cancel_when_waiting() { spawn(context.get_executor(), "cancel", wait_and_cancel(*this)); }

private:
    static awaitable<void> wait_and_cancel(Rig &rig) {
        while (rig.budget.waiting() == 0) co_await pause(1ms);
        rig.cancel->cancel();
    }
    static awaitable<void> serve(Rig &rig, std::string answer) {
        auto [failed, socket] = co_await rig.acceptor.async_accept(as_value);
        if (failed) co_return;
        co_await asio::async_read_until(socket, asio::dynamic_buffer(rig.request), "{}", as_value);
        co_await asio::async_write(socket, asio::buffer(answer), as_value);
    }
    static awaitable<void> both(Rig &rig, std::string answer) {
        spawn(rig.context.get_executor(), "server", serve(rig, std::move(answer)));
        Post post;
        post.what = "the plugin's answer";
        post.url = fmt::format("http://127.0.0.1:{}/v2/pluginResponse", rig.acceptor.local_endpoint().port());
        post.api_key = "key";
        post.body = "{}";
        const rest::ClientOptions options;
        if (rig.now)
            rig.posted = co_await rig.calls.post_now(options, std::move(post), rig.cancel);
        else
            rig.posted = co_await rig.calls.post(options, std::move(post), rig.cancel);
    }
};

std::string answer(const std::string &status, const std::string &more = "") {
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\n" + more + "\r\n";
}

} // namespace

TEST_CASE("a call carries its key and its body, and a success needs no body") {
    Rig rig;
    CHECK(!rig.post(answer("200 OK")).failed);
    CHECK(rig.request.starts_with("POST /v2/pluginResponse HTTP/1.1\r\n"));
    CHECK(rig.request.find("apikey: key\r\n") != std::string::npos);
    CHECK(rig.request.ends_with("\r\n\r\n{}"));
}

TEST_CASE("a failure says whether it may pass, and how long Hub asks to wait") {
    Rig busy;
    const Posted later = busy.post(answer("503 Service Unavailable", "Retry-After: 7\r\n"));
    REQUIRE(later.failed);
    CHECK(later.failed->code == Code::network);
    CHECK(later.retry_after == 7s);
    Rig refusing;
    const Posted never = refusing.post(answer("400 Bad Request"));
    REQUIRE(never.failed);
    CHECK(never.failed->code == Code::invalid);
    CHECK(never.failed->text.find("key") == std::string::npos);
}

TEST_CASE("a cancelled call is not made") {
    Rig rig;
    rig.cancel->cancel();
    CHECK(rig.post("").failed->code == Code::cancelled);
    CHECK(rig.request.empty());
}

TEST_CASE("after a refusal because of too many calls, the key waits, and a cancel ends the wait") {
    Rig rig;
    const Posted refused = rig.post(answer("429 Too Many Requests", "Retry-After: 60\r\n"));
    CHECK(refused.over_limit);
    CHECK(refused.retry_after == 60s);
    CHECK(rig.budget.refusals() == 1);
    rig.request.clear();
    rig.cancel_when_waiting();
    CHECK(rig.post("").failed->code == Code::cancelled);
    CHECK(rig.request.empty());
}

TEST_CASE("a call that must not wait fails at once, and may pass later") {
    Rig rig;
    rig.budget.refused("key", 60s);
    rig.now = true;
    CHECK(rig.post("").failed->code == Code::network);
    CHECK(rig.request.empty());
    CHECK(rig.budget.waiting() == 0);
    Rig free;
    free.now = true;
    CHECK(!free.post(answer("200 OK")).failed);
}

TEST_CASE("clients are renewed") {
    Rig rig;
    CHECK(!rig.post(answer("200 OK")).failed);
    rig.calls.renew();
    rig.request.clear();
    CHECK(!rig.post(answer("200 OK")).failed);
}
