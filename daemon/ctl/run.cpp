// angoctl run.
//
// Problem: an author of a module wants to see a run without angod and without Hub, exactly as angod would do it.
// Approach: the module runs in a real host (supervisor::HostProcess), asked with the same request and told of with the
// same sentences as in angod. DeskHub is the Hub that the module calls: it serves assets from files and takes results.
// Thread: one event loop. The first signal asks the module to stop, the next one ends the host.
#include "ctl/run.hpp"

#include "base/files.hpp"
#include "base/grouped.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/no_proxy.hpp"
#include "base/orphans.hpp"
#include "base/printable.hpp"
#include "base/process.hpp"
#include "base/redact.hpp"
#include "base/url.hpp"
#include "config/hub_address.hpp"
#include "ctl/debugger.hpp"
#include "ctl/desk_hub.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/output.hpp"
#include "ctl/run_event.hpp"
#include "rest/http_client.hpp"
#include "supervisor/end_sentences.hpp"
#include "supervisor/host_process.hpp"
#include "supervisor/run_request.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>

namespace angod::ctl {

namespace {

/// The batches that an event names.
std::vector<std::string> batches_of(const std::string &event) {
    std::vector<std::string> out;
    const auto parsed = json::parse(event);
    const json::Value *list = parsed ? json::find(*parsed, "batches") : nullptr;
    if (list && list->IsArray())
        for (const json::Value &batch : list->GetArray())
            if (batch.IsString()) out.emplace_back(json::view(batch));
    return out;
}

using namespace std::chrono_literals;
using supervisor::HostProcess;
using supervisor::JobEnd;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMaxEvent = std::uint64_t{64} << 20;
constexpr auto kBetweenProgress = 200ms;
constexpr std::chrono::seconds kLeave = 2s;
/// A person in a debugger may take any time.
constexpr std::chrono::seconds kNoLimit = 24h * 30;

/// The text of a module must not control the terminal.
void say(std::string_view what, std::string_view text) {
    std::fprintf(stderr, "%s%s%s\n", std::string(what).c_str(), what.empty() ? "" : ": ", printable(text).c_str());
}

int wrong_usage(const std::string &text) {
    say("", text);
    return kUsage;
}

const char *name_of_level(std::uint32_t level) {
    constexpr const char *kNames[] = {"debug", "info", "warning", "error"};
    return kNames[std::min<std::uint32_t>(level, 3)];
}

/// A JSON object in the text, or in the file that "@FILE" names.
Result<std::string> read_settings(const std::string &given) {
    if (given.empty()) return std::string("{}");
    const bool in_file = given.front() == '@';
    const auto text = in_file ? files::read(given.substr(1), kMaxEvent) : Result<std::string>(given);
    if (!text) return text.error();
    const auto parsed = json::parse(*text, {.relaxed = true});
    const std::string name = in_file ? given.substr(1) : "--settings";
    if (!parsed) return wrap(name, parsed.error());
    if (!parsed->IsObject()) return error(Code::invalid, name + ": it is JSON, but not { } with settings in it");
    return json::to_text(*parsed);
}

Result<std::string> read_event(const RunOptions &options) {
    if (options.event.empty()) return std::string("{}");
    auto text = files::read(options.event, kMaxEvent);
    if (!text) return text;
    if (const auto members = json::members(*text); !members) return wrap(options.event.string(), members.error());
    return text;
}

/// The address of a Hub's API as in the configuration; empty stays empty.
Result<std::string> read_url(const std::string &text) {
    if (text.empty()) return text;
    auto address = config::read_hub_address(text);
    if (!address) return wrap("--url", address.error());
    const auto url = parse_url(*address);
    if (url->scheme == "https" || (url->scheme == "http" && url->loopback())) return address;
    return error(Code::invalid, fmt::format("--url: {} is neither an https address nor one of this machine", *address));
}

/// Progress as lines, few enough to read.
class ProgressLines {
public:
    void show(std::uint64_t done, std::uint64_t total) {
        waiting_ = total == 0 ? grouped(done) : fmt::format("{} of {}", grouped(done), grouped(total));
        if (Clock::now() >= next_) flush();
    }
    void flush() {
        if (!waiting_.empty()) say("progress", std::exchange(waiting_, {}));
        next_ = Clock::now() + kBetweenProgress;
    }

private:
    std::string waiting_;
    Clock::time_point next_{};
};

class ModuleRun {
public:
    ModuleRun(asio::io_context &context, const RunOptions &options, const Program &program,
              std::filesystem::path host_path, std::string settings, std::string event)
        : context_(context),
          options_(options),
          program_(program),
          host_path_(std::move(host_path)),
          settings_(std::move(settings)),
          event_(std::move(event)),
          signals_(context, SIGTERM, SIGHUP) {
        // Ctrl-C belongs to the debugger.
        if (options.debugger.empty())
            signals_.add(SIGINT);
        else
            std::signal(SIGINT, SIG_IGN);
    }

