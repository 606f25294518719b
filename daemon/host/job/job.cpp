#include "host/job/job.hpp"

namespace angod::host {

std::optional<std::string_view> Job::field(std::string_view name) const {
    for (const json::Member &member : members)
        if (member.name == name && member.value != "null") return member.value;
    return std::nullopt;
}

bool Job::flag(std::string_view name, bool otherwise) const {
    for (const json::Member &member : members)
        if (member.name == name)
            otherwise = json::truthy(member.value); // as in Python, the last of several members counts
    return otherwise;
}

std::string Job::text_field(std::string_view name) const {
    const auto token = field(name);
    return token ? json::unquote(*token).value_or("") : "";
}

} // namespace angod::host
