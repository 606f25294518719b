#include "socketio/resolve.hpp"

#include "socketio/resolver_error.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp> // brings the header of getaddrinfo on each system
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace angod::socketio {

namespace {

/// IPv6 and IPv4 by turns, beginning with the family that the system prefers (RFC 8305, section 4).
Addresses by_turns(const Addresses &all) {
    Addresses first, second, out;
    for (const auto &address : all) (address.is_v4() == all.front().is_v4() ? first : second).push_back(address);
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) out.push_back(first[i]);
        if (i < second.size()) out.push_back(second[i]);
    }
    return out;
}

Result<Addresses> ask_system(const std::string &host) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo *list = nullptr;
    // Without AI_ADDRCONFIG, which hides addresses of this machine itself. A family that is missing fails at once.
    if (const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list); failed != 0)
        return error(Code::network,
                     fmt::format("the host name {} cannot be resolved: {}", host, resolver_error(failed)));
    Addresses out;
    for (const addrinfo *one = list; one; one = one->ai_next) {
        asio::ip::tcp::endpoint endpoint;
        if (one->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
        if (std::find(out.begin(), out.end(), endpoint.address()) == out.end()) out.push_back(endpoint.address());
    }
    ::freeaddrinfo(list);
    if (out.empty()) return error(Code::network, fmt::format("the host name {} has no address", host));
    return by_turns(out);
}

/// One question to the system, and the timers of the coroutines that wait for its answer.
struct Lookup {
    std::mutex mutex;
    std::optional<Result<Addresses>> answer;
    std::vector<std::shared_ptr<asio::steady_timer>> waiting;
};

/// The questions that are under way, by name. Never destroyed, because a thread may outlast everything else.
struct Running {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Lookup>> by_host;
};
Running &running() {
    static auto *const one = new Running;
    return *one;
}

void look_up(const std::string &host, const std::shared_ptr<Lookup> &lookup) {
    auto answer = ask_system(host);
    {
        const std::lock_guard lock(running().mutex);
        running().by_host.erase(host);
    }
    const std::lock_guard lock(lookup->mutex);
    lookup->answer = std::move(answer);
    // A waiting coroutine leaves the list before its event loop ends; see Waiter.
    for (const auto &timer : lookup->waiting) asio::post(timer->get_executor(), [timer] { timer->cancel(); });
    lookup->waiting.clear();
}

Result<std::shared_ptr<Lookup>> join(const std::string &host) {
    const std::lock_guard lock(running().mutex);
    auto &lookup = running().by_host[host];
    if (lookup) return lookup;
    lookup = std::make_shared<Lookup>();
    try {
        std::thread([host, lookup] { look_up(host, lookup); }).detach();
    } catch (const std::system_error &failed) {
        running().by_host.erase(host);
        return error(Code::io, fmt::format("cannot start a thread to resolve host names: {}", failed.what()));
    }
    return std::shared_ptr<Lookup>(lookup);
}

/// A wait for an answer. Its destructor takes it off the list.
class Waiter {
public:
    Waiter(std::shared_ptr<Lookup> lookup, std::shared_ptr<asio::steady_timer> timer)
        : lookup_(std::move(lookup)), timer_(std::move(timer)) {
        const std::lock_guard lock(lookup_->mutex);
        if (!lookup_->answer) lookup_->waiting.push_back(timer_);
    }
    Waiter(const Waiter &) = delete;
    Waiter &operator=(const Waiter &) = delete;
    ~Waiter() {
        const std::lock_guard lock(lookup_->mutex);
        std::erase(lookup_->waiting, timer_);
    }
    std::optional<Result<Addresses>> answer() const {
        const std::lock_guard lock(lookup_->mutex);
        return lookup_->answer;
    }

private:
    std::shared_ptr<Lookup> lookup_;
    std::shared_ptr<asio::steady_timer> timer_;
};

} // namespace

awaitable<Result<Addresses>> resolve(std::string host, std::chrono::steady_clock::time_point deadline) {
    boost::system::error_code no_address;
    if (const auto address = asio::ip::make_address(host, no_address); !no_address) co_return Addresses{address};
    const auto executor = co_await asio::this_coro::executor;
    auto lookup = join(host);
    if (!lookup) co_return lookup.error();
    const auto timer = std::make_shared<asio::steady_timer>(executor, deadline);
    const Waiter waiter(*lookup, timer);
    auto answer = waiter.answer();
    if (!answer) {
        co_await timer->async_wait(as_value);
        answer = waiter.answer();
    }
    if (answer) co_return std::move(*answer);
    if (std::chrono::steady_clock::now() >= deadline)
        co_return error(Code::timeout, fmt::format("the host name {} was not resolved in time", host));
    co_return error(Code::cancelled, "cancelled");
}

} // namespace angod::socketio
