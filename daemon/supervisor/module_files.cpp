// Notifications of the system only say when to look: every scan reads all folders, compares the stamps of the files with
// those of the last look, and starts a look at each file that changed. A look copies the file, so that it cannot change
// while a host loads it, and then asks a host about the copy. A file that changed during the look is looked at again, after
// a pause that doubles; so is a file whose look failed because of the machine.
//
// Thread: the event loop; files are read and copied on other threads. Invariants: at most kAtATime looks are at work; a file that is
// being looked at stays in files_; a file that is missing stays until it was absent for Options::absence.
#include "supervisor/module_files.hpp"

#include "base/disk_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A look is mostly CPU. Several at a time are allowed so that a module that hangs does not hold up the others.
constexpr std::size_t kAtATime = 4;
/// A scan waits until nothing has happened for so long: most changes come in several steps.
constexpr auto kQuiet = 40ms;
constexpr auto kLongestUnrest = 1s; ///< but not longer than this
/// Between scans while a file is being written.
constexpr auto kWriterCheck = 200ms;
/// Pauses between looks at a file that changes all the time; each look costs a copy.
constexpr std::chrono::milliseconds kFirstUnsettled = 100ms, kLongestUnsettled = 5s;
/// For so long such a file delays the end of the start.
constexpr auto kUnsettledPatience = 30s;
/// Pauses after a failure of angod or of the machine.
constexpr std::chrono::milliseconds kFirstFailure = 5s, kLongestFailure = 60s;
/// A module may have hung because the machine did: it gets one more look.
constexpr std::chrono::milliseconds kAfterTimeout = 30s;
/// Between scans while a folder cannot be read.
constexpr auto kUnreadableCheck = 1s;

std::chrono::milliseconds doubled(std::chrono::milliseconds first, std::size_t times,
                                  std::chrono::milliseconds longest) {
    while (times-- > 0 && first < longest) first *= 2;
    return std::min(first, longest);
}

} // namespace

