#include "app/attempt_record.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace angod;
using namespace angod::app;
using namespace std::chrono_literals;

TEST_CASE("an attempt that no host took up is not remembered") {
    AttemptRecord record;
    record.line(hub::LogLevel::info, "a line");
    record.ends(jobs::AttemptEnd::cancelled, "");
    CHECK(record.take() == nullptr);
    CHECK(!record.becomes_long(0s));
}

TEST_CASE("the first end counts, and the attempt has its log") {
    AttemptRecord record;
    record.begin(3, "1.2", 4711);
    CHECK(record.take()->end == jobs::AttemptEnd::running);
    record.line(hub::LogLevel::warning, "one\ntwo");
    record.ends(jobs::AttemptEnd::crashed, "signal 11");
    record.ends(jobs::AttemptEnd::stopped, "");
    const auto attempt = record.take();
    CHECK(attempt->end == jobs::AttemptEnd::crashed);
    CHECK(attempt->reason == "signal 11");
    CHECK(attempt->generation == 3);
    CHECK(attempt->version == "1.2");
    CHECK(attempt->host_pid == 4711);
    CHECK(attempt->log == "warning: one two");
    CHECK(!record.becomes_long(0s));
}

TEST_CASE("an attempt becomes long once") {
    AttemptRecord record;
    record.begin(1, "1", 1);
    CHECK(!record.becomes_long(1h));
    CHECK(record.becomes_long(0s));
    CHECK(!record.becomes_long(0s));
}

TEST_CASE("the last lines are bounded in number and bytes") {
    LastLines lines;
    for (int i = 0; i < 50; ++i) lines.add(hub::LogLevel::info, std::to_string(i));
    CHECK(lines.text().starts_with("info: 30\ninfo: 31\n"));
    CHECK(lines.text().ends_with("info: 49"));
    for (int i = 0; i < 50; ++i) lines.add(hub::LogLevel::error, std::string(1000, 'x'));
    CHECK(lines.text().size() <= LastLines::kMostBytes);
    CHECK(lines.text().size() > LastLines::kMostBytes - LastLines::kLongestLine - 10);
}
