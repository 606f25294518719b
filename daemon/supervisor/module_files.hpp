// Follows the module folders: notices a file that comes, changes or goes, and has it probed in a throw-away host. Which
// file serves a module is decided elsewhere.
//
// A file's state:
//
//                 good    failed     quarantine    displace    admit    reload
//   unseen        ready   rejected   -             -           -        -
//   ready         -       rejected   quarantined   duplicate   -        unseen
//   duplicate     ready   rejected   quarantined   -           ready    unseen
//   rejected      ready   -          -             -           -        unseen
//   quarantined   ready   rejected   -             duplicate   ready    unseen
//
// Whether it is being looked at:
//
//                 ask          begin        end
//   none          under_way    -            -
//   under_way     once_more    -            none
//   once_more     -            under_way    none (only when angod stops)
//
// "-": the event changes nothing.
#pragma once

#include "base/folder_watch.hpp"
#include "base/result.hpp"
#include "supervisor/folder_listing.hpp"
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

enum class FileState {
    unseen,      ///< not looked at yet, or an operator asked for a new look
    ready,       ///< may serve
    duplicate,   ///< refused only because another file of its folder has the same module id
    rejected,    ///< cannot be used
    quarantined, ///< its content must not be used
};
enum class FileEvent {
    good,       ///< a host loaded it
    failed,     ///< it could not be copied or loaded
    quarantine, ///< its content is quarantined
    displace,   ///< another file of its folder is used for the id
    admit,      ///< nothing is against its use
    reload,     ///< an operator asked for a new look
};
FileState next_state(FileState state, FileEvent event);
/// A host could load the file the last time.
inline bool was_loaded(FileState state) {
    return state == FileState::ready || state == FileState::duplicate || state == FileState::quarantined;
}
inline bool is_refused(FileState state) { return state != FileState::unseen && state != FileState::ready; }

enum class Look {
    none,
    under_way, ///< it waits for its turn, is being copied, or a host loads it
    once_more, ///< the same, and it must be looked at again afterwards
};
enum class LookEvent {
    ask,   ///< somebody wants it looked at
    begin, ///< a look begins
    end,   ///< all looks are over
};
Look next_look(Look look, LookEvent event);

/// The id that a module in this file would have if it follows the naming rule: export_coco.so has export-coco.
std::string id_by_name(const std::filesystem::path &file);

struct ModuleFile {
    using Time = std::chrono::steady_clock::time_point;

    std::size_t folder = 0; ///< its place among the folders
    FileStamp stamp;
    FileState state = FileState::unseen;
    Look look = Look::none;
    ModuleVersion version;              ///< as far as it is known
    std::string id;                     ///< that it bears, or bore before it became unusable; empty: not known
    std::string reason;                 ///< why it is refused
    std::optional<ModuleVersion> asked; ///< the copy that a host is loading
    std::optional<Time> missing_since;
    std::optional<Time> look_after;      ///< when it must be looked at once more
    std::optional<Time> unsettled_since; ///< it has changed during each look since then
    std::size_t tries = 0;               ///< failed looks in a row

    /// Moves it to another state; it must be given a reason in a refused one.
    void on(FileEvent event) { state = next_state(state, event); }
};

/// Event loop only.
class ModuleFiles {
public:
    using Map = std::map<std::filesystem::path, ModuleFile>;
    struct Options {
        std::vector<std::filesystem::path> folders;
        std::chrono::milliseconds rescan_every{30'000};
        std::chrono::milliseconds absence{5'000};      ///< a file that comes back sooner was never gone
        std::chrono::milliseconds answer_limit{2'000}; ///< for the calls of a folder's or a file's file system
    };
    /// news: a file was looked at, or is gone, or the first scan is complete. Otherwise only time has passed.
    using Changed = std::function<void(bool news)>;

    ModuleFiles(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Changed changed, Log log);

    /// Looks through the folders and then follows them until stop. Call once.
    awaitable<void> run();
    void stop();

    Map &all() { return files_; }
    const Map &all() const { return files_; }
    /// Every file has been looked at once.
    bool complete() const { return progress_ == Progress::complete; }
    /// Every file has been looked at, and none is being looked at now.
    bool at_rest() const { return complete() && looking_ == 0; }
    /// A copy is being made; its name is not known yet.
    bool is_copying() const { return copying_ > 0; }
    /// The place of a file's folder, if that cannot be read now: which files it has is not known then.
    std::optional<std::size_t> unreadable_folder_of(const std::filesystem::path &source) const;
    bool any_unreadable() const;

    /// Looks at a file, now or right after the look that is under way.
    void look(const std::filesystem::path &source);
    /// event must lead to a refused state. Logs a reason that is new.
    void refuse(ModuleFile &file, FileEvent event, std::string reason);

private:
    struct Folder {
        std::filesystem::path path;
        bool unreadable = false;
        bool missing = false;
        std::optional<Result<FolderListing>> listing; ///< that the next scan uses
    };
    /// Only goes forward.
    enum class Progress {
        first_scan,
        looking, ///< the folders were read; some files have not been looked at yet
        complete,
    };

    awaitable<Result<std::optional<FileStamp>>> examine(std::filesystem::path source) const;
    awaitable<void> read_folders();
    awaitable<void> read_folder(std::size_t place);
    void scan();
    void scan(std::size_t place, std::set<std::filesystem::path> &seen);
    /// Empty: the folder can be read. A folder that does not exist has no modules.
    static std::string why_unreadable(const Folder &folder);
    static bool is_missing(const Folder &folder);
    void tell_if_missing(Folder &folder) const;
    void found(const std::filesystem::path &source, std::size_t place, const FileStamp &stamp);
    bool forget_missing(const std::set<std::filesystem::path> &seen);
    std::chrono::steady_clock::time_point next_scan() const;
    awaitable<void> look_at(std::filesystem::path source);
    awaitable<void> look_once(std::filesystem::path source);
    awaitable<void> ask_about(std::filesystem::path source, FileStamp stamp, Result<ModuleVersion> staged);
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
    std::size_t reading_ = 0; ///< folders that are being read
    std::size_t looking_ = 0; ///< files that are being looked at
    std::size_t at_work_ = 0; ///< those of them that do not wait for their turn
    std::size_t copying_ = 0;
    Progress progress_ = Progress::first_scan;
    bool stopping_ = false;
    Signal turn_, folder_read_;
};

} // namespace angod::supervisor
