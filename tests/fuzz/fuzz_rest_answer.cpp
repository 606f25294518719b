// Any answer of a server must not cause a crash. The text for people must be one line of bounded length, valid UTF-8,
// and without the secret.
#include "base/http_date.hpp"
#include "rest/answer.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace angod;
using namespace angod::rest;

namespace {

constexpr std::string_view kSecret = "sesame-open";

void require(bool holds) {
    if (!holds) std::abort();
}

void check(const Error &error) {
    require(error.text.size() < 1000);
    require(error.text.find(kSecret) == std::string::npos);
    for (const char c : error.text) require(static_cast<unsigned char>(c) >= ' ');
    require(json::unquote(json::quote(error.text)) == error.text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size < 2) return 0;
    static constexpr long kStatus[] = {200, 201, 400, 401, 403, 404, 429, 500, 503, 0};
    const Asked asked{"the export", "hub.test", {std::string(kSecret)}};
    Answer answer{kStatus[data[0] % 10],
                  data[1] % 2 != 0 ? "text/html" : "application/json",
                  {reinterpret_cast<const char *>(data) + 2, size - 2}};
    if (const auto good = read_answer(asked, answer); !good)
        check(good.error());
    else if (const auto text = data_text(asked, *good, "exportPath"); !text)
        check(text.error());
    check(refusal(asked, answer));
    check(storage_refusal(asked, answer));
    if (const auto wait = parse_retry_after(answer.body, 0)) require(wait->count() >= 0);
    return 0;
}
