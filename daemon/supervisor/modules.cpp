// Which generation serves each module id, and why it changes: another file is chosen, a version crashes too often, or an
// operator asks for it.
//
// Whenever the files change, `resolve` decides for every id: it collects the files that bear the id, lets choose()
// (module_choice.hpp) pick one, and makes a new generation if its content is another one. The facts that
// survive a restart are in ModuleHistory, which is recorded after each change.
// Thread: the event loop. Invariants: an id is not resolved while one of its files is being looked at; a quarantined
// content never serves; a copy is not removed while a generation, a ready file or a look needs it.
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

/// A generation that has served for so long is not on probation any more.
constexpr auto kProbation = 10min;

} // namespace

Modules::Modules(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Keep keep, Log log)
    : executor_(executor),
      probe_(probe),
      crash_(options.crash),
      absence_(options.files.absence),
      keep_(std::move(keep)),
      log_(std::move(log)),
      copies_(executor, probe, [this] { return needed_copies(); }),
      files_(
          executor, probe, std::move(options.files), [this](bool news) { files_changed(news); }, log_),
      changed_(executor) {}

awaitable<void> Modules::run() {
    co_await probe_.read_copies();
    if (!stopping_) co_await files_.run();
}

void Modules::restore(const std::map<std::string, std::string> &histories) {
    for (const auto &[id, text] : histories) {
        Module &module = modules_[id];
        module.history = ModuleHistory::from_json(text);
        module.crashes = CrashCount(crash_);
    }
}

// ---- which file serves

