// The messages of a host, as its HostProcess takes them: one function for each.
//
// They are a second half of HostProcess. A host is trusted with nothing but its own runs: a message of unknown form or type
// ends it, and a message about a job that does not run there is ignored.
#include "supervisor/host_process.hpp"

#include "base/redact.hpp"

#include <fmt/format.h>

namespace angod::supervisor {

namespace {

using namespace host_protocol;
using Clock = std::chrono::steady_clock;

/// Calls of Hub for which one job waits at the same time: one for each of its threads.
constexpr std::size_t kMostWanted = 256;

} // namespace

void HostProcess::on_frame(const Frame &frame) {
    switch (frame.type) {
        case Type::hello: return receive<Hello>(frame);
        case Type::module_loaded: return receive<ModuleLoaded>(frame);
        case Type::refused: return receive<Refused>(frame);
        case Type::plugin_opened: return receive<PluginOpened>(frame);
        case Type::plugin_refused: return receive<PluginRefused>(frame);
        case Type::log_line: return receive<LogLine>(frame);
        case Type::progress: return receive<Progress>(frame);
        case Type::checkpoint: return receive<Checkpoint>(frame);
        case Type::job_finished: return receive<JobFinished>(frame);
        case Type::call_wanted: return receive<CallWanted>(frame);
        case Type::call_refused: return receive<CallRefused>(frame);
        case Type::heard: return receive<Heard>(frame);
        default: return broken(fmt::format("the host sent a message of unknown type {}", static_cast<int>(frame.type)));
    }
}

template <class M> void HostProcess::receive(const Frame &frame) {
    auto message = decode<M>(frame);
    if (!message) return broken(message.error().text);
    on(std::move(*message));
}

void HostProcess::on(Hello message) {
    if (message.version == kVersion) return;
    broken(fmt::format("angod-host {} speaks version {} of the host protocol, angod version {}; install both from one "
                       "package",
                       message.program_version, message.version, kVersion));
}

void HostProcess::on(ModuleLoaded message) {
    auto info = parse_module_info(message.descriptor);
    if (!info) return broken(info.error().text);
    module_ = std::move(*info);
    life_.on(HostEvent::loaded);
    changed_.wake_all();
}

void HostProcess::on(Refused message) {
    refused_ = std::move(message.reason);
    changed_.wake_all();
}

void HostProcess::on(PluginOpened message) {
    opened_[message.plugin].clear();
    changed_.wake_all();
}

void HostProcess::on(PluginRefused message) {
    opened_[message.plugin] = message.reason.empty() ? "the module gave no reason" : std::move(message.reason);
    changed_.wake_all();
}

void HostProcess::on(LogLine message) {
    if (RunningJob *job = job_of(message.job))
        job->events.log(message.level, redact(message.text, job->events.secrets));
    else
        output_.logged(message.level, message.text, Clock::now());
}

void HostProcess::on(Progress message) {
    if (RunningJob *job = job_of(message.job)) job->events.progress(message.done, message.total);
}

void HostProcess::on(Checkpoint message) {
    RunningJob *job = job_of(message.job);
    if (!job) return;
    auto saved = [weak = weak_from_this(), id = message.job](std::string problem) {
        if (const auto host = weak.lock()) host->channel_.send(encode(CheckpointSaved{id, std::move(problem)}));
    };
    job->events.checkpoint(std::move(message.bytes), std::move(saved));
}

void HostProcess::on(CallWanted message) {
    const auto found = jobs_.find(message.job);
    if (found == jobs_.end()) return;
    const auto job = found->second;
    if (++job->wanted_calls > kMostWanted)
        return broken(fmt::format("the host wants more than {} calls of Hub at once for one job", kMostWanted));
    // The job may have ended by the time that its call is granted, and its next attempt is another one.
    auto granted = [weak = weak_from_this(), of = std::weak_ptr(job), id = message.job] {
        const auto host = weak.lock();
        const auto asking = of.lock();
        if (!host || !asking || asking->end) return false;
        --asking->wanted_calls;
        host->channel_.send(encode(CallGranted{id}));
        return true;
    };
    if (job->events.call_wanted)
        job->events.call_wanted(std::move(granted));
    else
        granted();
}

void HostProcess::on(CallRefused message) {
    RunningJob *job = job_of(message.job);
    if (!job || !job->events.call_refused) return;
    std::optional<std::chrono::milliseconds> wait;
    if (message.wait_ms >= 0) wait = std::chrono::milliseconds(message.wait_ms);
    job->events.call_refused(wait);
}

void HostProcess::on(Heard message) {
    RunningJob *job = job_of(message.job);
    if (job && job->events.heard) job->events.heard(message);
}

void HostProcess::on(JobFinished message) {
    const auto found = jobs_.find(message.job);
    if (found == jobs_.end()) return;
    const auto job = found->second;
    jobs_.erase(found);
    output_.job_ended(message.job);
    message.user_text = redact(message.user_text, job->events.secrets);
    message.operator_text = redact(message.operator_text, job->events.secrets);
    job->end.emplace();
    job->end->result = std::move(message);
    job->changed.wake_all();
}

} // namespace angod::supervisor
