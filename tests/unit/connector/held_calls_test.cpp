// Every row of the table in held_calls.hpp.
#include "connector/held_calls.hpp"

#include "within.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::connector;
using namespace std::chrono_literals;
using Phase = HeldCall::Phase;

namespace {

http::Response response(std::string body) {
    http::Response made;
    made.body = std::move(body);
    return made;
}

const auto kNever = std::chrono::steady_clock::time_point::max();

} // namespace

TEST_CASE("a call waits, and is over when it is answered") {
    asio::io_context context;
    HeldCall call(context.get_executor());
    CHECK(call.phase() == Phase::waiting);
    call.set_recorded();
    CHECK(!call.over());
    asio::post(context, [&] { call.answer(response("a")); });
    within_limit(context, call.wait(kNever));
    CHECK(call.phase() == Phase::answered);
    CHECK(call.take_response().body == "a");
    call.caller_gone(); // the response is on its way
    call.release();
    CHECK(call.phase() == Phase::answered);
}

TEST_CASE("a released call is over as soon as its run is recorded, in either order") {
    asio::io_context context;
    HeldCall first(context.get_executor()), second(context.get_executor());
    first.release();
    CHECK(first.phase() == Phase::released);
    CHECK(!first.over());
    asio::post(context, [&] { first.set_recorded(); });
    within_limit(context, first.wait(kNever));
    second.set_recorded();
    second.release();
    CHECK(second.over());
}

TEST_CASE("a call whose caller has hung up is over, waiting or released") {
    asio::io_context context;
    HeldCall waiting(context.get_executor()), released(context.get_executor());
    waiting.caller_gone();
    released.release();
    released.caller_gone();
    for (HeldCall *call : {&waiting, &released}) {
        CHECK(call->phase() == Phase::gone);
        CHECK(call->over());
        CHECK(!call->recorded());
        call->release();
        CHECK(call->phase() == Phase::gone);
    }
}

TEST_CASE("a released or abandoned call that is still listed can be answered") {
    asio::io_context context;
    HeldCall released(context.get_executor()), gone(context.get_executor());
    released.release();
    gone.caller_gone();
    for (HeldCall *call : {&released, &gone}) {
        call->answer(response("b"));
        CHECK(call->phase() == Phase::answered);
    }
}

TEST_CASE("a wait ends at its deadline") {
    asio::io_context context;
    HeldCall call(context.get_executor());
    within_limit(context, call.wait(std::chrono::steady_clock::now() + 5ms));
    CHECK(call.phase() == Phase::waiting);
}

TEST_CASE("calls are found by the digest of their event, any number with the same") {
    asio::io_context context;
    HeldCalls calls(context.get_executor());
    const auto first = calls.add("a"), second = calls.add("a"), other = calls.add("b");
    calls.remove("a", first);
    calls.remove("a", first);
    calls.release("a");
    CHECK(first->phase() == Phase::waiting);
    CHECK(second->phase() == Phase::released);
    CHECK(other->phase() == Phase::waiting);
    CHECK(calls.take("a") == std::vector<HeldCallPtr>{second});
    CHECK(!calls.contains("a"));
    CHECK(calls.take("a").empty());
    calls.release_all();
    CHECK(other->phase() == Phase::released);
}
