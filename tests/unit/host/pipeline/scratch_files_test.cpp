#include "host/pipeline/scratch_files.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace angod;
using namespace angod::host;

namespace {

std::string read_all(ScratchFiles &files, ango_scratch_file *file, std::size_t capacity) {
    std::string out, buffer(capacity, '\0');
    for (std::uint64_t got = 0; files.read(file, buffer.data(), capacity, &got) == ANGO_OK;) {
        out.append(buffer, 0, got);
        if (got < capacity) CHECK(files.read(file, buffer.data(), capacity, &got) == ANGO_END);
    }
    return out;
}

} // namespace

TEST_CASE("what is written is read back, in pieces of any size") {
    TemporaryFolder folder;
    SpoolQuota quota(std::uint64_t{1} << 30);
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + ",";
    for (const std::size_t capacity :
         {std::size_t{100}, std::size_t{4096}, std::size_t{256 * 1024}, std::size_t{1} << 20}) {
        ScratchFiles files(folder.path(), quota);
        ango_scratch_file *file = nullptr;
        REQUIRE(files.create(&file) == ANGO_OK);
        for (std::size_t at = 0; at < text.size(); at += 10'007)
            CHECK(files.write(file, text.substr(at, 10'007)) == ANGO_OK);
        CHECK(read_all(files, file, capacity) == text);
    }
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("several files are independent of each other") {
    TemporaryFolder folder;
    SpoolQuota quota(1000);
    ScratchFiles files(folder.path(), quota);
    ango_scratch_file *a = nullptr, *b = nullptr;
    files.create(&a);
    files.create(&b);
    files.write(a, "one");
    files.write(b, "two");
    files.write(a, " more");
    CHECK(read_all(files, a, 2) == "one more");
    CHECK(read_all(files, b, 100) == "two");
}

TEST_CASE("an empty file ends at once") {
    TemporaryFolder folder;
    SpoolQuota quota(1000);
    ScratchFiles files(folder.path(), quota);
    ango_scratch_file *file = nullptr;
    files.create(&file);
    char buffer[8];
    std::uint64_t got = 1;
    CHECK(files.read(file, buffer, sizeof buffer, &got) == ANGO_END);
    CHECK(got == 0);
}

TEST_CASE("writing after the first read is refused") {
    TemporaryFolder folder;
    SpoolQuota quota(1000);
    ScratchFiles files(folder.path(), quota);
    ango_scratch_file *file = nullptr;
    files.create(&file);
    files.write(file, "x");
    char c;
    std::uint64_t got;
    CHECK(files.read(file, &c, 1, &got) == ANGO_OK);
    CHECK(files.write(file, "y") == ANGO_INVALID);
}

TEST_CASE("the quota is one for all files, and its reason names the configuration key") {
    TemporaryFolder folder;
    SpoolQuota quota(100);
    ScratchFiles files(folder.path(), quota);
    ango_scratch_file *a = nullptr, *b = nullptr;
    files.create(&a);
    files.create(&b);
    CHECK(files.write(a, std::string(60, 'x')) == ANGO_OK);
    CHECK(files.write(b, std::string(41, 'x')) == ANGO_LIMIT);
    CHECK(files.failure()->text.find("limits.spool_mb") != std::string::npos);
    CHECK(files.write(b, std::string(40, 'x')) == ANGO_OK);
    CHECK(quota.used() == 100);
}

TEST_CASE("a folder that is gone is an error of the disk") {
    SpoolQuota quota(100);
    ScratchFiles files("/nonexistent/folder", quota);
    ango_scratch_file *file = nullptr;
    CHECK(files.create(&file) == ANGO_IO);
    CHECK(files.failure()->code == Code::io);
}

TEST_CASE("a patch changes bytes in the buffer and on disk alike") {
    TemporaryFolder folder;
    SpoolQuota quota(std::uint64_t{1} << 30);
    auto file = SpoolFile::create(folder.path() / "f", quota);
    REQUIRE(file.has_value());
    CHECK(file->append("aaaa").has_value());
    CHECK(file->patch(1, "B").has_value());
    CHECK(file->append(std::string(300'000, 'x')).has_value());
    CHECK(file->patch(2, "C").has_value());
    CHECK(file->append("end").has_value());
    std::string back(400'000, '\0');
    const auto got = file->read(back.data(), back.size());
    CHECK(got.value() == 300'007);
    CHECK(back.substr(0, 5) == "aBCax");
    CHECK(back.substr(300'003, 4) == std::string("xend"));
}
