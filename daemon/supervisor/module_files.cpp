#include "supervisor/module_files.hpp"

#include "base/files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

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
/// Between looks at a file that changes all the time; each costs a copy.
constexpr std::chrono::milliseconds kFirstUnsettled = 100ms, kLongestUnsettled = 5s;
/// How long such a file keeps the start from being complete.
constexpr auto kUnsettledPatience = 30s;
/// After a failure that was angod's or the machine's, not the module's.
constexpr std::chrono::milliseconds kFirstFailure = 5s, kLongestFailure = 60s;
/// A module may have hung because the machine did: it is tried once more.
constexpr std::chrono::milliseconds kAfterTimeout = 30s;
/// While a folder cannot be looked into.
constexpr auto kUnreadableCheck = 1s;

bool is_library(const std::filesystem::path &file) {
    return file.extension() == ".so" && !file.filename().string().starts_with('.');
}

std::chrono::milliseconds doubled(std::chrono::milliseconds first, std::size_t times,
                                  std::chrono::milliseconds longest) {
    while (times-- > 0 && first < longest) first *= 2;
    return std::min(first, longest);
}

} // namespace

ModuleFiles::ModuleFiles(const asio::any_io_executor &executor, ModuleProbe &probe, Options options, Changed changed,
                         Log log)
    : executor_(executor),
      probe_(probe),
      options_(std::move(options)),
      changed_(std::move(changed)),
      log_(std::move(log)),
      watch_(executor),
      turn_(executor) {
    for (const auto &folder : options_.folders) folders_.push_back({folder, false});
}

void ModuleFiles::stop() {
    stopping_ = true;
    watch_.wake();
    turn_.wake_all();
}

/// Nothing only if it is not there.
std::optional<FileStamp> ModuleFiles::stamp_of(const std::filesystem::path &file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0 && ::lstat(file.c_str(), &info) != 0)
        return errno == ENOENT ? std::nullopt : std::optional<FileStamp>(FileStamp{});
    const auto ns = [](const timespec &time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; };
    return FileStamp{info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), ns(info.st_mtim),
                     ns(info.st_ctim)};
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
        for (const Folder &folder : folders_) watch_.add(folder.path);
        scan();
        first_scan_ = false;
        const auto next = next_scan();
        if (!co_await watch_.wait(next)) continue;
        const auto latest = Clock::now() + kLongestUnrest;
        while (!stopping_ && co_await watch_.wait(std::min(latest, Clock::now() + kQuiet)) && Clock::now() < latest) {
        }
    }
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
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder.path, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (!is_library(entry->path())) continue;
        seen.insert(entry->path());
        found(entry->path(), place);
    }
    const bool there = failed != std::errc::no_such_file_or_directory;
    if (!there && first_scan_) log_.info("the module folder {} does not exist", folder.path.string());
    const bool unreadable = failed && there;
    if (unreadable && !folder.unreadable)
        log_.error("cannot look into the module folder {}: {}; until that works, its modules are taken to be as they "
                   "were",
                   folder.path.string(), failed.message());
    if (!unreadable && folder.unreadable)
        log_.info("the module folder {} can be looked into again", folder.path.string());
    folder.unreadable = unreadable;
}

void ModuleFiles::found(const std::filesystem::path &source, std::size_t place) {
    const auto stamp = stamp_of(source);
    if (!stamp) return;
    ModuleFile &file = files_[source];
    file.folder = place;
    file.missing_since.reset();
    if (file.looking) return; // it finds out by itself
    const bool changed = file.state == FileState::unseen || file.stamp != *stamp;
    const bool put_off = file.look_after && Clock::now() < *file.look_after;
    if (changed && !file.unsettled_since) file.tries = 0;
    const bool due = file.look_after ? !put_off || (changed && !file.unsettled_since) : changed;
    if (due && !watch_.being_written(source)) look(source);
}

