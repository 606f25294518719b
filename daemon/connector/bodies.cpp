#include "connector/bodies.hpp"

#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::connector {

std::string published_answer(std::string_view message, std::string_view plugin_id) {
    const auto members = json::members(message);
    if (!members) return std::string(message);
    std::string_view session = "null";
    bool failed = false, has_response = false;
    for (const json::Member &member : *members) {
        if (member.name == "session") session = member.value;
        failed = failed || member.name == "error";
        has_response = has_response || member.name == "response";
    }
    return fmt::format(R"({},{}"pluginId":{},"taskId":{},"status":"{}"}})", message.substr(0, message.size() - 1),
                       has_response ? "" : R"("response":{},)", json::quote(plugin_id), session,
                       failed ? "error" : "success");
}

std::string published_log(std::string_view message) {
    const auto members = json::members(message);
    if (!members) return std::string(message);
    std::string out = "{";
    for (const json::Member &member : *members) {
        std::string value(member.value);
        if (member.name == "level")
            std::transform(value.begin(), value.end(), value.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        out += fmt::format("{}:{},", json::quote(member.name), value);
        if (member.name == "msg") out += fmt::format(R"("message":{},)", value);
    }
    out.back() = '}';
    return out;
}

} // namespace angod::connector
