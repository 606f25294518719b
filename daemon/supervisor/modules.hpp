// The modules this daemon can use, kept in step with the module folders: a file that comes, changes or goes is noticed,
// tried out in a throw-away host, and becomes the next generation of its module, or is refused while the present one
// goes on serving.
//
// Which file serves an id: of several folders the later one; in one folder the one that serves already. A version that
// keeps crashing soon after it came is gone back from, and its content is not used again until the file changes.
#pragma once

#include "base/folder_watch.hpp"
#include "supervisor/crash_count.hpp"
#include "supervisor/module_history.hpp"
#include "supervisor/module_probe.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace angod::supervisor {

enum class FileState { unseen, ready, rejected, quarantined };

/// A module file as people see it.
struct ModuleFileView {
    std::filesystem::path source;
    std::string sha256, reason;
    FileState state = FileState::unseen;
};

/// A module id as people see it.
struct ModuleView {
    std::string id;
    GenerationPtr current; ///< null: nothing serves
    std::optional<ModuleVersion> fallback;
    std::vector<ModuleFileView> files; ///< those that bear the id, and those that would if they could be used
    std::vector<GenerationRecord> generations;
};

class Modules {
public:
    struct Options {
        std::vector<std::filesystem::path> folders;
        CrashLimit crash;
        std::chrono::milliseconds rescan_every{30'000};
        std::chrono::milliseconds absence{5'000}; ///< a file that comes back sooner was never gone
    };
    /// keep: has a module's history recorded.
    using Keep = std::function<void(std::string id, std::string history)>;

    Modules(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Keep keep, Log log);

    /// What was kept by an earlier angod, by id. Before run.
    void restore(const std::map<std::string, std::string> &histories);
    /// Looks through the folders and then follows them until stop. Once.
    awaitable<void> run();
    /// Ends when every file has been looked at once, with stop, or at the deadline.
    awaitable<void> scanned(std::chrono::steady_clock::time_point deadline);
    bool complete() const { return complete_; }
    /// What the module folders have for this id is known; nothing of it is still being tried out.
    bool is_decided(const std::string &id) const;
    /// Ends, at the latest, when the next file has been found or refused, or another generation serves.
    awaitable<void> change();
    void stop();

    /// Null if there is none that is ready.
    GenerationPtr find(const std::string &id) const;
    /// What served before the present generation and can be gone back to, with the number that it had; the same pointer
    /// as long as it is that. Null if there is none, or its copy is gone.
    GenerationPtr earlier(const std::string &id);
    /// A plugin has begun to serve with this generation: what nobody could use is not gone back to in its place.
    void proved(const Generation &generation);
    /// Why find gives nothing: with the reason of a refused file, if one bears that id for a name.
    std::string why_not(const std::string &id) const;

    /// Whether crashes are this generation's fault until it has proved itself: there is another to go back to.
    bool on_trial(const Generation &generation) const;
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
    /// Whether a file may have changed is seen by these.
    struct Stamp {
        std::uint64_t device = 0, inode = 0, size = 0;
        std::int64_t modified_ns = 0, changed_ns = 0;
        bool operator==(const Stamp &) const = default;
    };
    struct File {
        std::size_t folder = 0; ///< its place among the folders
        Stamp stamp;
        FileState state = FileState::unseen;
        ModuleVersion version;  ///< as far as it is known
        std::string reason;     ///< of one that is not used
        bool duplicate = false; ///< refused only for the sake of another file
        bool looking = false, again = false;
        std::optional<std::chrono::steady_clock::time_point> missing_since;
    };
    struct Module {
        ModuleHistory history;
        CrashCount crashes;
        std::chrono::steady_clock::time_point since; ///< that the present generation serves
        bool resume_tried = false, resuming = false;
    };

    static std::optional<Stamp> stamp_of(const std::filesystem::path &file);
    void scan();
    std::chrono::steady_clock::time_point next_scan() const;
    void look(const std::filesystem::path &source);
    awaitable<void> look_at(std::filesystem::path source);
    awaitable<bool> look_once(std::filesystem::path source);
    void resolve();
    void resolve(const std::string &id);
    File *choose(const std::string &id);
    bool may_be_overridden(const File &file) const;
    bool has_file(const std::string &id, const ModuleVersion &version) const;
    void serve(const std::string &id, ModuleVersion version, std::string why);
    awaitable<void> resume(std::string id);
    void refuse(File &file, FileState state, std::string reason);
    void go_back(const std::string &id, const std::string &reason);
    void tidy();
    void tell();

    asio::any_io_executor executor_;
    ModuleProbe &probe_;
    Options options_;
    Keep keep_;
    Log log_;
    FolderWatch watch_;
    std::map<std::filesystem::path, File> files_;
    std::map<std::string, Module> modules_;               ///< by id
    std::vector<std::weak_ptr<const Generation>> in_use_; ///< all that somebody may still start hosts of
    std::size_t looking_ = 0, at_work_ = 0; ///< the second: of the first, those that do not wait for their turn
    bool complete_ = false, stopping_ = false, first_scan_ = true;
    Signal changed_;
};

} // namespace angod::supervisor