std::string id_by_name(const std::filesystem::path &file) {
    std::string name = file.stem().string();
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

FileState next_state(FileState state, FileEvent event) {
    using enum FileState;
    // Columns: good, failed, quarantine, displace, admit, reload.
    static constexpr std::array<std::array<FileState, 6>, 5> table{{
        {ready, rejected, unseen, unseen, unseen, unseen},        // unseen
        {ready, rejected, quarantined, duplicate, ready, unseen}, // ready
        {ready, rejected, quarantined, duplicate, ready, unseen}, // duplicate
        {ready, rejected, rejected, rejected, rejected, unseen},  // rejected
        {ready, rejected, quarantined, duplicate, ready, unseen}, // quarantined
    }};
    return table[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

Look next_look(Look look, LookEvent event) {
    using enum Look;
    // Columns: ask, begin, end.
    static constexpr std::array<std::array<Look, 3>, 3> table{{
        {under_way, none, none},      // none
        {once_more, under_way, none}, // under_way
        {once_more, under_way, none}, // once_more
    }};
    return table[static_cast<std::size_t>(look)][static_cast<std::size_t>(event)];
}

ModuleFiles::ModuleFiles(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Changed changed,
                         Log log)
    : executor_(executor),
      probe_(probe),
      options_(std::move(options)),
      changed_(std::move(changed)),
      log_(std::move(log)),
      watch_(executor),
      turn_(executor),
      folder_read_(executor) {
    for (const auto &folder : options_.folders) folders_.push_back({folder, false, false, std::nullopt});
}

void ModuleFiles::stop() {
    stopping_ = true;
    watch_.wake();
    turn_.wake_all();
    folder_read_.wake_all();
}

bool ModuleFiles::any_unreadable() const {
    return std::any_of(folders_.begin(), folders_.end(), [](const Folder &one) { return one.unreadable; });
}

std::optional<std::size_t> ModuleFiles::unreadable_folder_of(const std::filesystem::path &source) const {
    for (std::size_t place = 0; place < folders_.size(); ++place)
        if (folders_[place].unreadable && folders_[place].path / source.filename() == source) return place;
    return std::nullopt;
}

// ---- following the folders

awaitable<void> ModuleFiles::run() {
    while (!stopping_) {
        co_await read_folders();
        if (stopping_) co_return;
        scan();
        if (progress_ == Progress::first_scan) progress_ = Progress::looking;
        const auto next = next_scan();
        if (!co_await watch_.wait(next)) continue;
        const auto latest = Clock::now() + kLongestUnrest;
        while (!stopping_ && co_await watch_.wait(std::min(latest, Clock::now() + kQuiet)) && Clock::now() < latest) {
        }
    }
}

/// All at the same time, so that a folder that does not answer costs its limit only once.
awaitable<void> ModuleFiles::read_folders() {
    for (std::size_t place = 0; place < folders_.size(); ++place) {
        ++reading_;
        spawn(executor_, "reading a module folder", read_folder(place));
    }
    while (reading_ > 0 && !stopping_) co_await folder_read_.wait();
}

awaitable<void> ModuleFiles::read_folder(std::size_t place) {
    const auto path = folders_[place].path;
    const auto read = [path, watch = watch_.adder()](const DiskCall &) {
        watch(path);
        return list_modules(path);
    };
    auto listing = co_await on_disk_thread("the module folder " + path.string(), options_.answer_limit, read);
    folders_[place].listing = std::move(listing);
    --reading_;
    folder_read_.wake_all();
}

void ModuleFiles::scan() {
    std::set<std::filesystem::path> seen;
    for (std::size_t place = 0; place < folders_.size(); ++place) scan(place, seen);
    const bool gone = forget_missing(seen);
    const bool complete = becomes_complete();
    changed_(gone || complete);
}

void ModuleFiles::scan(std::size_t place, std::set<std::filesystem::path> &seen) {
    Folder &folder = folders_[place];
    tell_if_missing(folder);
    const std::string why = why_unreadable(folder);
    const bool unreadable = !why.empty();
    if (unreadable && !folder.unreadable) log_.error("{}; its modules stay as they are until it can be read", why);
    if (!unreadable && folder.unreadable) log_.info("the module folder {} can be read again", folder.path.string());
    folder.unreadable = unreadable;
    if (!*folder.listing) return;
    for (const auto &[source, stamp] : (*folder.listing)->files) {
        seen.insert(source);
        if (stamp) found(source, place, *stamp);
    }
}

std::string ModuleFiles::why_unreadable(const Folder &folder) {
    const auto &listing = *folder.listing;
    if (!listing) return listing.error().text;
    if (!listing->failed || is_missing(folder)) return "";
    return fmt::format("cannot read the module folder {}: {}", folder.path.string(), listing->failed.message());
}

bool ModuleFiles::is_missing(const Folder &folder) {
    return *folder.listing && (*folder.listing)->failed == std::errc::no_such_file_or_directory;
}

void ModuleFiles::tell_if_missing(Folder &folder) const {
    const bool missing = is_missing(folder);
    if (missing && !folder.missing)
        log_.warning("the module folder {} does not exist; make it, or correct module_dirs in the configuration",
                     folder.path.string());
    if (!missing && folder.missing) log_.info("the module folder {} is there now", folder.path.string());
    folder.missing = missing;
}

void ModuleFiles::found(const std::filesystem::path &source, std::size_t place, const FileStamp &stamp) {
    ModuleFile &file = files_[source];
    file.folder = place;
    file.missing_since.reset();
    if (file.look != Look::none) return; // the look finds out by itself
    const bool changed = file.state == FileState::unseen || file.stamp != stamp;
    const bool put_off = file.look_after && Clock::now() < *file.look_after;
    if (changed && !file.unsettled_since) file.tries = 0;
    const bool due = file.look_after ? !put_off || (changed && !file.unsettled_since) : changed;
    if (!due || watch_.being_written(source)) return;
    file.stamp = stamp; // also if the look fails: what has not changed is not looked at again at once
    look(source);
}

/// True: some files are gone for good.
bool ModuleFiles::forget_missing(const std::set<std::filesystem::path> &seen) {
    const auto now = Clock::now();
    bool gone = false;
    for (auto it = files_.begin(); it != files_.end();) {
        ModuleFile &file = it->second;
        if (folders_[file.folder].unreadable)
            file.missing_since.reset();
        else if (!seen.contains(it->first) && !file.missing_since)
            file.missing_since = now;
        if (file.missing_since && now - *file.missing_since >= options_.absence && file.look == Look::none) {
            log_.info("the module file {} is gone", it->first.string());
            it = files_.erase(it);
            gone = true;
        } else {
            ++it;
        }
    }
    return gone;
}

Clock::time_point ModuleFiles::next_scan() const {
    auto next = Clock::now() + options_.rescan_every;
    for (const auto &[source, file] : files_) {
        if (file.missing_since)
            next = std::min(next, *file.missing_since + options_.absence);
        else if (watch_.being_written(source))
            next = std::min(next, Clock::now() + kWriterCheck);
        else if (file.look_after && file.look == Look::none)
            next = std::min(next, std::max(*file.look_after, Clock::now() + kQuiet));
    }
    if (any_unreadable()) next = std::min(next, Clock::now() + kUnreadableCheck);
    return std::max(next, Clock::now() + 1ms);
}

/// True only once: with the call that makes it complete.
bool ModuleFiles::becomes_complete() {
    if (complete() || looking_ > 0) return false;
    const auto now = Clock::now();
    const auto is_awaited = [&](const auto &entry) {
        const ModuleFile &file = entry.second;
        return file.state == FileState::unseen && file.unsettled_since &&
               now - *file.unsettled_since < kUnsettledPatience;
    };
    if (std::any_of(files_.begin(), files_.end(), is_awaited)) return false;
    progress_ = Progress::complete;
    return true;
}

// ---- looking at a file

void ModuleFiles::look(const std::filesystem::path &source) {
    ModuleFile &file = files_[source];
    if (std::exchange(file.look, next_look(file.look, LookEvent::ask)) != Look::none) return;
    file.look_after.reset();
    ++looking_;
    spawn(executor_, "look at a module", look_at(source));
}

awaitable<void> ModuleFiles::look_at(std::filesystem::path source) {
    while (at_work_ >= kAtATime && !stopping_) co_await turn_.wait();
    ++at_work_;
    bool once_more = true;
    while (once_more && !stopping_) {
        Look &look = files_[source].look;
        look = next_look(look, LookEvent::begin);
        co_await look_once(source);
        once_more = look == Look::once_more; // the file stays in files_ during a look
    }
    files_[source].look = next_look(files_[source].look, LookEvent::end);
    --looking_;
    --at_work_;
    turn_.wake_all();
    if (stopping_) co_return;
    becomes_complete();
    changed_(true);
}

/// An error of its file system has Code::io.
awaitable<Result<std::optional<FileStamp>>> ModuleFiles::examine(std::filesystem::path source) const {
    const auto work = [source](const DiskCall &) { return stamp_of(source); };
    const auto stamp = co_await on_disk_thread(source.string(), options_.answer_limit, work);
    if (!stamp) co_return error(Code::io, stamp.error().text);
    co_return *stamp;
}

awaitable<void> ModuleFiles::look_once(std::filesystem::path source) {
    const auto stamp = co_await examine(source);
    if (stopping_) co_return;
    if (!stamp) co_return failed(files_[source], stamp.error());
    if (!*stamp) co_return; // it is gone; the next scan notices that
    ++copying_;
    auto staged = co_await probe_.stage(source);
    --copying_;
    if (stopping_) co_return;
    if (staged) files_[source].asked = *staged; // from now on its copy is needed
    co_await ask_about(source, **stamp, std::move(staged));
    files_[source].asked.reset();
}

awaitable<void> ModuleFiles::ask_about(std::filesystem::path source, FileStamp stamp, Result<ModuleVersion> staged) {
    auto stamp_now = co_await examine(source);
    if (stopping_) co_return;
    if (!stamp_now) co_return failed(files_[source], staged ? stamp_now.error() : staged.error());
    {
        ModuleFile &file = files_[source];
        if (*stamp_now != stamp) co_return unsettled(file);
        file.unsettled_since.reset();
        file.stamp = stamp;
        if (!staged) co_return failed(file, staged.error());
        // It was only touched, or was written again with the same content.
        if (file.state == FileState::ready && file.version.sha256 == staged->sha256) {
            file.tries = 0;
            co_return;
        }
    }
    auto info = co_await probe_.ask(*staged);
    if (stopping_) co_return;
    stamp_now = co_await examine(source);
    if (stopping_) co_return;
    ModuleFile &file = files_[source];
    if (!stamp_now) co_return failed(file, stamp_now.error());
    if (*stamp_now != stamp) co_return unsettled(file);
    file.version = std::move(*staged);
    if (!info) co_return failed(file, info.error());
    file.version.info = std::move(*info);
    file.id = file.version.info.id;
    file.on(FileEvent::good);
    file.reason.clear();
    file.tries = 0;
    log_.info("module {} {} found: {}", file.id, file.version.info.version, source.string());
}

/// The file changed during the look, so the look says nothing.
void ModuleFiles::unsettled(ModuleFile &file) {
    if (!file.unsettled_since) {
        file.unsettled_since = Clock::now();
        file.tries = 0;
    }
    put_off(file, doubled(kFirstUnsettled, file.tries++, kLongestUnsettled));
}

void ModuleFiles::failed(ModuleFile &file, const Error &why) {
    refuse(file, FileEvent::failed, why.text);
    if (why.code == Code::io || why.code == Code::full)
        put_off(file, doubled(kFirstFailure, file.tries++, kLongestFailure));
    else if (why.code == Code::timeout && file.tries++ == 0)
        put_off(file, kAfterTimeout);
}

void ModuleFiles::put_off(ModuleFile &file, std::chrono::milliseconds pause) {
    file.look_after = Clock::now() + pause;
    watch_.wake(); // the next scan may have to come sooner
}

void ModuleFiles::refuse(ModuleFile &file, FileEvent event, std::string reason) {
    file.on(event);
    if (file.reason == reason) return;
    log_.error("module refused: {}", reason);
    file.reason = std::move(reason);
}

} // namespace angod::supervisor
