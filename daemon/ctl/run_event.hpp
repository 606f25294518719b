// The event of `angoctl run`.
#pragma once

#include "base/result.hpp"
#include "host_protocol/kind.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::ctl {

struct RunEvent {
    std::string text;                ///< JSON object, as Hub sends it
    std::string api_key;             ///< as a JSON token
    std::vector<std::string> filled; ///< names of the members that were missing
};

/// given: a JSON object; what a run of this kind needs and it has not is filled with plausible values. The error is a
/// sentence without the file's name.
Result<RunEvent> complete_event(std::string_view given, PluginKind kind);

/// event with this file as its "inputFile", in place of any other.
Result<std::string> with_input_file(std::string_view event, std::string_view bytes);

} // namespace angod::ctl
