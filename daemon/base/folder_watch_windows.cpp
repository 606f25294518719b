#include "base/folder_watch.hpp"

#include "base/files.hpp"
#include "base/handle_windows.hpp"

#include <boost/asio/windows/object_handle.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace angod {

namespace {

constexpr DWORD kChanges = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE |
                           FILE_NOTIFY_CHANGE_ATTRIBUTES;

/// A folder and the event that is set when something in it changes.
struct Watched {
    Watched(const asio::any_io_executor &executor, Handle opened, HANDLE event)
        : folder(std::move(opened)), changed(executor, event) {
        overlapped.hEvent = event;
    }
    bool ask() {
        return ::ReadDirectoryChangesW(folder.get(), buffer, sizeof buffer, FALSE, kChanges, nullptr, &overlapped,
                                       nullptr) != 0;
    }
    Handle folder;
    asio::windows::object_handle changed;
    OVERLAPPED overlapped{};
    alignas(DWORD) char buffer[16 * 1024] = {};
};

} // namespace

struct FolderWatch::State : std::enable_shared_from_this<FolderWatch::State> {
    explicit State(const asio::any_io_executor &loop) : executor(loop), changed(loop) {}
    asio::any_io_executor executor;
    void begin(const std::filesystem::path &folder, Handle handle);
    std::mutex mutex;                                             ///< guards opened
    std::vector<std::pair<std::filesystem::path, Handle>> opened; ///< by other threads, and not watched yet
    std::map<std::filesystem::path, std::shared_ptr<Watched>> folders;
    bool happened = false, woken = false, ended = false;
    Signal changed;
};

void FolderWatch::State::begin(const std::filesystem::path &folder, Handle handle) {
    if (folders.contains(folder)) return;
    const HANDLE event = ::CreateEventW(nullptr, FALSE, FALSE, nullptr);
    if (!event) return;
    const auto watched = std::make_shared<Watched>(executor, std::move(handle), event);
    if (!watched->ask()) return;
    folders[folder] = watched;
    spawn(
        executor, "folder watch",
        [](std::shared_ptr<State> state, std::shared_ptr<Watched> one, std::filesystem::path path) -> awaitable<void> {
            bool open = true;
            while (open) {
                const auto [failed] = co_await one->changed.async_wait(as_value);
                if (failed || state->ended) break;
                state->happened = true;
                state->changed.wake_all();
                DWORD bytes = 0;
                open = ::GetOverlappedResult(one->folder.get(), &one->overlapped, &bytes, FALSE) && one->ask();
            }
            ::CancelIoEx(one->folder.get(), nullptr);
            state->folders.erase(path); // the caller adds it again when it looks next
        }(shared_from_this(), watched, folder));
}

FolderWatch::FolderWatch(const asio::any_io_executor &executor) : state_(std::make_shared<State>(executor)) {}

FolderWatch::~FolderWatch() {
    state_->ended = true;
    boost::system::error_code ignored;
    for (auto &[path, watched] : state_->folders) watched->changed.cancel(ignored);
}

std::function<void(const std::filesystem::path &)> FolderWatch::adder() const {
    return [state = state_](const std::filesystem::path &folder) {
        Handle opened(::CreateFileW(folder.c_str(), FILE_LIST_DIRECTORY,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED, nullptr));
        if (!opened) return;
        const std::lock_guard lock(state->mutex);
        state->opened.emplace_back(folder, std::move(opened));
    };
}

awaitable<bool> FolderWatch::wait(std::chrono::steady_clock::time_point deadline) {
    const auto state = state_;
    {
        const std::lock_guard lock(state->mutex);
        for (auto &[folder, handle] : std::exchange(state->opened, {})) state->begin(folder, std::move(handle));
    }
    while (!state->happened && !state->woken && std::chrono::steady_clock::now() < deadline)
        co_await state->changed.wait_until(deadline);
    state->woken = false;
    co_return std::exchange(state->happened, false);
}

void FolderWatch::wake() {
    state_->woken = true;
    state_->changed.wake_all();
}

bool FolderWatch::being_written(const std::filesystem::path &file) const {
    const Handle opened(::CreateFileW(file.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr,
                                      OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
    return !opened && ::GetLastError() == ERROR_SHARING_VIOLATION;
}

} // namespace angod
