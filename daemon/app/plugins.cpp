// All plugins of the configuration.
//
// Problem: a changed configuration adds, removes and replaces plugins while runs are under way and Hub goes on sending.
// Approach: a plugin never changes. One with another configuration takes its place: the present one hands over, is kept
// among the retired until its last run has ended, and the next one answers those runs. Between the two nothing is
// awaited, so that each event, answer and log line finds exactly one plugin of a name.
// Thread: the event loop.
#include "app/plugins.hpp"

#include "base/disk_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Longer than any timer of a plugin that has handed over.
constexpr auto kLastTimers = 10min;
constexpr auto kLookAgain = 20ms;
constexpr auto kReadLimit = 10s;

} // namespace

Plugins::Plugins(const Shared &shared) : shared_(shared) { shared_.queue.set_listener(*this); }

Plugin *Plugins::find(const std::string &name) const {
    const auto found = plugins_.find(name);
    return found == plugins_.end() ? nullptr : found->second.get();
}

// ---- what the queue, the runs and the modules tell

void Plugins::runnable(const std::string &plugin) {
    if (Plugin *one = find(plugin)) one->runnable();
}

void Plugins::answered(const jobs::JobPtr &job) {
    if (Plugin *one = find(job->plugin)) one->answered(job);
}

void Plugins::ended(const jobs::JobPtr &job) { shared_.counters.job_ended(*job); }

void Plugins::tell(const jobs::Job &job, hub::LogLevel level, const std::string &text) {
    if (Plugin *one = find(job.plugin)) one->tell(job, level, text);
}

awaitable<void> Plugins::follow_modules() {
    while (!stopping_) {
        co_await shared_.modules.change();
        for (const auto &[name, plugin] : plugins_) plugin->modules_changed();
    }
}

// ---- start and stop

Result<void> Plugins::prepare(const std::vector<config::Plugin> &plugins) {
    auto read = read_authorities(plugins, authorities_);
    if (!read) return read.error();
    authorities_ = std::move(*read);
    return {};
}

void Plugins::add(const config::Plugin &plugin) {
    const Authorities &authorities = authorities_.at(plugin.hub.ca_file);
    plugins_[plugin.name] = std::make_unique<Plugin>(shared_, *this, plugin, authorities.tls);
    trusted_[plugin.name] = authorities.digest;
}

void Plugins::start(const std::vector<config::Plugin> &plugins) {
    std::set<std::string> names;
    for (const config::Plugin &plugin : plugins) {
        add(plugin);
        names.insert(plugin.name);
    }
    for (const auto &[name, count] : shared_.queue.restore(names))
        Log().warning("{} open runs of the plugin {}, which is not configured, stay in the store", count, name);
    for (const auto &[name, plugin] : plugins_) plugin->start();
}

awaitable<void> Plugins::stop() {
    stopping_ = true;
    Signal done(shared_.executor);
    std::size_t left = plugins_.size();
    for (const auto &[name, plugin] : plugins_)
        spawn(shared_.executor, "plugin stop", [](Plugin &one, std::size_t &count, Signal &ended) -> awaitable<void> {
            co_await one.stop();
            --count;
            ended.wake_all();
        }(*plugin, left, done));
    while (left > 0) co_await done.wait();
}

void Plugins::tidy() {
    std::erase_if(retired_,
                  [](const auto &one) { return one.second->idle() && Clock::now() - one.first > kLastTimers; });
}

// ---- a changed configuration

awaitable<Result<void>> Plugins::change(std::vector<config::Plugin> plugins) {
    const auto read = [plugins, present = authorities_](const DiskCall &) {
        return read_authorities(plugins, present);
    };
    auto authorities = co_await on_disk_thread("a ca_file of the configuration", kReadLimit, read);
    if (!authorities) co_return authorities.error();
    if (stopping_) co_return Result<void>();
    authorities_ = std::move(*authorities);
    std::set<std::string> wanted;
    for (const config::Plugin &plugin : plugins) wanted.insert(plugin.name);
    std::vector<std::string> gone;
    for (const auto &[name, plugin] : plugins_)
        if (!wanted.contains(name)) gone.push_back(name);
    co_await remove(std::move(gone));
    for (const config::Plugin &plugin : plugins) {
        if (stopping_) break;
        co_await change_one(plugin);
    }
    co_return Result<void>();
}

awaitable<void> Plugins::change_one(config::Plugin plugin) {
    const Plugin *present = find(plugin.name);
    if (!present) co_return co_await add_new(std::move(plugin));
    const bool same = present->configuration() == plugin;
    if (same && trusted_.at(plugin.name) == authorities_.at(plugin.hub.ca_file).digest) co_return;
    std::string why = "its configuration has changed";
    if (same) why = "the content of its ca_file has changed";
    co_await replace(std::move(plugin), std::move(why));
}

awaitable<void> Plugins::replace(config::Plugin plugin, std::string why) {
    Plugin &present = *find(plugin.name);
    const std::string disabled = present.disabled();
    co_await present.hand_over();
    if (stopping_) co_return;
    retire(plugin.name);
    if (plugin.rest) shared_.connector->calls().renew();
    Log().with("plugin", plugin.name).info("{}", why);
    add(plugin); // nothing is awaited since the hand-over: Hub's calls find the one or the other
    Plugin &next = *find(plugin.name);
    next.take_over(*retired_.back().second);
    if (!disabled.empty()) next.disable(disabled);
    next.start();
}

awaitable<void> Plugins::add_new(config::Plugin plugin) {
    const Log log = Log().with("plugin", plugin.name);
    log.info("it is new");
    if (const auto adopted = co_await shared_.queue.adopt(plugin.name); !adopted)
        log.error("its open runs stay in the store: {}", adopted.error().text);
    if (stopping_) co_return;
    add(plugin);
    find(plugin.name)->start();
}

awaitable<void> Plugins::remove(std::vector<std::string> names) {
    for (const std::string &name : names) {
        Log().with("plugin", name).info("it is no longer configured");
        plugins_.at(name)->stop_routing();
        plugins_.at(name)->disable("it is no longer configured");
    }
    const auto idle = [&](const std::string &name) { return plugins_.at(name)->idle(); };
    const auto deadline = Clock::now() + std::chrono::seconds(shared_.config.drain_s) + 1s;
    while (!std::all_of(names.begin(), names.end(), idle) && !stopping_ && Clock::now() < deadline)
        co_await pause(kLookAgain);
    for (const std::string &name : names) {
        if (stopping_) co_return;
        co_await plugins_.at(name)->hand_over();
        if (stopping_) co_return;
        shared_.queue.release(name);
        retire(name);
    }
}

void Plugins::retire(const std::string &name) {
    retired_.emplace_back(Clock::now(), std::move(plugins_.at(name)));
    plugins_.erase(name);
    trusted_.erase(name);
}

} // namespace angod::app
