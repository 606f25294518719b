#include "app/plugins.hpp"

#include "socketio/net_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Longer than any timer of a plugin that has given way.
constexpr auto kLastTimers = 10min;

} // namespace

Result<void> Plugins::prepare(const std::vector<config::Plugin> &plugins) {
    for (const config::Plugin &plugin : plugins) {
        auto &tls = tls_[plugin.hub.ca_file];
        if (tls || plugin.rest || !parse_url(plugin.hub.url)->encrypted()) continue;
        auto made = socketio::make_tls_context(plugin.hub.ca_file);
        if (!made) return made.error();
        tls = std::move(*made);
    }
    return {};
}

void Plugins::add(const config::Plugin &plugin) {
    plugins_[plugin.name] = std::make_unique<Plugin>(shared_, plugin, tls_[plugin.hub.ca_file]);
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

awaitable<Result<void>> Plugins::change(std::vector<config::Plugin> plugins) {
    if (changing_) co_return error(Code::invalid, "the configuration is being changed already");
    if (auto made = prepare(plugins); !made) co_return made;
    changing_ = true;
    std::set<std::string> wanted;
    for (const config::Plugin &plugin : plugins) wanted.insert(plugin.name);
    std::vector<std::string> gone;
    for (const auto &[name, plugin] : plugins_)
        if (!wanted.contains(name)) gone.push_back(name);
    for (const std::string &name : gone) co_await remove(name);
    for (const config::Plugin &plugin : plugins) {
        Plugin *present = find(plugin.name);
        if (present && present->configuration() == plugin) continue;
        if (stopping_) break;
        if (present) {
            co_await present->give_way();
            retire(plugin.name);
        }
        Log().with("plugin", plugin.name).info("{}", present ? "its configuration has changed" : "it is new");
        if (!present)
            if (const auto adopted = co_await shared_.queue.adopt(plugin.name); !adopted)
                Log().with("plugin", plugin.name).error("its open runs stay in the store: {}", adopted.error().text);
        add(plugin);
        plugins_[plugin.name]->start();
    }
    changing_ = false;
    co_return Result<void>();
}

awaitable<void> Plugins::remove(std::string name) {
    Plugin &plugin = *plugins_.at(name);
    Log().with("plugin", name).info("it is no longer configured");
    plugin.disable("it is no longer configured");
    const auto deadline = Clock::now() + std::chrono::seconds(shared_.config.drain_s) + 1s;
    while (!plugin.idle() && !stopping_ && Clock::now() < deadline) co_await pause(20ms);
    if (stopping_) co_return;
    co_await plugin.give_way();
    shared_.queue.leave(name);
    retire(name);
}

void Plugins::retire(const std::string &name) {
    retired_.emplace_back(Clock::now(), std::move(plugins_.at(name)));
    plugins_.erase(name);
}

void Plugins::tidy() {
    std::erase_if(retired_,
                  [](const auto &one) { return one.second->idle() && Clock::now() - one.first > kLastTimers; });
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

Plugin *Plugins::find(const std::string &name) const {
    const auto found = plugins_.find(name);
    return found == plugins_.end() ? nullptr : found->second.get();
}

} // namespace angod::app
