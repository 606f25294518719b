// One host process, followed by five coroutines that each own the object through a shared pointer: they read the
// channel, write it, read stdout and stderr, wait for the exit, and (with a memory limit) watch the memory.
//
// Thread: the event loop. Invariants: every phase leads to `gone`, because a kill is watched by await_killed and an exit
// by watch_exit; a job in jobs_ gets exactly one JobEnd, either from its JobFinished frame or from end_jobs; the host is
// gone only after what it printed and sent before its death was read, because that explains the death.
#include "supervisor/host_process.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;
using namespace host_protocol;
using Clock = std::chrono::steady_clock;

/// A killed process ends at once, unless the system is in trouble. A stop of angod must not wait for it for ever.
constexpr auto kKillLimit = 5s;
/// For reading what an ended process left in pipe and channel. A process that it started may hold the pipe open.
constexpr auto kLastWordsLimit = 500ms;
constexpr auto kMemoryCheck = 500ms;
/// For stacks of threads and the like, which count as data although hardly any of it is used.
constexpr std::uint64_t kDataRoom = std::uint64_t{256} << 20;
// The shadow memory of a sanitizer is data too.
#if defined(__has_feature)
constexpr bool kDataLimits = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool kDataLimits = true;
#endif

std::vector<std::string> environment_of(const HostOptions &options) {
    std::vector<std::string> out{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
    for (const auto &[name, value] : options.environment) out.push_back(fmt::format("{}={}", name, value));
    return out;
}

JobEnd stopped(std::string text) {
    JobEnd end;
    end.how = JobEnd::How::stopped;
    end.text = std::move(text);
    return end;
}

} // namespace

// ---- start and handshake

HostProcess::HostProcess(asio::any_io_executor executor, HostOptions options, Log log, std::unique_ptr<Process> process,
                         ChannelStream channel)
    : executor_(executor),
      options_(std::move(options)),
      log_(std::move(log)),
      process_(std::move(process)),
      channel_(executor, std::move(channel)),
      output_(log_),
      changed_(executor),
      gone_(executor) {}

HostProcess::~HostProcess() = default;

awaitable<Result<std::shared_ptr<HostProcess>>> HostProcess::launch(const Program &program, HostOptions options,
                                                                    Log log) {
    const auto executor = co_await asio::this_coro::executor;
    auto channel = make_channel(executor);
    if (!channel) co_return channel.error();
    SpawnOptions spawning;
    spawning.arguments = {"angod-host: " + options.label};
    spawning.environment = environment_of(options);
    spawning.launcher = options.launcher;
    // Only the child may hold its end, or its death would not end the channel.
    std::optional<ChannelEnd> theirs(std::move(channel->theirs));
    spawning.channel = &*theirs;
    auto process = co_await Process::launch(program, std::move(spawning));
    theirs.reset();
    if (!process) co_return process.error();
    std::shared_ptr<HostProcess> host(
        new HostProcess(executor, std::move(options), std::move(log), std::move(*process), std::move(channel->ours)));
    if (host->options_.memory > 0) {
        if (kDataLimits && !host->process_->limit_data(host->options_.memory + host->options_.memory / 4 + kDataRoom))
            host->log_.warning("the system cannot limit the memory of a host; angod only watches it");
        spawn(executor, "host memory", host->watch_memory(host));
    }
    spawn(executor, "host output", host->read_output(host));
    spawn(executor, "host watch", host->watch_exit(host));
    spawn(executor, "host reader", host->read_channel(host));
    spawn(executor, "host writer", host->write_channel(host));
    co_return host;
}

awaitable<Result<void>> HostProcess::load() {
    const auto self = shared_from_this();
    auto loaded = co_await handshake();
    if (!loaded) {
        kill();
        co_await ended(Clock::time_point::max());
    }
    co_return loaded;
}

awaitable<Result<void>> HostProcess::handshake() {
    channel_.send(encode(Setup{.module_path = options_.module_path}));
    const auto deadline = Clock::now() + options_.start_limit;
    while (!module_ && !refused_ && !life_.gone() && Clock::now() < deadline) co_await changed_.wait_until(deadline);
    if (refused_) co_return error(Code::invalid, *refused_);
    if (life_.gone())
        co_return error(Code::remote,
                        fmt::format("the host {} while it was loading the module{}", exit_text_, output_.last_words()));
    if (!module_)
        co_return error(Code::timeout, fmt::format("the module was not loaded within {} s{}",
                                                   options_.start_limit.count(), output_.last_words()));
    co_return Result<void>();
}

