// The life of a module id: files come and go, versions crash, an operator intervenes, angod restarts. The files are loaded
// by real processes of the fake host program.
//
// Each test is a coroutine on an event loop of its own. It must end the following, or the test fails.
#include "supervisor/modules.hpp"

#include "printing.hpp"
#include "supervisor/fake_hosts.hpp"

#include <map>

using namespace angod;
using namespace angod::supervisor;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string echo(const std::string &version) { return "id echo\nversion " + version + "\n"; }

/// The modules of one angod: its histories outlive it, as in the store.
struct Served : FakeHosts {
    TemporaryFolder staging;
    std::map<std::string, std::string> kept;
    std::optional<ModuleProbe> probe;
    std::optional<Modules> modules;
    bool following = false;

    Served() { start(); }
    void start() {
        modules.reset();
        probe.emplace(context.get_executor(), staging.path(), program, Log());
        Modules::Options options;
        options.files.folders = {folder.path()};
        options.files.rescan_every = 20ms;
        options.files.absence = 50ms;
        modules.emplace(
            context.get_executor(), *probe, std::move(options),
            [this](const std::string &id, std::string history) { kept[id] = std::move(history); }, Log());
        modules->restore(kept);
    }
    /// Runs on the event loop as long as this angod does.
    void follow() {
        following = true;
        spawn(context.get_executor(), "modules", follow(*this));
    }
    static awaitable<void> follow(Served &self) {
        co_await self.modules->run();
        self.following = false;
    }
    void run(awaitable<void> test) { FakeHosts::run(std::move(test), following); }

    std::string version() const {
        const auto generation = modules->find("echo");
        return generation ? generation->version.info.version : "none";
    }
    std::string target() {
        const auto generation = modules->rollback_target("echo");
        return generation ? generation->version.info.version : "none";
    }
    awaitable<void> serves(std::string wanted) {
        co_await until([&] { return version() == wanted; });
    }
    ModuleView view() const {
        for (const ModuleView &one : modules->views())
            if (one.id == "echo") return one;
        return {};
    }
    void crash(std::size_t times) {
        const auto generation = modules->find("echo");
        for (std::size_t i = 0; i < times; ++i) modules->crashed(*generation, "the host was ended by signal 11");
    }
};

} // namespace

awaitable<void> test_serve(Served &served) {
    served.follow();
    co_await served.modules->scanned(std::chrono::steady_clock::now() + 20s);
    CHECK(served.modules->complete());
    CHECK(served.version() == "none");
    CHECK(served.modules->why_not("echo").find("no module \"echo\"") == 0);
    const auto path = served.module(echo("1"));
    co_await served.serves("1");
    CHECK(served.modules->is_decided("echo"));
    CHECK(served.modules->ready_count() == 1);
    CHECK(served.target() == "none");
    CHECK(!served.modules->on_probation(*served.modules->find("echo"))); // there is no rollback target
    served.module(echo("2"));
    co_await served.serves("2");
    CHECK(served.target() == "1");
    CHECK(served.modules->on_probation(*served.modules->find("echo")));
    CHECK(served.modules->find("echo")->number == 2);
    served.module("load refuse\n"); // what cannot be used changes nothing
    co_await until([&] { return served.modules->refused_count() == 1; });
    CHECK(served.version() == "2");
    fs::remove(path);
    co_await served.serves("none");
    CHECK(served.target() == "none"); // a removed module does not come back
    served.module(echo("3"));
    co_await served.serves("3");
    CHECK(served.target() == "2");
    CHECK(served.view().generations.size() == 3);
    served.modules->stop();
}
TEST_CASE("an id goes from nothing to serving, to new generations, and back to nothing") {
    Served served;
    served.run(test_serve(served));
}

