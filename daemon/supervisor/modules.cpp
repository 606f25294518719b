#include "supervisor/modules.hpp"

#include "base/files.hpp"
#include "supervisor/host_process.hpp"
#include "supervisor/staging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;

/// Looking at a module is mostly CPU, unless it hangs: then the others should not wait for it.
constexpr std::size_t kAtATime = 4;

std::vector<std::filesystem::path> libraries_in(const std::filesystem::path &folder, std::error_code &failed) {
    std::vector<std::filesystem::path> out;
    for (const auto &entry : std::filesystem::directory_iterator(folder, failed))
        if (entry.path().extension() == ".so" && !entry.path().filename().string().starts_with('.'))
            out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

/// A host names the file; its path says it better.
std::string refusal_text(const std::filesystem::path &source, std::string why) {
    const std::string name = source.filename().string() + ": ";
    if (why.starts_with(name)) why.erase(0, name.size());
    return fmt::format("{}: {}", source.string(), why);
}

} // namespace

awaitable<void> Modules::scan(std::vector<std::filesystem::path> folders) {
    std::deque<Module> found;
    for (const auto &folder : folders) {
        std::error_code failed;
        const auto libraries = libraries_in(folder, failed);
        if (failed == std::errc::no_such_file_or_directory)
            log_.info("the module folder {} does not exist", folder.string());
        else if (failed)
            log_.error("cannot look into the module folder {}: {}", folder.string(), failed.message());
        for (const auto &library : libraries) {
            Module module;
            module.source = library;
            module.place = found.size();
            not_seen_[module.place] = folder;
            found.push_back(std::move(module));
        }
    }
    const auto executor = co_await asio::this_coro::executor;
    std::size_t looking = std::min(kAtATime, found.size());
    for (std::size_t i = looking; i > 0; --i)
        spawn(executor, "module probe",
              [](Modules &self, std::deque<Module> &waiting, std::size_t &left) -> awaitable<void> {
                  while (!waiting.empty() && !self.stopping_) {
                      Module next = std::move(waiting.front());
                      waiting.pop_front();
                      auto module = co_await self.probe(std::move(next));
                      if (self.stopping_) break; // what it says of a host that was ended is not the module's fault
                      self.add(std::move(module));
                      self.changed_.wake_all();
                  }
                  --left;
                  self.changed_.wake_all();
              }(*this, found, looking));
    while (looking > 0) co_await changed_.wait();
    if (stopping_) co_return;
    scanned_ = true;
    std::set<std::filesystem::path> needed;
    for (const auto &[id, module] : ready_) needed.insert(module.staged.parent_path());
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator(staging_, ignored))
        if (!needed.contains(entry.path())) files::remove_all(entry.path());
    changed_.wake_all();
}

awaitable<void> Modules::scanned(std::chrono::steady_clock::time_point deadline) {
    while (!scanned_ && !stopping_ && std::chrono::steady_clock::now() < deadline)
        co_await changed_.wait_until(deadline);
}

awaitable<void> Modules::change() { co_await changed_.wait(); }

awaitable<Module> Modules::probe(Module module) {
    const std::filesystem::path source = module.source;
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
        module.reason = refusal_text(source, host.error().text);
        co_return module;
    }
    probing_.insert(*host);
    const auto loaded = co_await (*host)->load();
    probing_.erase(*host);
    if (!loaded) {
        module.reason = refusal_text(source, loaded.error().text);
        co_return module;
    }
    module.info = (*host)->module();
    module.state = ModuleState::ready;
    co_await (*host)->leave(2s);
    co_return module;
}

void Modules::stop() {
    stopping_ = true;
    for (const auto &host : probing_) host->kill();
    changed_.wake_all();
}

void Modules::add(Module module) {
    not_seen_.erase(module.place);
    if (module.state == ModuleState::ready) {
        log_.info("module {} {} found: {}", module.info.id, module.info.version, module.source.string());
        const auto there = ready_.find(module.info.id);
        if (there == ready_.end()) {
            ready_[module.info.id] = std::move(module);
            return;
        }
        // They come in any order; which of them serves follows from where they are.
        Module &other = there->second;
        const bool same_folder = other.source.parent_path() == module.source.parent_path();
        if (same_folder == (module.place < other.place)) std::swap(module, other);
        if (!same_folder) return;
        module.state = ModuleState::rejected;
        module.reason = fmt::format("{}: {} in the same folder has the id \"{}\" already", module.source.string(),
                                    other.source.filename().string(), module.info.id);
    }
    log_.error("module refused: {}", module.reason);
    rejected_.push_back(std::move(module));
}

const Module *Modules::find(const std::string &id) const {
    const auto found = ready_.find(id);
    if (found == ready_.end()) return nullptr;
    // A file of a later folder may have the same id, and would serve instead.
    const Module &module = found->second;
    const bool may_be_replaced = std::any_of(not_seen_.begin(), not_seen_.end(), [&](const auto &file) {
        return file.first > module.place && file.second != module.source.parent_path();
    });
    return may_be_replaced ? nullptr : &module;
}

std::string Modules::why_not(const std::string &id) const {
    std::string why = fmt::format("no module \"{}\" in the module folders is ready{}", id,
                                  scanned_ ? "" : " yet; some are still being tried out");
    for (const Module &module : rejected_) {
        std::string name = module.source.stem().string(); // a file that cannot be loaded has no other id
        std::replace(name.begin(), name.end(), '_', '-');
        if (name == id) return fmt::format("{}; a file was refused: {}", why, module.reason);
    }
    if (!rejected_.empty())
        why += fmt::format("; {} file{} there {} refused, as the log says", rejected_.size(),
                           rejected_.size() == 1 ? "" : "s", rejected_.size() == 1 ? "was" : "were");
    return why;
}

} // namespace angod::supervisor
