// The modules that this daemon can use. A usable file in a module folder becomes a generation of its module; a file
// that cannot be used is refused while the present generation goes on serving. module_choice.hpp says which file serves
// an id.
//
//   state of an id    event                                                  next state
//   nothing serves    a usable file is chosen                                serves
//   nothing serves    after a start: no file can be used, its copy is whole  serves (see Resumption)
//   serves            another content is chosen, or an operator reloads      serves as a new generation, on probation
//   serves            too many crashes while on probation                    serves with the rollback target
//   serves            an operator asks for a rollback                        serves with the rollback target
//   serves            its file is gone                                       nothing serves
//
// A new generation is on probation for ten minutes if there is a rollback target. The content of a version that is
// rolled back is quarantined: it is not used again until no file has it any more or an operator reloads it.
#pragma once

#include "supervisor/crash_count.hpp"
#include "supervisor/module_choice.hpp"
#include "supervisor/module_copies.hpp"
#include "supervisor/module_files.hpp"
#include "supervisor/module_history.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace angod::supervisor {

/// A module file as people see it.
struct ModuleFileView {
    std::filesystem::path source;
    std::string sha256; ///< hex
    std::string reason; ///< why it is refused; empty if it is not
    FileState state = FileState::unseen;
};

/// A module id as people see it.
struct ModuleView {
    std::string id;
    GenerationPtr current;        ///< null: nothing serves
    std::filesystem::path source; ///< the file that it comes from now
    std::optional<ModuleVersion> rollback_target;
    std::vector<ModuleFileView> files; ///< those that bear the id, or would bear it by their name
    std::vector<GenerationRecord> generations;
};

class Modules {
public:
    struct Options {
        ModuleFiles::Options files;
        CrashLimit crash;
    };
    /// Records the history of a module.
    using Keep = std::function<void(std::string id, std::string history)>;

    Modules(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Keep keep, Log log);

    /// histories: the texts that were given to Keep before the restart, by id. Call before run.
    void restore(const std::map<std::string, std::string> &histories);
    /// Looks through the folders and then follows them until stop. Call once.
    awaitable<void> run();
    /// Returns when every file has been looked at once, after stop, or at the deadline.
    awaitable<void> scanned(std::chrono::steady_clock::time_point deadline);
    bool complete() const { return files_.complete(); }
    /// It is known which file serves this id; no look and no check of a copy can change that now.
    bool is_decided(const std::string &id) const;
    /// Returns when a file was accepted or refused or another generation serves; also now and then without a reason.
    awaitable<void> change();
    void stop();

    /// The generation that serves; null if none does.
    GenerationPtr find(const std::string &id) const;
    /// The generation that a rollback would restore, with the number that it had; the same pointer as long as it stays
    /// the target. Null if there is none, if its copy is gone, or if nothing serves: a removed module does not come back.
    GenerationPtr rollback_target(const std::string &id);
    /// A plugin has begun to serve with this generation. A version that no plugin could use will not replace it as the
    /// rollback target.
    void proved(const Generation &generation);
    /// Why find gives nothing. Includes the reason of a refused file if one bears that id.
    std::string why_not(const std::string &id) const;

    /// Crashes count against this generation, not against the jobs: it is new and there is a rollback target, or it was
    /// rolled back.
    bool on_probation(const Generation &generation) const;
    /// Its content must not be used.
    bool is_quarantined(const Generation &generation) const;
    /// A host of the generation has crashed; call it once for each host. After too many crashes on probation the
    /// generation is rolled back.
    void crashed(const Generation &generation, const std::string &how);

    /// Looks at the module's files again, also at a quarantined one. The present generation goes on serving meanwhile.
    /// If the content is the same, it becomes a new generation, so that it gets new hosts.
    Result<void> reload(const std::string &id);
    /// Makes the rollback target serve; the present content is quarantined.
    Result<void> rollback(const std::string &id);

    std::vector<ModuleView> views() const;
    std::size_t ready_count() const;
    std::size_t refused_count() const;

private:
    /// Whether the copy that served before a restart may serve again although no file can be used.
    ///   possible → checking   nothing else can serve, and every file has been looked at
    ///   checking → over       the copy was read; it serves if it is whole and nothing else serves by then
    enum class Resumption { possible, checking, over };

    struct Module {
        ModuleHistory history;
        CrashCount crashes;
        std::chrono::steady_clock::time_point since; ///< the present generation serves
        Resumption resumption = Resumption::possible;
    };

    void files_changed(bool news);
    void resolve();
    void resolve(const std::string &id);
    void release(const std::string &id, ModuleHistory &history);
    std::vector<Candidate> candidates(const std::string &id, const ModuleHistory &history);
    static bool bears(const std::filesystem::path &source, const ModuleFile &file, const std::string &id,
                      const ModuleHistory &history);
    bool is_being_looked_at(const std::string &id, const ModuleHistory &history) const;
    void refuse_duplicates(const std::string &id, const std::vector<Candidate> &candidates, const Choice &choice);
    void take(const std::string &id, const std::filesystem::path &source);
    bool may_be_overridden(const ModuleFile &file) const;
    void serve(const std::string &id, ModuleVersion version, std::string why);
    void end(const std::string &id);
    void try_to_resume(const std::string &id);
    awaitable<void> resume(std::string id, ModuleVersion last);
    void roll_back(const std::string &id, const std::string &reason);
    void forget_removed();
    void tidy();
    std::set<std::filesystem::path> needed_copies() const;
    void tell();

    asio::any_io_executor executor_;
    ModuleProbe &probe_;
    CrashLimit crash_;
    std::chrono::milliseconds absence_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    Keep keep_;
    Log log_;
    ModuleCopies copies_;
    ModuleFiles files_;
    std::map<std::string, Module> modules_; ///< by id
    bool stopping_ = false;
    Signal changed_;
};

} // namespace angod::supervisor
