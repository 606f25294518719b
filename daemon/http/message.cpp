#include "http/message.hpp"

#include "base/percent.hpp"

#include <algorithm>

namespace angod::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const Header &header : headers) {
        if (header.name != name) continue;
        if (found) return std::nullopt;
        found = header.value;
    }
    return found;
}

void Request::set_target(std::string_view target) {
    const std::size_t question = std::min(target.find('?'), target.size());
    path = form_decode(target.substr(0, question));
    query.clear();
    std::string_view rest = target.substr(std::min(question + 1, target.size()));
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        query[form_decode(pair.substr(0, equals))] = form_decode(pair.substr(std::min(equals + 1, pair.size())));
    }
}

} // namespace angod::http
