#include "supervisor/module_probe.hpp"

#include "printing.hpp"
#include "supervisor/fake_hosts.hpp"
#include "supervisor/module_copies.hpp"

#include <iterator>

using namespace angod;
using namespace angod::supervisor;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Probing : FakeHosts {
    TemporaryFolder staging;
    ModuleProbe probe{context.get_executor(), staging.path(), program, Log()};

    std::ptrdiff_t copies() const {
        return std::distance(fs::directory_iterator(staging.path()), fs::directory_iterator());
    }
    awaitable<ModuleVersion> staged(fs::path source) {
        auto version = co_await probe.stage(std::move(source));
        REQUIRE(version);
        co_return *version;
    }
};

} // namespace

awaitable<void> test_probe(Probing &probing) {
    const auto source = probing.module();
    const ModuleVersion version = co_await probing.staged(source);
    CHECK(version.source == source);
    CHECK(version.staged.parent_path().filename() == version.sha256);
    const auto info = co_await probing.probe.ask(version);
    REQUIRE(info);
    CHECK(info->id == "echo");
    const bool whole = co_await probing.probe.is_whole(version);
    CHECK(whole);
    std::ofstream(version.staged) << "something else";
    const bool still_whole = co_await probing.probe.is_whole(version);
    CHECK(!still_whole);
}
TEST_CASE("a file is copied, and a host is asked what it is") {
    Probing probing;
    probing.run(test_probe(probing));
}

awaitable<void> test_refused(Probing &probing) {
    const auto source = probing.module("load refuse\n");
    const ModuleVersion version = co_await probing.staged(source);
    const auto info = co_await probing.probe.ask(version);
    REQUIRE(!info);
    CHECK(info.error().text == source.string() + ": it is no module");
    const auto nothing = co_await probing.probe.stage(probing.folder.path() / "missing.so");
    REQUIRE(!nothing);
    CHECK(nothing.error().code == Code::not_found);
}
TEST_CASE("a file that cannot be used is refused by its path") {
    Probing probing;
    probing.run(test_refused(probing));
}

awaitable<void> ask(Probing &probing, ModuleVersion version, std::optional<Code> &code) {
    const auto info = co_await probing.probe.ask(std::move(version));
    REQUIRE(!info);
    code = info.error().code;
}
awaitable<void> test_stop(Probing &probing) {
    const ModuleVersion version = co_await probing.staged(probing.module("load hang\n"));
    std::optional<Code> asked, late;
    spawn(probing.context.get_executor(), "ask", ask(probing, version, asked));
    asio::post(probing.context, [&] { probing.probe.stop(); });
    co_await until([&] { return asked.has_value(); });
    CHECK(asked == Code::cancelled);
    co_await ask(probing, version, late);
    CHECK(late == Code::cancelled);
}
TEST_CASE("a stop ends the hosts that are asked") {
    Probing probing;
    probing.run(test_stop(probing));
}

awaitable<void> test_copies(Probing &probing, ModuleCopies &copies, std::set<fs::path> &wanted) {
    const ModuleVersion needed = co_await probing.staged(probing.module("id a\nversion 1\n"));
    const ModuleVersion lent = co_await probing.staged(probing.module("id a\nversion 2\n"));
    const ModuleVersion neither = co_await probing.staged(probing.module("id a\nversion 3\n"));
    wanted = {needed.staged.parent_path()};
    std::ofstream(probing.staging.path() / "not a copy") << "stays";
    auto generation = std::make_shared<const Generation>(Generation{1, lent});
    copies.lend(generation);
    copies.lend(generation);
    copies.tidy();
    copies.tidy(); // while the first is under way
    co_await until([&] { return probing.copies() == 3; });
    CHECK(fs::exists(needed.staged));
    CHECK(fs::exists(lent.staged));
    CHECK(probing.probe.has_copy(lent));
    CHECK(!probing.probe.has_copy(neither));
    generation.reset();
    copies.tidy();
    co_await until([&] { return probing.copies() == 2; });
    CHECK(!fs::exists(lent.staged));
    CHECK(!probing.probe.has_copy(lent));
    CHECK(probing.probe.has_copy(needed));
}
TEST_CASE("copies stay as long as they are needed or lent") {
    Probing probing;
    std::set<fs::path> wanted;
    // The last removal may still be under way when the coroutine of the test ends.
    ModuleCopies copies(probing.context.get_executor(), probing.probe, [&] { return wanted; });
    probing.run(test_copies(probing, copies, wanted));
}