/// True: some are given up.
bool ModuleFiles::forget_missing(const std::set<std::filesystem::path> &seen) {
    const auto now = Clock::now();
    bool gone = false;
    for (auto it = files_.begin(); it != files_.end();) {
        ModuleFile &file = it->second;
        if (folders_[file.folder].unreadable)
            file.missing_since.reset();
        else if (!seen.contains(it->first) && !file.missing_since)
            file.missing_since = now;
        if (file.missing_since && now - *file.missing_since >= options_.absence && !file.looking) {
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
        else if (file.look_after && !file.looking)
            next = std::min(next, std::max(*file.look_after, Clock::now() + kQuiet));
    }
    if (any_unreadable()) next = std::min(next, Clock::now() + kUnreadableCheck);
    return std::max(next, Clock::now() + 1ms);
}

/// True once.
bool ModuleFiles::becomes_complete() {
    if (complete_ || looking_ > 0) return false;
    const auto now = Clock::now();
    const auto is_awaited = [&](const auto &entry) {
        const ModuleFile &file = entry.second;
        return file.state == FileState::unseen && file.unsettled_since &&
               now - *file.unsettled_since < kUnsettledPatience;
    };
    complete_ = std::none_of(files_.begin(), files_.end(), is_awaited);
    return complete_;
}

// ---- looking at a file

void ModuleFiles::look(const std::filesystem::path &source) {
    ModuleFile &file = files_[source];
    if (file.looking) {
        file.again = true;
        return;
    }
    file.looking = true;
    file.look_after.reset();
    ++looking_;
    spawn(executor_, "look at a module", look_at(source));
}

awaitable<void> ModuleFiles::look_at(std::filesystem::path source) {
    while (at_work_ >= kAtATime && !stopping_) co_await turn_.wait();
    ++at_work_;
    bool once_more = true;
    while (once_more && !stopping_) {
        files_[source].again = false;
        co_await look_once(source);
        once_more = files_[source].again;
    }
    files_[source].looking = false;
    --looking_;
    --at_work_;
    turn_.wake_all();
    if (stopping_) co_return;
    becomes_complete();
    changed_(true);
}

awaitable<void> ModuleFiles::look_once(std::filesystem::path source) {
    const auto stamp = stamp_of(source);
    if (!stamp) co_return; // gone again: the next scan sees to it
    ++copying_;
    auto staged = co_await probe_.stage(source);
    --copying_;
    if (stopping_) co_return;
    {
        ModuleFile &file = files_[source];
        if (stamp_of(source) != stamp) co_return unsettled(file);
        file.unsettled_since.reset();
        file.stamp = *stamp;
        if (!staged) co_return failed(file, staged.error());
        // Touched, or written again as it was.
        if (file.state == FileState::ready && file.version.sha256 == staged->sha256) {
            file.tries = 0;
            co_return;
        }
        file.asked = *staged;
    }
    const ModuleVersion asked = *staged;
    auto info = co_await probe_.ask(asked);
    if (stopping_) co_return;
    ModuleFile &file = files_[source];
    file.asked.reset();
    if (stamp_of(source) != stamp) co_return unsettled(file);
    file.version = std::move(*staged);
    file.duplicate = false;
    if (!info) co_return failed(file, info.error());
    file.version.info = std::move(*info);
    file.id = file.version.info.id;
    file.state = FileState::ready;
    file.reason.clear();
    file.tries = 0;
    log_.info("module {} {} found: {}", file.id, file.version.info.version, source.string());
}

/// The file changed meanwhile: what was found says nothing.
void ModuleFiles::unsettled(ModuleFile &file) {
    if (!file.unsettled_since) {
        file.unsettled_since = Clock::now();
        file.tries = 0;
    }
    put_off(file, doubled(kFirstUnsettled, file.tries++, kLongestUnsettled));
}

void ModuleFiles::failed(ModuleFile &file, const Error &why) {
    file.duplicate = false;
    refuse(file, FileState::rejected, why.text);
    if (why.code == Code::io || why.code == Code::full)
        put_off(file, doubled(kFirstFailure, file.tries++, kLongestFailure));
    else if (why.code == Code::timeout && file.tries++ == 0)
        put_off(file, kAfterTimeout);
}

void ModuleFiles::put_off(ModuleFile &file, std::chrono::milliseconds pause) {
    file.look_after = Clock::now() + pause;
    watch_.wake(); // the next scan may be sooner than it was to be
}

void ModuleFiles::refuse(ModuleFile &file, FileState state, std::string reason) {
    file.state = state;
    if (file.reason == reason) return;
    log_.error("module refused: {}", reason);
    file.reason = std::move(reason);
}

} // namespace angod::supervisor
