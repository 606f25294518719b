// Each thread runs serve(): wait for the turn to read, read frames until one of them is a job, run the job, repeat. A
// thread that leaves the turn with a job starts another thread if no other thread waits to read. mutex_ protects the
// table of open jobs, write_mutex_ the order of frames. A cancel runs on a thread of its own, because the module's
// callback may block. If angod is gone, the process ends at once together with everything that its module started.
#include "host/process/server.hpp"

#include "base/crash_report.hpp"
#include "base/own_process.hpp"
#include "host/module/call_module.hpp"
#include "host/module/module_log.hpp"
#include "host/process/run_job.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace angod::host {

namespace {

using namespace host_protocol;
using Clock = std::chrono::steady_clock;

/// Progress is for people, so more messages would only cost time.
constexpr auto kProgressEvery = std::chrono::milliseconds(250);
/// Of a longer answer only the size is told.
constexpr std::size_t kMostHeard = 256 * 1024;
/// A wait for a call of Hub that no user has to know about.
constexpr auto kQuietWait = std::chrono::seconds(5);

} // namespace

void Server::run() {
    set_module_log([this](LogLevel level, std::string_view text) {
        send(LogLine{"", static_cast<std::uint32_t>(level), std::string(text)});
    });
    send(Hello{.program_version = ANGOD_VERSION});
    serve();
}

void Server::serve() {
    for (;;) {
        const std::shared_ptr<Work> work = next_work();
        const JobFinished end = run_one(*work);
        {
            const std::lock_guard lock(mutex_);
            ++readers_; // count this thread before angod can send the next job
        }
        send(end);
        const std::lock_guard lock(mutex_);
        // The next attempt of the job may have come already, under the same id.
        if (const auto found = open_.find(end.job); found != open_.end() && found->second == work) open_.erase(found);
        if (leaving_ && open_.empty()) leave_now(0);
    }
}

/// Reads until a job comes, and makes sure that another thread reads after that.
std::shared_ptr<Server::Work> Server::next_work() {
    std::shared_ptr<Work> work;
    {
        const std::lock_guard turn(read_mutex_);
        while (!work) {
            const auto frame = buffer_.next();
            if (!frame) give_up(frame.error().text);
            if (*frame) {
                work = on_frame(**frame);
                continue;
            }
            const auto [where, size] = buffer_.prepare();
            const auto got = channel_.read_some(where, size);
            // Without angod the work has no use. End this process, and the processes that its module started, at once.
            if (!got || *got == 0) end_own_group();
            buffer_.commit(*got);
        }
    }
    const std::lock_guard lock(mutex_);
    if (--readers_ == 0) {
        ++readers_;
        try {
            std::thread([this] {
                const CrashStack stack;
                serve();
            }).detach();
        } catch (const std::system_error &e) {
            give_up(std::string("no thread can be started: ") + e.what());
        }
    }
    return work;
}

template <class M> M Server::take(const Frame &frame) {
    auto message = decode<M>(frame);
    if (!message) give_up(message.error().text);
    return std::move(*message);
}

template <class M> void Server::send(const M &message) {
    const std::string frame = encode(message);
    const std::lock_guard lock(write_mutex_);
    const auto written = channel_.write(frame.data(), frame.size());
    if (written) return;
    // If angod is alive, this line is the only explanation of the end.
    if (!channel_.usable())
        std::fprintf(stderr, "%s: the module has closed the channel between angod and its host\n",
                     written.error().text.c_str());
    end_own_group();
}

void Server::give_up(const std::string &why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    leave_now(1);
}

std::shared_ptr<Server::Work> Server::on_frame(const Frame &frame) {
    switch (frame.type) {
        case Type::setup: on_setup(take<Setup>(frame)); break;
        case Type::open_plugin: {
            const auto request = take<OpenPlugin>(frame);
            if (!instances_) give_up("angod opened a plugin before it named the module");
            const auto opened = instances_->open(request.plugin, request.kind, request.settings);
            if (opened)
                send(PluginOpened{request.plugin});
            else
                send(PluginRefused{request.plugin, opened.error().text});
            break;
        }
        case Type::run_job:
            if (!instances_) give_up("angod sent a job before it named the module");
            return on_run(take<RunJob>(frame));
        case Type::cancel_job: {
            const auto request = take<CancelJob>(frame);
            std::shared_ptr<Work> work;
            {
                const std::lock_guard lock(mutex_);
                if (const auto found = open_.find(request.job); found != open_.end()) work = found->second;
            }
            // A module's callback may block, so it must not run on this thread, which watches angod.
            if (work)
                std::thread([work] {
                    const CrashStack stack;  // the module's callback may crash
                    work->log_limit.flush(); // the process may be killed before the run ends
                    {
                        const std::lock_guard work_lock(work->mutex);
                        work->is_cancelled = true;
                        work->granted.notify_all();
                    }
                    work->job.cancel.cancel(); // the module's callback may wait for a thread that calls Hub
                }).detach();
            break;
        }
        case Type::call_granted: {
            const auto message = take<CallGranted>(frame);
            const std::lock_guard lock(mutex_);
            if (const auto found = open_.find(message.job); found != open_.end()) {
                const std::lock_guard work_lock(found->second->mutex);
                ++found->second->granted_calls;
                found->second->granted.notify_one();
            }
            break;
        }
        case Type::checkpoint_saved: {
            auto message = take<CheckpointSaved>(frame);
            const std::lock_guard lock(mutex_);
            if (const auto found = open_.find(message.job); found != open_.end()) {
                const std::lock_guard work_lock(found->second->mutex);
                found->second->save_result = std::move(message.problem);
                found->second->saved.notify_all();
            }
            break;
        }
        case Type::leave: on_leave(); break;
        default: give_up("angod sent a message of unknown type");
    }
    return nullptr;
}

