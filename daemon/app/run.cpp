// One attempt at a job.
//
// Problem: an attempt can end in many ways (a result, a crash, a time-out, a module that is replaced, a stop), and an
// operator may cancel it at any moment of it.
// Approach: attempt() is one coroutine that reads from top to bottom: work → run_in → conclude → answer or put_back.
// phase_ says how far it is, and changes in enter() only, by the table of run_phase.hpp. cancel() looks at the phase
// alone: while the run waits, cancel() itself answers, and the coroutine finds that out at its next step.
// Invariant: a job has at most one Run, and each Run ends with its answer recorded or its job put back, once.
// Thread: the event loop; files are removed on a thread for calls of the file system.
#include "app/run.hpp"

#include "app/failure.hpp"
#include "base/clock.hpp"
#include "base/disk_call.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/redact.hpp"
#include "base/utf8.hpp"
#include "supervisor/end_sentences.hpp"
#include "supervisor/run_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace angod::app {

namespace {

using Clock = std::chrono::steady_clock;
using jobs::AttemptEnd;
using supervisor::AcquireFailure;
using supervisor::JobEnd;

/// Longer events are not kept in memory while a host works on them: the store has them.
constexpr std::size_t kLarge = 64 * 1024;
/// Wait before a repetition after a crash or a failed start. Doubles with each attempt, kMostDoublings times.
constexpr std::int64_t kCrashWaitMs = 1000, kMostDoublings = 6;
/// Crashes of a new version that one job is not charged for.
constexpr std::int64_t kMostForgiven = 10;
constexpr std::int64_t kLongestWaitMs = 86'400'000;
/// For a place in a host, however old a job may become.
constexpr std::int64_t kLongestPatienceMs = 365 * 86'400'000LL;
/// A file system that has not answered for so long is not waited for.
constexpr std::chrono::seconds kCleanUpLimit(5);
/// A module may put its whole event into the text of a failure: too long for Hub's log.
constexpr std::size_t kMaxText = 4096;

/// A warning for the user of a run that ends before its module could end it; empty if nothing has been done yet.
std::string warning_if_begun(const jobs::Job &job) {
    if (!job.effects || !job.checkpoint) return "";
    return " It had already begun: see what it has done before you run it again.";
}

hub::LogLevel level_of(std::uint32_t level) { return static_cast<hub::LogLevel>(std::min<std::uint32_t>(level, 3)); }

bool has_result(const JobEnd &end) { return end.how == JobEnd::How::finished && end.result.succeeded; }

awaitable<void> save_checkpoint(jobs::Queue &queue, jobs::JobPtr job, std::string bytes,
                                std::function<void(std::string)> saved) {
    const auto kept = co_await queue.checkpoint(job, std::move(bytes));
    saved(kept ? "" : kept.error().text);
}

} // namespace

std::shared_ptr<Run> Run::begin(const RunEnvironment &environment, jobs::JobPtr job) {
    auto run = std::make_shared<Run>(environment, job);
    environment.runs[job->id] = run;
    return run;
}

void Run::enter(RunEvent event) {
    const auto next = next_phase(phase_, event);
    if (!next)
        throw std::logic_error(fmt::format("a run that is {} got an event that it cannot take", name_of(phase_)));
    phase_ = *next;
    if (phase_ == RunPhase::ended) use_.runs.erase(job_->id);
}

Log Run::log() const {
    const Log of_job = use_.log.with("job", job_->id).with("module", use_.config.module);
    return attempt_.has_begun() ? of_job.with("generation", std::to_string(attempt_.generation())) : of_job;
}

awaitable<void> Run::attempt() {
    std::string internal_error;
    try {
        co_await work();
    } catch (const std::exception &e) {
        internal_error = e.what();
    }
    if (internal_error.empty()) co_return;
    host_ = nullptr;
    if (next_phase(phase_, RunEvent::answer))
        co_await fail("The plugin server met an internal error.", internal_error);
    else
        log().error("internal error in a run that is {}: {}", name_of(phase_), internal_error);
}

