#include "printing.hpp"
#include "run_coroutine.hpp"
#include "socketio/resolve.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::socketio;
using namespace std::chrono_literals;

namespace {

Result<Addresses> ask(const std::string &host, std::chrono::milliseconds limit = 30s) {
    asio::io_context context;
    return run_coroutine(context, resolve(host, std::chrono::steady_clock::now() + limit));
}

} // namespace

TEST_CASE("an address stands for itself") {
    for (const char *address : {"127.0.0.1", "::1", "fe80::1"}) {
        const auto found = ask(address, 0ms);
        REQUIRE(found);
        REQUIRE(found->size() == 1);
        CHECK(found->front() == asio::ip::make_address(address));
    }
}

TEST_CASE("a name of this machine has an address of this machine, each once") {
    const auto found = ask("localhost");
    REQUIRE(found);
    for (const auto &address : *found) {
        CHECK(address.is_loopback());
        CHECK(std::count(found->begin(), found->end(), address) == 1);
    }
}

TEST_CASE("a name that cannot be is told by name") {
    const auto found = ask("no host has such a name");
    REQUIRE(!found);
    CHECK(found.error().code == Code::network);
    CHECK(found.error().text.find("the host name no host has such a name cannot be resolved: ") == 0);
}

TEST_CASE("many may ask for one name at the same time, and some may stop waiting") {
    using namespace asio::experimental::awaitable_operators;
    asio::io_context context;
    int found = 0, given_up = 0;
    const auto patient = [&]() -> awaitable<void> {
        const auto answer = co_await resolve("localhost", std::chrono::steady_clock::now() + 30s);
        found += answer.has_value();
    };
    const auto hasty = [&]() -> awaitable<void> {
        asio::steady_timer now(context, std::chrono::steady_clock::time_point::min());
        const auto first =
            co_await (resolve("localhost", std::chrono::steady_clock::now() + 30s) || now.async_wait(as_value));
        given_up += first.index() == 1 || std::get<0>(first).has_value();
    };
    for (int i = 0; i < 50; ++i) {
        spawn(context.get_executor(), "patient", patient());
        spawn(context.get_executor(), "hasty", hasty());
    }
    context.run();
    CHECK(found == 50);
    CHECK(given_up == 50);
}
