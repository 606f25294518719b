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
    friend Result<void> start_disk_call(const std::string &subject, const std::shared_ptr<DiskCall> &call);
    void run(const std::string &subject);
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

/// Event loop. Runs work(const DiskCall &) on a thread of its own and returns its value. An error of the call itself begins
/// with the subject, for example "the module folder /x". It has Code::timeout if the limit has passed since the start and
/// since the last beat, and at once if an earlier call for the same subject has not returned yet. work must own everything
/// that it uses, because the caller may go on before it ends. The caller gets its exception.
template <class Work>
auto on_disk_thread(std::string subject, std::chrono::milliseconds limit, Work work)
    -> awaitable<typename DiskResult<std::invoke_result_t<Work &, const DiskCall &>>::Type> {
    using Value = std::invoke_result_t<Work &, const DiskCall &>;
    struct Call final : DiskCall {
        explicit Call(Work given) : todo(std::move(given)) {}
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
    const auto call = std::make_shared<Call>(std::move(work));
    if (const auto started = start_disk_call(subject, call); !started) co_return started.error();
    const auto returned = co_await await_disk_call(std::move(subject), call, limit);
    if (!returned) co_return returned.error();
    if (call->failed) std::rethrow_exception(call->failed);
    co_return std::move(*call->value);
}

} // namespace angod
