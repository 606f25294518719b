// Reads an answer of Hub's REST API, or of a storage behind it, and makes the sentence for a refusal.
// Pure: bytes in, value or Error out.
#pragma once

#include "base/json.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::rest {

/// A request as it is named in error texts.
struct Asked {
    std::string what; ///< continues "Hub refused": "the export"
    std::string host;
    std::vector<std::string> secrets; ///< never repeated from an answer
};

struct Answer {
    long status = 0;
    std::string_view content_type;
    std::string_view body;
};

/// The whole answer as JSON if it means success: a 2xx status and a JSON object whose "status" is absent or "success".
/// Otherwise an error with the sentence for the user. Codes: network for refusals that may pass by themselves (429, 5xx),
/// invalid for 400, not_found for 404, remote for every other refusal, protocol for an unreadable answer.
Result<json::Document> read_answer(const Asked &asked, const Answer &answer);

/// data.NAME as text; an error (protocol) if it is missing or empty.
Result<std::string> data_text(const Asked &asked, const json::Document &answer, std::string_view name);

/// The sentence for an answer that is no success, of Hub ("Hub refused the export: … (HTTP 403 from HOST)") ...
Error refusal(const Asked &asked, const Answer &answer);
/// ... and of a storage, which explains itself in XML if at all.
Error storage_refusal(const Asked &asked, const Answer &answer);

} // namespace angod::rest
