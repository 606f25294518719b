// Ids as an operator types them: whole, or as much of the beginning as makes them unique.
#pragma once

#include "base/json.hpp"
#include "base/result.hpp"
#include "ctl/commands.hpp"

#include <string>
#include <vector>

namespace angod::ctl {

/// A beginning of an id must have so many characters.
inline constexpr std::size_t kLeastPrefix = 4;

/// A thing that can be chosen.
struct Candidate {
    std::string key;   ///< that the admin API takes
    std::string other; ///< another id of the same thing; may be empty
};

/// The key of the only candidate that fits: its key or its other id is the given text, or begins with it. With
/// whole_key, a beginning of a key does not count. The error names the nearest key, or lists all that fit.
/// sort: "plugin" or "module".
Result<std::string> choose(std::string_view sort, std::string_view given, const std::vector<Candidate> &candidates,
                           bool whole_key);

/// From the answer to a search for jobs, of which text was looked for. The error lists the jobs if several fit.
Result<std::string> choose_job(std::string_view text, const json::Value &answer);

// These ask the running angod. The result is what the admin API takes.

/// The name of a plugin, from its name or a beginning of its id in Hub.
Result<std::string> find_plugin(const Options &options, const std::string &given);
/// The id of a module, from a beginning of it.
Result<std::string> find_module(const Options &options, const std::string &given);
/// The id of a job, from a beginning of it or from its session.
Result<std::string> find_job(const Options &options, const std::string &given);

} // namespace angod::ctl
