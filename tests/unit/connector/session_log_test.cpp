#include "connector/session_log.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::connector;
using namespace std::chrono_literals;

namespace {

const SessionLog::Time kStart = SessionLog::Time() + 1h;

struct Rig {
    hub::LogBuffer buffer;
    SessionLog log{buffer, "key", R"({"session":"s"})", kStart};
    void add(int from, int to) {
        for (int i = from; i < to; ++i) log.add(std::to_string(i));
    }
};

} // namespace

TEST_CASE("a burst of lines goes at once, and then one every two seconds") {
    Rig rig;
    rig.add(0, 30);
    for (unsigned i = 0; i < SessionLog::kBurst; ++i) {
        CHECK(rig.log.next_at(kStart) == kStart);
        CHECK(rig.log.take(kStart).message == std::to_string(i));
    }
    CHECK(rig.log.next_at(kStart) == kStart + 2s);
    CHECK(rig.log.next_at(kStart + 1s) == kStart + 2s);
    CHECK(rig.log.next_at(kStart + 2s) == kStart + 2s);
    CHECK(rig.log.take(kStart + 2s).message == "20");
    CHECK(rig.log.next_at(kStart + 2s) == kStart + 4s);
    CHECK(rig.log.next_at(kStart + 1h) == kStart + 1h);
}

TEST_CASE("a line that could not be sent comes back to its place") {
    Rig rig;
    rig.add(0, 2);
    rig.log.put_back(rig.log.take(kStart));
    CHECK(rig.log.take(kStart).message == "0");
    CHECK(rig.log.take(kStart).message == "1");
    CHECK(rig.log.empty());
}

TEST_CASE("when the run has ended the last lines are left, behind one that tells how many were dropped") {
    Rig rig;
    rig.add(0, 50);
    rig.log.keep_last_lines();
    for (int i = 0; i < 2; ++i) { // a failure loses nothing of the count
        const auto line = rig.log.take(kStart);
        CHECK(line.dropped == 30);
        CHECK(
            line.message ==
            R"({"session":"s","level":"WARNING","msg":"30 earlier lines of this run were dropped: Hub accepts only a limited number a minute"})");
        if (i == 0) {
            rig.log.put_back(line);
            rig.log.keep_last_lines();
        }
    }
    for (int i = 30; i < 50; ++i) CHECK(rig.log.take(kStart).message == std::to_string(i));
    CHECK(rig.log.empty());
}

TEST_CASE("while the run goes on nothing tells of dropped lines") {
    Rig rig;
    rig.add(0, 300);
    CHECK(rig.log.take(kStart).message == "44");
    rig.log.clear();
    CHECK(rig.log.empty());
}

TEST_CASE("the lines of all runs together are bounded while they wait for their turn") {
    Rig rig;
    SessionLog other(rig.buffer, "other", "{}", kStart);
    for (int i = 0; i < 200; ++i) {
        rig.log.add(std::string(64 * 1024, 'x'));
        other.add(std::string(64 * 1024, 'y'));
    }
    CHECK((rig.buffer.lines("key") + rig.buffer.lines("other")) * 64 * 1024 <= hub::LogBuffer::kBytes);
    CHECK(!rig.log.empty());
    CHECK(!other.empty());
}
