#include "supervisor/host_process.hpp"

#include "base/redact.hpp"
#include "base/utf8.hpp"

#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace angod::supervisor {

namespace {

using namespace std::chrono_literals;
using namespace host_protocol;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kPrintedLines = 20, kPrintedBytes = 2000;
constexpr std::size_t kMaxLine = 16 * 1024, kLongestSecret = 1024, kEndedSecrets = 64;
/// Between asking a job to stop and ending its host.
constexpr auto kStopGrace = 5s;
/// A killed process is gone at once, unless the system is in trouble; that must not hold up a stop for ever.
constexpr auto kKillLimit = 5s;
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

HostProcess::HostProcess(asio::any_io_executor executor, HostOptions options, Log log, std::unique_ptr<Process> process,
                         ChannelStream channel)
    : executor_(executor),
      options_(std::move(options)),
      log_(std::move(log)),
      process_(std::move(process)),
      channel_(std::move(channel)),
      changed_(executor),
      ended_(executor) {}

HostProcess::~HostProcess() = default;

Result<std::shared_ptr<HostProcess>> HostProcess::start(const asio::any_io_executor &executor, const Program &program,
                                                        HostOptions options, Log log) {
    auto channel = make_channel(executor);
    if (!channel) return channel.error();
    SpawnOptions spawning;
    spawning.arguments = {"angod-host: " + options.label};
    spawning.environment = environment_of(options);
    // Only the child may hold its end, or its death would not end the channel.
    std::optional<ChannelEnd> theirs(std::move(channel->theirs));
    spawning.channel = &*theirs;
    auto process = Process::start(executor, program, spawning);
    theirs.reset();
    if (!process) return process.error();
    std::shared_ptr<HostProcess> host(
        new HostProcess(executor, std::move(options), std::move(log), std::move(*process), std::move(channel->ours)));
    if (host->options_.memory > 0) {
        if (kDataLimits && !host->process_->limit_data(host->options_.memory + host->options_.memory / 4 + kDataRoom))
            host->log_.warning("the memory of a host cannot be limited by the system; it is only watched");
        spawn(executor, "host memory", host->watch_memory(host));
    }
    spawn(executor, "host output", host->output_loop(host));
    spawn(executor, "host watch", host->watch(host));
    spawn(executor, "host reader", host->read_loop(host));
    spawn(executor, "host writer", host->write_loop(host));
    return host;
}

awaitable<Result<void>> HostProcess::load() {
    const auto self = shared_from_this();
    auto loaded = co_await handshake();
    if (!loaded) {
        kill();
        while (!gone_) co_await changed_.wait();
    }
    co_return loaded;
}

awaitable<Result<void>> HostProcess::handshake() {
    send(encode(Setup{.module_path = options_.module_path}));
    const auto deadline = Clock::now() + options_.start_limit;
    while (!loaded_ && !refused_ && !gone_ && Clock::now() < deadline) co_await changed_.wait_until(deadline);
    if (refused_) co_return error(Code::invalid, *refused_);
    if (gone_)
        co_return error(Code::remote,
                        fmt::format("the host {} while it was loading the module{}", exit_text_, last_words()));
    if (!loaded_)
        co_return error(Code::timeout, fmt::format("the module was not loaded within {} s{}",
                                                   options_.start_limit.count(), last_words()));
    co_return Result<void>();
}

awaitable<Result<void>> HostProcess::open_plugin(OpenPlugin request) {
    const std::string plugin = request.plugin;
    send(encode(request));
    const auto deadline = Clock::now() + options_.start_limit;
    while (!opened_.contains(plugin) && !gone_ && Clock::now() < deadline) co_await changed_.wait_until(deadline);
    if (const auto answer = opened_.find(plugin); answer != opened_.end()) {
        if (answer->second.empty()) co_return Result<void>();
        co_return error(Code::invalid, "the module refused the plugin: " + answer->second);
    }
    if (gone_)
        co_return error(Code::remote, fmt::format("the host {} in the module's create{}", exit_text_, last_words()));
    co_return error(Code::timeout, fmt::format("the module's create did not return within {} s{}",
                                               options_.start_limit.count(), last_words()));
}

awaitable<JobEnd> HostProcess::run(RunJob request, JobEvents events, Clock::time_point deadline) {
    const auto self = shared_from_this();
    auto job = std::make_shared<RunningJob>(executor_);
    job->events = std::move(events);
    const std::string id = request.job;
    if (gone_ || exited_ || channel_ended_) co_return stopped("the host had just ended");
    jobs_[id] = job;
    send(encode(request));
    request = {}; // an event can be large
    while (!job->end && !job->cancelled && Clock::now() < deadline) co_await job->changed.wait_until(deadline);
    if (job->end) co_return std::move(*job->end);

    const bool cancelled = job->cancelled;
    log_.warning("job {} {} and is asked to stop", id, cancelled ? "is cancelled" : "reached its time-out");
    send(encode(CancelJob{id}));
    const auto grace = Clock::now() + kStopGrace;
    while (!job->end && Clock::now() < grace) co_await job->changed.wait_until(grace);
    if (!job->end) {
        log_.warning("job {} does not stop; its host is ended", id);
        kill();
        while (!job->end) co_await job->changed.wait();
    }
    job->end->how = cancelled ? JobEnd::How::cancelled : JobEnd::How::timed_out;
    co_return std::move(*job->end);
}

awaitable<void> HostProcess::leave(Clock::duration limit) {
    const auto self = shared_from_this();
    if (!std::exchange(leaving_, true)) send(encode(Leave{}));
    const auto deadline = Clock::now() + limit;
    while (!gone_ && Clock::now() < deadline) co_await changed_.wait_until(deadline);
    if (gone_) co_return;
    kill();
    while (!gone_) co_await changed_.wait();
}

void HostProcess::cancel(const std::string &job) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return;
    found->second->cancelled = true;
    found->second->changed.wake_all();
}

