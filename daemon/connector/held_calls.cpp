#include "connector/held_calls.hpp"

#include <algorithm>

namespace angod::connector {

void HeldCall::answer(http::Response response) {
    phase_ = Phase::answered;
    response_ = std::move(response);
    changed_.wake_all();
}

void HeldCall::release() {
    if (phase_ == Phase::waiting) phase_ = Phase::released;
    changed_.wake_all();
}

void HeldCall::caller_gone() {
    if (phase_ != Phase::answered) phase_ = Phase::gone;
    changed_.wake_all();
}

void HeldCall::set_recorded() {
    recorded_ = true;
    changed_.wake_all();
}

bool HeldCall::over() const {
    switch (phase_) {
        case Phase::waiting: return false;
        case Phase::released: return recorded_;
        default: return true;
    }
}

awaitable<void> HeldCall::wait(Time deadline) {
    while (!over() && std::chrono::steady_clock::now() < deadline) co_await changed_.wait_until(deadline);
}

HeldCallPtr HeldCalls::add(const std::string &digest) {
    return calls_.emplace(digest, std::make_shared<HeldCall>(executor_))->second;
}

void HeldCalls::remove(const std::string &digest, const HeldCallPtr &call) {
    const auto [from, to] = calls_.equal_range(digest);
    const auto found = std::find_if(from, to, [&](const auto &entry) { return entry.second == call; });
    if (found != to) calls_.erase(found);
}

std::vector<HeldCallPtr> HeldCalls::take(const std::string &digest) {
    std::vector<HeldCallPtr> taken;
    const auto [from, to] = calls_.equal_range(digest);
    for (auto it = from; it != to; ++it) taken.push_back(it->second);
    calls_.erase(from, to);
    return taken;
}

void HeldCalls::release(const std::string &digest) {
    const auto [from, to] = calls_.equal_range(digest);
    for (auto it = from; it != to; ++it) it->second->release();
}

void HeldCalls::release_all() {
    for (const auto &[digest, call] : calls_) call->release();
}

} // namespace angod::connector
