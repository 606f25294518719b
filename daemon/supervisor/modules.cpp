#include "supervisor/modules.hpp"

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A generation that has served for so long has proved itself: later crashes are not for its being new.
constexpr auto kProbation = 10min;

std::string id_like(const std::filesystem::path &file) {
    std::string name = file.stem().string(); // a file that cannot be loaded has no other id
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

/// A copy of a module, or what is left of one: nothing else there is ours to remove.
bool is_copy(const std::filesystem::path &folder) {
    const std::string name = folder.stem().string();
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

Modules::Modules(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Keep keep, Log log)
    : executor_(executor),
      probe_(probe),
      crash_(options.crash),
      absence_(options.files.absence),
      keep_(std::move(keep)),
      log_(std::move(log)),
      files_(
          executor, probe, std::move(options.files), [this](bool news) { files_changed(news); }, log_),
      changed_(executor) {}

void Modules::restore(const std::map<std::string, std::string> &histories) {
    for (const auto &[id, text] : histories) {
        Module &module = modules_[id];
        module.history = ModuleHistory::from_json(text);
        module.crashes = CrashCount(crash_);
    }
}

// ---- which file serves

void Modules::files_changed(bool news) {
    if (!news) return tidy(); // what was still in use the last time
    resolve();
    tell();
}

void Modules::resolve() {
    std::set<std::string> ids;
    for (const auto &[id, module] : modules_) ids.insert(id);
    for (const auto &[source, file] : files_.all())
        if (!file.id.empty()) ids.insert(file.id);
    for (const std::string &id : ids) resolve(id);
    tidy();
}

/// A content that no file has any more may come back and get another chance.
void Modules::release(const std::string &id, ModuleHistory &history) {
    if (!files_.at_rest() || files_.any_unreadable()) return;
    const auto quarantined = history.quarantined();
    for (const auto &[sha256, reason] : quarantined) {
        const auto has_it = [&hash = sha256](const auto &entry) { return entry.second.version.sha256 == hash; };
        if (std::any_of(files_.all().begin(), files_.all().end(), has_it)) continue;
        history.release(sha256);
        keep_(id, history.to_json());
    }
}

/// The file of what serves, or served last, bears its id also while nobody can tell.
bool Modules::bears(const std::filesystem::path &source, const ModuleFile &file, const std::string &id,
                    const ModuleHistory &history) {
    return file.id == id || (file.id.empty() && source == history.source());
}

bool Modules::is_being_looked_at(const std::string &id, const ModuleHistory &history) const {
    return std::any_of(files_.all().begin(), files_.all().end(), [&](const auto &entry) {
        return entry.second.looking && bears(entry.first, entry.second, id, history);
    });
}

/// Those that must not be used are refused.
std::vector<Candidate> Modules::candidates(const std::string &id, const ModuleHistory &history) {
    std::vector<Candidate> candidates;
    for (auto &[source, file] : files_.all()) {
        if (!bears(source, file, id, history)) continue;
        bool usable = file.state == FileState::ready || file.state == FileState::quarantined || file.duplicate;
        const std::string *reason = usable ? history.quarantined(file.version.sha256) : nullptr;
        if (reason) {
            usable = file.duplicate = false;
            files_.refuse(file, FileState::quarantined,
                          fmt::format("{}: this version is not used any more: {}; replace the file, or run angoctl "
                                      "module {} reload",
                                      source.string(), *reason, id));
        }
        candidates.push_back({source, file.folder, file.version.sha256, usable, file.missing_since.has_value()});
    }
    const auto unreadable = files_.unreadable_folder_of(history.source());
    if (unreadable && !files_.all().contains(history.source()))
        candidates.push_back({history.source(), *unreadable, "", false, false});
    return candidates;
}

void Modules::refuse_duplicates(const std::string &id, const std::vector<Candidate> &candidates, const Choice &choice) {
    for (const Candidate &one : candidates) {
        if (!one.usable) continue;
        ModuleFile &file = files_.all()[one.source];
        file.duplicate = std::find(choice.duplicates.begin(), choice.duplicates.end(), &one) != choice.duplicates.end();
        if (file.duplicate) {
            files_.refuse(file, FileState::rejected,
                          fmt::format("{}: {} in the same folder has the id \"{}\" already", one.source.string(),
                                      choice.original->source.filename().string(), id));
        } else {
            file.state = FileState::ready;
            file.reason.clear();
        }
    }
}

void Modules::resolve(const std::string &id) {
    Module &module = modules_[id];
    ModuleHistory &history = module.history;
    release(id, history);
    if (is_being_looked_at(id, history)) return; // what is found out may change everything
    const GenerationPtr going = history.current()     ? history.current()
                                : module.may_resume() ? history.last_served()
                                                      : nullptr;
    std::optional<Serving> serving;
    if (going) serving = Serving{history.source(), going->version.sha256};
    const auto files = candidates(id, history);
    const Choice choice = choose(files, serving);
    refuse_duplicates(id, files, choice);
    if (choice.file) return take(id, choice.file->source);
    if (choice.hold && !history.current()) return try_to_resume(id);
    if (choice.hold) return;
    if (history.current()) end(id);
}

void Modules::take(const std::string &id, const std::filesystem::path &source) {
    ModuleHistory &history = modules_[id].history;
    const ModuleFile &file = files_.all()[source];
    if (!files_.complete() && may_be_overridden(file)) return;
    if (history.current() && history.current()->version.sha256 == file.version.sha256) {
        if (history.source() == source) return;
        log_.info("module {}: {} has what serves, instead of {}", id, source.string(), history.source().string());
        history.move_to(source);
        keep_(id, history.to_json());
        return;
    }
    std::error_code ignored;
    if (!std::filesystem::exists(file.version.staged, ignored)) return files_.look(source); // makes the copy anew
    serve(id, file.version, "another file took its place");
}

/// A file of a later folder that is still to be looked at may have the same id.
bool Modules::may_be_overridden(const ModuleFile &file) const {
    return std::any_of(files_.all().begin(), files_.all().end(), [&](const auto &entry) {
        return entry.second.state == FileState::unseen && entry.second.folder > file.folder;
    });
}

void Modules::end(const std::string &id) {
    ModuleHistory &history = modules_[id].history;
    log_.warning("module {} {} serves no more: its file {} is gone", id, history.current()->version.info.version,
                 history.source().string());
    history.end("its file was removed", now_ms());
    keep_(id, history.to_json());
}

/// At the start: no file can be used, but what served before is still in the state folder.
void Modules::try_to_resume(const std::string &id) {
    Module &module = modules_[id];
    if (!files_.complete() || module.resume_tried) return;
    module.resume_tried = module.resuming = true;
    ModuleVersion version = module.history.last_served()->version;
    version.source = module.history.source();
    spawn(executor_, "resuming a module", resume(id, std::move(version)));
}

awaitable<void> Modules::resume(std::string id, ModuleVersion last) {
    const ModuleHistory &history = modules_[id].history;
    const bool whole = co_await probe_.is_whole(last);
    modules_[id].resuming = false;
    if (stopping_) co_return;
    if (whole && !history.current() && !history.quarantined(last.sha256)) {
        log_.warning("module {}: version {} that served last goes on serving", id, last.info.version);
        serve(id, last, "");
    }
    resolve();
    tell();
}

void Modules::serve(const std::string &id, ModuleVersion version, std::string why) {
    Module &module = modules_[id];
    const bool first = !module.history.current();
    const GenerationPtr now = module.history.serve(std::move(version), std::move(why), now_ms());
    in_use_.push_back(now);
    module.crashes = CrashCount(crash_);
    module.since = Clock::now();
    if (!first)
        log_.info("module {}: generation {} (version {}) takes over", id, now->number, now->version.info.version);
    keep_(id, module.history.to_json());
}

void Modules::forget_removed() {
    if (!files_.at_rest() || files_.any_unreadable()) return;
    for (auto &[id, module] : modules_) {
        const auto bears_it = [&, &name = id, &history = module.history](const auto &entry) {
            return bears(entry.first, entry.second, name, history);
        };
        if (module.resuming || (module.history.last_served() && Clock::now() - started_ < absence_)) continue;
        if (std::any_of(files_.all().begin(), files_.all().end(), bears_it)) continue;
        const auto last = module.history.last_served();
        if (!module.history.forget_removed(now_ms())) continue;
        if (last) log_.info("module {} {} is gone: no file has it any more", id, last->version.info.version);
        keep_(id, module.history.to_json());
    }
}

/// Copies that nothing can need any more.
void Modules::tidy() {
    if (!files_.complete() || files_.is_copying()) return;
    forget_removed();
    std::set<std::filesystem::path> needed;
    const auto need = [&](const ModuleVersion &version) { needed.insert(version.staged.parent_path()); };
    const auto need_generation = [&](const GenerationPtr &generation) {
        if (generation) need(generation->version);
    };
    for (const auto &[id, module] : modules_) {
        need_generation(module.history.current());
        need_generation(module.history.rollback_target());
        need_generation(module.history.last_served());
    }
    // They may serve as soon as another file is gone.
    for (const auto &[source, file] : files_.all()) {
        if (file.state == FileState::ready || file.duplicate) need(file.version);
        if (file.asked) need(*file.asked);
    }
    std::erase_if(in_use_, [](const auto &generation) { return generation.expired(); });
    for (const auto &generation : in_use_) need_generation(generation.lock());
    std::error_code failed;
    std::vector<std::filesystem::path> unneeded;
    for (std::filesystem::directory_iterator entry(probe_.staging(), failed), end; !failed && entry != end;
         entry.increment(failed))
        if (is_copy(entry->path()) && !needed.contains(entry->path())) unneeded.push_back(entry->path());
    probe_.discard(unneeded);
}

void Modules::tell() { changed_.wake_all(); }

awaitable<void> Modules::scanned(Clock::time_point deadline) {
    while (!complete() && !stopping_ && Clock::now() < deadline) co_await changed_.wait_until(deadline);
}

bool Modules::is_decided(const std::string &id) const {
    const auto found = modules_.find(id);
    return complete() && (found == modules_.end() || !found->second.resuming);
}

awaitable<void> Modules::change() { co_await changed_.wait(); }

void Modules::stop() {
    stopping_ = true;
    probe_.stop();
    files_.stop();
    tell();
}

GenerationPtr Modules::find(const std::string &id) const {
    const auto found = modules_.find(id);
    if (found == modules_.end()) return nullptr;
    return found->second.history.current();
}

GenerationPtr Modules::rollback_target(const std::string &id) {
    const auto found = modules_.find(id);
    if (found == modules_.end() || !found->second.history.current() || !found->second.history.rollback_target())
        return nullptr;
    const GenerationPtr &target = found->second.history.rollback_target();
    std::error_code ignored;
    if (!std::filesystem::exists(target->version.staged, ignored)) return nullptr;
    const auto is_it = [&](const auto &one) { return one.lock() == target; };
    if (std::none_of(in_use_.begin(), in_use_.end(), is_it)) in_use_.push_back(target);
    return target;
}

void Modules::proved(const Generation &generation) {
    const std::string &id = generation.version.info.id;
    const auto found = modules_.find(id);
    if (found != modules_.end() && found->second.history.prove(generation.version.sha256))
        keep_(id, found->second.history.to_json());
}

std::string Modules::why_not(const std::string &id) const {
    std::string why = fmt::format("no module \"{}\" in the module folders is ready{}", id,
                                  complete() ? "" : " yet; some are still being tried out");
    for (const auto &[source, file] : files_.all())
        if (!file.reason.empty() && (id_like(source) == id || file.id == id))
            return fmt::format("{}; a file was refused: {}", why, file.reason);
    if (const std::size_t refused = refused_count(); refused > 0)
        why += fmt::format("; {} file{} there {} refused, as the log says", refused, refused == 1 ? "" : "s",
                           refused == 1 ? "was" : "were");
    return why;
}

// ---- crashes

bool Modules::on_probation(const Generation &generation) const {
    const auto found = modules_.find(generation.version.info.id);
    if (found == modules_.end()) return false;
    const Module &module = found->second;
    const GenerationPtr &current = module.history.current();
    // One that was gone back from: its jobs run again on the other.
    if (!current || current->number != generation.number)
        return module.history.quarantined(generation.version.sha256) != nullptr;
    return module.history.rollback_target() && Clock::now() - module.since < kProbation;
}

void Modules::crashed(const Generation &generation, const std::string &how) {
    const std::string &id = generation.version.info.id;
    const auto found = modules_.find(id);
    if (found == modules_.end()) return;
    Module &module = found->second;
    const GenerationPtr current = module.history.current();
    if (!current || current->number != generation.number) return;
    if (!module.crashes.add(Clock::now()) || !on_probation(generation)) return;
    const std::string reason = fmt::format("it crashed {} times within {} s, the last time so: {}", crash_.count,
                                           crash_.within.count(), beginning_of(how, 300));
    roll_back(id, reason);
}

void Modules::roll_back(const std::string &id, const std::string &reason) {
    ModuleHistory &history = modules_[id].history;
    const GenerationPtr bad = history.current();
    const ModuleVersion good = history.rollback_target()->version;
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
    for (auto &[source, file] : files_.all()) {
        if (file.id != id && !(file.id.empty() && id_like(source) == id)) continue;
        any = true;
        if (module != modules_.end()) module->second.history.release(file.version.sha256);
        file.state = FileState::unseen;
        file.reason.clear();
        file.duplicate = false;
        file.tries = 0;
        files_.look(source);
    }
    if (!any) return error(Code::not_found, fmt::format("there is no file of a module \"{}\"", id));
    if (module != modules_.end() && module->second.history.current()) {
        const GenerationPtr current = module->second.history.current();
        ModuleVersion version = current->version;
        version.source = module->second.history.source();
        const auto file = files_.all().find(version.source);
        // New hosts, also where the content stays.
        if (file != files_.all().end() && file->second.version.sha256 == version.sha256)
            serve(id, std::move(version), "reloaded by the operator");
    }
    tell();
    return {};
}

Result<void> Modules::rollback(const std::string &id) {
    const auto module = modules_.find(id);
    if (module == modules_.end() || !module->second.history.current())
        return error(Code::not_found, fmt::format("no module \"{}\" serves", id));
    if (!module->second.history.rollback_target())
        return error(Code::invalid, fmt::format("there is no earlier version of the module \"{}\" to go back to", id));
    roll_back(id, "rolled back by the operator");
    return {};
}

// ---- for people

std::vector<ModuleView> Modules::views() const {
    std::vector<ModuleView> views;
    std::set<std::filesystem::path> shown;
    const auto add_file = [&](ModuleView &view, const std::filesystem::path &source, const ModuleFile &file) {
        view.files.push_back({source, file.version.sha256, file.reason, file.state});
        shown.insert(source);
    };
    for (const auto &[id, module] : modules_) {
        ModuleView view;
        view.id = id;
        view.current = module.history.current();
        view.source = module.history.source();
        if (const auto &target = module.history.rollback_target()) view.rollback_target = target->version;
        for (const auto &[source, file] : files_.all())
            if (file.id == id || (view.current && view.source == source)) add_file(view, source, file);
        if (!view.current && view.files.empty()) continue;
        view.generations = {module.history.generations().begin(), module.history.generations().end()};
        views.push_back(std::move(view));
    }
    for (const auto &[source, file] : files_.all()) {
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
    return static_cast<std::size_t>(std::count_if(files_.all().begin(), files_.all().end(), [](const auto &entry) {
        return entry.second.state == FileState::rejected || entry.second.state == FileState::quarantined;
    }));
}

} // namespace angod::supervisor