/// The system's own limit is the second line: it counts what was asked for, not what is used.
awaitable<void> HostProcess::watch_memory(std::shared_ptr<HostProcess>) {
    while (!gone_) {
        co_await ended_.wait_until(Clock::now() + kMemoryCheck);
        const std::uint64_t used = process_->own_memory();
        if (gone_ || used <= options_.memory) continue;
        over_memory_ = true;
        end_reason_ =
            fmt::format("was ended: it used {} MB of memory, its limit is {} MB", used >> 20, options_.memory >> 20);
        end_process();
    }
}

void HostProcess::kill() {
    killed_ = true;
    end_process();
}

void HostProcess::end_process() {
    process_->kill();
    if (!std::exchange(ending_, true)) spawn(executor_, "killed host", give_up(shared_from_this()));
}

awaitable<void> HostProcess::give_up(std::shared_ptr<HostProcess>) {
    const auto deadline = Clock::now() + kKillLimit;
    while (!gone_ && Clock::now() < deadline) co_await ended_.wait_until(deadline);
    if (gone_) co_return;
    log_.error("the host {} was killed and does not end; the system holds on to it", pid());
    exit_text_ = "was killed and does not end";
    be_gone();
}

awaitable<void> HostProcess::ended(Clock::time_point deadline) {
    while (!gone_ && Clock::now() < deadline) co_await ended_.wait_until(deadline);
}

awaitable<void> HostProcess::watch(std::shared_ptr<HostProcess>) {
    const ExitStatus status = co_await process_->wait();
    exited_ = true;
    if (gone_) co_return; // nobody waits for it any more
    exit_text_ = end_reason_.empty() ? status.text() : end_reason_;
    // What it said last is in pipe and channel already: an explanation, or even the end of a job.
    const auto deadline = Clock::now() + 500ms;
    while (!(output_ended_ && channel_ended_) && Clock::now() < deadline) co_await changed_.wait_until(deadline);
    if (!gone_) be_gone();
}

/// Whoever waits for it or for a job in it learns of the end.
void HostProcess::be_gone() {
    gone_ = true;
    boost::system::error_code ignored;
    channel_.close(ignored);
    process_->output().close(ignored);
    const bool alone = jobs_.size() == 1;
    died_idle_ = jobs_.empty() && !killed_;
    std::vector<std::string> ids;
    for (const auto &[id, job] : jobs_) ids.push_back(id);
    if (!killed_ && !leaving_ && (!ids.empty() || !opened_.empty())) log_death(ids);
    if (budget_.left_out() > 0)
        log_.info("{} lines that the host of module {} (process {}) printed or logged were left out",
                  budget_.left_out(), module_.id, pid());
    bool first = true;
    for (auto &[id, job] : jobs_) {
        job->end.emplace();
        job->end->over_memory = over_memory_;
        job->end->how = killed_ ? JobEnd::How::stopped : alone ? JobEnd::How::died_alone : JobEnd::How::died_together;
        job->end->first_of_host = std::exchange(first, false);
        job->end->text = end_text();
        job->changed.wake_all();
    }
    jobs_.clear();
    changed_.wake_all();
    ended_.wake_all();
}

