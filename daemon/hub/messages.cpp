#include "hub/messages.hpp"

#include "base/ids.hpp"
#include "base/json.hpp"
#include "socketio/packet.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::hub {

namespace {

constexpr std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "DEBUG";
        case LogLevel::info: return "INFO";
        case LogLevel::warning: return "WARNING";
        default: return "ERROR";
    }
}

/// A key is sent in a header, which can carry visible ASCII characters only.
std::string key_of(std::string_view token) {
    std::string key = json::unquote(token).value_or(std::string());
    const bool sendable =
        key.size() <= 1024 && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
    return sendable ? key : std::string();
}

} // namespace

Result<PluginEvent> parse_plugin_event(std::string_view payload, std::string_view plugin_id) {
    const auto members = json::members(payload, socketio::kMaxEventDepth);
    if (!members) return wrap("the event cannot be read", members.error());
    PluginEvent event;
    std::string_view session, organization = "null", run_by = "null";
    EventFlags flags;
    for (const json::Member &member : *members) {
        if (member.name == "session") session = member.value;
        if (member.name == "orgId") organization = member.value;
        if (member.name == "runBy") run_by = member.value;
        if (member.name == "workflow") flags.workflow = json::truthy(member.value);
        if (member.name == "upload") flags.upload = json::truthy(member.value);
        if (member.name == "apiKey") event.api_key = key_of(member.value);
    }
    // Any token is echoed as it came. Without one the answer has no address.
    if (session.empty() || session == "null" || session == "\"\"")
        return error(Code::invalid, "the event has no session, so nothing can be answered");
    if (session.size() > 1024) return error(Code::invalid, "the event has a session longer than 1,024 bytes");
    // Every log line of the run carries these tokens.
    for (std::string_view *token : {&organization, &run_by})
        if (token->size() > 1024) *token = "null";
    event.session = session;
    event.log_context = fmt::format(R"({{"organization":{},"pluginId":{},"runBy":{},"session":{}}})", organization,
                                    json::quote(plugin_id), run_by, session);
    event.digest = sha256(payload);
    event.flags = flags;
    return event;
}

std::string heartbeat(std::string_view id, std::string_view secret) {
    return fmt::format(R"({{"id":{},"secret":{}}})", json::quote(id), json::quote(secret));
}

std::string answer(PluginKind kind, std::string_view value, std::string_view session) {
    return fmt::format(R"({{{}"response":{},"session":{}}})", kind == PluginKind::export_ ? R"("export":true,)" : "",
                       value, session);
}

std::string error_answer(std::string_view session) { return fmt::format(R"({{"error":true,"session":{}}})", session); }

std::string log_message(std::string_view context, LogLevel level, std::string_view text) {
    // context is "{…}". Its members come first.
    return fmt::format(R"({},"level":"{}","msg":{}}})", context.substr(0, context.size() - 1), name_of(level),
                       json::quote(text));
}

} // namespace angod::hub
