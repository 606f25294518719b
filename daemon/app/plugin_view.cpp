#include "app/plugin.hpp"

#include <fmt/format.h>

namespace angod::app {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

admin::PluginView Plugin::view() const {
    admin::PluginView view;
    view.name = config_.name;
    view.id = config_.id;
    view.module = config_.module;
    view.module_version = serving_ ? serving_->version.info.version : "";
    view.generation = serving_ ? serving_->number : 0;
    view.kind = serving_ ? name_of(kind_) : config_.kind ? name_of(*config_.kind) : "";
    view.connector = config_.rest ? "rest" : "ws";
    view.reason = not_ready_.empty() ? link_->reason() : not_ready_;
    if (view.reason.empty() && !refusal_.empty())
        view.reason = "a newer version of the module was refused: " + refusal_;
    if (const auto pause = crashes_.pause(Clock::now()); view.reason.empty() && pause > 0ms)
        view.reason = fmt::format("its module crashed too often; runs start again in {} s",
                                  std::chrono::ceil<std::chrono::seconds>(pause).count());
    switch (link_->state()) {
        case socketio::LinkState::live: view.state = "live"; break;
        case socketio::LinkState::backoff: view.state = "backoff"; break;
        case socketio::LinkState::refused: view.state = "refused"; break;
        default: view.state = "connecting"; break;
    }
    if (!not_ready_.empty()) view.state = disabled_.empty() ? "no-module" : "disabled";
    const auto counts = shared_.queue.counts(config_.name);
    view.queued = counts.queued;
    view.running = counts.running;
    view.answering = counts.answering;
    view.answers_waiting = counts.answering + refusals_.size();
    view.counts = shared_.counters.of_plugin(config_.name);
    view.connects = link_->connects();
    view.last_heartbeat_ms = link_->last_heartbeat_ms();
    for (const auto &slot : shared_.hosts.hosts_of(config_.name))
        if (slot->up())
            view.hosts.push_back(
                {slot->host->pid(), slot->used, slot->host->resident(), slot->generation->number, slot->drains()});
    return view;
}

} // namespace angod::app
