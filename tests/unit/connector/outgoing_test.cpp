// Every row of the table in outgoing.hpp: the phases of a run's log and answer on their way to Hub.
//
// The rig plays the link: it asks for the next step and reports the result. Time is a variable of the test, so that waits of
// minutes take none.
#include "connector/outgoing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::connector;
using namespace std::chrono_literals;
using Action = Outgoing::Action;
using Phase = Outgoing::Phase;
using Verdict = Outgoing::Verdict;

namespace {

const Outgoing::Time kStart = Outgoing::Time() + 1h;
constexpr std::int64_t kYoung = 1000, kOld = 86'400'001;

hub::Run run_of(bool posted = false) {
    hub::Run run;
    run.session = "\"s\"";
    run.digest = "d";
    run.api_key = "k";
    run.posted = posted;
    return run;
}

Posted failure(Code code, std::chrono::milliseconds retry_after = 0ms) { return {error(code, "why"), retry_after}; }

struct Rig {
    hub::LogBuffer buffer;
    Outgoing outgoing{buffer, "key", R"({"session":"s"})", run_of(), kStart};
    Outgoing::Time now = kStart;

    Action next(bool held = false) { return outgoing.next(now, held).action; }
    /// The next step is to wait; the clock goes on to its end.
    void wait(bool held = false) {
        const auto step = outgoing.next(now, held);
        REQUIRE(step.action == Action::wait);
        REQUIRE(step.until > now);
        now = step.until;
    }
    void send_line() {
        REQUIRE(next() == Action::post_line);
        outgoing.take_line(now);
        outgoing.line_sent();
    }
    Verdict fail_line(Code code) {
        REQUIRE(next() == Action::post_line);
        return outgoing.line_failed(outgoing.take_line(now), failure(code), now);
    }
};

} // namespace

TEST_CASE("lines go while the run goes on, and a run without any is forgotten after a minute") {
    Rig rig;
    rig.outgoing.add_line("a");
    rig.send_line();
    CHECK(rig.outgoing.phase() == Phase::logging);
    rig.wait();
    CHECK(rig.now == kStart + 1min);
    CHECK(rig.next() == Action::end);
    CHECK(rig.outgoing.phase() == Phase::done);
}

TEST_CASE("an answer goes behind the lines, and when it is delivered nothing is left") {
    Rig rig;
    rig.outgoing.add_line("a");
    rig.outgoing.set_answer("{}", rig.now);
    CHECK(rig.outgoing.phase() == Phase::answering);
    rig.send_line();
    CHECK(rig.next() == Action::post_answer);
    CHECK(rig.outgoing.answer() == "{}");
    rig.outgoing.delivered();
    CHECK(rig.outgoing.phase() == Phase::finishing);
    CHECK(rig.next() == Action::end);
    CHECK(rig.outgoing.phase() == Phase::done);
}

TEST_CASE("lines that come behind the answer still go") {
    Rig rig;
    rig.outgoing.set_answer("{}", rig.now);
    rig.outgoing.delivered();
    rig.outgoing.add_line("late");
    rig.send_line();
    CHECK(rig.next() == Action::end);
}

TEST_CASE("a run can be answered anew while its last lines go, and after its answer was given up") {
    Rig rig;
    rig.outgoing.set_answer("1", rig.now);
    rig.outgoing.delivered();
    rig.outgoing.set_answer("2", rig.now);
    CHECK(rig.outgoing.phase() == Phase::answering);
    CHECK(rig.outgoing.answer_failed(failure(Code::remote), kYoung, rig.now) == Verdict::lost);
    CHECK(rig.outgoing.phase() == Phase::done);
    rig.outgoing.set_answer("3", rig.now);
    CHECK(rig.next() == Action::post_answer);
    CHECK(rig.outgoing.answer() == "3");
}

TEST_CASE("an answer that Hub does not want is confirmed without a call") {
    Rig rig;
    rig.outgoing.set_answer("", rig.now);
    CHECK(rig.next(true) == Action::confirm_without_answer);
}

