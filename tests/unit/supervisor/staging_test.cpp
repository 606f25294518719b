#include "base/files.hpp"
#include "base/ids.hpp"
#include "printing.hpp"
#include "supervisor/staging.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

using namespace angod;
using namespace angod::supervisor;

namespace {

/// A call without a caller.
struct Silent final : DiskCall {
    void work() override {}
};

void write(const std::filesystem::path &path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    std::filesystem::permissions(path, std::filesystem::perms(0644));
}

std::string read(const std::filesystem::path &path) { return files::read(path, 1u << 30).value(); }

/// The most memory that this process has used since it was asked last, in KB.
long peak() {
    long kb = 0;
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) kb = std::stol(line.substr(6));
    std::ofstream("/proc/self/clear_refs") << 5;
    return kb;
}

} // namespace

TEST_CASE("a module is copied under the name of its content, of whatever length") {
    const TemporaryFolder folder;
    const auto source = folder.path() / "some.so", staging = folder.path() / "staged";
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, (std::size_t{1} << 20) - 1, std::size_t{1} << 20,
                                   (std::size_t{3} << 20) + 17}) {
        std::string bytes(size, 'm');
        if (size > 0) bytes.back() = 'e';
        write(source, bytes);
        const auto staged = stage_module(source, staging, Silent());
        REQUIRE(staged);
        CHECK(staged->sha256 == to_hex(sha256(bytes)));
        CHECK(staged->path == staging / staged->sha256 / "some.so");
        CHECK(read(staged->path) == bytes);
        CHECK(!std::filesystem::exists(staged->path.string() + ".new"));
    }
}

TEST_CASE("a copy that is there is kept if it is the same, and replaced if it is not") {
    const TemporaryFolder folder;
    const auto source = folder.path() / "some.so";
    write(source, "the module");
    const auto first = stage_module(source, folder.path() / "staged", Silent());
    REQUIRE(first);
    const auto written = std::filesystem::last_write_time(first->path);
    const auto again = stage_module(source, folder.path() / "staged", Silent());
    REQUIRE(again);
    CHECK(again->path == first->path);
    CHECK(std::filesystem::last_write_time(first->path) == written);
    for (const char *damage : {"the mischief", "the modul", ""}) {
        write(first->path, damage);
        REQUIRE(stage_module(source, folder.path() / "staged", Silent()));
        CHECK(read(first->path) == "the module");
    }
}

TEST_CASE("copying a module takes no memory that grows with it") {
    const TemporaryFolder folder;
    const auto source = folder.path() / "large.so";
    write(source, "");
    std::filesystem::resize_file(source, std::uintmax_t{256} << 20);
    peak();
    const long before = peak();
    const auto first = stage_module(source, folder.path() / "staged", Silent());
    REQUIRE(first);
    REQUIRE(stage_module(source, folder.path() / "staged", Silent()));
    CHECK(peak() - before < 64 * 1024);
    CHECK(std::filesystem::file_size(first->path) == std::uintmax_t{256} << 20);
}

TEST_CASE("a module that cannot be copied leaves nothing behind, and the reason is told") {
    const TemporaryFolder folder;
    const auto source = folder.path() / "some.so", staging = folder.path() / "staged";
    write(source, "the module");
    const auto digest = to_hex(sha256("the module"));
    std::filesystem::create_directories(staging / digest / "some.so" / "in the way");
    const auto staged = stage_module(source, staging, Silent());
    REQUIRE(!staged);
    CHECK(staged.error().text.find("cannot replace " + (staging / digest / "some.so").string()) == 0);
    CHECK(!std::filesystem::exists(staging / digest / "some.so.new"));
    CHECK(stage_module(folder.path() / "nothing.so", staging, Silent()).error().code == Code::not_found);
}