awaitable<Result<void>> HostProcess::open_plugin(OpenPlugin request) {
    const std::string plugin = request.plugin;
    channel_.send(encode(request));
    const auto deadline = Clock::now() + options_.start_limit;
    while (!opened_.contains(plugin) && !life_.gone() && Clock::now() < deadline)
        co_await changed_.wait_until(deadline);
    if (const auto answer = opened_.find(plugin); answer != opened_.end()) {
        if (answer->second.empty()) co_return Result<void>();
        co_return error(Code::invalid, "the module refused the plugin: " + answer->second);
    }
    if (life_.gone())
        co_return error(Code::remote,
                        fmt::format("the host {} in the module's create{}", exit_text_, output_.last_words()));
    co_return error(Code::timeout, fmt::format("the module's create did not return within {} s{}",
                                               options_.start_limit.count(), output_.last_words()));
}

// ---- jobs

awaitable<JobEnd> HostProcess::run(RunJob request, JobEvents events, Clock::time_point deadline) {
    const auto self = shared_from_this();
    if (!life_.can_be_reached()) co_return stopped("the host had just ended");
    auto job = std::make_shared<RunningJob>(executor_);
    const std::string id = request.job;
    output_.job_began(id, events.secrets);
    job->events = std::move(events);
    jobs_[id] = job;
    channel_.send(encode(request));
    request = {}; // an event can be large
    while (!job->end && !job->cancelled && Clock::now() < deadline) co_await job->changed.wait_until(deadline);
    if (job->end) co_return std::move(*job->end);

    const bool cancelled = job->cancelled;
    log_.warning("job {} {} and is asked to stop", id, cancelled ? "is cancelled" : "reached its time-out");
    channel_.send(encode(CancelJob{id}));
    const auto grace = Clock::now() + options_.stop_grace;
    while (!job->end && Clock::now() < grace) co_await job->changed.wait_until(grace);
    if (!job->end) {
        log_.warning("job {} does not stop; its host is ended", id);
        kill();
        while (!job->end) co_await job->changed.wait();
    }
    job->end->how = cancelled ? JobEnd::How::cancelled : JobEnd::How::timed_out;
    co_return std::move(*job->end);
}

void HostProcess::cancel(const std::string &job) {
    if (RunningJob *running = job_of(job)) {
        running->cancelled = true;
        running->changed.wake_all();
    }
}

HostProcess::RunningJob *HostProcess::job_of(const std::string &id) {
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : found->second.get();
}

// ---- the end

awaitable<void> HostProcess::leave(Clock::duration limit) {
    const auto self = shared_from_this();
    if (life_.cause() == HostEndCause::fault) channel_.send(encode(Leave{}));
    life_.blame(HostEndCause::left);
    life_.on(HostEvent::asked_to_leave);
    co_await ended(Clock::now() + limit);
    if (life_.gone()) co_return;
    kill();
    co_await ended(Clock::time_point::max());
}

void HostProcess::kill() {
    life_.blame(HostEndCause::killed);
    end_process();
}

void HostProcess::end_process() {
    process_->kill(); // also what the process started, if it has ended itself
    if (life_.on(HostEvent::kill_sent)) spawn(executor_, "killed host", await_killed(shared_from_this()));
}

awaitable<void> HostProcess::await_killed(std::shared_ptr<HostProcess>) {
    const auto deadline = Clock::now() + kKillLimit;
    while (life_.phase() == HostPhase::ending && Clock::now() < deadline) co_await gone_.wait_until(deadline);
    if (life_.phase() != HostPhase::ending) co_return;
    log_.error("the host {} was killed and does not end; the system holds on to it", pid());
    exit_text_ = "was killed and does not end";
    close();
}

awaitable<void> HostProcess::ended(Clock::time_point deadline) {
    while (!life_.gone() && Clock::now() < deadline) co_await gone_.wait_until(deadline);
}

