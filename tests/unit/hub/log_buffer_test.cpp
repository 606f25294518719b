#include "hub/log_buffer.hpp"

#include <doctest/doctest.h>

using angod::hub::LogBuffer;

TEST_CASE("the last 256 lines of a job are kept, and the others counted") {
    LogBuffer buffer;
    for (int i = 0; i < 300; ++i) buffer.add("a", std::to_string(i));
    buffer.add("b", "other");
    const auto kept = buffer.take("a");
    REQUIRE(kept.messages.size() == 256);
    CHECK(kept.messages.front() == "44");
    CHECK(kept.messages.back() == "299");
    CHECK(kept.dropped == 44);
    CHECK(buffer.take("a").messages.empty());
    CHECK(buffer.jobs() == std::vector<std::string>{"b"});
}

TEST_CASE("all jobs together are bounded; the longest log gives way") {
    LogBuffer buffer;
    const std::string line(64 * 1024, 'x');
    buffer.add("short", "keep me");
    for (int i = 0; i < 200; ++i) buffer.add("long", line);
    const auto kept = buffer.take("long");
    CHECK(kept.messages.size() * line.size() <= LogBuffer::kBytes);
    CHECK(kept.dropped == 200 - kept.messages.size());
    CHECK(buffer.take("short").messages.size() == 1);
}
