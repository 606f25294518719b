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
    CHECK(buffer.take("b").messages == std::vector<std::string>{"other"});
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

TEST_CASE("lines of a job are taken one at a time, and brought back to their place") {
    LogBuffer buffer;
    for (const char *line : {"1", "2", "3"}) buffer.add("a", line);
    CHECK(buffer.lines("a") == 3);
    CHECK(buffer.take_oldest("a") == "1");
    buffer.put_back("a", "1");
    CHECK(buffer.take_oldest("a") == "1");
    CHECK(buffer.take("a").messages == std::vector<std::string>{"2", "3"});
    CHECK(buffer.lines("a") == 0);
    CHECK(buffer.dropped("a") == 0);
}

TEST_CASE("of a job only the last lines can be kept; what goes is counted until the count is taken") {
    LogBuffer buffer;
    buffer.keep_last("a", 2); // a job without lines
    for (int i = 0; i < 5; ++i) buffer.add("a", std::to_string(i));
    buffer.keep_last("a", 2);
    CHECK(buffer.dropped("a") == 3);
    CHECK(buffer.take_dropped("a") == 3);
    CHECK(buffer.take_dropped("a") == 0);
    buffer.add_dropped("a", 4);
    CHECK(buffer.take("a").dropped == 4);
    CHECK(buffer.take_dropped("b") == 0);
}

TEST_CASE("a line that is brought back counts for the limit of all jobs") {
    LogBuffer buffer;
    buffer.add("a", std::string(LogBuffer::kBytes / 2, 'x'));
    const std::string line = buffer.take_oldest("a");
    buffer.add("b", std::string(LogBuffer::kBytes, 'y'));
    buffer.put_back("a", line);
    CHECK(buffer.lines("a") + buffer.lines("b") == 1);
}
