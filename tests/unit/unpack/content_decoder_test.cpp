#include "unpack/content_decoder.hpp"

#include "unpack/packed.hpp"

#include <doctest/doctest.h>

using namespace angod;

namespace {

struct Decoded {
    std::string text, failure;
};

Decoded decode(std::string_view header, std::string_view bytes, std::size_t block) {
    Decoded out;
    auto decoder = ContentDecoder::of(header);
    REQUIRE(decoder.has_value());
    const Inflater::Take take = [&](std::string_view piece) {
        out.text += piece;
        return true;
    };
    for (; !bytes.empty() && out.failure.empty(); bytes.remove_prefix(std::min(block, bytes.size())))
        if (const auto more = decoder->write(bytes.substr(0, block), take); !more) out.failure = more.error().text;
    if (out.failure.empty())
        if (const auto end = decoder->finish(take); !end) out.failure = end.error().text;
    return out;
}

const std::string kText = [] {
    std::string text;
    for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919) + "\n";
    return text;
}();

} // namespace

TEST_CASE("each encoding is undone, in blocks of any size") {
    const std::string twice = packed(packed(kText, kZlib), kGzip);
    const std::pair<std::string, std::string> cases[] = {{"gzip", packed(kText, kGzip)},
                                                         {"x-gzip", packed(kText, kGzip)},
                                                         {" GZIP ", packed(kText, kGzip)},
                                                         {"deflate", packed(kText, kZlib)},
                                                         {"deflate", packed(kText, kRaw)},
                                                         {"deflate, gzip", twice},
                                                         {"aws-chunked, gzip", packed(kText, kGzip)},
                                                         {"", kText},
                                                         {"identity", kText}};
    for (const auto &each : cases)
        for (const std::size_t block : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 30}) {
            CAPTURE(each.first);
            const Decoded decoded = decode(each.first, each.second, block);
            CHECK(decoded.failure == "");
            CHECK(decoded.text == kText);
        }
}

TEST_CASE("several members, and zeros behind them, are one file") {
    const std::string bytes = packed("one ", kGzip) + packed("two", kGzip) + std::string(600, '\0');
    for (const std::size_t block : {std::size_t{1}, std::size_t{1000}})
        CHECK(decode("gzip", bytes, block).text == "one two");
}

TEST_CASE("what is cut off ends too early") {
    for (const auto &[header, bits] :
         {std::pair("gzip", kGzip), std::pair("deflate", kZlib), std::pair("deflate", kRaw)}) {
        const std::string bytes = packed("a text that is short", bits);
        for (std::size_t size = 2; size < bytes.size(); ++size)
            CHECK(decode(header, bytes.substr(0, size), 1000).failure == "ends too early");
    }
    const std::string two = packed("one", kGzip) + packed("two", kGzip);
    CHECK(decode("gzip", two.substr(0, two.size() - 3), 1000).failure == "ends too early");
}

TEST_CASE("a wrong check sum, a wrong size and bytes behind the end are found") {
    const std::string good = packed("a text", kGzip);
    for (const std::size_t from_end : {std::size_t{1}, std::size_t{8}}) {
        std::string bad = good;
        bad[bad.size() - from_end] ^= 1;
        CHECK(decode("gzip", bad, 1000).failure == "is damaged");
    }
    for (const std::size_t block : {std::size_t{1}, std::size_t{1000}}) {
        CHECK(decode("gzip", good + "more", block).failure == "goes on behind its end");
        CHECK(decode("gzip", good + "m", block).failure == "goes on behind its end");
        CHECK(decode("deflate", packed("a text", kZlib) + "m", block).failure == "goes on behind its end");
    }
}

TEST_CASE("a file that is not packed, although a server says so, is passed on as it is") {
    CHECK(decode("gzip", "PK\3\4 and so on", 1).text == "PK\3\4 and so on");
    CHECK(decode("deflate", "PK\3\4 and so on", 1).text == "PK\3\4 and so on");
    CHECK(decode("gzip", "x", 1).text == "x");
    CHECK(decode("gzip", "", 1).failure == "");
}

TEST_CASE("an unknown encoding is named") {
    CHECK(ContentDecoder::of("br").error().text ==
          "with the Content-Encoding \"br\", which is not supported (gzip and deflate are)");
    CHECK(ContentDecoder::of("gzip, z\x1b[31m\"").error().text ==
          "with the Content-Encoding \"z?[31m?\", which is not supported (gzip and deflate are)");
    CHECK(ContentDecoder::of("gzip,gzip,gzip").error().text == "with more than 2 encodings in Content-Encoding");
}

TEST_CASE("a receiver that wants no more ends the work") {
    auto decoder = ContentDecoder::of("gzip");
    CHECK(decoder->write(packed(kText, kGzip), [](std::string_view) { return false; }).value() == false);
}
