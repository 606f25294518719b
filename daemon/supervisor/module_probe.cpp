#include "supervisor/module_probe.hpp"

#include "base/files.hpp"
#include "base/ids.hpp"
#include "supervisor/host_process.hpp"
#include "supervisor/staging.hpp"

#include <fmt/format.h>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;

/// A host names the file; the path says which file it is.
std::string refusal_text(const std::filesystem::path &source, std::string why) {
    const std::string name = source.filename().string() + ": ";
    if (why.starts_with(name)) why.erase(0, name.size());
    return fmt::format("{}: {}", source.string(), why);
}

} // namespace

awaitable<Result<ModuleVersion>> ModuleProbe::stage(std::filesystem::path source) {
    while (copying_) co_await copied_.wait();
    copying_ = true;
    const auto copy = [&] { return stage_module(source, staging_); };
    const auto staged = co_await on_pool(pool_, copy);
    copying_ = false;
    copied_.wake_all();
    if (!staged) co_return staged.error();
    ModuleVersion version{source, staged->path, staged->sha256, {}};
    co_return version;
}

awaitable<Result<ModuleInfo>> ModuleProbe::ask(ModuleVersion version) {
    if (stopping_) co_return error(Code::cancelled, "angod is stopping");
    const std::string name = version.source.filename().string();
    HostOptions options;
    options.label = "probe " + name;
    options.module_path = version.staged.string();
    const auto executor = co_await asio::this_coro::executor;
    const auto host = HostProcess::start(executor, host_program_, std::move(options), log_.with("module", name));
    if (!host) co_return error(host.error().code, refusal_text(version.source, host.error().text));
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

awaitable<bool> ModuleProbe::is_whole(ModuleVersion version) {
    const auto look = [&] {
        const auto sha256 = digest_of_file(version.staged);
        return sha256 && *sha256 == version.sha256;
    };
    co_return co_await on_pool(pool_, look);
}

void ModuleProbe::discard(const std::vector<std::filesystem::path> &folders) {
    for (const auto &folder : folders) {
        auto gone = folder;
        std::error_code failed;
        if (gone.extension() != ".gone") {
            gone += ".gone"; // a new copy may need its name
            std::filesystem::rename(folder, gone, failed);
        }
        if (failed) gone = folder;
        asio::post(pool_, [gone] { files::remove_all(gone); });
    }
}

void ModuleProbe::stop() {
    stopping_ = true;
    for (const auto &host : asked_) host->kill();
}

} // namespace angod::supervisor
