// The time of the last change of a task, in all forms that Hub may use.
#include "host/model/model_task.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {
std::optional<std::int64_t> time(std::string_view text) { return time_of(*json::parse(text)); }
} // namespace

TEST_CASE("times come as text or as milliseconds") {
    CHECK(time(R"("2024-05-02T09:00:11.123Z")") == 1'714'640'411'000);
    CHECK(time(R"("2024-05-02T09:00:11Z")") == 1'714'640'411'000);
    CHECK(time(R"("2024-05-02T09:00Z")") == 1'714'640'400'000);
    CHECK(time("1714640411123") == 1'714'640'411'123);
}

TEST_CASE("what is no time is none") {
    for (const char *text : {R"("")", R"("yesterday")", R"("2024-13-02T09:00:11Z")", R"("2024-02-30T09:00:11Z")",
                             R"("2024-05-02T09:00:11")", R"("2024-05-02T09:00:11+02:00")", R"("2024-05-02T09:00:1")",
                             R"("2024-05-02T-9:00:11Z")", "null", "{}", "1.5", R"("2024-05-02T09:00:11.Z0")"})
        CHECK_MESSAGE(!time(text), text);
}