awaitable<void> Run::work() {
    if (const std::string &why = use_.serving.why_not_ready(); !why.empty())
        co_return co_await fail("The plugin is not available on its server at the moment." + warning_if_begun(*job_),
                                why);
    if (use_.queue.time_left_ms(*job_) < 0) co_return co_await fail_too_old("older than max_age_s");
    auto event = co_await use_.queue.event(job_);
    if (phase_ != RunPhase::waiting_for_host) co_return; // it was cancelled
    if (!event) co_return co_await fail("The plugin server could not read this run from its disk.", event.error().text);
    const auto generation = use_.serving.generation(); // another one may begin to serve while the job runs
    const jobs::PutBack uncharged;
    if (!generation) co_return co_await put_back(uncharged); // the module has just been taken away
    const auto sharing = job_->isolated ? supervisor::Sharing::isolated : supervisor::Sharing::shared;
    const std::chrono::milliseconds patience(std::min(use_.queue.time_left_ms(*job_), kLongestPatienceMs));
    std::function<bool()> wanted = [this, generation] {
        return phase_ == RunPhase::waiting_for_host && use_.serving.starts_runs() &&
               !use_.hosts.is_quarantined(*generation);
    };
    auto lease = co_await use_.hosts.acquire(generation, sharing, Clock::now() + patience, std::move(wanted));
    if (phase_ != RunPhase::waiting_for_host) co_return; // it was cancelled
    if (!lease) co_return co_await without_host(lease.error(), generation);
    auto end = co_await run_in(std::move(*lease), std::move(*event), *generation);
    co_await conclude(std::move(end), generation);
}

awaitable<void> Run::without_host(supervisor::AcquireError failure, supervisor::GenerationPtr generation) {
    if (failure.why == AcquireFailure::none_free) co_return co_await fail_too_old(failure.text);
    const jobs::PutBack uncharged;
    const bool superseded = generation != use_.serving.generation();
    if (superseded || failure.why == AcquireFailure::not_wanted) co_return co_await put_back(uncharged);
    if (failure.why == AcquireFailure::host_died) {
        const bool forgiven = is_charged_to_version(*generation);
        use_.hosts.crashed(failure.text, *generation);
        if (forgiven) co_return co_await put_back(uncharged);
    }
    attempt_.begin(generation->number, generation->version.info.version, 0);
    attempt_.ends(AttemptEnd::no_host, failure.text);
    co_await try_again(wait_after_crash_ms(), "The plugin could not be started.", failure.text);
}

awaitable<JobEnd> Run::run_in(std::unique_ptr<HostLease> lease, std::shared_ptr<const std::string> event,
                              const supervisor::Generation &generation) {
    const auto progress = std::make_shared<hub::Progress>(Clock::now());
    auto asked = request(*event);
    auto told = events(*event, progress);
    if (event->size() > kLarge) job_->event.reset();
    event.reset();
    enter(RunEvent::got_host);
    host_ = lease.get();
    attempt_.begin(generation.number, generation.version.info.version, lease->pid());
    telling_ = use_.lines.begins(job_->effects);
    if (telling_ == RunTelling::own_lines) log().info("{}", begin_text(lease->pid(), job_->attempts));
    const auto started = Clock::now();
    auto end =
        co_await lease->run(std::move(asked), std::move(told), started + std::chrono::seconds(use_.config.timeout_s));
    host_ = nullptr;
    // Before the place is free: the next job must not begin on a version that this crash has quarantined.
    if (is_crash(end)) use_.hosts.crashed(end.text, generation);
    lease.reset(); // the next job may start while this one's answer is recorded
    use_.counters.run_ended(use_.config.name, Clock::now() - started);
    if (const auto line = progress->end(has_result(end), Clock::now()))
        use_.session_log.tell(*job_, hub::LogLevel::info, *line);
    if (end.how != JobEnd::How::finished) { // a host that was ended has left its files behind
        const auto folder = scratch_;
        const auto clean_up = [folder](const DiskCall &) {
            files::remove_all(folder);
            return true;
        };
        const auto cleaned = co_await on_disk_thread("the folder " + folder.string(), kCleanUpLimit, clean_up);
        if (!cleaned)
            use_.log.warning("job {}: {}; the next start of angod removes it", job_->id, cleaned.error().text);
    }
    co_return end;
}

host_protocol::RunJob Run::request(const std::string &event) const {
    const config::Hub &hub = use_.config.hub;
    const supervisor::RunSettings settings{use_.config.name, hub.api_url, hub.ca_file, hub.proxies, use_.all.limits};
    auto request = supervisor::make_run_request(settings, job_->id, event, scratch_);
    request.attempt = static_cast<std::uint32_t>(job_->attempts + 1);
    request.age_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, since_boot_ms() - job_->created_boot_ms));
    request.has_checkpoint = job_->checkpoint.has_value();
    request.checkpoint = job_->checkpoint.value_or("");
    request.tell_answers = use_.recording.is_on(Clock::now()) ? 1 : 0;
    return request;
}

