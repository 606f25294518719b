#include "ctl/logs.hpp"

#include "base/json.hpp"
#include "ctl/output.hpp"
#include "ctl/tables.hpp"

#include <fmt/format.h>

namespace angod::ctl {

std::string log_text(std::string_view line) {
    const auto document = json::parse(line);
    if (!document || !document->IsObject()) return printable(line) + "\n";
    std::string fields;
    for (const auto &member : document->GetObject()) {
        const std::string_view name = json::view(member.name);
        if (name == "time" || name == "level" || name == "msg") continue;
        fields += fmt::format("{}{}={}", fields.empty() ? "  [" : " ", printable(name), shown(member.value));
    }
    if (!fields.empty()) fields += "]";
    const auto part = [&](std::string_view name) {
        const json::Value *value = json::find(*document, name);
        return value ? shown(*value) : "-";
    };
    return fmt::format("{} {:<7} {}{}\n", part("time"), part("level"), part("msg"), fields);
}

} // namespace angod::ctl