/// All that is known of it, in one line.
void HostProcess::log_death(const std::vector<std::string> &jobs) const {
    std::string doing = "while it was idle";
    if (!jobs.empty()) doing = fmt::format("with job{} {} running", jobs.size() > 1 ? "s" : "", fmt::join(jobs, ", "));
    log_.error("the host of module {} {}, generation {}, for the plugin {} {} (process {}) {}{}", module_.id,
               module_.version, options_.generation, options_.label, exit_text_, pid(), doing, last_words());
}

awaitable<void> HostProcess::read_loop(std::shared_ptr<HostProcess>) {
    FrameBuffer buffer;
    for (;;) {
        const auto [where, size] = buffer.prepare();
        const auto [failed, n] = co_await channel_.async_read_some(asio::buffer(where, size), as_value);
        if (failed) break;
        buffer.commit(n);
        for (;;) {
            const auto frame = buffer.next();
            if (!frame) {
                broken(frame.error().text);
                break;
            }
            if (!*frame) break;
            on_frame(**frame);
        }
    }
    // A host that closes its end but lives on cannot be reached any more.
    channel_ended_ = true;
    end_process();
    changed_.wake_all();
}

awaitable<void> HostProcess::write_loop(std::shared_ptr<HostProcess>) {
    while (!gone_) {
        if (out_.empty()) {
            co_await changed_.wait();
            continue;
        }
        writing_ = std::exchange(out_, {});
        const auto [failed, n] = co_await asio::async_write(channel_, asio::buffer(writing_), as_value);
        if (failed) co_return;
        std::string().swap(writing_); // an event can be large, and the host can live long
    }
}

void HostProcess::send(std::string frame) {
    if (gone_) return;
    if (out_.empty() && writing_.empty()) {
        // Most frames fit the channel's buffer: no turn of the event loop is needed.
        frame.erase(0, write_what_fits(channel_, frame));
        if (frame.empty()) return;
    }
    out_ += frame;
    changed_.wake_all();
}

template <class M> bool HostProcess::receive(const Frame &frame, M &message) {
    auto decoded = decode<M>(frame);
    if (!decoded) {
        broken(decoded.error().text);
        return false;
    }
    message = std::move(*decoded);
    return true;
}

void HostProcess::on_frame(const Frame &frame) {
    switch (frame.type) {
        case Type::hello:
            if (Hello hello; receive(frame, hello) && hello.version != kVersion)
                broken(fmt::format("angod-host {} speaks version {} of the host protocol, angod version {}; install "
                                   "both from one package",
                                   hello.program_version, hello.version, kVersion));
            break;
        case Type::module_loaded:
            if (ModuleLoaded message; receive(frame, message)) {
                auto info = parse_module_info(message.descriptor);
                if (!info) return broken(info.error().text);
                module_ = std::move(*info);
                loaded_ = true;
            }
            break;
        case Type::refused:
            if (Refused message; receive(frame, message)) refused_ = std::move(message.reason);
            break;
        case Type::plugin_opened:
            if (PluginOpened message; receive(frame, message)) opened_[message.plugin].clear();
            break;
        case Type::plugin_refused:
            if (PluginRefused message; receive(frame, message))
                opened_[message.plugin] = message.reason.empty() ? "the module gave no reason" : message.reason;
            break;
        case Type::log_line:
            if (LogLine message; receive(frame, message)) {
                const auto job = jobs_.find(message.job);
                if (job != jobs_.end())
                    job->second->events.log(message.level, redact(message.text, job->second->events.secrets));
                else if (budget_.take(Clock::now()))
                    log_.write(message.level >= 3   ? angod::LogLevel::error
                               : message.level == 2 ? angod::LogLevel::warning
                                                    : angod::LogLevel::info,
                               "module: " + redact(message.text, secrets()));
            }
            return;
        case Type::progress:
            if (Progress message; receive(frame, message))
                if (const auto job = jobs_.find(message.job); job != jobs_.end())
                    job->second->events.progress(message.done, message.total);
            return;
        case Type::checkpoint:
            if (Checkpoint message; receive(frame, message)) {
                const auto job = jobs_.find(message.job);
                if (job == jobs_.end()) return;
                job->second->events.checkpoint(std::move(message.bytes),
                                               [weak = weak_from_this(), id = message.job](std::string problem) {
                                                   if (const auto host = weak.lock())
                                                       host->send(encode(CheckpointSaved{id, std::move(problem)}));
                                               });
            }
            return;
        case Type::job_finished:
            if (JobFinished message; receive(frame, message)) {
                const auto found = jobs_.find(message.job);
                if (found == jobs_.end()) return;
                const auto job = found->second;
                jobs_.erase(found);
                forget(*job);
                message.user_text = redact(message.user_text, job->events.secrets);
                message.operator_text = redact(message.operator_text, job->events.secrets);
                job->end.emplace();
                job->end->result = std::move(message);
                job->changed.wake_all();
            }
            return;
        default: return broken(fmt::format("the host sent a message of unknown type {}", static_cast<int>(frame.type)));
    }
    changed_.wake_all();
}

