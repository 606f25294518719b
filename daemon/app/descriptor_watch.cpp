#include "app/descriptor_watch.hpp"

#include <chrono>

namespace angod::app {

namespace {

constexpr std::chrono::seconds kLookEvery{2};

/// Whether more than nine of ten are in use.
bool are_most_in_use() { return descriptors_in_use() * 10 > descriptor_limit() * 9; }

} // namespace

void DescriptorWatch::look() {
    const bool none_free = are_descriptors_used_up();
    const bool most_in_use = state_ == DescriptorState::used_up && are_most_in_use();
    const DescriptorState before = state_;
    state_ = next_state(state_, none_free, most_in_use);
    if (!none_free) reserve_.refill();
    if (state_ == before) return;
    if (state_ == DescriptorState::enough) return Log().info("there are free file descriptors again");
    Log().error(
        "all {} file descriptors that the system allows angod are in use: plugins cannot connect and hosts cannot "
        "start. Raise the limit (LimitNOFILE= in the systemd unit, or ulimit -n) and restart angod",
        descriptor_limit());
}

awaitable<void> DescriptorWatch::run() {
    while (!lifecycle_.is_stopping()) {
        look();
        co_await lifecycle_.pause_until(std::chrono::steady_clock::now() + kLookEvery);
    }
}

} // namespace angod::app
