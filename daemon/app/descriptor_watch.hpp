// Notices that angod has no file descriptor left, and tells the operator once, with the remedy. Event loop only.
#pragma once

#include "app/lifecycle.hpp"
#include "base/descriptors.hpp"
#include "base/log.hpp"

#include <cstdint>

namespace angod::app {

enum class DescriptorState {
    enough,  ///< something can be opened
    used_up, ///< nothing could be opened, and most of them have been in use since
};

/// Whether most of the descriptors are in use matters in the state used_up only: connections are tried again and again, so
/// that for moments one is free.
constexpr DescriptorState next_state(DescriptorState state, bool none_free, bool most_in_use) {
    switch (state) {
        case DescriptorState::enough: return none_free ? DescriptorState::used_up : DescriptorState::enough;
        case DescriptorState::used_up:
            return none_free || most_in_use ? DescriptorState::used_up : DescriptorState::enough;
    }
    return state;
}

class DescriptorWatch {
public:
    /// All of it outlives the watch.
    DescriptorWatch(Lifecycle &lifecycle, DescriptorReserve &reserve) : lifecycle_(lifecycle), reserve_(reserve) {}

    /// Until angod stops.
    awaitable<void> run();
    /// One look.
    void look();
    DescriptorState state() const { return state_; }

private:
    Lifecycle &lifecycle_;
    DescriptorReserve &reserve_;
    DescriptorState state_ = DescriptorState::enough;
};

} // namespace angod::app
