#include "socketio/http_answer.hpp"

#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::socketio;

namespace {

/// A reader that has got these bytes.
HttpAnswerReader reader_of(std::string_view bytes) {
    HttpAnswerReader reader;
    const auto fed = reader.feed(bytes);
    REQUIRE_MESSAGE(fed, bytes);
    return reader;
}

int status_of(std::string_view bytes) { return reader_of(bytes).status().value_or(-1); }

std::string fault_of(std::string_view bytes) {
    HttpAnswerReader reader;
    const auto fed = reader.feed(bytes);
    return fed ? "" : fed.error().text;
}

} // namespace

TEST_CASE("a whole head gives the status and what explains it") {
    const auto reader = reader_of("HTTP/1.1 503 Busy\r\nlocation:  /x \r\nRETRY-AFTER: 7\r\nDate: now\r\n"
                                  "Content-Type: Text/HTML; charset=x\r\nContent-Encoding: gzip\r\nRetry-After: 9\r\n"
                                  "no colon\r\nContent-Length: 4\r\n\r\nbody and more");
    CHECK(reader.status() == 503);
    CHECK(reader.is_whole());
    const HttpAnswer answer = reader.answer();
    CHECK(answer.location == "/x");
    CHECK(answer.retry_after == "7");
    CHECK(answer.date == "now");
    CHECK(answer.content_type == "text/html; charset=x");
    CHECK(answer.content_encoding == "gzip");
    CHECK(answer.body == "body");
    CHECK(status_of("HTTP/1.0 407 Proxy Authentication Required\r\n\r\n") == 407);
    CHECK(status_of("HTTP/1.1 502 \r\n\r\n") == 502);
    CHECK(status_of("HTTP/1.1 200\r\n\r\n") == 200);
    CHECK(status_of("HTTP/1.0 200 OK\n\n") == 200);
}

TEST_CASE("an answer that hands the connection over gives the bytes behind its head back") {
    const std::string all = "HTTP/1.1 101 Switching\r\nA: b\r\n\r\nmore";
    auto reader = reader_of(all);
    CHECK(reader.status() == 101);
    CHECK(reader.behind_head() == 4);
    CHECK(reader.feed("!"));
    CHECK(reader.take_bytes() == all + "!");
}

TEST_CASE("an answer that comes in pieces is waited for, byte by byte") {
    const std::string head = "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n";
    HttpAnswerReader reader;
    CHECK(!reader.has_begun());
    for (std::size_t n = 0; n < head.size(); ++n) {
        CHECK_MESSAGE(!reader.status(), n);
        CHECK(reader.feed(head.substr(n, 1)));
        CHECK(reader.has_begun());
    }
    CHECK(reader.status() == 404);
    CHECK(!reader.is_whole());
    CHECK(reader.feed("a"));
    CHECK(!reader.is_whole());
    CHECK(reader.feed("bc"));
    CHECK(reader.is_whole());
    CHECK(reader.answer().body == "ab");
}

TEST_CASE("interim answers are passed over, but count in the length of the head") {
    CHECK(status_of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n") == 200);
    CHECK(status_of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2") == -1);
    std::string many;
    while (many.size() <= kMaxAnswerHead) many += "HTTP/1.1 100 Continue\r\n\r\n";
    CHECK(fault_of(many) == "is longer than 16 KB and its head has no end");
}

TEST_CASE("the frames of chunks are not part of the body") {
    const auto reader = reader_of("HTTP/1.1 400 No\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
                                  "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
    CHECK(reader.is_whole());
    CHECK(reader.answer().body == "hello!");
    const auto cut = reader_of("HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhel");
    CHECK(!cut.is_whole());
    CHECK(cut.answer().body == "hel");
    CHECK(reader_of("HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").is_whole());
    CHECK(reader_of("HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello").answer().body.empty());
}

TEST_CASE("no more than 4 KB of a body are kept, and a body without a length ends there or with the connection") {
    auto reader = reader_of("HTTP/1.1 500 No\r\n\r\n");
    CHECK(!reader.is_whole());
    for (int i = 0; i < 100; ++i) CHECK(reader.feed(std::string(1000, 'x')));
    CHECK(reader.is_whole());
    CHECK(reader.answer().body == std::string(kMaxAnswerBody, 'x'));
    CHECK(reader.behind_head() == kMaxAnswerBody);
    CHECK(reader_of("HTTP/1.1 204 No\r\n\r\n").is_whole());
    CHECK(reader_of("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").is_whole());
}

TEST_CASE("bytes that are no HTTP are noticed at once, and shown if they are text") {
    for (const char *bad : {"S", "SSH-2.0-x\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.x 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK",
                            "HTTP/1.1  200", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "\r\n", "HTTP/1.1200",
                            "http/1.1 200 OK", "HTTP/1.1 099 Odd\r\n\r\n"})
        CHECK_MESSAGE(fault_of(bad).starts_with("is not HTTP"), bad);
    CHECK(fault_of("SSH-2.0-OpenSSH_9.2\r\nmore") == "is not HTTP, but begins with \"SSH-2.0-OpenSSH_9.2\"");
    CHECK(fault_of(std::string(100, 'x')) == "is not HTTP, but begins with \"" + std::string(40, 'x') + "\"");
    CHECK(fault_of("\x1b[2J") == "is not HTTP");
    CHECK(fault_of(std::string("\x15\x03\x01\x00\x02", 5)) == "is TLS");
}

TEST_CASE("no more than 16 KB of a head are read") {
    const std::string start = "HTTP/1.1 200 OK\r\nA: ";
    CHECK(fault_of(start + std::string(kMaxAnswerHead - start.size(), 'x')).empty());
    CHECK(fault_of(start + std::string(kMaxAnswerHead, 'x')) == "is longer than 16 KB and its head has no end");
    CHECK(!fault_of(start + std::string(kMaxAnswerHead, 'x') + "\r\n\r\n").empty());
    CHECK(status_of(start + "x\r\n\r\n" + std::string(kMaxAnswerHead, 'x')) == 200);
}
