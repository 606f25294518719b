#include "host/hub/hub_access.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

TEST_CASE("a failure that may pass asks for a later attempt, and others do not") {
    for (const Code code : {Code::full, Code::io, Code::network, Code::timeout})
        CHECK(failure_of(error(code, "why")).retry_after_ms > 0);
    for (const Code code : {Code::cancelled, Code::invalid, Code::limit, Code::remote, Code::protocol})
        CHECK(failure_of(error(code, "why")).retry_after_ms == -1);
}

TEST_CASE("trouble with the disk is explained to the user and told to the operator in detail") {
    for (const Code code : {Code::full, Code::io}) {
        const Failure failure = failure_of(error(code, "cannot write /some/path"));
        CHECK(failure.operator_text == "cannot write /some/path");
        CHECK(failure.user_text.find("/some/path") == std::string::npos);
        CHECK(failure.user_text.ends_with("Tell its operator."));
    }
    CHECK(failure_of(error(Code::network, "Hub is down.")).user_text == "Hub is down.");
    CHECK(failure_of(error(Code::cancelled, "")).user_text == "cancelled");
}

TEST_CASE("each repeated call is a line for the user") {
    Job job;
    std::vector<std::string> lines;
    job.log = [&](LogLevel level, std::string_view text) {
        CHECK(level == LogLevel::warning);
        lines.emplace_back(text);
    };
    const auto tell = tell_of_retries(job);
    tell("Hub did not answer.", std::chrono::milliseconds(1500), 2);
    tell("Asking Hub for a new address.", std::chrono::milliseconds(0), 2);
    CHECK(lines == std::vector<std::string>{"Hub did not answer. Trying again in 1.5 s (attempt 2).",
                                            "Asking Hub for a new address."});
}
