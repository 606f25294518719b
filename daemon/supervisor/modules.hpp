// The modules this daemon can use: the files in the module folders that were found good become the generations of
// their modules; what cannot be used is refused while the present generation goes on serving.
//
// Which file serves an id: see module_choice.hpp. A version that keeps crashing soon after it came is gone back from,
// and its content is not used again until the file changes.
#pragma once

#include "supervisor/crash_count.hpp"
#include "supervisor/module_choice.hpp"
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
    std::string sha256, reason;
    FileState state = FileState::unseen;
};

/// A module id as people see it.
struct ModuleView {
    std::string id;
    GenerationPtr current;        ///< null: nothing serves
    std::filesystem::path source; ///< that it comes from by now
    std::optional<ModuleVersion> rollback_target;
    std::vector<ModuleFileView> files; ///< those that bear the id, and those that would if they could be used
    std::vector<GenerationRecord> generations;
};

class Modules {
public:
    struct Options {
        ModuleFiles::Options files;
        CrashLimit crash;
    };
    /// keep: has a module's history recorded.
    using Keep = std::function<void(std::string id, std::string history)>;

    Modules(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Keep keep, Log log);

    /// What was kept by an earlier angod, by id. Before run.
    void restore(const std::map<std::string, std::string> &histories);
    /// Looks through the folders and then follows them until stop. Once.
    awaitable<void> run() { return files_.run(); }
    /// Ends when every file has been looked at once, with stop, or at the deadline.
    awaitable<void> scanned(std::chrono::steady_clock::time_point deadline);
    bool complete() const { return files_.complete(); }
    /// What the module folders have for this id is known; nothing of it is still being tried out.
    bool is_decided(const std::string &id) const;
    /// Ends, at the latest, when the next file has been found or refused, or another generation serves.
    awaitable<void> change();
    void stop();

    /// Null if there is none that is ready.
    GenerationPtr find(const std::string &id) const;
    /// What served before the present generation and can be gone back to, with the number that it had; the same pointer
    /// as long as it is that. Null if there is none, its copy is gone, or nothing serves: what was taken
    /// away does not come back.
    GenerationPtr rollback_target(const std::string &id);
    /// A plugin has begun to serve with this generation: what nobody could use is not gone back to in its place.
    void proved(const Generation &generation);
    /// Why find gives nothing: with the reason of a refused file, if one bears that id for a name.
    std::string why_not(const std::string &id) const;

    /// Whether crashes are this generation's fault until it has proved itself: there is another to go back to.
    bool on_probation(const Generation &generation) const;
    /// A host of the generation has died with jobs; once for each host. One crash too many, and it is gone back from.
    void crashed(const Generation &generation, const std::string &how);

    /// Tries the module's files again, also a quarantined one; what serves goes on meanwhile. A content that serves
    /// already becomes a new generation, with new hosts.
    Result<void> reload(const std::string &id);
    /// Goes back to what served before; the present content is quarantined.
    Result<void> rollback(const std::string &id);

    std::vector<ModuleView> views() const;
    std::size_t ready_count() const;
    std::size_t refused_count() const;

private:
    struct Module {
        ModuleHistory history;
        CrashCount crashes;
        std::chrono::steady_clock::time_point since; ///< that the present generation serves
        bool resume_tried = false, resuming = false;

        /// What served when angod ended may go on: it is not known yet that it cannot.
        bool may_resume() const { return !resume_tried || resuming; }
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
    void tell();

    asio::any_io_executor executor_;
    ModuleProbe &probe_;
    CrashLimit crash_;
    std::chrono::milliseconds absence_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    Keep keep_;
    Log log_;
    ModuleFiles files_;
    std::map<std::string, Module> modules_;               ///< by id
    std::vector<std::weak_ptr<const Generation>> in_use_; ///< all that somebody may still start hosts of
    bool stopping_ = false;
    Signal changed_;
};

} // namespace angod::supervisor
