#include "supervisor/modules.hpp"

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Looking at a module is mostly CPU, unless it hangs: then the others should not wait for it.
constexpr std::size_t kAtATime = 4;
/// A file is looked at when nothing has happened for so long: most changes come in several steps.
constexpr auto kQuiet = 40ms;
constexpr auto kLongestUnrest = 1s;
/// While a writer is at work.
constexpr auto kWriterCheck = 200ms;
/// A generation that has served for so long has proved itself: later crashes are not for its being new.
constexpr auto kTrial = 10min;

bool is_library(const std::filesystem::path &file) {
    return file.extension() == ".so" && !file.filename().string().starts_with('.');
}

std::string id_like(const std::filesystem::path &file) {
    std::string name = file.stem().string(); // a file that cannot be loaded has no other id
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

} // namespace

Modules::Modules(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Keep keep, Log log)
    : executor_(executor),
      probe_(probe),
      options_(std::move(options)),
      keep_(std::move(keep)),
      log_(std::move(log)),
      watch_(executor),
      changed_(executor) {}

void Modules::restore(const std::map<std::string, std::string> &histories) {
    for (const auto &[id, text] : histories) {
        Module &module = modules_[id];
        module.history = ModuleHistory::from_json(text);
        module.crashes = CrashCount(options_.crash);
    }
}

std::optional<Modules::Stamp> Modules::stamp_of(const std::filesystem::path &file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0 && ::lstat(file.c_str(), &info) != 0) return std::nullopt;
    const auto ns = [](const timespec &time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; };
    return Stamp{info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), ns(info.st_mtim),
                 ns(info.st_ctim)};
}

// ---- following the folders

awaitable<void> Modules::run() {
    while (!stopping_) {
        for (const auto &folder : options_.folders) watch_.add(folder);
        scan();
        first_scan_ = false;
        const auto next = next_scan();
        if (!co_await watch_.wait(next)) continue;
        const auto latest = Clock::now() + kLongestUnrest;
        while (!stopping_ && co_await watch_.wait(std::min(latest, Clock::now() + kQuiet)) && Clock::now() < latest) {
        }
    }
}

void Modules::scan() {
    const auto now = Clock::now();
    std::set<std::filesystem::path> seen;
    for (std::size_t place = 0; place < options_.folders.size(); ++place) {
        const auto &folder = options_.folders[place];
        std::error_code failed;
        for (const auto &entry : std::filesystem::directory_iterator(folder, failed)) {
            if (!is_library(entry.path())) continue;
            const auto stamp = stamp_of(entry.path());
            if (!stamp) continue;
            seen.insert(entry.path());
            File &file = files_[entry.path()];
            file.folder = place;
            file.missing_since.reset();
            const bool changed = file.state == FileState::unseen || file.stamp != *stamp;
            if (changed && !watch_.being_written(entry.path())) look(entry.path());
        }
        if (failed && first_scan_) {
            if (failed == std::errc::no_such_file_or_directory)
                log_.info("the module folder {} does not exist", folder.string());
            else
                log_.error("cannot look into the module folder {}: {}", folder.string(), failed.message());
        }
    }
    bool gone = false;
    for (auto it = files_.begin(); it != files_.end();) {
        File &file = it->second;
        if (!seen.contains(it->first) && !file.missing_since) file.missing_since = now;
        if (file.missing_since && now - *file.missing_since >= options_.absence && !file.looking) {
            log_.info("the module file {} is gone", it->first.string());
            it = files_.erase(it);
            gone = true;
        } else {
            ++it;
        }
    }
    if (gone) {
        resolve();
        tell();
    } else {
        tidy(); // what was still in use the last time
    }
    if (looking_ == 0 && !complete_) {
        complete_ = true;
        resolve();
        tell();
    }
}

Clock::time_point Modules::next_scan() const {
    auto next = Clock::now() + options_.rescan_every;
    for (const auto &[source, file] : files_) {
        if (file.missing_since) next = std::min(next, *file.missing_since + options_.absence);
        if (watch_.being_written(source)) next = std::min(next, Clock::now() + kWriterCheck);
    }
    return std::max(next, Clock::now() + 1ms);
}

void Modules::look(const std::filesystem::path &source) {
    File &file = files_[source];
    if (file.looking) {
        file.again = true;
        return;
    }
    file.looking = true;
    ++looking_;
    spawn(executor_, "look at a module", look_at(source));
}

awaitable<void> Modules::look_at(std::filesystem::path source) {
    while (at_work_ >= kAtATime && !stopping_) co_await changed_.wait();
    ++at_work_;
    bool once_more = true;
    while (once_more && !stopping_) {
        files_[source].again = false;
        once_more = co_await look_once(source);
        once_more = once_more || files_[source].again;
    }
    files_[source].looking = false;
    --looking_;
    --at_work_;
    tell();
    if (stopping_) co_return;
    if (looking_ == 0 && !complete_) complete_ = true;
    resolve();
    tell();
}