/// A host that does not keep to the protocol is ended like one that crashed.
void HostProcess::broken(std::string why) {
    if (!refused_ && !loaded_) refused_ = why;
    log_.error("{}; the host is ended", why);
    end_process();
    changed_.wake_all();
}

awaitable<void> HostProcess::output_loop(std::shared_ptr<HostProcess>) {
    std::array<char, 4096> buffer;
    std::string line;
    for (;;) {
        const auto [failed, n] = co_await process_->output().async_read_some(asio::buffer(buffer), as_value);
        if (failed) break;
        std::string_view text(buffer.data(), n);
        const auto hidden = secrets();
        auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        for (; lines > 0; --lines) {
            const std::size_t end = text.find('\n');
            line += text.substr(0, end);
            text.remove_prefix(end + 1);
            // Of a flood only the end is looked at, and what the log still takes.
            if (lines <= kPrintedLines || budget_.left(Clock::now()))
                print(line, hidden);
            else
                budget_.leave_out(1);
            line.clear();
        }
        line += text;
        if (line.size() > kMaxLine) {
            // A secret may be half here: what could be its beginning waits for the rest.
            line = redact(line, hidden);
            const std::size_t kept = std::min(line.size(), kLongestSecret);
            print(std::string_view(line).substr(0, line.size() - kept), hidden);
            line.erase(0, line.size() - kept);
        }
    }
    if (!line.empty()) print(line, secrets());
    output_ended_ = true;
    changed_.wake_all();
}

/// Of running jobs, and of ended ones: their output may still be in the pipe.
std::vector<std::string> HostProcess::secrets() const {
    std::vector<std::string> all(ended_secrets_.begin(), ended_secrets_.end());
    for (const auto &[id, job] : jobs_) all.insert(all.end(), job->events.secrets.begin(), job->events.secrets.end());
    return all;
}

void HostProcess::forget(const RunningJob &job) {
    for (const std::string &secret : job.events.secrets)
        if (std::find(ended_secrets_.begin(), ended_secrets_.end(), secret) == ended_secrets_.end())
            ended_secrets_.push_back(secret);
    while (ended_secrets_.size() > kEndedSecrets) ended_secrets_.pop_front();
}

void HostProcess::print(std::string_view line, const std::vector<std::string> &hidden) {
    std::string clean = redact(line, hidden);
    clean.resize(beginning_of(clean, kPrintedBytes).size());
    for (char &c : clean) // a module prints what it likes, and a terminal obeys
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
    if (budget_.take(Clock::now())) log_.debug("printed: {}", clean);
    printed_.push_back(std::move(clean));
    if (printed_.size() > kPrintedLines) printed_.pop_front();
}

std::string HostProcess::end_text() const { return fmt::format("the host {}{}", exit_text_, last_words()); }

std::string HostProcess::last_words() const {
    std::string out;
    for (const std::string &line : printed_) out += (out.empty() ? "; it printed: " : " | ") + line;
    return out;
}

} // namespace angod::supervisor