supervisor::JobEvents Run::events(const std::string &event, const std::shared_ptr<hub::Progress> &progress) {
    supervisor::JobEvents events;
    const auto self = shared_from_this();
    events.log = [self](std::uint32_t level, const std::string &text) {
        self->attempt_.line(level_of(level), text);
        self->use_.session_log.tell(*self->job_, level_of(level), text);
    };
    events.progress = [self, progress](std::uint64_t done, std::uint64_t total) {
        if (const auto line = progress->report(done, total, Clock::now()))
            self->use_.session_log.tell(*self->job_, hub::LogLevel::info, *line);
    };
    events.checkpoint = [self](std::string bytes, std::function<void(std::string)> saved) {
        spawn(self->use_.executor, "checkpoint",
              save_checkpoint(self->use_.queue, self->job_, std::move(bytes), std::move(saved)));
    };
    std::string key;
    if (const auto members = json::members(event))
        for (const auto &member : *members)
            if (member.name == "apiKey") {
                events.secrets = spellings(member.value);
                key = member.value.starts_with('"') ? json::unquote(member.value).value_or("") : "";
            }
    const auto urgency = job_->effects ? hub::Urgency::nobody_waits : hub::Urgency::user_waits;
    events.call_wanted = [self, key, urgency](std::function<bool()> granted) {
        self->use_.calls.want(key, urgency, std::move(granted));
    };
    if (use_.recording.is_on(Clock::now()))
        events.heard = [self](const host_protocol::Heard &one) { self->use_.recording.answer(Clock::now(), one); };
    events.call_refused = [self, key](std::optional<std::chrono::milliseconds> wait) {
        self->use_.calls.refused(key, wait);
    };
    return events;
}

// ---- what becomes of it

awaitable<void> Run::conclude(JobEnd end, supervisor::GenerationPtr generation) {
    const bool is_cancelled = phase_ == RunPhase::cancelling && !has_result(end); // in any way that it ended
    if (end.how == JobEnd::How::died_alone && !is_cancelled)
        co_return co_await conclude_crash(std::move(end), generation);
    if (is_cancelled) co_return co_await end_cancelled();
    jobs::PutBack back; // charged with nothing
    switch (end.how) {
        case JobEnd::How::finished: co_return co_await conclude_result(std::move(end.result));
        case JobEnd::How::stopped:
            attempt_.ends(AttemptEnd::stopped, std::move(end.text));
            co_return co_await put_back(back);
        case JobEnd::How::died_together:
            attempt_.ends(AttemptEnd::crashed, std::move(end.text));
            back.isolated = true;
            co_return co_await put_back(back);
        case JobEnd::How::died_alone: break; // see above
        case JobEnd::How::cancelled: co_return co_await end_cancelled();
        case JobEnd::How::timed_out:
            attempt_.ends(AttemptEnd::timed_out, end.text);
            co_return co_await fail(supervisor::time_out_sentence(use_.config.timeout_s), end.text);
    }
}

/// Nothing else ran in the host, so the job or its module is to blame.
awaitable<void> Run::conclude_crash(JobEnd end, supervisor::GenerationPtr generation) {
    attempt_.ends(AttemptEnd::crashed, end.text);
    if (is_charged_to_version(*generation)) {
        log().info("repeating the run without charging an attempt: this module version is on probation");
        const jobs::PutBack uncharged;
        co_return co_await put_back(uncharged);
    }
    std::string text = supervisor::crash_sentence();
    if (end.over_memory) text = supervisor::over_memory_sentence(use_.config.memory_mb);
    // The end of the host is in the log already.
    co_await try_again(wait_after_crash_ms(), std::move(text), end.text, LogLevel::info);
}

awaitable<void> Run::conclude_result(host_protocol::JobFinished result) {
    if (!result.succeeded) {
        for (std::string *text : {&result.user_text, &result.operator_text}) // the host has hidden secrets already
            text->resize(beginning_of(*text, kMaxText).size());
        if (result.retry_after_ms >= 0)
            co_return co_await try_again(result.retry_after_ms, result.user_text, result.operator_text);
        co_return co_await fail(result.user_text, result.operator_text);
    }
    jobs::Answer done;
    if (!result.silent) done.message = hub::answer(use_.serving.kind(), result.value, job_->session);
    if (!done.message.empty() && !use_.link.fits(done.message))
        done = too_long_failure(*job_, done.message.size(), use_.link.max_payload(), use_.session_log, use_.log);
    co_await answer(std::move(done));
}

/// Each host that dies is told of once.
bool Run::is_crash(const JobEnd &end) const {
    const bool is_alone = end.how == JobEnd::How::died_alone && phase_ != RunPhase::cancelling;
    return is_alone || end.reports_crash;
}

/// A version on probation is to blame for its crashes, and not the job, as long as it can be rolled back.
bool Run::is_charged_to_version(const supervisor::Generation &generation) {
    return use_.hosts.on_probation(generation) && ++job_->forgiven <= kMostForgiven;
}

std::int64_t Run::wait_after_crash_ms() const { return kCrashWaitMs << std::min(job_->attempts, kMostDoublings); }

