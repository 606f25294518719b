// The result zip of an export: content, names, limits, cancel and the order of calls. libarchive reads the zips back,
// with their directory (zip_reader), so that a fault of our own writer cannot hide in a reader of our own. Each test
// works in a temporary folder, which must be empty at the end.
#include "host/pipeline/zip_reader.hpp"
#include "host/pipeline/zip_spool.hpp"
#include "temporary_folder.hpp"

#include "base/files.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace angod;
using namespace angod::host;

namespace {

struct Fixture {
    TemporaryFolder folder;
    SpoolQuota quota;
    CancelToken cancel;
    std::unique_ptr<ZipSpool> spool;
    explicit Fixture(std::uint64_t limit = std::uint64_t{1} << 30) : quota(limit) {
        spool = ZipSpool::create(folder.path(), quota, cancel).value();
    }
    ~Fixture() {
        spool.reset();
        CHECK(std::filesystem::is_empty(folder.path()));
    }
    std::vector<std::pair<std::string, std::string>> contents() { return read_zip(spool->finish().value().path); }
    std::string reason() const { return spool->failure() ? spool->failure()->text : "(none)"; }
};

std::string random_text(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string out(size, '\0');
    for (char &c : out) c = static_cast<char>(random());
    return out;
}

} // namespace

TEST_CASE("entries come out of the zip as they went in") {
    Fixture f;
    CHECK(f.spool->open("a.json") == ANGO_OK);
    CHECK(f.spool->write("{\"a\":") == ANGO_OK);
    CHECK(f.spool->write("1}") == ANGO_OK);
    CHECK(f.spool->close() == ANGO_OK);
    CHECK(f.spool->open("folder/b ü.txt") == ANGO_OK);
    CHECK(f.spool->open("empty") == ANGO_OK); // closes the one before
    const auto contents = f.contents();
    REQUIRE(contents.size() == 3);
    CHECK(contents[0].first == "a.json");
    CHECK(contents[0].second == "{\"a\":1}");
    CHECK(contents[1].first == "folder/b ü.txt");
    CHECK(contents[1].second.empty());
    CHECK(contents[2].first == "empty");
}

TEST_CASE("a zip without entries is a zip") {
    Fixture f;
    const auto zip = f.spool->finish().value();
    CHECK(zip.entries == 0);
    CHECK(files::read(zip.path, 100).value() == std::string("PK\5\6", 4) + std::string(18, '\0'));
}

TEST_CASE("large entries of every kind of data survive, in writes of any size") {
    Fixture f;
    std::string repeating;
    for (int i = 0; i < 400'000; ++i) repeating += "line " + std::to_string(i % 1000) + "\n";
    const std::string noise = random_text(3'000'000, 1);
    f.spool->open("repeating");
    for (std::size_t at = 0; at < repeating.size(); at += 777)
        f.spool->write(std::string_view(repeating).substr(at, 777));
    f.spool->open("noise");
    CHECK(f.spool->write(noise) == ANGO_OK);
    f.spool->open("zeros");
    CHECK(f.spool->write(std::string(20'000'000, '\0')) == ANGO_OK);
    const auto contents = f.contents();
    REQUIRE(contents.size() == 3);
    CHECK(contents[0].second == repeating);
    CHECK(contents[1].second == noise);
    CHECK(contents[2].second == std::string(20'000'000, '\0'));
}

TEST_CASE("more entries than an old zip can count") {
    Fixture f;
    constexpr int kEntries = 70'000;
    for (int i = 0; i < kEntries; ++i) {
        REQUIRE(f.spool->open("labels/" + std::to_string(i) + ".txt") == ANGO_OK);
        REQUIRE(f.spool->write(std::to_string(i)) == ANGO_OK);
    }
    const auto contents = f.contents();
    REQUIRE(contents.size() == kEntries);
    CHECK(contents.back() == std::pair<std::string, std::string>("labels/69999.txt", "69999"));
}

TEST_CASE("names that could leave the folder or confuse a reader are refused") {
    for (const char *name :
         {"", "/a", "a/", "a//b", ".", "..", "./a", "a/../b", "a/..", "a\\b", "a\nb", "a\x7f", "\xff\xfe"}) {
        CHECK_MESSAGE(entry_name_fault(name).has_value(), name);
        Fixture f;
        CHECK(f.spool->open(name) == ANGO_INVALID);
        CHECK(f.reason().find("name") != std::string::npos);
    }
    CHECK(entry_name_fault(std::string(70'000, 'a')).has_value());
    CHECK(entry_name_fault(std::string_view("a\0b", 3)).has_value());
    for (const char *name : {"a", "a/b/c.txt", "...", "..a", "a..", "a b", "ü/日本", "-"})
        CHECK_FALSE(entry_name_fault(name).has_value());
}

TEST_CASE("a name can be used once, and an error is final") {
    Fixture f;
    CHECK(f.spool->open("a") == ANGO_OK);
    CHECK(f.spool->open("a") == ANGO_INVALID);
    CHECK(f.reason() == "the module gave two entries of the result the same name \"a\"");
    CHECK(f.spool->open("b") == ANGO_INVALID);
    CHECK(f.spool->write("x") == ANGO_INVALID);
    CHECK(f.spool->finish().has_error());
}

TEST_CASE("writing or closing while nothing is open is refused") {
    Fixture a, b;
    CHECK(a.spool->write("x") == ANGO_INVALID);
    CHECK(b.spool->open("a") == ANGO_OK);
    CHECK(b.spool->close() == ANGO_OK);
    CHECK(b.spool->close() == ANGO_INVALID);
}

TEST_CASE("the quota ends the result with a reason") {
    Fixture f(2'000'000);
    CHECK(f.spool->open("noise") == ANGO_OK);
    const std::string noise = random_text(1'000'000, 2);
    std::int32_t status = ANGO_OK;
    for (int i = 0; i < 20 && status == ANGO_OK; ++i) status = f.spool->write(noise);
    CHECK(status == ANGO_LIMIT);
    CHECK(f.reason().find("limits.spool_mb") != std::string::npos);
    CHECK(f.quota.used() <= 2'000'000);
}

TEST_CASE("the quota also ends a result that is only too large at its end") {
    Fixture f(100);
    CHECK(f.spool->open("noise") == ANGO_OK);
    CHECK(f.spool->write(random_text(1000, 3)) == ANGO_OK);
    const auto zip = f.spool->finish();
    REQUIRE(zip.has_error());
    CHECK(zip.error().code == Code::limit);
}

TEST_CASE("a cancel reaches a module that writes") {
    Fixture f;
    CHECK(f.spool->open("a") == ANGO_OK);
    f.cancel.cancel();
    const std::string data(1'000'000, 'x');
    std::int32_t status = ANGO_OK;
    for (int i = 0; i < 20 && status == ANGO_OK; ++i) status = f.spool->write(data);
    CHECK(status == ANGO_CANCELLED);
}

TEST_CASE("a spool that is given up leaves nothing behind") {
    Fixture f;
    f.spool->open("a");
    f.spool->write(std::string(5'000'000, 'x'));
}