/// True: the file changed meanwhile, what was found says nothing.
awaitable<bool> Modules::look_once(std::filesystem::path source) {
    const auto stamp = stamp_of(source);
    if (!stamp) co_return false; // gone again: the next scan sees to it
    auto staged = co_await probe_.stage(source);
    if (stamp_of(source) != stamp) co_return true;
    {
        File &file = files_[source];
        file.stamp = *stamp;
        if (!staged) {
            // A full disk passes: it is looked at again by and by.
            if (staged.error().code == Code::io || staged.error().code == Code::full) file.stamp = {};
            refuse(file, FileState::rejected, staged.error().text);
            co_return false;
        }
        // Touched, or written again as it was.
        if (file.state == FileState::ready && file.version.sha256 == staged->sha256) co_return false;
    }
    const ModuleVersion asked = *staged;
    auto info = co_await probe_.ask(asked);
    if (stopping_) co_return false;
    if (stamp_of(source) != stamp) co_return true;
    File &file = files_[source];
    file.version = std::move(*staged);
    if (!info) {
        refuse(file, FileState::rejected, info.error().text);
        co_return false;
    }
    file.version.info = std::move(*info);
    file.state = FileState::ready;
    file.reason.clear();
    log_.info("module {} {} found: {}", file.version.info.id, file.version.info.version, source.string());
    co_return false;
}

void Modules::refuse(File &file, FileState state, std::string reason) {
    file.state = state;
    if (file.reason == reason) return;
    log_.error("module refused: {}", reason);
    file.reason = std::move(reason);
}

// ---- which file serves

void Modules::resolve() {
    std::set<std::string> ids;
    for (const auto &[id, module] : modules_) ids.insert(id);
    for (const auto &[source, file] : files_)
        if (!file.version.info.id.empty()) ids.insert(file.version.info.id);
    for (const std::string &id : ids) resolve(id);
    tidy();
}

/// The file that should serve an id; null if none can. Those that may not are refused.
Modules::File *Modules::choose(const std::string &id) {
    Module &module = modules_[id];
    const GenerationPtr current = module.history.current();
    File *best = nullptr;
    for (auto &[source, file] : files_) {
        if (file.version.info.id != id || file.state == FileState::unseen) continue;
        if (file.state == FileState::rejected && !file.duplicate) continue;
        if (const std::string *reason = module.history.quarantined(file.version.sha256)) {
            refuse(file, FileState::quarantined,
                   fmt::format("{}: this version is not used any more: {}; replace the file, or run angoctl module {} "
                               "reload",
                               source.string(), *reason, id));
            continue;
        }
        file.state = FileState::ready;
        file.duplicate = false;
        const auto serves = [&](const File &one) { return current && one.version.source == current->version.source; };
        if (!best || file.folder > best->folder) {
            best = &file;
            continue;
        }
        if (file.folder < best->folder) continue;
        File &other = serves(file) ? *best : file;
        if (serves(file)) best = &file;
        refuse(other, FileState::rejected,
               fmt::format("{}: {} in the same folder has the id \"{}\" already", other.version.source.string(),
                           best->version.source.filename().string(), id));
        other.duplicate = true;
    }
    if (best) best->reason.clear();
    return best;
}

void Modules::resolve(const std::string &id) {
    Module &module = modules_[id];
    ModuleHistory &history = module.history;
    // A content that no file has any more may come back and get another chance.
    const auto quarantined = history.quarantined();
    for (const auto &[sha256, reason] : quarantined) {
        const bool has_it = std::any_of(files_.begin(), files_.end(), [&hash = sha256](const auto &entry) {
            return entry.second.version.sha256 == hash;
        });
        if (has_it || !complete_ || looking_ > 0) continue;
        history.release(sha256);
        keep_(id, history.to_json());
    }
    const File *file = choose(id);
    const GenerationPtr current = history.current();
    if (file) {
        if (!complete_ && may_be_overridden(*file)) return;
        if (!current || current->version.sha256 != file->version.sha256)
            serve(id, file->version, "another file took its place");
        return;
    }
    if (current) {
        // Its file is there and cannot be used: what serves goes on. Otherwise the module was taken away.
        if (has_file(id, current->version)) return;
        const bool went_back = std::any_of(files_.begin(), files_.end(), [&](const auto &entry) {
            return entry.second.version.info.id == id && entry.second.state == FileState::quarantined;
        });
        if (went_back) return;
        log_.warning("module {} {} serves no more: its file {} is gone", id, current->version.info.version,
                     current->version.source.string());
        history.end("its file was removed", now_ms());
        keep_(id, history.to_json());
        return;
    }
    const auto &last = history.last_served() ? history.last_served() : history.fallback();
    if (complete_ && last && has_file(id, last->version) && !module.resume_tried) {
        module.resume_tried = module.resuming = true;
        spawn(executor_, "resuming a module", resume(id));
    }
}