void Server::on_setup(const Setup &setup) {
    if (setup.version != kVersion)
        give_up("angod speaks another version of the host protocol; install both from one package");
    auto module = load_module(setup.module_path);
    if (!module) {
        send(Refused{module.error().text});
        leave_now(1);
    }
    module_ = std::move(*module);
    instances_.emplace(*module_);
    send(ModuleLoaded{descriptor_json(*module_)});
}

std::shared_ptr<Server::Work> Server::on_run(RunJob &&request) {
    auto work = std::make_shared<Work>([this, id = request.job](LogLevel level, std::string_view text) {
        send(LogLine{id, static_cast<std::uint32_t>(level), std::string(text)});
    });
    Job &job = work->job;
    job.id = std::move(request.job);
    job.plugin = std::move(request.plugin);
    job.attempt = request.attempt;
    job.age = std::chrono::milliseconds(request.age_ms);
    job.event = std::move(request.event);
    if (request.has_checkpoint) job.checkpoint = std::move(request.checkpoint);
    job.scratch = request.scratch;
    job.limits = {request.spool_bytes, request.unzip_bytes, request.asset_bytes};
    job.hub = {std::move(request.api_url),
               std::move(request.ca_file),
               {std::move(request.proxy_http), std::move(request.proxy_https), std::move(request.no_proxy)}};
    work->tells_answers = request.tell_answers != 0;
    const std::lock_guard lock(mutex_);
    open_[job.id] = work;
    return work;
}

JobFinished Server::run_one(Work &work) {
    Job &job = work.job;
    job.module_id = module_->id;
    job.known_assets = &known_assets_;
    job.log = [&work](LogLevel level, std::string_view text) { work.log_limit.line(level, text); };
    job.progress = [this, &work](std::uint64_t done, std::uint64_t total) {
        const std::lock_guard lock(work.progress_mutex);
        const auto now = Clock::now();
        work.unsent_progress = {done, total};
        if (now < work.next_progress) return;
        work.next_progress = now + kProgressEvery;
        send_progress(work);
    };
    job.save_checkpoint = [this, &work](std::string_view bytes) { return save_checkpoint(work, bytes); };
    job.want_call = [this, &work] { return want_call(work); };
    job.call_refused = [this, &work](std::optional<std::chrono::milliseconds> wait) {
        send(CallRefused{work.job.id, wait ? std::max<std::int64_t>(0, wait->count()) : -1});
    };
    if (work.tells_answers)
        job.heard = [this, &work](std::string_view method, std::string_view target, long status,
                                  std::string_view body) {
            send(Heard{work.job.id, std::string(method), std::string(target), static_cast<std::uint64_t>(status),
                       body.size(), std::string(body.size() > kMostHeard ? std::string_view() : body)});
        };
    JobFinished end;
    const Instances::Instance *instance = instances_->find(job.plugin);
    if (!instance) {
        end.user_text = "The plugin is not set up on this server.";
        end.operator_text = "angod sent a job for a plugin that it had not opened";
    } else {
        try {
            end = run_job(job, *module_, *instance);
        } catch (...) { // an exception of the host; those of a module are caught in call_module
            end.user_text = "The plugin met an unexpected problem.";
            end.operator_text = "the host of the module met " + thrown_text();
        }
    }
    end.job = job.id;
    work.log_limit.flush();
    const std::lock_guard lock(work.progress_mutex);
    send_progress(work); // the final state
    return end;
}

void Server::send_progress(Work &work) {
    if (const auto counts = std::exchange(work.unsent_progress, std::nullopt))
        send(Progress{work.job.id, counts->first, counts->second});
}

Result<void> Server::save_checkpoint(Work &work, std::string_view bytes) {
    if (bytes.size() > kMaxCheckpoint) return error(Code::limit, "a checkpoint holds at most 65,536 bytes");
    std::unique_lock lock(work.mutex);
    work.save_result.reset();
    send(Checkpoint{work.job.id, std::string(bytes)});
    work.saved.wait(lock, [&] { return work.save_result.has_value(); });
    if (!work.save_result->empty()) return error(Code::io, *work.save_result);
    return {};
}

Result<void> Server::want_call(Work &work) {
    std::unique_lock lock(work.mutex);
    send(CallWanted{work.job.id});
    const auto is_over = [&] { return work.granted_calls > 0 || work.is_cancelled; };
    if (!work.granted.wait_for(lock, kQuietWait, is_over)) {
        const bool tell = !std::exchange(work.has_told_of_wait, true);
        lock.unlock();
        if (tell)
            work.job.log(LogLevel::info, "Hub limits the calls of one user in a minute. The run waits for its turn.");
        lock.lock();
        work.granted.wait(lock, is_over);
    }
    if (work.is_cancelled) return error(Code::cancelled, "cancelled");
    --work.granted_calls;
    return {};
}

void Server::on_leave() {
    const std::lock_guard lock(mutex_);
    leaving_ = true;
    if (open_.empty()) leave_now(0);
}

} // namespace angod::host