TEST_CASE("a call that waits gets the answer, after the lines or after two seconds") {
    Rig rig;
    rig.outgoing.add_line("a");
    rig.outgoing.add_line("b");
    rig.outgoing.set_answer("{}", rig.now);
    CHECK(rig.next(true) == Action::post_line);
    CHECK(rig.outgoing.line_failed(rig.outgoing.take_line(rig.now), failure(Code::network, 10s), rig.now) ==
          Verdict::retry);
    rig.wait(true);
    CHECK(rig.now == kStart + 2s);
    CHECK(rig.next(true) == Action::hand_over);
}

TEST_CASE("an answer that must be posted is posted, though a call waits") {
    Rig rig;
    rig.outgoing.set_run(run_of(true));
    rig.outgoing.set_answer("{}", rig.now);
    CHECK(rig.next(true) == Action::post_answer);
}

TEST_CASE("a failed answer is tried again after growing waits, and the first failure is told") {
    Rig rig;
    rig.outgoing.set_answer("{}", rig.now);
    auto least = 1000ms;
    for (int i = 0; i < 12; ++i) {
        CHECK(rig.next() == Action::post_answer);
        CHECK(rig.outgoing.answer_failed(failure(Code::timeout), kYoung, rig.now) ==
              (i == 0 ? Verdict::first_retry : Verdict::retry));
        const auto before = rig.now;
        rig.wait();
        CHECK(rig.now - before >= least);
        CHECK(rig.now - before <= least * 5 / 4);
        least = std::min<std::chrono::milliseconds>(least * 2, 5min);
    }
}

TEST_CASE("Hub may ask for a longer wait, but not for more than five minutes") {
    Rig rig;
    rig.outgoing.set_answer("{}", rig.now);
    rig.outgoing.answer_failed(failure(Code::network, 1min), kYoung, rig.now);
    rig.wait();
    CHECK(rig.now == kStart + 1min);
    rig.outgoing.answer_failed(failure(Code::network, 1h), kYoung, rig.now);
    rig.wait();
    CHECK(rig.now == kStart + 6min);
}

TEST_CASE("an old answer is given up after eight attempts, and one that Hub refuses at once") {
    Rig rig;
    rig.outgoing.set_answer("{}", rig.now);
    for (int i = 0; i < 7; ++i)
        CHECK(rig.outgoing.answer_failed(failure(Code::network), kOld, rig.now) != Verdict::lost);
    CHECK(rig.outgoing.answer_failed(failure(Code::network), kOld, rig.now) == Verdict::lost);
    CHECK(rig.outgoing.phase() == Phase::done);
}

TEST_CASE("a cancelled call changes nothing") {
    Rig rig;
    rig.outgoing.set_answer("{}", rig.now);
    CHECK(rig.outgoing.answer_failed(failure(Code::cancelled), kOld, rig.now) == Verdict::cancelled);
    CHECK(rig.outgoing.phase() == Phase::answering);
    CHECK(rig.next() == Action::post_answer);
    rig.outgoing.add_line("a");
    CHECK(rig.fail_line(Code::cancelled) == Verdict::cancelled);
}

TEST_CASE("a line that fails is tried again, and after three failures the answer does not wait for it") {
    Rig rig;
    rig.outgoing.add_line("a");
    rig.outgoing.set_answer("{}", rig.now);
    for (int i = 0; i < 3; ++i) {
        CHECK(rig.fail_line(Code::network) == Verdict::retry);
        rig.wait();
    }
    CHECK(rig.next() == Action::post_answer);
    rig.outgoing.delivered();
    CHECK(rig.next() == Action::post_line);
}

TEST_CASE("after the answer a line is tried three times, and then all lines are lost") {
    Rig rig;
    rig.outgoing.set_answer("{}", rig.now);
    rig.outgoing.delivered();
    rig.outgoing.add_line("a");
    rig.outgoing.add_line("b");
    for (int i = 0; i < 2; ++i) {
        CHECK(rig.fail_line(Code::network) == Verdict::retry);
        rig.wait();
    }
    CHECK(rig.fail_line(Code::network) == Verdict::first_lost);
    CHECK(rig.next() == Action::end);
}

TEST_CASE("a line that Hub refuses is lost, and the operator is told once for a run") {
    Rig rig;
    for (const char *line : {"a", "b", "c"}) rig.outgoing.add_line(line);
    CHECK(rig.fail_line(Code::remote) == Verdict::first_lost);
    CHECK(rig.fail_line(Code::remote) == Verdict::lost);
    rig.send_line();
}