/// A file of a later folder that is still to be looked at may have the same id.
bool Modules::may_be_overridden(const File &file) const {
    return std::any_of(files_.begin(), files_.end(), [&](const auto &entry) {
        return entry.second.state == FileState::unseen && entry.second.folder > file.folder;
    });
}

/// Whether the file of a version is still there, usable or not.
bool Modules::has_file(const std::string &id, const ModuleVersion &version) const {
    const auto file = files_.find(version.source);
    if (file == files_.end()) return false;
    const std::string &now = file->second.version.info.id;
    return now.empty() || now == id;
}

/// At the start: the file cannot be used, but what served before is still in the state folder.
awaitable<void> Modules::resume(std::string id) {
    const ModuleHistory &history = modules_[id].history;
    const ModuleVersion last = (history.last_served() ? history.last_served() : history.fallback())->version;
    const bool whole = co_await probe_.is_whole(last);
    if (whole && !stopping_ && !history.current() && !history.quarantined(last.sha256)) {
        log_.warning("module {}: version {} that served last goes on serving", id, last.info.version);
        serve(id, last, "");
    }
    modules_[id].resuming = false;
    tell();
}

void Modules::serve(const std::string &id, ModuleVersion version, std::string why) {
    Module &module = modules_[id];
    const bool first = !module.history.current();
    const GenerationPtr now = module.history.serve(std::move(version), std::move(why), now_ms());
    in_use_.push_back(now);
    module.crashes = CrashCount(options_.crash);
    module.since = Clock::now();
    if (!first)
        log_.info("module {}: generation {} (version {}) takes over", id, now->number, now->version.info.version);
    keep_(id, module.history.to_json());
}

/// Copies that nothing can need any more.
void Modules::tidy() {
    if (looking_ > 0 || !complete_) return;
    std::set<std::filesystem::path> needed;
    const auto need = [&](const GenerationPtr &generation) {
        if (generation) needed.insert(generation->version.staged.parent_path());
    };
    for (const auto &[id, module] : modules_) {
        need(module.history.current());
        need(module.history.fallback());
        need(module.history.last_served());
    }
    std::erase_if(in_use_, [](const auto &generation) { return generation.expired(); });
    for (const auto &generation : in_use_) need(generation.lock());
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator(probe_.staging(), ignored))
        if (!needed.contains(entry.path())) files::remove_all(entry.path());
}

void Modules::tell() { changed_.wake_all(); }

awaitable<void> Modules::scanned(Clock::time_point deadline) {
    while (!complete_ && !stopping_ && Clock::now() < deadline) co_await changed_.wait_until(deadline);
}

bool Modules::is_decided(const std::string &id) const {
    const auto found = modules_.find(id);
    return complete_ && (found == modules_.end() || !found->second.resuming);
}

awaitable<void> Modules::change() { co_await changed_.wait(); }

void Modules::stop() {
    stopping_ = true;
    probe_.stop();
    watch_.wake();
    tell();
}

GenerationPtr Modules::find(const std::string &id) const {
    const auto found = modules_.find(id);
    if (found == modules_.end()) return nullptr;
    return found->second.history.current();
}

GenerationPtr Modules::earlier(const std::string &id) {
    const auto found = modules_.find(id);
    if (found == modules_.end() || !found->second.history.fallback()) return nullptr;
    const GenerationPtr &fallback = found->second.history.fallback();
    std::error_code ignored;
    if (!std::filesystem::exists(fallback->version.staged, ignored)) return nullptr;
    const auto is_it = [&](const auto &one) { return one.lock() == fallback; };
    if (std::none_of(in_use_.begin(), in_use_.end(), is_it)) in_use_.push_back(fallback);
    return fallback;
}

void Modules::proved(const Generation &generation) {
    const std::string &id = generation.version.info.id;
    const auto found = modules_.find(id);
    if (found != modules_.end() && found->second.history.prove(generation.version.sha256))
        keep_(id, found->second.history.to_json());
}

std::string Modules::why_not(const std::string &id) const {
    std::string why = fmt::format("no module \"{}\" in the module folders is ready{}", id,
                                  complete_ ? "" : " yet; some are still being tried out");
    for (const auto &[source, file] : files_)
        if (!file.reason.empty() && (id_like(source) == id || file.version.info.id == id))
            return fmt::format("{}; a file was refused: {}", why, file.reason);
    if (const std::size_t refused = refused_count(); refused > 0)
        why += fmt::format("; {} file{} there {} refused, as the log says", refused, refused == 1 ? "" : "s",
                           refused == 1 ? "was" : "were");
    return why;
}

