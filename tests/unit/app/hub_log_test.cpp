#include "app/hub_log.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::app;

TEST_CASE("hub_log decides which lines go to Hub") {
    for (const auto level : {hub::LogLevel::debug, hub::LogLevel::info, hub::LogLevel::warning, hub::LogLevel::error}) {
        CHECK(goes_to_hub(config::HubLog::on, level));
        CHECK(goes_to_hub(config::HubLog::errors, level) == (level == hub::LogLevel::error));
        CHECK(!goes_to_hub(config::HubLog::off, level));
    }
}
