// Any body of any type has bounded words on one printable line, without the secret.
#include "base/printable.hpp"
#include "base/server_words.hpp"

#include <cstdint>
#include <cstdlib>

using namespace angod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static constexpr std::string_view kTypes[] = {"", "text/html", "application/json", "image/png"};
    static const std::string kSecret = "sesame-open";
    if (size == 0) return 0;
    const std::string_view body(reinterpret_cast<const char *>(data) + 1, size - 1);
    const std::string words = words_of(kTypes[data[0] % 4], body, {kSecret});
    if (words.size() > 310 || words != printable(words) || words.find(kSecret) != words.npos) std::abort();
    if (printable(printable(body)) != printable(body)) std::abort();
    return 0;
}
