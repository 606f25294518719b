// Follows the module folders: a file that comes, changes or goes is noticed, and tried out in a throw-away host. Which
// of them serves is decided elsewhere.
#pragma once

#include "base/folder_watch.hpp"
#include "supervisor/module_probe.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace angod::supervisor {

enum class FileState { unseen, ready, rejected, quarantined };

/// Whether a file may have changed is seen by this.
struct FileStamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    bool operator==(const FileStamp &) const = default;
};

struct ModuleFile {
    using Time = std::chrono::steady_clock::time_point;

    std::size_t folder = 0; ///< its place among the folders
    FileStamp stamp;
    FileState state = FileState::unseen;
    ModuleVersion version;  ///< as far as it is known
    std::string id;         ///< that it bears, or bore before it could not be used any more; empty: not known
    std::string reason;     ///< of one that is not used
    bool duplicate = false; ///< refused only for the sake of another file
    bool looking = false, again = false;
    std::optional<ModuleVersion> asked; ///< its copy is being tried out
    std::optional<Time> missing_since;
    std::optional<Time> look_after;      ///< when it is to be looked at once more
    std::optional<Time> unsettled_since; ///< it has changed each time that it was looked at
    std::size_t tries = 0;               ///< that came to nothing, in a row
};

/// Event loop only.
class ModuleFiles {
public:
    using Map = std::map<std::filesystem::path, ModuleFile>;
    struct Options {
        std::vector<std::filesystem::path> folders;
        std::chrono::milliseconds rescan_every{30'000};
        std::chrono::milliseconds absence{5'000}; ///< a file that comes back sooner was never gone
    };
    /// news: a file was looked at, or is gone, or the first scan is complete; else only time has passed.
    using Changed = std::function<void(bool news)>;

    ModuleFiles(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Changed changed, Log log);

    /// Looks through the folders and then follows them until stop. Once.
    awaitable<void> run();
    void stop();

    Map &all() { return files_; }
    const Map &all() const { return files_; }
    /// Every file has been looked at once.
    bool complete() const { return complete_; }
    /// Nothing is being looked at either.
    bool at_rest() const { return complete_ && looking_ == 0; }
    /// A copy is being made that is not known by name yet.
    bool is_copying() const { return copying_ > 0; }
    /// The place of a file's folder, if that cannot be looked into now: what is in it is not known.
    std::optional<std::size_t> unreadable_folder_of(const std::filesystem::path &source) const;
    bool any_unreadable() const;

    /// Tries a file out, now or right after the try that is under way.
    void look(const std::filesystem::path &source);
    void refuse(ModuleFile &file, FileState state, std::string reason);

private:
    struct Folder {
        std::filesystem::path path;
        bool unreadable = false;
    };

    static std::optional<FileStamp> stamp_of(const std::filesystem::path &file);
    void scan();
    void scan(std::size_t place, std::set<std::filesystem::path> &seen);
    void found(const std::filesystem::path &source, std::size_t place);
    bool forget_missing(const std::set<std::filesystem::path> &seen);
    std::chrono::steady_clock::time_point next_scan() const;
    awaitable<void> look_at(std::filesystem::path source);
    awaitable<void> look_once(std::filesystem::path source);
    void unsettled(ModuleFile &file);
    void failed(ModuleFile &file, const Error &why);
    void put_off(ModuleFile &file, std::chrono::milliseconds pause);
    bool becomes_complete();

    asio::any_io_executor executor_;
    ModuleProbe &probe_;
    Options options_;
    std::vector<Folder> folders_;
    Changed changed_;
    Log log_;
    FolderWatch watch_;
    Map files_;
    std::size_t looking_ = 0, at_work_ = 0; ///< the second: of the first, those that do not wait for their turn
    std::size_t copying_ = 0;
    bool complete_ = false, stopping_ = false, first_scan_ = true;
    Signal turn_;
};

} // namespace angod::supervisor