    awaitable<int> all() {
        spawn(context_.get_executor(), "signals", watch_signals());
        const int code = co_await in_host();
        if (host_) co_await host_->leave(options_.debugger.empty() ? kLeave : kNoLimit);
        if (desk_) desk_->stop();
        files::remove_all(scratch_);
        boost::system::error_code ignored;
        signals_.cancel(ignored);
        co_return code;
    }

private:
    awaitable<int> in_host() {
        supervisor::HostOptions options;
        options.label = "run";
        options.generation = 1;
        options.module_path = std::filesystem::absolute(options_.module).string();
        if (!options_.debugger.empty()) {
            options.launcher = launcher(options_.debugger, host_path_.string());
            options.start_limit = kNoLimit;
            options.environment = terminal_environment();
        }
        Log log;
        auto host = co_await HostProcess::launch(program_, std::move(options), std::move(log));
        if (!host) co_return failed(host.error().text);
        host_ = std::move(*host);
        if (interrupted_) host_->kill();
        const auto loaded = co_await host_->load();
        if (!loaded) co_return failed(interrupted_ ? supervisor::cancel_sentence() : loaded.error().text);
        const auto kind = supervisor::choose_kind(host_->module(), options_.kind, "--kind");
        if (!kind) co_return wrong_usage(kind.error().text);
        kind_ = *kind;
        if (const auto ready = prepare(); !ready) co_return wrong_usage(ready.error().text);
        host_protocol::OpenPlugin open;
        open.plugin = "run";
        open.kind = static_cast<std::uint64_t>(kind_);
        open.settings = settings_;
        const auto opened = co_await host_->open_plugin(std::move(open));
        if (!opened) co_return failed(interrupted_ ? supervisor::cancel_sentence() : opened.error().text);
        auto request = job();
        auto events = job_events();
        running_ = true;
        const JobEnd end = co_await host_->run(
            std::move(request), std::move(events),
            Clock::now() + (options_.debugger.empty() ? std::chrono::seconds(options_.timeout_s) : kNoLimit));
        progress_.flush();
        co_return report(end);
    }

    /// Everything that can be wrong with what was given, once the kind is known.
    Result<void> prepare() {
        if (kind_ == PluginKind::export_ && options_.export_file.empty() && options_.api_url.empty())
            return error(Code::invalid, "an export is made from assets: name their file with --export");
        if (kind_ != PluginKind::export_ && !options_.export_file.empty() && !options_.api_url.empty())
            return error(Code::invalid, "the assets are those of --url, or those of --export: name one of them");
        if (!options_.input_file.empty()) {
            if (kind_ != PluginKind::markdown)
                return error(Code::invalid,
                             fmt::format("--input is for runs of the kind markdown, not {}", name_of(kind_)));
            const auto bytes = files::read(options_.input_file, kMaxEvent);
            if (!bytes) return bytes.error();
            auto event = with_input_file(event_, *bytes);
            if (!event) return event.error();
            event_ = std::move(*event);
        }
        auto event = complete_event(event_, kind_);
        if (!event) return event.error();
        const auto &filled = event->filled;
        if (!options_.api_url.empty() && std::find(filled.begin(), filled.end(), "apiKey") != filled.end())
            return error(Code::invalid, "the event has no \"apiKey\", which the calls to --url need");
        if (!filled.empty()) say("info", fmt::format("filled into the event: {}", fmt::join(filled, ", ")));
        event_ = std::move(event->text);
        secrets_ = spellings(event->api_key);

        DeskOptions desk;
        desk.export_file = options_.export_file;
        desk.lists_assets = kind_ != PluginKind::export_ && options_.api_url.empty();
        desk.out = options_.out;
        desk.api_url = options_.api_url;
        desk.proxies = proxies_of_environment();
        desk.batches = batches_of(event_);
        auto started = DeskHub::start(context_.get_executor(), std::move(desk));
        if (!started) return started.error();
        desk_ = std::move(*started);
        for (const std::string &name : desk_->left_out())
            say("info", fmt::format("left {} of the zip out: it is no part of the export", name));
        return {};
    }

