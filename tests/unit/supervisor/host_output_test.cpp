#include "supervisor/host_output.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace angod;
using angod::supervisor::HostOutput;
using angod::supervisor::LineBudget;
using namespace std::chrono_literals;

namespace {

const auto kNow = HostOutput::Clock::now() + 1s;

} // namespace

TEST_CASE("a host's last words are its lines, put together from the bytes that come") {
    HostOutput output{Log()};
    CHECK(output.last_words().empty());
    output.printed("one\ntw", kNow);
    CHECK(output.last_words() == "; it printed: one");
    output.printed("o\n", kNow);
    output.printed("without an end", kNow);
    CHECK(output.last_words() == "; it printed: one | two");
    output.ended(kNow);
    CHECK(output.last_words() == "; it printed: one | two | without an end");
    output.ended(kNow);
    CHECK(output.last_words() == "; it printed: one | two | without an end");
}

TEST_CASE("only the last lines are kept, each up to a length and without control characters") {
    HostOutput output{Log()};
    for (std::size_t i = 0; i < HostOutput::kLastLines + 1; ++i) output.printed("line\n", kNow);
    output.printed("\x1b[31mred\n" + std::string(3 * HostOutput::kLineBytes, 'x') + "\n", kNow);
    const std::string words = output.last_words();
    CHECK(words.find(" | " + std::string(" [31mred | ")) != std::string::npos);
    CHECK(words.size() < HostOutput::kLineBytes + 200);
    std::size_t lines = 1;
    for (std::size_t at = words.find(" | "); at != std::string::npos; at = words.find(" | ", at + 1)) ++lines;
    CHECK(lines == HostOutput::kLastLines);
}

TEST_CASE("secrets of running and of ended jobs are hidden, also where a long line is cut") {
    HostOutput output{Log()};
    output.job_began("a", {"secret-of-a"});
    output.job_began("b", {"secret-of-b"});
    output.job_ended("a");
    output.job_ended("nobody");
    output.printed("a secret-of-a b secret-of-b\n", kNow);
    CHECK(output.last_words() == "; it printed: a *** b ***");
    // The line is cut because it is long; its secret comes in two parts.
    output.printed(std::string(HostOutput::kMaxLine, 'x') + "secret-", kNow);
    output.printed("of-b\n", kNow);
    CHECK(output.last_words().find("secret-") == std::string::npos);
    CHECK(output.last_words().ends_with("***"));
}

TEST_CASE("the secrets of the last ended jobs are remembered, each once") {
    HostOutput output{Log()};
    for (std::size_t i = 0; i < 2 * HostOutput::kEndedSecrets; ++i) {
        output.job_began("job", {"the-same-secret"});
        output.job_ended("job");
    }
    output.job_began("first", {"first-secret"});
    output.job_ended("first");
    output.printed("the-same-secret first-secret\n", kNow);
    CHECK(output.last_words() == "; it printed: *** ***");
    for (std::size_t i = 0; i < HostOutput::kEndedSecrets; ++i) {
        output.job_began("job", {"secret number " + std::to_string(i)});
        output.job_ended("job");
    }
    output.printed("first-secret\n", kNow); // too long ago
    CHECK(output.last_words().ends_with("first-secret"));
}

TEST_CASE("a flood is counted, and its last lines are kept") {
    HostOutput output{Log()};
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += std::to_string(i) + "\n";
    output.printed(flood, kNow);
    CHECK(output.left_out() == 1000 - static_cast<std::size_t>(LineBudget::kBurst));
    CHECK(output.last_words().ends_with("| 998 | 999"));
    output.logged(3, "a line of the module", kNow);
    CHECK(output.left_out() == 1001 - static_cast<std::size_t>(LineBudget::kBurst));
    output.logged(3, "a line of the module", kNow + 10s); // the budget has grown
    CHECK(output.left_out() == 1001 - static_cast<std::size_t>(LineBudget::kBurst));
}
