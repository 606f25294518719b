#include "base/folder_watch.hpp"

#include "base/file_io_posix.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <sys/inotify.h>

namespace angod {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_MODIFY |
                                  IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
/// A writer that has been silent for so long counts as gone: it may have been killed, or the notification was lost.
constexpr auto kWriterPatience = std::chrono::seconds(10);

/// The part that other threads use, which may outlast the event loop.
struct Watches {
    explicit Watches(int fd) : added_by(fd) {}
    const files::Fd added_by;                     ///< the same watches as those of the stream
    std::mutex mutex;                             ///< guards folders
    std::map<int, std::filesystem::path> folders; ///< by watch
};

} // namespace

struct FolderWatch::State {
    State(const asio::any_io_executor &executor, int fd)
        : watches(std::make_shared<Watches>(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 0))), changed(executor) {
        if (fd < 0)
            Log().warning("cannot watch folders, so they are only checked now and then: {}", files::system_error());
        else
            stream.emplace(executor, fd);
    }
    void take(std::string_view bytes);

    std::optional<asio::posix::stream_descriptor> stream;
    const std::shared_ptr<Watches> watches;
    std::map<std::filesystem::path, Clock::time_point> writing;
    bool happened = false, woken = false;
    Signal changed;
};

void FolderWatch::State::take(std::string_view bytes) {
    const std::lock_guard lock(watches->mutex);
    auto &folders = watches->folders;
    while (bytes.size() >= sizeof(inotify_event)) {
        inotify_event event{};
        std::memcpy(&event, bytes.data(), sizeof event);
        const char *name = bytes.data() + sizeof event;
        bytes.remove_prefix(sizeof event + event.len);
        happened = true;
        if (event.mask & IN_Q_OVERFLOW) writing.clear();
        if (event.mask & IN_IGNORED) folders.erase(event.wd);
        const auto folder = folders.find(event.wd);
        if (folder == folders.end() || event.len == 0) continue;
        const std::filesystem::path file = folder->second / name; // ends with a zero
        if (event.mask & IN_MODIFY)
            writing[file] = Clock::now();
        else if (event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE))
            writing.erase(file);
    }
}

FolderWatch::FolderWatch(const asio::any_io_executor &executor)
    : state_(std::make_shared<State>(executor, ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK))) {
    if (!state_->stream) return;
    spawn(executor, "folder watch", [](std::shared_ptr<State> state) -> awaitable<void> {
        std::array<char, 16 * 1024> buffer;
        for (bool open = true; open;) {
            const auto [failed, n] = co_await state->stream->async_read_some(asio::buffer(buffer), as_value);
            open = !failed;
            state->take({buffer.data(), n});
            state->changed.wake_all();
        }
    }(state_));
}

FolderWatch::~FolderWatch() {
    boost::system::error_code ignored;
    if (state_->stream) state_->stream->close(ignored);
}

std::function<void(const std::filesystem::path &)> FolderWatch::adder() const {
    return [watches = state_->watches](const std::filesystem::path &folder) {
        if (!watches->added_by.open()) return;
        const int watch = ::inotify_add_watch(watches->added_by.get(), folder.c_str(), kEvents | IN_ONLYDIR);
        if (watch < 0) return;
        const std::lock_guard lock(watches->mutex);
        watches->folders[watch] = folder;
    };
}

awaitable<bool> FolderWatch::wait(Clock::time_point deadline) {
    const auto state = state_;
    while (!state->happened && !state->woken && Clock::now() < deadline) co_await state->changed.wait_until(deadline);
    state->woken = false;
    co_return std::exchange(state->happened, false);
}

void FolderWatch::wake() {
    state_->woken = true;
    state_->changed.wake_all();
}

bool FolderWatch::being_written(const std::filesystem::path &file) const {
    const auto last = state_->writing.find(file);
    return last != state_->writing.end() && Clock::now() - last->second < kWriterPatience;
}

} // namespace angod
