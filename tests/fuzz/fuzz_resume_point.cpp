// The heads of two answers of a download, one header a line, with an empty line between them. The bytes that are skipped of the second one must
// have come before.
#include "host/pipeline/download.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace angod;
using namespace angod::host;

namespace {

rest::Response take_head(std::string_view &text) {
    rest::Response head;
    head.status = 200;
    head.host = "store.test";
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty()) break;
        const std::size_t colon = line.find(':');
        if (line == "206" || line == "416")
            head.status = line == "206" ? 206 : 416;
        else if (colon != line.npos)
            head.headers.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))});
    }
    return head;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char *>(data), size);
    ResumePoint point;
    for (std::uint64_t answers = 0; answers < 4; ++answers) {
        const rest::Response head = take_head(text);
        const auto more = point.no_more(head);
        if (more && *more) return 0;
        const auto skip = point.skip(head);
        if (!skip) return 0;
        if (*skip > point.taken) std::abort();
        point.taken += 10;
        if (!point.check_end(head)) return 0;
    }
    return 0;
}