void Modules::files_changed(bool news) {
    if (!news) return tidy(); // copies may have become unneeded
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

/// A quarantined content that no file has any more is released: if it comes back, it gets another chance.
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

/// The file that serves, or served last, bears its id also while its id is not known.
bool Modules::bears(const std::filesystem::path &source, const ModuleFile &file, const std::string &id,
                    const ModuleHistory &history) {
    return file.id == id || (file.id.empty() && source == history.source());
}

bool Modules::is_being_looked_at(const std::string &id, const ModuleHistory &history) const {
    return std::any_of(files_.all().begin(), files_.all().end(), [&](const auto &entry) {
        return entry.second.look != Look::none && bears(entry.first, entry.second, id, history);
    });
}

/// The files that bear the id. Those with a quarantined content are refused.
std::vector<Candidate> Modules::candidates(const std::string &id, const ModuleHistory &history) {
    std::vector<Candidate> candidates;
    for (auto &[source, file] : files_.all()) {
        if (!bears(source, file, id, history)) continue;
        bool usable = was_loaded(file.state);
        const std::string *reason = usable ? history.quarantined(file.version.sha256) : nullptr;
        if (reason) {
            usable = false;
            files_.refuse(file, FileEvent::quarantine,
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
        if (std::find(choice.duplicates.begin(), choice.duplicates.end(), &one) != choice.duplicates.end()) {
            files_.refuse(file, FileEvent::displace,
                          fmt::format("{}: {} in the same folder has the id \"{}\" already", one.source.string(),
                                      choice.original->source.filename().string(), id));
        } else {
            file.on(FileEvent::admit);
            file.reason.clear();
        }
    }
}

void Modules::resolve(const std::string &id) {
    Module &module = modules_[id];
    ModuleHistory &history = module.history;
    release(id, history);
    if (is_being_looked_at(id, history)) return; // what the look finds may change the choice
    const GenerationPtr going = history.current()                       ? history.current()
                                : module.resumption != Resumption::over ? history.last_served()
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
        log_.info("module {}: the file that serves is {} now, it was {}", id, source.string(),
                  history.source().string());
        history.move_to(source);
        keep_(id, history.to_json());
        return;
    }
    if (!probe_.has_copy(file.version)) return files_.look(source); // that makes a new copy
    serve(id, file.version, "another file took its place");
}

/// A file of a later folder that has not been looked at yet may have the same id.
bool Modules::may_be_overridden(const ModuleFile &file) const {
    return std::any_of(files_.all().begin(), files_.all().end(), [&](const auto &entry) {
        return entry.second.state == FileState::unseen && entry.second.folder > file.folder;
    });
}

void Modules::end(const std::string &id) {
    ModuleHistory &history = modules_[id].history;
    log_.warning("module {} {} no longer serves: its file {} is gone", id, history.current()->version.info.version,
                 history.source().string());
    history.end("its file was removed", now_ms());
    keep_(id, history.to_json());
}

/// After a start of angod: no file can be used now, but the copy that served last may still be there.
void Modules::try_to_resume(const std::string &id) {
    Module &module = modules_[id];
    if (!files_.complete() || module.resumption != Resumption::possible) return;
    module.resumption = Resumption::checking;
    ModuleVersion version = module.history.last_served()->version;
    version.source = module.history.source();
    spawn(executor_, "resuming a module", resume(id, std::move(version)));
}

awaitable<void> Modules::resume(std::string id, ModuleVersion last) {
    const ModuleHistory &history = modules_[id].history;
    const bool whole = co_await probe_.is_whole(last);
    modules_[id].resumption = Resumption::over;
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
    copies_.lend(now);
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
        if (module.resumption == Resumption::checking ||
            (module.history.last_served() && Clock::now() - started_ < absence_))
            continue;
        if (std::any_of(files_.all().begin(), files_.all().end(), bears_it)) continue;
        const auto last = module.history.last_served();
        if (!module.history.forget_removed(now_ms())) continue;
        if (last) log_.info("module {} {} is gone: no file has it any more", id, last->version.info.version);
        keep_(id, module.history.to_json());
    }
}

/// Removes the copies that nothing can need any more.
void Modules::tidy() {
    if (!files_.complete() || files_.is_copying()) return;
    forget_removed();
    copies_.tidy();
}

std::set<std::filesystem::path> Modules::needed_copies() const {
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
    // These may serve as soon as another file is gone.
    for (const auto &[source, file] : files_.all()) {
        if (file.state == FileState::ready || file.state == FileState::duplicate) need(file.version);
        if (file.asked) need(*file.asked);
    }
    return needed;
}

void Modules::tell() { changed_.wake_all(); }

awaitable<void> Modules::scanned(Clock::time_point deadline) {
    while (!complete() && !stopping_ && Clock::now() < deadline) co_await changed_.wait_until(deadline);
}

bool Modules::is_decided(const std::string &id) const {
    const auto found = modules_.find(id);
    return complete() && (found == modules_.end() || found->second.resumption != Resumption::checking);
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
    if (!probe_.has_copy(target->version)) return nullptr;
    copies_.lend(target);
    return target;
}

void Modules::proved(const Generation &generation) {
    const std::string &id = generation.version.info.id;
    const auto found = modules_.find(id);
    if (found != modules_.end() && found->second.history.prove(generation.version.sha256))
        keep_(id, found->second.history.to_json());
}

// ---- crashes

bool Modules::on_probation(const Generation &generation) const {
    const auto found = modules_.find(generation.version.info.id);
    if (found == modules_.end()) return false;
    const Module &module = found->second;
    const GenerationPtr &current = module.history.current();
    // A version that was rolled back: its jobs restart on the rollback target.
    if (!current || current->number != generation.number)
        return module.history.quarantined(generation.version.sha256) != nullptr;
    return module.history.rollback_target() && Clock::now() - module.since < kProbation;
}

bool Modules::is_quarantined(const Generation &generation) const {
    const auto found = modules_.find(generation.version.info.id);
    return found != modules_.end() && found->second.history.quarantined(generation.version.sha256);
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

// ---- requests of an operator

Result<void> Modules::reload(const std::string &id) {
    const auto module = modules_.find(id);
    bool any = false;
    for (auto &[source, file] : files_.all()) {
        if (file.id != id && !(file.id.empty() && id_by_name(source) == id)) continue;
        any = true;
        if (module != modules_.end()) module->second.history.release(file.version.sha256);
        file.on(FileEvent::reload);
        file.reason.clear();
        file.tries = 0;
        files_.look(source);
    }
    if (!any) return error(Code::not_found, fmt::format("there is no file of a module \"{}\"", id));
    if (module != modules_.end() && module->second.history.current()) {
        const GenerationPtr current = module->second.history.current();
        ModuleVersion version = current->version;
        version.source = module->second.history.source();
        const auto file = files_.all().find(version.source);
        // The operator wants new hosts, also if the content is the same.
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
        return error(Code::invalid, fmt::format("the module \"{}\" has no rollback target", id));
    roll_back(id, "rolled back by the operator");
    return {};
}

} // namespace angod::supervisor
