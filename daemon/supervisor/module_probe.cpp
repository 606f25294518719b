#include "supervisor/module_probe.hpp"

#include "base/disk_call.hpp"
#include "base/files.hpp"
#include "supervisor/host_process.hpp"
#include "supervisor/staging.hpp"

#include <fmt/format.h>

#include <vector>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;

/// A file system that has not answered for so long is not waited for.
constexpr std::chrono::milliseconds kAnswerLimit = 10s;

/// A host names the file; the path says which file it is.
std::string refusal_text(const std::filesystem::path &source, std::string why) {
    const std::string name = source.filename().string() + ": ";
    if (why.starts_with(name)) why.erase(0, name.size());
    return fmt::format("{}: {}", source.string(), why);
}

} // namespace

// ---- copies

/// Not by a destructor: when the event loop is destroyed, this is gone already.
awaitable<void> ModuleProbe::take_turn() {
    while (is_taken_) co_await is_free_.wait();
    is_taken_ = true;
}

void ModuleProbe::give_turn() {
    is_taken_ = false;
    is_free_.wake_all();
}

awaitable<Result<ModuleVersion>> ModuleProbe::stage(std::filesystem::path source) {
    co_await take_turn();
    const auto copy = [source, staging = staging_](const DiskCall &call) {
        return stage_module(source, staging, call);
    };
    const auto staged = co_await on_disk_thread(source.string(), kAnswerLimit, copy);
    give_turn();
    if (!staged && staged.error().code == Code::timeout) co_return error(Code::io, staged.error().text);
    if (!staged) co_return staged.error();
    copies_.insert(staged->path.parent_path());
    ModuleVersion version{source, staged->path, staged->sha256, {}};
    co_return version;
}

awaitable<Result<std::set<std::filesystem::path>>> ModuleProbe::list() const {
    const auto look = [staging = staging_](const DiskCall &) { return list_copies(staging); };
    co_return co_await on_disk_thread("the folder " + staging_.string(), kAnswerLimit, look);
}

awaitable<void> ModuleProbe::read_copies() {
    auto listed = co_await list();
    if (listed)
        copies_ = std::move(*listed);
    else
        log_.warning("{}", listed.error().text);
}

/// Sets aside those that are not needed. Returns what must still be deleted.
awaitable<std::vector<std::filesystem::path>>
ModuleProbe::set_unneeded_aside(std::function<std::set<std::filesystem::path>()> needed) {
    std::vector<std::filesystem::path> gone;
    auto listed = co_await list();
    if (!listed || stopping_) co_return gone; // the next removal tries again
    copies_ = std::move(*listed);
    std::set<std::filesystem::path> unneeded = copies_;
    for (const auto &folder : needed()) unneeded.erase(folder);
    if (unneeded.empty()) co_return gone;
    for (const auto &folder : unneeded) copies_.erase(folder);
    const auto rename = [unneeded](const DiskCall &) { return set_aside(unneeded); };
    auto renamed = co_await on_disk_thread("the folder " + staging_.string(), kAnswerLimit, rename);
    if (renamed) gone = std::move(*renamed);
    co_return gone;
}

awaitable<void> ModuleProbe::remove_copies_but(std::function<std::set<std::filesystem::path>()> needed) {
    co_await take_turn();
    const auto gone = co_await set_unneeded_aside(std::move(needed));
    give_turn();
    if (gone.empty()) co_return;
    const auto remove = [gone](const DiskCall &call) {
        for (const auto &folder : gone) {
            files::remove_all(folder);
            call.beat();
        }
        return true;
    };
    const auto removed = co_await on_disk_thread("old copies in " + staging_.string(), kAnswerLimit, remove);
    static_cast<void>(removed); // the next removal finds what is left
}

awaitable<bool> ModuleProbe::is_whole(ModuleVersion version) {
    const auto look = [version](const DiskCall &call) {
        const auto sha256 = digest_of_file(version.staged, call);
        return sha256 && *sha256 == version.sha256;
    };
    const auto whole = co_await on_disk_thread(version.staged.string(), kAnswerLimit, look);
    co_return whole &&*whole;
}

// ---- hosts that load a copy

awaitable<Result<ModuleInfo>> ModuleProbe::ask(ModuleVersion version) {
    if (stopping_) co_return error(Code::cancelled, "angod is stopping");
    const std::string name = version.source.filename().string();
    HostOptions options;
    options.label = "probe " + name;
    options.module_path = version.staged.string();
    const auto executor = co_await asio::this_coro::executor;
    Log log = log_.with("module", name);
    const auto host = co_await HostProcess::launch(host_program_, std::move(options), std::move(log));
    if (!host && stopping_) co_return error(Code::cancelled, "angod is stopping");
    if (!host) co_return error(host.error().code, refusal_text(version.source, host.error().text));
    if (stopping_) (*host)->kill(); // stop did not know it
    asked_.insert(*host);
    const auto loaded = co_await (*host)->load();
    asked_.erase(*host);
    // An error of a host that stop ended says nothing about the module.
    if (stopping_) co_return error(Code::cancelled, "angod is stopping");
    if (!loaded) co_return error(loaded.error().code, refusal_text(version.source, loaded.error().text));
    const ModuleInfo info = (*host)->module();
    spawn(executor, "end of a probe",
          [](std::shared_ptr<HostProcess> asked) -> awaitable<void> { co_await asked->leave(2s); }(*host));
    co_return info;
}

void ModuleProbe::stop() {
    stopping_ = true;
    for (const auto &host : asked_) host->kill();
}

} // namespace angod::supervisor
