// The reader reads any bytes in any pieces. It must end, give rows within its limits, not depend on the pieces, and
// agree with the reference as far as the reference covers the input.
#include "host/markdown/csv_reference.hpp"

#include "base/utf8.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::uint64_t kMaxRow = 4096;

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0];
    const std::string text(reinterpret_cast<const char *>(data) + 1, size - 1);
    const CsvOutcome whole = read_csv(text, text.size() + 1, kMaxRow);
    require(read_csv(text, piece, kMaxRow) == whole);
    require(read_csv(text, 1, kMaxRow) == whole);
    for (const auto &row : whole.rows) {
        std::size_t bytes = 0;
        for (const std::string &cell : row) {
            bytes += cell.size();
            require(angod::is_utf8(cell) && cell.find('\0') == std::string::npos);
        }
        require(bytes <= kMaxRow && !row.empty());
    }
    const bool plain = text.size() <= kMaxRow && angod::is_utf8(text) && text.find('\0') == std::string::npos &&
                       !text.starts_with('\xef');
    if (!plain) return 0;
    CsvOutcome expected = reference_csv(text);
    if (!expected.failure.empty()) expected.failure = whole.failure;
    require(whole == expected);
    return 0;
}
