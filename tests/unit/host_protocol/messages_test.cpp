#include "host_protocol/messages.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <cstring>

using namespace angod;
using namespace angod::host_protocol;

namespace {

void feed(FrameBuffer &buffer, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto [where, size] = buffer.prepare();
        const std::size_t n = std::min(size, bytes.size());
        std::memcpy(where, bytes.data(), n);
        buffer.commit(n);
        bytes.remove_prefix(n);
    }
}

RunJob sample() {
    RunJob job;
    job.job = "j";
    job.plugin = "p";
    job.attempt = 3;
    job.event = std::string("{\"a\":\0}", 7);
    job.has_checkpoint = 1;
    job.checkpoint = "c";
    job.ca_file = "ca";
    job.proxy_https = "http://u:p@h:1";
    job.no_proxy = "*";
    job.spool_bytes = 1ull << 40;
    return job;
}

} // namespace

TEST_CASE("a message comes out as it went in, whatever pieces it travels in") {
    const std::string frame = encode(sample());
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, frame.size()}) {
        FrameBuffer buffer;
        for (std::size_t at = 0; at < frame.size(); at += piece) {
            feed(buffer, std::string_view(frame).substr(at, piece));
            const auto next = buffer.next();
            REQUIRE(next);
            if (at + piece < frame.size()) {
                CHECK(!*next);
                continue;
            }
            REQUIRE(*next);
            CHECK((*next)->type == Type::run_job);
            const auto job = decode<RunJob>(**next);
            REQUIRE(job);
            CHECK(job->event == sample().event);
            CHECK(job->attempt == 3);
            CHECK(job->spool_bytes == 1ull << 40);
            CHECK(job->checkpoint == "c");
            CHECK(job->ca_file == "ca");
            CHECK(job->proxy_http.empty());
            CHECK(job->proxy_https == "http://u:p@h:1");
            CHECK(job->no_proxy == "*");
        }
    }
}

TEST_CASE("negative numbers survive") {
    JobFinished end;
    end.retry_after_ms = -1;
    const std::string frame = encode(end);
    CHECK(decode<JobFinished>({Type::job_finished, std::string_view(frame).substr(kHeaderSize)})->retry_after_ms == -1);
}

TEST_CASE("two messages in one piece come out one after the other") {
    FrameBuffer buffer;
    feed(buffer, encode(CancelJob{"a"}) + encode(Leave{}));
    CHECK((*buffer.next())->type == Type::cancel_job);
    CHECK((*buffer.next())->type == Type::leave);
    CHECK(!*buffer.next());
}

TEST_CASE("a frame that promises more than the limit is refused before it is waited for") {
    FrameBuffer buffer;
    feed(buffer, std::string_view("\xff\xff\xff\xff\x03", 5));
    CHECK(!buffer.next());
}

TEST_CASE("a message that is cut short or too long is refused") {
    const std::string frame = encode(sample());
    const std::string_view payload = std::string_view(frame).substr(kHeaderSize);
    for (std::size_t n = 0; n < payload.size(); ++n) CHECK(!decode<RunJob>({Type::run_job, payload.substr(0, n)}));
    CHECK(!decode<RunJob>({Type::run_job, std::string(payload) + "x"}));
}