awaitable<void> test_crashes(Served &served) {
    served.follow();
    served.module(echo("1"));
    co_await served.serves("1");
    served.crash(10); // nothing to roll back to
    CHECK(served.version() == "1");
    served.module(echo("2"));
    co_await served.serves("2");
    const auto bad = served.modules->find("echo");
    served.crash(2);
    CHECK(served.version() == "2");
    served.crash(1);
    CHECK(served.version() == "1");
    CHECK(served.modules->find("echo")->number == 3);
    CHECK(served.modules->on_probation(*bad)); // its jobs lose no attempt
    served.modules->crashed(*bad, "one more of its hosts");
    CHECK(served.version() == "1");
    CHECK(served.target() == "none"); // a quarantined content is no target
    REQUIRE(served.view().files.size() == 1);
    CHECK(served.view().files[0].state == FileState::quarantined);
    CHECK(served.view().files[0].reason.find("it crashed 3 times within 60 s") != std::string::npos);

    const auto reloaded = served.modules->reload("echo"); // the operator wants to try again
    CHECK(reloaded);
    co_await served.serves("2");
    CHECK(served.target() == "1");
    served.modules->stop();
}
TEST_CASE("a generation that crashes too often on probation is rolled back, and its content quarantined") {
    Served served;
    served.run(test_crashes(served));
}

awaitable<void> test_operator(Served &served) {
    served.follow();
    const auto nothing = served.modules->reload("echo");
    REQUIRE(!nothing);
    CHECK(nothing.error().code == Code::not_found);
    const auto none = served.modules->rollback("echo");
    REQUIRE(!none);
    CHECK(none.error().code == Code::not_found);
    served.module(echo("1"));
    co_await served.serves("1");
    const auto no_target = served.modules->rollback("echo");
    REQUIRE(!no_target);
    CHECK(no_target.error().code == Code::invalid);
    const auto reloaded = served.modules->reload("echo");
    CHECK(reloaded);
    CHECK(served.modules->find("echo")->number == 2); // the same content, with new hosts
    served.module(echo("2"));
    co_await served.serves("2");
    const auto rolled_back = served.modules->rollback("echo");
    CHECK(rolled_back);
    CHECK(served.version() == "1");
    served.module(echo("3")); // a new content ends the quarantine
    co_await served.serves("3");
    served.modules->stop();
}
TEST_CASE("an operator can reload a module and roll it back") {
    Served served;
    served.run(test_operator(served));
}

awaitable<void> test_duplicates(Served &served) {
    served.follow();
    const auto first = served.module(echo("1"), "a.so");
    co_await served.serves("1");
    const auto second = served.module(echo("2"), "b.so");
    co_await until([&] { return served.modules->refused_count() == 1; });
    CHECK(served.version() == "1");
    fs::remove(first);
    co_await served.serves("2");
    CHECK(served.modules->refused_count() == 0);
    CHECK(served.view().source == second);
    served.modules->stop();
}
TEST_CASE("a second file with the same id is a duplicate until the first one goes") {
    Served served;
    served.run(test_duplicates(served));
}

awaitable<void> test_first_life(Served &served) {
    served.follow();
    served.module(echo("1"));
    co_await served.serves("1");
    served.modules->stop();
}
awaitable<void> test_resume(Served &served) {
    served.module("load refuse\n"); // before the first scan, which would take the version that is there
    served.follow();
    co_await served.serves("1");
    CHECK(served.modules->is_decided("echo"));
    CHECK(served.modules->find("echo")->number == 1); // the content is the same, and so is its generation
    served.module(echo("2"));
    co_await served.serves("2");
    served.modules->stop();
}
TEST_CASE("after a restart the last copy serves while the file cannot be used") {
    Served served;
    served.run(test_first_life(served));
    served.start();
    served.run(test_resume(served));
}

awaitable<void> test_no_resume(Served &served) {
    served.module("load refuse\n"); // before the first scan, which would take the version that is there
    served.follow();
    co_await served.modules->scanned(std::chrono::steady_clock::now() + 20s);
    co_await until([&] { return served.modules->is_decided("echo"); });
    CHECK(served.version() == "none");
    served.module(echo("2"));
    co_await served.serves("2");
    served.modules->stop();
}
TEST_CASE("after a restart a damaged copy does not serve") {
    Served served;
    served.run(test_first_life(served));
    for (const auto &entry : fs::recursive_directory_iterator(served.staging.path()))
        if (entry.is_regular_file()) std::ofstream(entry.path()) << "damaged";
    served.start();
    served.run(test_no_resume(served));
}
