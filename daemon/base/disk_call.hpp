// Calls of the file system that cannot hold up the event loop. A folder on a dead network file system answers no call, and the
// thread that makes one waits for it, perhaps for ever. So each call has a thread of its own and a limit. After the limit the
// caller goes on without an answer.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace angod {

/// A call that is under way, or has returned. Shared by its thread and its caller.
class DiskCall {
public:
    virtual ~DiskCall() = default;
    /// Any thread. Long work says with it that it goes on; the limit begins anew.
    void beat() const { beats_.fetch_add(1, std::memory_order_relaxed); }

protected:
    DiskCall() = default;
    virtual void work() = 0;

private:
    friend class DiskCallWait;
    friend class CallThread;
    friend Result<void> start_disk_call(const std::string &subject, const std::shared_ptr<DiskCall> &call);
    void finish();
    std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }

    mutable std::atomic<std::uint64_t> beats_ = 0;
    std::mutex mutex_;
    bool returned_ = false;
    std::shared_ptr<asio::steady_timer> waiting_; ///< of the caller; empty: nobody waits
};

/// Starts the thread of a call. An error if there is one under way for this subject, or the system has no thread.
Result<void> start_disk_call(const std::string &subject, const std::shared_ptr<DiskCall> &call);
/// Event loop. Returns when the call has returned, or after the limit with Code::timeout.
awaitable<Result<void>> await_disk_call(std::string subject, std::shared_ptr<DiskCall> call,
                                        std::chrono::milliseconds limit);

/// Result<T> for a call that gives T, and for one that gives Result<T>.
template <class T> struct DiskResult { using Type = Result<T>; };
template <class T> struct DiskResult<Result<T>> { using Type = Result<T>; };

/// A thread for calls that must come from the same one. It makes them one after the other, and begins with the first. It ends
/// when the object is gone and the calls that were given to it have returned.
class CallThread {
public:
    CallThread();
    CallThread(const CallThread &) = delete;
    CallThread &operator=(const CallThread &) = delete;
    ~CallThread();
    /// Event loop. An error if the system has no thread.
    Result<void> start(std::shared_ptr<DiskCall> call);

private:
    struct Queue;
    static void run(const std::shared_ptr<Queue> &queue);
    std::shared_ptr<Queue> queue_; ///< shared with the thread, which may be the last to need it
    bool begun_ = false;
};

/// A call of work(const DiskCall &), with its value.
template <class Work> struct CallOf final : DiskCall {
    using Value = std::invoke_result_t<Work &, const DiskCall &>;
    explicit CallOf(Work given) : todo(std::move(given)) {}
    void work() override {
        try {
            value.emplace(todo(*this));
        } catch (...) {
            failed = std::current_exception();
        }
    }
    Work todo;
    std::optional<Value> value;
    std::exception_ptr failed;
};

template <class Work>
auto value_of(std::string subject, std::shared_ptr<CallOf<Work>> call, std::chrono::milliseconds limit)
    -> awaitable<typename DiskResult<typename CallOf<Work>::Value>::Type> {
    const auto returned = co_await await_disk_call(std::move(subject), call, limit);
    if (!returned) co_return returned.error();
    if (call->failed) std::rethrow_exception(call->failed);
    co_return std::move(*call->value);
}

/// Event loop. Runs work(const DiskCall &) on a thread of its own and returns its value. An error of the call itself begins
/// with the subject, for example "the module folder /x". It has Code::timeout if the limit has passed since the start and
/// since the last beat, and at once if an earlier call for the same subject has not returned yet. work must own everything
/// that it uses, because the caller may go on before it ends. The caller gets its exception.
template <class Work>
auto on_disk_thread(std::string subject, std::chrono::milliseconds limit, Work work)
    -> awaitable<typename DiskResult<std::invoke_result_t<Work &, const DiskCall &>>::Type> {
    const auto call = std::make_shared<CallOf<Work>>(std::move(work));
    if (const auto started = start_disk_call(subject, call); !started) co_return started.error();
    co_return co_await value_of(std::move(subject), call, limit);
}

/// The same on a thread that is given. The limit counts from now, although earlier calls may be before it in the queue.
template <class Work>
auto on_call_thread(CallThread &thread, std::string subject, std::chrono::milliseconds limit, Work work)
    -> awaitable<typename DiskResult<std::invoke_result_t<Work &, const DiskCall &>>::Type> {
    const auto call = std::make_shared<CallOf<Work>>(std::move(work));
    if (const auto started = thread.start(call); !started) co_return wrap(subject, started.error());
    co_return co_await value_of(std::move(subject), call, limit);
}

} // namespace angod
