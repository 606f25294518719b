// The steps around a call that need no server. tests/integration/call_budget.test.mjs has the calls themselves.
#include "rest/counted_call.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::rest;
using namespace std::chrono_literals;

TEST_CASE("a call that is not permitted is not made, and nobody is told of it") {
    HttpClient client({});
    CancelToken cancel;
    int told = 0;
    CallHooks hooks;
    hooks.permit = [] { return Result<void>(error(Code::cancelled, "cancelled")); };
    hooks.refused = [&](std::optional<std::chrono::milliseconds>) { ++told; };
    hooks.heard = [&](std::string_view, std::string_view, long, std::string_view) { ++told; };
    Retry retry({}, real_world(cancel));
    Request request;
    request.url = "http://127.0.0.1:1/v2/export";
    const auto response = send_counted(client, request, hooks, retry, cancel);
    REQUIRE(!response);
    CHECK(response.error().code == Code::cancelled);
    CHECK(told == 0);
}

TEST_CASE("a call that gets no answer is not told of") {
    HttpClient client({});
    CancelToken cancel;
    int told = 0, permitted = 0;
    CallHooks hooks;
    hooks.permit = [&] {
        ++permitted;
        return Result<void>();
    };
    hooks.heard = [&](std::string_view, std::string_view, long, std::string_view) { ++told; };
    Retry retry({}, real_world(cancel));
    Request request;
    request.url = "http://127.0.0.1:1/v2/export";
    CHECK(!send_counted(client, request, hooks, retry, cancel));
    CHECK(permitted == 1);
    CHECK(told == 0);
}

TEST_CASE("the wait after a refusal is the one that Hub asks for, or ten seconds after a 429 without a time") {
    Response response;
    response.status = 503;
    CHECK(!wait_of_hub(response));
    response.status = 429;
    CHECK(wait_of_hub(response) == 10s);
    response.headers = {{"retry-after", "7"}};
    CHECK(wait_of_hub(response) == 7s);
    response.headers = {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Retry-After", "Sun, 06 Nov 1994 08:49:57 GMT"}};
    CHECK(wait_of_hub(response) == 20s);
}
