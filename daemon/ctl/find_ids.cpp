#include "ctl/find_ids.hpp"

#include "base/nearest.hpp"
#include "base/percent.hpp"
#include "ctl/admin_client.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace angod::ctl {

namespace {

constexpr std::size_t kWholeJobId = 36; ///< a UUID
/// Of things that fit, in an error.
constexpr std::size_t kMostListed = 10;

Result<std::vector<Candidate>> candidates(const Options &options, const std::string &target, const char *list,
                                          const char *key, const char *other) {
    const auto answer = fetch(options, "GET", target);
    if (!answer) return answer.error();
    const auto document = json::parse(*answer);
    if (!document) return document.error();
    std::vector<Candidate> out;
    if (const json::Value *items = json::find(*document, list); items && items->IsArray())
        for (const json::Value &item : items->GetArray())
            out.push_back({json::text_or(item, key, ""), *other ? json::text_or(item, other, "") : ""});
    return out;
}

std::string shown(const Candidate &one) {
    return one.other.empty() ? one.key : fmt::format("{} (id {})", one.key, one.other);
}

} // namespace

Result<std::string> choose(std::string_view sort, std::string_view given, const std::vector<Candidate> &candidates,
                           bool whole_key) {
    std::vector<std::string> names, fitting;
    std::string found;
    for (const Candidate &one : candidates) {
        if (one.key == given || (!one.other.empty() && one.other == given)) return one.key;
        names.push_back(one.key);
        const bool fits = (!whole_key && one.key.starts_with(given)) || one.other.starts_with(given);
        if (!fits || given.size() < kLeastPrefix) continue;
        found = one.key;
        if (fitting.size() < kMostListed) fitting.push_back(shown(one));
    }
    if (fitting.size() == 1) return found;
    if (fitting.size() > 1)
        return error(Code::invalid, fmt::format("\"{}\" fits several {}s; write more of it: {}", given, sort,
                                                fmt::join(fitting, ", ")));
    const auto meant = nearest(given, names);
    return error(Code::not_found, fmt::format("there is no {} \"{}\"{}", sort, given,
                                              meant ? fmt::format("; did you mean \"{}\"?", *meant) : ""));
}

Result<std::string> choose_job(std::string_view text, const json::Value &answer) {
    std::vector<std::string> ids, fitting;
    if (const json::Value *jobs = json::find(answer, "jobs"); jobs && jobs->IsArray())
        for (const json::Value &job : jobs->GetArray()) {
            ids.push_back(json::text_or(job, "id", ""));
            if (fitting.size() < kMostListed)
                fitting.push_back(fmt::format("{} (plugin {}, {})", ids.back(), json::text_or(job, "plugin", ""),
                                              json::text_or(job, "state", "")));
        }
    if (ids.size() == 1) return ids.front();
    if (ids.size() > 1)
        return error(Code::invalid, fmt::format("\"{}\" fits several jobs; write more of the id: {}{}", text,
                                                fmt::join(fitting, ", "), ids.size() > kMostListed ? ", …" : ""));
    return error(Code::not_found,
                 fmt::format("there is no job whose id begins with \"{}\", and none with this session", text));
}

Result<std::string> find_plugin(const Options &options, const std::string &given) {
    const auto all = candidates(options, "/v1/plugins", "plugins", "name", "id");
    if (!all) return all.error();
    return choose("plugin", given, *all, true);
}

Result<std::string> find_module(const Options &options, const std::string &given) {
    const auto all = candidates(options, "/v1/modules", "modules", "id", "");
    if (!all) return all.error();
    return choose("module", given, *all, false);
}

Result<std::string> find_job(const Options &options, const std::string &given) {
    if (given.size() == kWholeJobId) return given;
    if (given.size() < kLeastPrefix)
        return error(Code::invalid, fmt::format("\"{}\" is too short for a job: write at least {} characters of its id",
                                                given, kLeastPrefix));
    const auto answer =
        fetch(options, "GET", fmt::format("/v1/jobs?limit={}&match={}", kMostListed + 1, percent_encode(given)));
    if (!answer) return answer.error();
    const auto document = json::parse(*answer);
    if (!document) return document.error();
    return choose_job(given, *document);
}

} // namespace angod::ctl