awaitable<void> HostProcess::watch_exit(std::shared_ptr<HostProcess>) {
    const ExitStatus status = co_await process_->wait();
    if (!life_.on(HostEvent::exited)) co_return; // await_killed gave it up
    exit_text_ = over_memory_ ? *over_memory_ : status.text();
    const auto deadline = Clock::now() + kLastWordsLimit;
    while (open_pipes_ > 0 && Clock::now() < deadline) co_await changed_.wait_until(deadline);
    close();
}

/// The system's own limit is the second line of defence: it counts memory that was asked for, not memory in use.
awaitable<void> HostProcess::watch_memory(std::shared_ptr<HostProcess>) {
    while (!life_.gone()) {
        co_await gone_.wait_until(Clock::now() + kMemoryCheck);
        const std::uint64_t used = process_->own_memory();
        if (life_.gone() || used <= options_.memory) continue;
        over_memory_ =
            fmt::format("was ended: it used {} MB of memory, its limit is {} MB", used >> 20, options_.memory >> 20);
        end_process();
    }
}

void HostProcess::close() {
    life_.on(HostEvent::closed);
    channel_.close();
    boost::system::error_code ignored;
    process_->output().close(ignored);
    end_jobs();
    changed_.wake_all();
    gone_.wake_all();
}

void HostProcess::end_jobs() {
    std::vector<std::string> ids;
    for (const auto &[id, job] : jobs_) ids.push_back(id);
    died_idle_ = ids.empty() && life_.cause() != HostEndCause::killed;
    if (life_.cause() == HostEndCause::fault && (!ids.empty() || !opened_.empty())) log_end(ids);
    if (output_.left_out() > 0)
        log_.info("{} lines that the host of module {} (process {}) printed or logged were left out",
                  output_.left_out(), module_ ? module_->id : "", pid());
    const JobEnd::How how = life_.cause() == HostEndCause::killed ? JobEnd::How::stopped
                            : ids.size() == 1                     ? JobEnd::How::died_alone
                                                                  : JobEnd::How::died_together;
    bool first = true;
    for (auto &[id, job] : jobs_) {
        job->end.emplace();
        job->end->over_memory = over_memory_.has_value();
        job->end->how = how;
        job->end->reports_crash = how != JobEnd::How::stopped && std::exchange(first, false);
        job->end->text = end_text();
        job->changed.wake_all();
    }
    jobs_.clear();
}

/// One line with everything that is known of the end.
void HostProcess::log_end(const std::vector<std::string> &jobs) const {
    const ModuleInfo module = module_.value_or(ModuleInfo());
    std::string doing = "while it was idle";
    if (!jobs.empty()) doing = fmt::format("with job{} {} running", jobs.size() > 1 ? "s" : "", fmt::join(jobs, ", "));
    log_.error("the host of module {} {}, generation {}, for the plugin {} {} (process {}) {}{}", module.id,
               module.version, options_.generation, options_.label, exit_text_, pid(), doing, output_.last_words());
}

std::string HostProcess::end_text() const { return fmt::format("the host {}{}", exit_text_, output_.last_words()); }

// ---- output and channel

awaitable<void> HostProcess::read_output(std::shared_ptr<HostProcess>) {
    std::array<char, 4096> buffer;
    for (;;) {
        const auto [failed, n] = co_await process_->output().async_read_some(asio::buffer(buffer), as_value);
        if (failed) break;
        output_.printed(std::string_view(buffer.data(), n), Clock::now());
    }
    output_.ended(Clock::now());
    --open_pipes_;
    changed_.wake_all();
}

awaitable<void> HostProcess::write_channel(std::shared_ptr<HostProcess>) { co_await channel_.write(); }

awaitable<void> HostProcess::read_channel(std::shared_ptr<HostProcess>) {
    std::function<void(const Frame &)> take = [this](const Frame &frame) { on_frame(frame); };
    std::string problem = co_await channel_.read(std::move(take));
    if (!problem.empty()) broken(std::move(problem));
    // A host that closes its end but lives on cannot be reached any more.
    --open_pipes_;
    end_process();
    changed_.wake_all();
}

/// A host that breaks the protocol is ended like one that crashed.
void HostProcess::broken(std::string why) {
    log_.error("{}; the host is ended", why);
    if (!refused_ && !module_) refused_ = std::move(why);
    end_process();
    changed_.wake_all();
}

} // namespace angod::supervisor