// ---- crashes

bool Modules::on_trial(const Generation &generation) const {
    const auto found = modules_.find(generation.version.info.id);
    if (found == modules_.end()) return false;
    const Module &module = found->second;
    const GenerationPtr &current = module.history.current();
    // One that was gone back from: its jobs run again on the other.
    if (!current || current->number != generation.number)
        return module.history.quarantined(generation.version.sha256) != nullptr;
    return module.history.fallback() && Clock::now() - module.since < kTrial;
}

void Modules::crashed(const Generation &generation, const std::string &how) {
    const std::string &id = generation.version.info.id;
    const auto found = modules_.find(id);
    if (found == modules_.end()) return;
    Module &module = found->second;
    const GenerationPtr current = module.history.current();
    if (!current || current->number != generation.number) return;
    if (!module.crashes.add(Clock::now()) || !on_trial(generation)) return;
    const std::string reason = fmt::format("it crashed {} times within {} s, the last time so: {}",
                                           options_.crash.count, options_.crash.within.count(), beginning_of(how, 300));
    go_back(id, reason);
}

void Modules::go_back(const std::string &id, const std::string &reason) {
    ModuleHistory &history = modules_[id].history;
    const GenerationPtr bad = history.current();
    const ModuleVersion good = history.fallback()->version;
    history.quarantine(bad->version.sha256, reason);
    log_.error("module {}: generation {} (version {}) is quarantined and version {} serves again: {}", id, bad->number,
               bad->version.info.version, good.info.version, reason);
    serve(id, good, "quarantined: " + reason);
    resolve();
    tell();
}

// ---- an operator's wishes

Result<void> Modules::reload(const std::string &id) {
    const auto module = modules_.find(id);
    bool any = false;
    for (auto &[source, file] : files_) {
        if (file.version.info.id != id && !(file.version.info.id.empty() && id_like(source) == id)) continue;
        any = true;
        if (module != modules_.end()) module->second.history.release(file.version.sha256);
        file.state = FileState::unseen;
        file.reason.clear();
        look(source);
    }
    if (!any) return error(Code::not_found, fmt::format("there is no file of a module \"{}\"", id));
    if (module != modules_.end() && module->second.history.current()) {
        const GenerationPtr current = module->second.history.current();
        const auto file = files_.find(current->version.source);
        // New hosts, also where the content stays.
        if (file != files_.end() && file->second.version.sha256 == current->version.sha256)
            serve(id, current->version, "reloaded by the operator");
    }
    tell();
    return {};
}

Result<void> Modules::rollback(const std::string &id) {
    const auto module = modules_.find(id);
    if (module == modules_.end() || !module->second.history.current())
        return error(Code::not_found, fmt::format("no module \"{}\" serves", id));
    if (!module->second.history.fallback())
        return error(Code::invalid, fmt::format("there is no earlier version of the module \"{}\" to go back to", id));
    go_back(id, "rolled back by the operator");
    return {};
}

// ---- for people

std::vector<ModuleView> Modules::views() const {
    std::vector<ModuleView> views;
    std::set<std::filesystem::path> shown;
    const auto add_file = [&](ModuleView &view, const std::filesystem::path &source, const File &file) {
        view.files.push_back({source, file.version.sha256, file.reason, file.state});
        shown.insert(source);
    };
    for (const auto &[id, module] : modules_) {
        ModuleView view;
        view.id = id;
        view.current = module.history.current();
        if (const auto &fallback = module.history.fallback()) view.fallback = fallback->version;
        for (const auto &[source, file] : files_)
            if (file.version.info.id == id || (view.current && view.current->version.source == source))
                add_file(view, source, file);
        if (!view.current && view.files.empty()) continue;
        view.generations = {module.history.generations().begin(), module.history.generations().end()};
        views.push_back(std::move(view));
    }
    for (const auto &[source, file] : files_) {
        if (shown.contains(source)) continue;
        ModuleView view;
        view.id = id_like(source);
        add_file(view, source, file);
        views.push_back(std::move(view));
    }
    return views;
}

std::size_t Modules::ready_count() const {
    return static_cast<std::size_t>(std::count_if(
        modules_.begin(), modules_.end(), [](const auto &entry) { return entry.second.history.current() != nullptr; }));
}

std::size_t Modules::refused_count() const {
    return static_cast<std::size_t>(std::count_if(files_.begin(), files_.end(), [](const auto &entry) {
        return entry.second.state == FileState::rejected || entry.second.state == FileState::quarantined;
    }));
}

} // namespace angod::supervisor
