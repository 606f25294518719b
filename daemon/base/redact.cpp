#include "base/redact.hpp"

#include "base/json.hpp"
#include "base/url.hpp"

#include <algorithm>

namespace angod {

namespace {

bool ends_url(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '\\';
}

} // namespace

std::string redact_urls(std::string_view text) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t scheme = text.find("://", at);
        if (scheme == std::string_view::npos) break;
        const std::size_t host = scheme + 3;
        std::size_t end = host;
        while (end < text.size() && !ends_url(text[end])) ++end;
        out.append(text.substr(at, host - at));
        std::string_view rest = text.substr(host, end - host);
        const std::size_t path = rest.find_first_of("/?#");
        const std::size_t user = rest.substr(0, path).rfind('@');
        if (user != std::string_view::npos) rest.remove_prefix(user + 1);
        const std::size_t query = rest.find('?');
        out.append(rest.substr(0, query));
        if (query != std::string_view::npos) out.append("?…");
        at = end;
    }
    out.append(text.substr(at));
    return out;
}

std::string redact(std::string_view text, const std::vector<std::string> &secrets) {
    std::string out = redact_urls(text);
    for (const std::string &secret : secrets) {
        if (secret.size() < 6) continue;
        for (std::size_t at = 0; (at = out.find(secret, at)) != std::string::npos; at += 3)
            out.replace(at, secret.size(), "***");
    }
    return out;
}

std::vector<std::string> spellings(std::string_view token) {
    const auto text = json::unquote(token);
    if (!text || text->empty()) return {};
    std::vector<std::string> all{*text};
    const auto add = [&](std::string_view quoted) {
        const std::string inner(quoted.substr(1, quoted.size() - 2));
        if (inner != *text) all.push_back(inner);
    };
    add(token);
    add(json::quote(*text));
    return all;
}

std::vector<std::string> secrets_of_urls(std::initializer_list<std::string_view> urls,
                                         std::vector<std::string> others) {
    constexpr std::size_t kLongValue = 12;
    for (const std::string_view url : urls) {
        const auto parsed = parse_url(url);
        if (!parsed) continue;
        others.push_back(parsed->target);
        const std::size_t question = parsed->target.find('?');
        if (question == std::string::npos) continue;
        std::string_view query = std::string_view(parsed->target).substr(question + 1);
        others.emplace_back(query);
        while (!query.empty()) {
            const std::string_view pair = query.substr(0, query.find('&'));
            query.remove_prefix(std::min(query.size(), pair.size() + 1));
            const std::size_t equals = pair.find('=');
            if (equals != std::string_view::npos && pair.size() - equals > kLongValue)
                others.emplace_back(pair.substr(equals + 1));
        }
    }
    return others;
}

} // namespace angod
