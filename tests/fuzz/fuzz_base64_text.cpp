// The decoder reads any text as a JSON string. The result must not change if each character is escaped or if blanks
// stand between the characters, and must not be longer than the base64 text allows.
#include "host/markdown/base64_text.hpp"

#include "base/json.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::optional<std::string> decoded(const std::string &token) {
    angod::host::Base64Text text(token);
    std::string out;
    for (;;) {
        const auto piece = text.next();
        if (!piece) return std::nullopt;
        if (piece->empty()) return out;
        out += *piece;
        require(out.size() <= token.size());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const auto plain = decoded(angod::json::quote(text));
    if (text.starts_with("data:")) return 0; // a prefix has a meaning only as it stands
    std::string escaped = "\"", spaced = "\"";
    for (const char c : text) {
        if (c & 0x80) return 0;
        escaped += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        spaced += " " + escaped.substr(escaped.size() - 6) + "\\n";
    }
    require(decoded(escaped + '"') == plain);
    require(decoded(spaced + '"') == plain);
    return 0;
}