awaitable<void> Run::try_again(std::int64_t wait_ms, std::string user_text, std::string operator_text, LogLevel level) {
    attempt_.ends(AttemptEnd::failed, fmt::format("{} ({})", user_text, operator_text));
    // A wait that outlasts the age that the job may reach only delays its end.
    wait_ms = std::clamp<std::int64_t>(wait_ms, 0, kLongestWaitMs);
    const bool last = job_->attempts + 1 >= use_.config.max_attempts;
    if (last || use_.queue.time_left_ms(*job_) < wait_ms)
        co_return co_await fail(std::move(user_text), std::move(operator_text),
                                level == LogLevel::info ? level : LogLevel::error);
    log().write(level, fmt::format("attempt {} of {} failed: {} {}", job_->attempts + 1, use_.config.max_attempts,
                                   user_text, operator_text));
    use_.session_log.tell(*job_, hub::LogLevel::warning, fmt::format("{} Trying again.", user_text));
    jobs::PutBack back;
    back.charged = true;
    back.wait_ms = wait_ms;
    co_await put_back(back);
}

awaitable<void> Run::fail(std::string user_text, std::string operator_text, LogLevel level) {
    auto failed = failure(*job_, user_text, operator_text, use_.session_log, use_.log, level);
    attempt_.ends(AttemptEnd::failed, failed.problem);
    co_await answer(std::move(failed));
}

awaitable<void> Run::fail_too_old(std::string operator_text) {
    co_await fail("This run waited so long that it was not started any more. Please run the plugin again." +
                      warning_if_begun(*job_),
                  std::move(operator_text));
}

// ---- the end of the attempt

jobs::AttemptPtr Run::became_long(Clock::duration after) {
    return attempt_.becomes_long(after) ? attempt_.take() : nullptr;
}

/// Tells of the attempt, in the log and with the next record of the job. Of a short run that only reads and ends well the
/// store keeps none.
void Run::note_end() {
    if (!attempt_.has_begun()) return;
    if (telling_ == RunTelling::in_sum) use_.lines.ends_in_sum(attempt_.end(), attempt_.duration_ms());
    // The store knows a long one already, as one that goes on.
    const bool is_kept = job_->effects || attempt_.end() != AttemptEnd::succeeded || attempt_.is_long();
    if (!is_kept && telling_ != RunTelling::own_lines) return; // there can be thousands of these in a second
    const jobs::AttemptPtr ended = attempt_.take();
    if (telling_ == RunTelling::own_lines) log().info("{}", end_text(*ended));
    if (is_kept) job_->attempt = ended;
}

awaitable<void> Run::answer(jobs::Answer with) {
    if (with.outcome == jobs::State::cancelled)
        attempt_.ends(AttemptEnd::cancelled, with.problem);
    else if (with.outcome == jobs::State::failed)
        attempt_.ends(AttemptEnd::failed, with.problem);
    else
        attempt_.ends(AttemptEnd::succeeded, "");
    note_end();
    enter(RunEvent::answer);
    co_await record(std::move(with));
}

awaitable<void> Run::record(jobs::Answer decided) {
    co_await use_.queue.finish(job_, std::move(decided));
    enter(RunEvent::recorded);
}

awaitable<void> Run::put_back(jobs::PutBack how) {
    attempt_.ends(AttemptEnd::stopped, "");
    note_end();
    enter(RunEvent::requeue);
    co_await use_.queue.put_back(job_, how);
    const bool is_queued = job_->state == jobs::State::queued && use_.queue.find(job_->id) == job_;
    if (phase_ == RunPhase::requeued_to_end && is_queued) {
        use_.queue.take(job_);
        co_return co_await end_cancelled();
    }
    enter(RunEvent::requeued);
}

jobs::Answer Run::cancelled_answer() const {
    use_.session_log.tell(*job_, hub::LogLevel::error, supervisor::cancel_sentence() + warning_if_begun(*job_));
    log().info("the run was cancelled");
    return {hub::error_answer(job_->session), jobs::State::cancelled, "cancelled by the operator"};
}

awaitable<void> Run::end_cancelled() {
    auto cancelled = cancelled_answer();
    co_await answer(std::move(cancelled));
}

Result<void> Run::cancel() {
    const bool waits = phase_ == RunPhase::waiting_for_host;
    if (!next_phase(phase_, RunEvent::cancel))
        return error(Code::invalid, "the run has just ended; its answer is being recorded");
    enter(RunEvent::cancel);
    if (waits) { // the coroutine that waits for a host may do so for long
        use_.hosts.ask_again();
        spawn(use_.executor, "cancelled job", [](std::shared_ptr<Run> self) -> awaitable<void> {
            auto cancelled = self->cancelled_answer();
            co_await self->record(std::move(cancelled));
        }(shared_from_this()));
    }
    if (phase_ == RunPhase::cancelling && host_) host_->cancel(job_->id);
    return {};
}

} // namespace angod::app
