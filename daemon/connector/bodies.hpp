// Answers and log lines in the form of the published description of Hub's API, which names some members differently. Pure.
#pragma once

#include <string>
#include <string_view>

namespace angod::connector {

/// message: a "response" argument, JSON object. All its members stay.
std::string published_answer(std::string_view message, std::string_view plugin_id);
/// message: a "log" argument.
std::string published_log(std::string_view message);

} // namespace angod::connector
