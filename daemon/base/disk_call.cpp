#include "base/disk_call.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <set>
#include <system_error>
#include <thread>

namespace angod {

namespace {

/// The subjects of the calls that have not returned. Never destroyed, because a thread may outlast everything else.
struct UnderWay {
    std::mutex mutex;
    std::set<std::string> subjects;
};
UnderWay &under_way() {
    static auto *const one = new UnderWay;
    return *one;
}

Error no_answer(const std::string &subject, std::string_view reason) {
    return error(Code::timeout, fmt::format("{} does not answer: {}", subject, reason));
}

} // namespace

/// A wait for a call. Its destructor makes sure that the thread of the call does not touch the event loop any more.
class DiskCallWait {
public:
    DiskCallWait(std::shared_ptr<DiskCall> call, std::shared_ptr<asio::steady_timer> timer) : call_(std::move(call)) {
        const std::lock_guard lock(call_->mutex_);
        call_->waiting_ = std::move(timer);
    }
    DiskCallWait(const DiskCallWait &) = delete;
    DiskCallWait &operator=(const DiskCallWait &) = delete;
    ~DiskCallWait() {
        const std::lock_guard lock(call_->mutex_);
        call_->waiting_.reset();
    }
    bool has_returned() const {
        const std::lock_guard lock(call_->mutex_);
        return call_->returned_;
    }
    std::uint64_t beats() const { return call_->beats(); }

private:
    const std::shared_ptr<DiskCall> call_;
};

void DiskCall::finish() {
    const std::lock_guard lock(mutex_);
    returned_ = true;
    // The caller is on its event loop as long as it waits, so the loop is still there.
    if (waiting_) asio::post(waiting_->get_executor(), [timer = waiting_] { timer->cancel(); });
}

Result<void> start_disk_call(const std::string &subject, const std::shared_ptr<DiskCall> &call) {
    const std::lock_guard lock(under_way().mutex);
    if (!under_way().subjects.insert(subject).second)
        return no_answer(subject, "an earlier call of the system for it has not returned yet");
    try {
        std::thread([subject, call] {
            call->work();
            {
                const std::lock_guard under_way_lock(under_way().mutex);
                under_way().subjects.erase(subject);
            }
            call->finish();
        }).detach();
    } catch (const std::system_error &failed) {
        under_way().subjects.erase(subject);
        return error(Code::io, fmt::format("{}: cannot start a thread: {}", subject, failed.what()));
    }
    return {};
}

awaitable<Result<void>> await_disk_call(std::string subject, std::shared_ptr<DiskCall> call,
                                        std::chrono::milliseconds limit) {
    using Clock = std::chrono::steady_clock;
    const auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor);
    const DiskCallWait wait(std::move(call), timer);
    auto beats = wait.beats();
    auto deadline = Clock::now() + limit;
    while (!wait.has_returned()) {
        if (Clock::now() >= deadline) {
            const auto later = wait.beats();
            if (later == beats)
                co_return no_answer(subject, fmt::format("a call of the system has not returned within {} s",
                                                         std::chrono::duration<double>(limit).count()));
            beats = later;
            deadline = Clock::now() + limit;
        }
        timer->expires_at(deadline);
        co_await timer->async_wait(as_value);
    }
    co_return Result<void>();
}

struct CallThread::Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<DiskCall>> calls;
    bool ends = false;
};

CallThread::CallThread() : queue_(std::make_shared<Queue>()) {}

CallThread::~CallThread() {
    const std::lock_guard lock(queue_->mutex);
    queue_->ends = true;
    queue_->changed.notify_all();
}

Result<void> CallThread::start(std::shared_ptr<DiskCall> call) {
    if (!begun_) {
        try {
            // Its end is not awaited: it may hang in a call of the system.
            std::thread([queue = queue_] { run(queue); }).detach();
        } catch (const std::system_error &failed) {
            return error(Code::io, fmt::format("cannot start a thread: {}", failed.what()));
        }
        begun_ = true;
    }
    const std::lock_guard lock(queue_->mutex);
    queue_->calls.push_back(std::move(call));
    queue_->changed.notify_all();
    return {};
}

void CallThread::run(const std::shared_ptr<Queue> &queue) {
    for (;;) {
        std::shared_ptr<DiskCall> call;
        {
            std::unique_lock lock(queue->mutex);
            queue->changed.wait(lock, [&] { return queue->ends || !queue->calls.empty(); });
            if (queue->calls.empty()) return;
            call = std::move(queue->calls.front());
            queue->calls.pop_front();
        }
        call->work();
        call->finish();
    }
}

} // namespace angod
