#include "app/plugins.hpp"

#include "base/files.hpp"
#include "base/ids.hpp"
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
constexpr std::uint64_t kMaxAuthorities = 64u << 20;

/// Never empty. What cannot be read is as good as nothing; who needs it says so.
std::string digest_of(const std::string &ca_file) {
    if (ca_file.empty()) return "the system's";
    const auto content = files::read(ca_file, kMaxAuthorities);
    return content ? sha256(*content) : "unreadable";
}

} // namespace

Result<void> Plugins::prepare(const std::vector<config::Plugin> &plugins) {
    std::map<std::string, Authorities> next;
    for (const config::Plugin &plugin : plugins) {
        const std::string &file = plugin.hub.ca_file;
        auto &authorities = next[file];
        if (authorities.digest.empty()) {
            authorities.digest = digest_of(file);
            const auto present = authorities_.find(file);
            if (present != authorities_.end() && present->second.digest == authorities.digest)
                authorities.tls = present->second.tls;
        }
        if (authorities.tls || plugin.rest || !parse_url(plugin.hub.url)->encrypted()) continue;
        auto made = socketio::make_tls_context(file);
        if (!made) return made.error();
        authorities.tls = std::move(*made);
    }
    authorities_ = std::move(next);
    return {};
}

void Plugins::add(const config::Plugin &plugin) {
    const Authorities &authorities = authorities_.at(plugin.hub.ca_file);
    plugins_[plugin.name] = std::make_unique<Plugin>(shared_, plugin, authorities.tls);
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

awaitable<Result<void>> Plugins::change(std::vector<config::Plugin> plugins) {
    if (auto made = prepare(plugins); !made) co_return made;
    std::set<std::string> wanted;
    for (const config::Plugin &plugin : plugins) wanted.insert(plugin.name);
    std::vector<std::string> gone;
    for (const auto &[name, plugin] : plugins_)
        if (!wanted.contains(name)) gone.push_back(name);
    co_await remove(std::move(gone));
    for (const config::Plugin &plugin : plugins) {
        Plugin *present = find(plugin.name);
        const bool same = present && present->configuration() == plugin;
        if (same && trusted_.at(plugin.name) == authorities_.at(plugin.hub.ca_file).digest) continue;
        if (stopping_) break;
        const std::string disabled = present ? present->disabled() : "";
        if (present) {
            co_await present->give_way();
            if (stopping_) break;
            retire(plugin.name);
            if (plugin.rest) shared_.connector->calls().renew();
        }
        const char *const why = same ? "the content of its ca_file has changed" : "its configuration has changed";
        Log().with("plugin", plugin.name).info("{}", present ? why : "it is new");
        if (!present)
            if (const auto adopted = co_await shared_.queue.adopt(plugin.name); !adopted)
                Log().with("plugin", plugin.name).error("its open runs stay in the store: {}", adopted.error().text);
        if (stopping_) break;
        add(plugin); // nothing came in between: Hub's calls find the one or the other
        if (present) plugins_[plugin.name]->take_over(*retired_.back().second);
        if (!disabled.empty()) plugins_[plugin.name]->disable(disabled);
        plugins_[plugin.name]->start();
    }
    co_return Result<void>();
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
        co_await pause(20ms);
    for (const std::string &name : names) {
        if (stopping_) co_return;
        co_await plugins_.at(name)->give_way();
        if (stopping_) co_return;
        shared_.queue.leave(name);
        retire(name);
    }
}

void Plugins::retire(const std::string &name) {
    retired_.emplace_back(Clock::now(), std::move(plugins_.at(name)));
    plugins_.erase(name);
    trusted_.erase(name);
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
