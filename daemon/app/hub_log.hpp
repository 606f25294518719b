// Which lines of a run's log go to its session in Hub ("hub_log"). Pure.
#pragma once

#include "config/config.hpp"
#include "hub/messages.hpp"

namespace angod::app {

constexpr bool goes_to_hub(config::HubLog setting, hub::LogLevel level) {
    switch (setting) {
        case config::HubLog::on: return true;
        case config::HubLog::errors: return level == hub::LogLevel::error;
        case config::HubLog::off: return false;
    }
    return true;
}

} // namespace angod::app
