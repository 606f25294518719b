// The tables of a module file, and a followed folder whose files are loaded by real processes of the fake host program.
//
// A test of the folder is a coroutine on an event loop of its own. It must end the following, or the test fails.
#include "supervisor/module_files.hpp"

#include "supervisor/fake_hosts.hpp"

using namespace angod;
using namespace angod::supervisor;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

void check(FileState from, FileEvent event, FileState to) {
    CAPTURE(static_cast<int>(from));
    CAPTURE(static_cast<int>(event));
    CHECK(next_state(from, event) == to);
}

/// A followed folder.
struct Followed : FakeHosts {
    TemporaryFolder staging;
    ModuleProbe probe{context.get_executor(), staging.path(), program, Log()};
    std::optional<ModuleFiles> files;
    int news = 0;
    bool following = true;

    Followed() {
        ModuleFiles::Options options;
        options.folders = {folder.path()};
        options.rescan_every = 20ms;
        options.absence = 50ms;
        files.emplace(
            context.get_executor(), probe, std::move(options), [this](bool is_news) { news += is_news; }, Log());
        spawn(context.get_executor(), "files", follow(*this));
    }
    static awaitable<void> follow(Followed &self) {
        co_await self.files->run();
        self.following = false;
    }
    void run(awaitable<void> test) { FakeHosts::run(std::move(test), following); }
    void stop() {
        probe.stop();
        files->stop();
    }
    const ModuleFile *find(const fs::path &path) const {
        const auto found = files->all().find(path);
        return found == files->all().end() ? nullptr : &found->second;
    }
    bool is(const fs::path &path, FileState state) const {
        const ModuleFile *file = find(path);
        return file && file->state == state && file->look == Look::none;
    }
};

} // namespace

TEST_CASE("every transition of a module file's state") {
    using S = FileState;
    using E = FileEvent;
    check(S::unseen, E::good, S::ready);
    check(S::unseen, E::failed, S::rejected);
    for (const E event : {E::quarantine, E::displace, E::admit, E::reload}) check(S::unseen, event, S::unseen);
    check(S::ready, E::good, S::ready);
    check(S::ready, E::failed, S::rejected);
    check(S::ready, E::quarantine, S::quarantined);
    check(S::ready, E::displace, S::duplicate);
    check(S::ready, E::admit, S::ready);
    check(S::ready, E::reload, S::unseen);
    check(S::duplicate, E::good, S::ready);
    check(S::duplicate, E::failed, S::rejected);
    check(S::duplicate, E::quarantine, S::quarantined);
    check(S::duplicate, E::displace, S::duplicate);
    check(S::duplicate, E::admit, S::ready);
    check(S::duplicate, E::reload, S::unseen);
    check(S::rejected, E::good, S::ready);
    for (const E event : {E::failed, E::quarantine, E::displace, E::admit}) check(S::rejected, event, S::rejected);
    check(S::rejected, E::reload, S::unseen);
    check(S::quarantined, E::good, S::ready);
    check(S::quarantined, E::failed, S::rejected);
    check(S::quarantined, E::quarantine, S::quarantined);
    check(S::quarantined, E::displace, S::duplicate);
    check(S::quarantined, E::admit, S::ready);
    check(S::quarantined, E::reload, S::unseen);
}

TEST_CASE("every transition of a look") {
    using E = LookEvent;
    CHECK(next_look(Look::none, E::ask) == Look::under_way);
    CHECK(next_look(Look::none, E::begin) == Look::none);
    CHECK(next_look(Look::none, E::end) == Look::none);
    CHECK(next_look(Look::under_way, E::ask) == Look::once_more);
    CHECK(next_look(Look::under_way, E::begin) == Look::under_way);
    CHECK(next_look(Look::under_way, E::end) == Look::none);
    CHECK(next_look(Look::once_more, E::ask) == Look::once_more);
    CHECK(next_look(Look::once_more, E::begin) == Look::under_way);
    CHECK(next_look(Look::once_more, E::end) == Look::none);
}

TEST_CASE("the states that mean refused, and those of a file that a host has loaded") {
    CHECK(!is_refused(FileState::unseen));
    CHECK(!is_refused(FileState::ready));
    for (const FileState state : {FileState::duplicate, FileState::rejected, FileState::quarantined})
        CHECK(is_refused(state));
    for (const FileState state : {FileState::ready, FileState::duplicate, FileState::quarantined})
        CHECK(was_loaded(state));
    CHECK(!was_loaded(FileState::unseen));
    CHECK(!was_loaded(FileState::rejected));
}

TEST_CASE("a file's name suggests the id of its module") {
    CHECK(id_by_name("/modules/export_coco.so") == "export-coco");
}

awaitable<void> test_files(Followed &followed) {
    const auto good = followed.module("id echo\nversion 1\n", "good.so");
    const auto bad = followed.module("load refuse\n", "bad.so");
    followed.module("id echo\nversion 1\n", ".hidden.so");
    followed.module("no module\n", "notes.txt");
    co_await until([&] { return followed.is(good, FileState::ready); });
    co_await until([&] { return followed.is(bad, FileState::rejected); });
    co_await until([&] { return followed.files->at_rest(); });
    CHECK(followed.files->all().size() == 2);
    CHECK(followed.find(good)->id == "echo");
    CHECK(followed.find(good)->reason.empty());
    CHECK(followed.find(bad)->reason == bad.string() + ": it is no module");
    CHECK(followed.news > 0);

    followed.module("id echo\nversion 2\n", "good.so"); // it changes
    co_await until([&] { return followed.find(good)->version.info.version == "2"; });
    followed.module("id echo\nversion 3\n", "bad.so"); // it is mended
    co_await until([&] { return followed.is(bad, FileState::ready); });
    followed.module("load crash\n", "good.so"); // it becomes unusable, and is known by its id
    co_await until([&] { return followed.is(good, FileState::rejected); });
    CHECK(followed.find(good)->id == "echo");

    fs::remove(good);
    co_await until([&] { return !followed.find(good); });
    CHECK(followed.find(bad));
    followed.stop();
}
TEST_CASE("files that come, change and go are followed") {
    Followed followed;
    followed.run(test_files(followed));
}

awaitable<void> test_look_once_more(Followed &followed) {
    const auto path = followed.module("load hang\n", "hangs.so");
    co_await until([&] { return followed.find(path) && followed.find(path)->asked; });
    CHECK(followed.find(path)->look == Look::under_way);
    followed.files->look(path);
    CHECK(followed.find(path)->look == Look::once_more);
    CHECK(!followed.files->at_rest());
    fs::remove(path);
    followed.stop(); // also while a host is asked
    co_await until([&] { return followed.find(path)->look == Look::none; });
    CHECK(followed.find(path)->state == FileState::unseen);
}
TEST_CASE("a look that is asked for during a look comes afterwards, and a stop ends both") {
    Followed followed;
    followed.run(test_look_once_more(followed));
}

awaitable<void> test_refuse(Followed &followed) {
    const auto path = followed.module();
    co_await until([&] { return followed.is(path, FileState::ready); });
    ModuleFile &file = followed.files->all()[path];
    followed.files->refuse(file, FileEvent::quarantine, "it crashed");
    CHECK(file.state == FileState::quarantined);
    CHECK(file.reason == "it crashed");
    file.on(FileEvent::reload);
    CHECK(file.state == FileState::unseen);
    followed.files->look(path);
    co_await until([&] { return followed.is(path, FileState::ready); });
    CHECK(file.reason.empty());
    followed.stop();
}
TEST_CASE("a file that is refused gets a new look when it is reloaded") {
    Followed followed;
    followed.run(test_refuse(followed));
}
