#include "app/loop_watch.hpp"

#include "app/thread_trace.hpp"
#include "base/clock.hpp"

#include <algorithm>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr auto kEvery = 100ms;
// Everything takes many times as long under a sanitizer.
#if defined(__has_feature)
constexpr bool kIsSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kIsSanitized = false;
#endif

} // namespace

struct LoopWatch::State {
    State(asio::any_io_executor executor, Options chosen, Log own)
        : loop(std::move(executor)), options(chosen), log(std::move(own)) {}

    /// One question to the loop, answered by it.
    struct Question {
        Clock::time_point asked = Clock::now();
        long long waited_before_ns = 0;
        Clock::duration absent{0}; ///< in which this thread should have run and did not
    };
    void ask(const std::shared_ptr<State> &self);
    bool wait_for_answer(Question &question, std::unique_lock<std::mutex> &lock, milliseconds limit);
    void measure(const Question &question, Clock::time_point answered);

    const asio::any_io_executor loop;
    const Options options;
    const Log log;
    const ThreadTrace trace;
    mutable std::mutex mutex; ///< guards what follows
    std::condition_variable changed;
    bool stopping = false;
    bool has_answered = false;
    LoopStalls stalls;
    std::vector<void *> calls; ///< of the loop, when the present stall was found
};

LoopWatch::Options LoopWatch::usual() { return kIsSanitized ? Options{1s, 60s} : Options{200ms, 5s}; }

LoopWatch::LoopWatch(asio::any_io_executor loop, Options options, Log log)
    : state_(std::make_shared<State>(std::move(loop), options, std::move(log))), thread_([this] { follow(); }) {}

LoopWatch::~LoopWatch() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->changed.notify_all();
    thread_.join();
}

LoopStalls LoopWatch::stalls() const {
    const std::lock_guard lock(state_->mutex);
    return state_->stalls;
}

void LoopWatch::follow() {
    std::unique_lock lock(state_->mutex);
    while (!state_->stopping) {
        State::Question question;
        question.waited_before_ns = state_->trace.waited_for_processor_ns();
        state_->ask(state_);
        bool answered = state_->wait_for_answer(question, lock, state_->options.tell_after);
        if (!answered && !state_->stopping) {
            lock.unlock(); // the loop needs it to answer
            auto calls = state_->trace.calls();
            lock.lock();
            state_->calls = std::move(calls);
            answered = state_->wait_for_answer(question, lock, state_->options.tell_again);
            if (!answered && !state_->stopping)
                state_->log.warning("the event loop has not turned for {} s, so nothing goes on; it is in {}",
                                    duration_cast<std::chrono::seconds>(Clock::now() - question.asked).count(),
                                    text_of(state_->calls, false));
            while (!answered && !state_->stopping) answered = state_->wait_for_answer(question, lock, 1h);
        }
        if (answered) state_->measure(question, Clock::now());
        state_->changed.wait_for(lock, kEvery, [&] { return state_->stopping; });
    }
}

void LoopWatch::State::ask(const std::shared_ptr<State> &self) {
    has_answered = false;
    calls.clear();
    asio::post(loop, [self] {
        {
            const std::lock_guard lock(self->mutex);
            self->has_answered = true;
        }
        self->changed.notify_all();
    });
}

/// Waits in short steps: a step that takes much longer shows that this thread did not run either.
bool LoopWatch::State::wait_for_answer(Question &question, std::unique_lock<std::mutex> &lock, milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    while (!has_answered && !stopping && Clock::now() < deadline) {
        const auto step = std::min(deadline, Clock::now() + kEvery);
        changed.wait_until(lock, step, [this] { return has_answered || stopping; });
        question.absent += std::max(Clock::now() - step, Clock::duration(0));
    }
    return has_answered;
}

void LoopWatch::State::measure(const Question &question, Clock::time_point answered) {
    const std::chrono::nanoseconds waited(trace.waited_for_processor_ns() - question.waited_before_ns);
    const auto not_ours = std::max<Clock::duration>(question.absent, waited);
    const auto stall = duration_cast<milliseconds>(answered - question.asked - not_ours);
    const bool is_told = stall >= options.tell_after;
    ++stalls.answers;
    const std::string where = is_told ? text_of(calls, true) : "";
    if (is_told) {
        ++stalls.count;
        log.warning("the event loop was held up for {} ms, and so was all that angod does; it was in {}", stall.count(),
                    where);
    }
    if (stall <= stalls.longest) return;
    stalls.longest = stall;
    stalls.longest_at_ms = now_ms();
    if (is_told) stalls.where = where;
}

} // namespace angod::app
