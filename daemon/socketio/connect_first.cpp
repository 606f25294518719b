#include "socketio/connect_first.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace angod::socketio {

namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using ErrorCode = boost::system::error_code;

constexpr auto kStagger = std::chrono::milliseconds(250);
/// An error names no more addresses than this.
constexpr std::size_t kMostReasons = 8;

struct Attempt {
    Attempt(const asio::any_io_executor &executor, const asio::ip::address &to) : socket(executor), address(to) {}
    tcp::socket socket;
    asio::ip::address address;
    std::optional<ErrorCode> result; ///< nothing while the attempt is under way
};

/// The attempts share the race, because they notice only later that it was given up.
struct Race {
    explicit Race(const asio::any_io_executor &executor) : changed(executor) {}
    std::vector<std::shared_ptr<Attempt>> attempts;
    Signal changed;

    std::shared_ptr<Attempt> winner() const {
        for (const auto &attempt : attempts)
            if (attempt->result && !*attempt->result) return attempt;
        return nullptr;
    }
    bool all_failed() const {
        return std::all_of(attempts.begin(), attempts.end(), [](const auto &attempt) { return attempt->result; });
    }
    void end() {
        ErrorCode ignored;
        for (const auto &attempt : attempts) attempt->socket.close(ignored);
    }
};

awaitable<void> run_attempt(std::shared_ptr<Race> race, std::shared_ptr<Attempt> attempt, std::uint16_t port) {
    const tcp::endpoint to(attempt->address, port);
    const auto [failed] = co_await attempt->socket.async_connect(to, as_value);
    attempt->result = failed;
    race->changed.wake_all();
}

Error all_reasons(const Race &race) {
    std::vector<std::string> reasons;
    for (const auto &attempt : race.attempts)
        if (reasons.size() < kMostReasons)
            reasons.push_back(fmt::format("{}: {}", attempt->address.to_string(),
                                          attempt->result ? attempt->result->message() : "no answer"));
    if (race.attempts.size() == 1 && race.attempts[0]->result)
        return error(Code::network, race.attempts[0]->result->message());
    if (race.attempts.size() == 1) return error(Code::timeout, "no answer to the connection attempt");
    return error(Code::network, fmt::format("{}", fmt::join(reasons, "; ")));
}

} // namespace

awaitable<Result<tcp::socket>> connect_first(Addresses addresses, std::uint16_t port, Clock::time_point deadline) {
    const auto executor = co_await asio::this_coro::executor;
    const auto race = std::make_shared<Race>(executor);
    struct AtEnd { // a cancel ends this coroutine at any co_await
        Race &of;
        ~AtEnd() { of.end(); }
    };
    const AtEnd at_end{*race};
    std::size_t next = 0;
    auto start_next = Clock::now();
    while (Clock::now() < deadline) {
        if (const auto winner = race->winner()) {
            tcp::socket socket = std::move(winner->socket);
            ErrorCode ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            socket.non_blocking(true, ignored);
            co_return socket;
        }
        if (next < addresses.size() && (race->all_failed() || Clock::now() >= start_next)) {
            auto attempt = std::make_shared<Attempt>(executor, addresses[next++]);
            race->attempts.push_back(attempt);
            spawn(executor, "connection attempt", run_attempt(race, std::move(attempt), port));
            start_next = Clock::now() + kStagger;
            continue;
        }
        if (next == addresses.size() && race->all_failed()) break;
        const auto until = next < addresses.size() ? std::min(start_next, deadline) : deadline;
        co_await race->changed.wait_until(until);
    }
    co_return all_reasons(*race);
}

} // namespace angod::socketio
