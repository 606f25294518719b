// The messages between Hub and a plugin: parsing of the "plugin" event, and the arguments of the events that a plugin sends.
// Pure.
#pragma once

#include "base/result.hpp"
#include "host_protocol/kind.hpp"

#include <string>
#include <string_view>

namespace angod::hub {

/// The parts of a "plugin" event that the daemon needs. The rest is for the module.
struct PluginEvent {
    std::string session;     ///< the JSON token as it came ("\"abc\"", 17)
    std::string log_context; ///< JSON object with organization, pluginId, runBy and session
    std::string digest;      ///< SHA-256 of the payload
    EventFlags flags;
    std::string
        api_key; ///< of the user who runs the plugin: a secret; empty if the event has none that a header can carry
};

/// payload: the event's argument. 20 MB take about 150 ms, so parse a long one on the pool.
Result<PluginEvent> parse_plugin_event(std::string_view payload, std::string_view plugin_id);

enum class LogLevel { debug, info, warning, error };

// Arguments of the events that a plugin sends, as JSON.
std::string heartbeat(std::string_view id, std::string_view secret);
/// value: JSON.
std::string answer(PluginKind kind, std::string_view value, std::string_view session);
std::string error_answer(std::string_view session);
/// context: PluginEvent::log_context.
std::string log_message(std::string_view context, LogLevel level, std::string_view text);

} // namespace angod::hub
