#include "app/plugin.hpp"

#include <fmt/format.h>

namespace angod::app {

using namespace std::chrono_literals;
using admin::PluginState;

PluginState Plugin::state() const {
    switch (readiness_.hindrance()) {
        case Hindrance::none: break;
        case Hindrance::disabled: return PluginState::disabled;
        case Hindrance::no_module: return PluginState::no_module;
        case Hindrance::settings_refused: return PluginState::settings_refused;
    }
    switch (link_->state()) {
        case socketio::LinkState::live: return PluginState::live;
        case socketio::LinkState::backoff: return PluginState::backoff;
        case socketio::LinkState::refused: return PluginState::refused;
        default: return PluginState::connecting;
    }
}

/// Why it does not do its work, or not with the newest version of its module; empty: there is nothing to say.
std::string Plugin::reason() const {
    if (!readiness_.why_not_ready().empty()) return readiness_.why_not_ready();
    if (!link_->reason().empty()) return link_->reason();
    if (!readiness_.refusal().empty()) return "a newer version of the module was refused: " + readiness_.refusal();
    if (const auto pause = hosts_.pause(); pause > 0ms)
        return fmt::format("its module crashed too often; runs start again in {} s",
                           std::chrono::ceil<std::chrono::seconds>(pause).count());
    return "";
}

admin::PluginView Plugin::view() const {
    admin::PluginView view;
    view.name = config_.name;
    view.id = config_.id;
    view.module = config_.module;
    if (const auto generation = readiness_.generation()) {
        view.module_version = generation->version.info.version;
        view.generation = generation->number;
        view.kind = name_of(readiness_.kind());
    } else if (config_.kind) {
        view.kind = name_of(*config_.kind);
    }
    view.connector = config_.rest ? "rest" : "ws";
    view.state = state();
    view.confirmed = confirmation_.confirmed() || (config_.rest && link_->last_heartbeat_ms() > 0);
    view.reason = reason();
    const auto counts = shared_.queue.counts(config_.name);
    view.queued = counts.queued;
    view.running = counts.running;
    view.answering = counts.answering;
    view.answers_waiting = counts.answering + outbox_.refusals();
    view.counts = shared_.counters.of_plugin(config_.name);
    view.connects = link_->connects();
    view.last_heartbeat_ms = link_->last_heartbeat_ms();
    for (const auto &slot : hosts_.all())
        if (slot->up())
            view.hosts.push_back(
                {slot->host->pid(), slot->used, slot->host->resident(), slot->generation->number, slot->drains()});
    return view;
}

} // namespace angod::app