    host_protocol::RunJob job() {
        const std::string id = new_id();
        scratch_ = std::filesystem::temp_directory_path() / ("angoctl-run-" + id);
        job_ = id;
        supervisor::RunSettings settings;
        settings.plugin = "run";
        settings.api_url = desk_->url();
        settings.proxies = proxies_of_environment();
        std::string &no_proxy = settings.proxies.no_proxy;
        no_proxy += (no_proxy.empty() ? "" : ",") + std::string("127.0.0.1"); // where the desk's Hub is
        return supervisor::make_run_request(settings, id, event_, scratch_);
    }

    supervisor::JobEvents job_events() {
        supervisor::JobEvents events;
        events.log = [this](std::uint32_t level, std::string text) {
            progress_.flush();
            say(name_of_level(level), redact(text, secrets_));
        };
        events.progress = [this](std::uint64_t done, std::uint64_t total) { progress_.show(done, total); };
        events.checkpoint = [](std::string, std::function<void(std::string)> saved) { saved({}); };
        events.secrets = secrets_;
        return events;
    }

    int report(const JobEnd &end) {
        switch (end.how) {
            case JobEnd::How::finished: break;
            case JobEnd::How::died_alone:
            case JobEnd::How::died_together: // how is in the log already
                return failed(supervisor::crash_sentence());
            case JobEnd::How::timed_out: return failed(supervisor::time_out_sentence(options_.timeout_s));
            case JobEnd::How::cancelled: return failed(supervisor::cancel_sentence());
            case JobEnd::How::stopped: return failed(interrupted_ ? supervisor::cancel_sentence() : end.text);
        }
        const auto &result = end.result;
        if (!result.succeeded) {
            if (!result.operator_text.empty()) say("for the operator", redact(result.operator_text, secrets_));
            if (result.retry_after_ms >= 0)
                say("info", fmt::format("angod would run it again after {} s", result.retry_after_ms / 1000));
            return failed(redact(result.user_text, secrets_));
        }
        for (const std::string &file : desk_->files()) say("made", (options_.out / file).string());
        print_out((result.silent ? "null" : result.value) + "\n");
        return 0;
    }

    int failed(const std::string &why) {
        say("failed", why);
        return kFailure;
    }

    /// The first one asks the module to stop, another one does not wait for it.
    awaitable<void> watch_signals() {
        for (;;) {
            const auto [ended, signal] = co_await signals_.async_wait(as_value);
            if (ended) co_return;
            const bool again = std::exchange(interrupted_, true);
            if (running_ && !again)
                host_->cancel(job_);
            else if (host_)
                host_->kill();
        }
    }

    asio::io_context &context_;
    const RunOptions &options_;
    const Program &program_;
    const std::filesystem::path host_path_;
    const std::string settings_;
    std::string event_;
    std::string job_;
    std::vector<std::string> secrets_;
    PluginKind kind_ = PluginKind::input;
    std::filesystem::path scratch_;
    asio::signal_set signals_;
    bool interrupted_ = false, running_ = false;
    ProgressLines progress_;
    std::unique_ptr<DeskHub> desk_;
    std::shared_ptr<HostProcess> host_;
};

} // namespace

int run_module(const RunOptions &wanted, const std::filesystem::path &host) {
    RunOptions options = wanted;
    if (options.timeout_s < 1) return wrong_usage("--timeout: it must be at least 1 second");
    auto event = read_event(options);
    if (!event) return wrong_usage(event.error().text);
    auto settings = read_settings(options.settings);
    if (!settings) return wrong_usage(settings.error().text);
    auto address = read_url(options.api_url);
    if (!address) return wrong_usage(address.error().text);
    options.api_url = std::move(*address);
    const ProxyRules proxies = proxies_of_environment();
    if (const std::string fault = no_proxy_fault(proxies.no_proxy);
        !fault.empty() && !(proxies.http.empty() && proxies.https.empty()))
        say("warning", "the environment variable no_proxy: " + fault);
    const auto program = Program::open(host);
    if (!program) {
        say("", program.error().text);
        return kFailure;
    }
    if (!rest::init_http()) {
        say("", "libcurl cannot be used on this machine");
        return kFailure;
    }
    Log::configure("debug", false); // what the module prints is part of the show
    int code = kFailure;
    {
        asio::io_context context;
        adopt_orphans(context);
        ModuleRun run(context, options, *program, host, std::move(*settings), std::move(*event));
        asio::co_spawn(context, run.all(), [&](std::exception_ptr failed, int ended) {
            context.stop();
            if (failed) std::rethrow_exception(failed);
            code = ended;
        });
        context.run();
    }
    Log::flush();
    return code;
}

} // namespace angod::ctl
