#include "supervisor/modules.hpp"

#include "base/files.hpp"
#include "supervisor/host_process.hpp"
#include "supervisor/staging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;

std::vector<std::filesystem::path> libraries_in(const std::filesystem::path &folder, std::error_code &failed) {
    std::vector<std::filesystem::path> out;
    for (const auto &entry : std::filesystem::directory_iterator(folder, failed))
        if (entry.path().extension() == ".so" && !entry.path().filename().string().starts_with('.'))
            out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace

awaitable<void> Modules::scan(std::vector<std::filesystem::path> folders) {
    for (const auto &folder : folders) {
        std::error_code failed;
        const auto libraries = libraries_in(folder, failed);
        if (failed == std::errc::no_such_file_or_directory)
            log_.info("the module folder {} does not exist", folder.string());
        else if (failed)
            log_.error("cannot look into the module folder {}: {}", folder.string(), failed.message());
        for (const auto &library : libraries) {
            auto module = co_await probe(library);
            if (stopping_) co_return; // what it says of a host that was ended is not the module's fault
            add(std::move(module), folder);
        }
    }
    std::set<std::filesystem::path> needed;
    for (const auto &[id, module] : ready_) needed.insert(module.staged.parent_path());
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator(staging_, ignored))
        if (!needed.contains(entry.path())) files::remove_all(entry.path());
}

awaitable<Module> Modules::probe(std::filesystem::path source) {
    Module module;
    module.source = source;
    module.state = ModuleState::rejected;
    const auto stage = [&] { return stage_module(source, staging_); };
    const auto staged = co_await on_pool(pool_, stage);
    if (!staged) {
        module.reason = staged.error().text;
        co_return module;
    }
    module.sha256 = staged->sha256;
    module.staged = staged->path;
    HostOptions options;
    options.label = "probe " + source.filename().string();
    options.module_path = staged->path.string();
    if (stopping_) co_return module;
    const auto executor = co_await asio::this_coro::executor;
    const auto host = HostProcess::start(executor, host_program_, std::move(options),
                                         log_.with("module", source.filename().string()));
    if (!host) {
        module.reason = fmt::format("{}: {}", source.string(), host.error().text);
        co_return module;
    }
    probing_ = *host;
    const auto loaded = co_await probing_->load();
    probing_ = nullptr;
    if (!loaded) {
        module.reason = fmt::format("{}: {}", source.string(), loaded.error().text);
        co_return module;
    }
    module.info = (*host)->module();
    module.state = ModuleState::ready;
    co_await (*host)->leave(2s);
    co_return module;
}

void Modules::stop() {
    stopping_ = true;
    if (probing_) probing_->kill();
}

void Modules::add(Module module, const std::filesystem::path &folder) {
    if (module.state == ModuleState::ready) {
        const auto there = ready_.find(module.info.id);
        if (there != ready_.end() && there->second.source.parent_path() == folder) {
            module.state = ModuleState::rejected;
            module.reason = fmt::format("{}: {} in the same folder has the id \"{}\" already", module.source.string(),
                                        there->second.source.filename().string(), module.info.id);
        }
    }
    if (module.state == ModuleState::rejected) {
        log_.error("module refused: {}", module.reason);
        rejected_.push_back(std::move(module));
        return;
    }
    log_.info("module {} {} found: {}", module.info.id, module.info.version, module.source.string());
    ready_[module.info.id] = std::move(module);
}

const Module *Modules::find(const std::string &id) const {
    const auto found = ready_.find(id);
    return found == ready_.end() ? nullptr : &found->second;
}

} // namespace angod::supervisor
