// Any bytes are recorded as a message of Hub. The result must be valid JSON, no longer than a placeholder for each byte, and
// without a text of eight letters and digits that only a user can have written.
#include "base/anonymiser.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);
    angod::Anonymiser anonymiser;
    const std::string path = anonymiser.path(bytes);
    if (path.size() > 40 * (size + 1)) std::abort();
    const std::string message = anonymiser.message(bytes);
    if (!angod::json::check(message) || message.size() > 40 * (size + 1)) std::abort();
    if (!angod::json::parse(bytes)) return 0;
    const std::string wrapped =
        anonymiser.message(R"({"session":"Zq7Zq7Zq7","metadata":{"Zq7Zq7Zq7":)" + std::string(bytes) + "}}");
    if (wrapped.find("Zq7Zq7Zq7") != wrapped.npos && bytes.find("Zq7") == bytes.npos) std::abort();
    return 0;
}
