// NRRD files are made here by hand and by zlib, and taken apart by zlib, not by the code under test.
#include "host/brush/volume_overlay.hpp"

#include "printing.hpp"

#include <zlib.h>

#include <string>

using namespace angod;
using namespace angod::host;

namespace {

std::string gzip(const std::string &bytes) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string gunzip(const std::string &bytes, std::size_t size) {
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
    std::string out(size + 1, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

std::string head(const std::string &sizes, const std::string &encoding, const std::string &more = "") {
    return "NRRD0005\n# made by a test\ntype: uint8\nencoding: " + encoding + "\ndimension: 3\nsizes: " + sizes + "\n" +
           more + "\n";
}

std::string problem(const std::string &above, const std::string &below) {
    const auto both = lay_volume_over(above, below);
    return both ? "none" : both.error().text;
}

const std::string kOver("\1\0\3\0\0\7", 6), kUnder("\11\11\0\0\12\12", 6), kBoth("\1\11\3\0\12\7", 6);

} // namespace

TEST_CASE("a voxel that is not 0 wins, in every pair of encodings; head and encoding of the existing file stay") {
    const std::string field = "space: left-posterior-superior\nSegment0_Name:=bone: left\n";
    for (const bool over_gzip : {false, true})
        for (const bool under_gzip : {false, true}) {
            CAPTURE(over_gzip);
            CAPTURE(under_gzip);
            const std::string over = head("1 2 3", over_gzip ? "gzip" : "raw") + (over_gzip ? gzip(kOver) : kOver);
            const std::string begin = head("1 2 3", under_gzip ? "gz" : "raw", field);
            const auto both = lay_volume_over(over, begin + (under_gzip ? gzip(kUnder) : kUnder));
            REQUIRE(both);
            REQUIRE(both->starts_with(begin));
            const std::string data = both->substr(begin.size());
            CHECK((under_gzip ? gunzip(data, 6) : data) == kBoth);
        }
}

TEST_CASE("a volume of many blocks comes out whole") {
    const std::size_t size = 300 * 1000;
    std::string over(size, '\0'), under(size, '\5');
    for (std::size_t i = 0; i < size; i += 7) over[i] = static_cast<char>(i % 250 + 1);
    std::string expected = under;
    for (std::size_t i = 0; i < size; i += 7) expected[i] = over[i];
    const std::string begin = head("300 100 10", "gzip");
    // A gzip file may consist of several parts.
    const auto both =
        lay_volume_over(begin + gzip(over.substr(0, 1000)) + gzip(over.substr(1000)), begin + gzip(under));
    REQUIRE(both);
    CHECK(gunzip(both->substr(begin.size()), size) == expected);
}

TEST_CASE("a gzip encoding without its end, or with a wrong check sum, is damaged") {
    const std::string begin = head("1 2 3", "gzip"), whole = gzip(kOver);
    for (std::size_t missing = 1; missing <= 8; ++missing)
        CHECK(problem(begin + whole.substr(0, whole.size() - missing), begin + gzip(kUnder)) ==
              "the new file is damaged or cut off");
    std::string wrong = gzip(kUnder);
    wrong[wrong.size() - 8] ^= 1;
    CHECK(problem(begin + whole, begin + wrong) == "the existing file is damaged or cut off");
}

TEST_CASE("lines may end as on Windows, and a type may have any of its names") {
    for (const char *type : {"uint8", "uchar", "unsigned char", "uint8_t"}) {
        const std::string begin =
            "NRRD0004\r\nType: " + std::string(type) + "\r\ndimension:3\r\nsizes: 1 2 3\r\nencoding: raw\r\n\r\n";
        const auto both = lay_volume_over(begin + kOver, begin + kUnder);
        REQUIRE(both);
        CHECK(*both == begin + kBoth);
    }
}

TEST_CASE("a file that cannot be laid over another is named, with the reason") {
    const std::string good = head("1 2 3", "raw") + kOver;
    const auto of = [&](const std::string &bad) { return problem(bad, good); };
    CHECK(of("PNG") == "the new file is no NRRD file");
    CHECK(problem(good, "") == "the existing file is no NRRD file");
    CHECK(of("NRRD0005\ntype: uint8\n") == "the new file has a head without an end");
    CHECK(of("NRRD0005\nsizes: 1 2 3\n\n") == "the new file does not say the type of its voxels");
    CHECK(of("NRRD0005\ntype: uint8\n\n") == "the new file names no three sizes");
    CHECK(of("NRRD0005\ntype: short\n\n") == "the new file has voxels of another type than uint8");
    CHECK(of(head("1 2 3", "bzip2")) == "the new file has another encoding than gzip and raw");
    CHECK(of("NRRD0005\ntype: uint8\ndimension: 4\n\n") == "the new file does not have three dimensions");
    CHECK(of(head("1 2 3", "raw", "data file: a.raw\n")) == "the new file has its voxels in another file");
    CHECK(of(head("1 2 3", "raw", "byte skip: 7\n")) == "the new file has other data before its voxels");
    CHECK(of(head("1 2", "raw")) == "the new file names no three sizes");
    CHECK(of(head("1 2 x", "raw")) == "the new file names a size that is no number");
    CHECK(of(head("1 0 3", "raw")) == "the new file names a size that is no number");
    CHECK(of(head("65536 65536 2", "raw")) == "the new file is larger than can be laid over another");
    CHECK(of(head("18446744073709551615 1 1", "raw")) == "the new file is larger than can be laid over another");
    CHECK(of(head("1 2 3", "raw") + "ab") == "the new file is damaged or cut off");
    CHECK(of(head("1 2 3", "gzip") + gzip(kOver).substr(0, 12)) == "the new file is damaged or cut off");
    CHECK(of(head("1 2 3", "gzip") + "no gzip") == "the new file is damaged or cut off");
    CHECK(problem(good, head("3 2 1", "raw") + kUnder) == "they have 3 × 2 × 1 voxels and the new ones 1 × 2 × 3");
}
