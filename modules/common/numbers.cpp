#include "common/numbers.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>

namespace ango::common {

namespace {

constexpr double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
constexpr double kFastLimit = 1e9;      // below it the rounding error of the product is less than ...
constexpr double kTieMargin = 1e-6;     // ... this, so only values this close to a tie need the exact way
constexpr double kWideTieMargin = 0.25; // the same for products up to 10^15

/// The size of text without zeros at the end, and without the point if nothing follows it.
std::size_t without_zeros(const char *text, std::size_t size) {
    while (size > 0 && text[size - 1] == '0') --size;
    return size > 0 && text[size - 1] == '.' ? size - 1 : size;
}

/// Writes units / 10^decimals backwards into the end of buffer; returns where it starts.
char *print_scaled(char *end, std::uint64_t units, unsigned decimals, bool strip) {
    char *at = end;
    bool digits = !strip; // zeros at the end are left out until the first other digit
    for (unsigned i = 0; i < decimals; ++i, units /= 10) {
        const unsigned digit = static_cast<unsigned>(units % 10);
        if (digit != 0) digits = true;
        if (digits) *--at = static_cast<char>('0' + digit);
    }
    if (digits && decimals > 0) *--at = '.';
    do {
        *--at = static_cast<char>('0' + units % 10);
        units /= 10;
    } while (units != 0);
    return at;
}

/// Exact for every double, as printf in the C locale.
void append_slowly(std::string &out, double value, unsigned decimals, bool strip) {
    char buffer[400];
    const auto result =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, static_cast<int>(decimals));
    std::size_t size = static_cast<std::size_t>(result.ptr - buffer);
    if (strip && decimals > 0) size = without_zeros(buffer, size);
    const char *text = buffer;
    bool zero = true;
    for (std::size_t i = 0; i < size; ++i) zero = zero && (text[i] == '-' || text[i] == '.' || text[i] == '0');
    if (zero && *text == '-') {
        ++text;
        --size;
    }
    out.append(text, size);
}

void append_decimal(std::string &out, double value, unsigned decimals, bool strip) {
    const double scaled = std::abs(value) * kPowers[decimals];
    if (!(scaled < kFastLimit)) return append_slowly(out, value, decimals, strip);
    const auto whole = static_cast<std::uint64_t>(scaled);
    const double rest = scaled - static_cast<double>(whole);
    if (std::abs(rest - 0.5) < kTieMargin) return append_slowly(out, value, decimals, strip);
    const std::uint64_t units = whole + (rest > 0.5 ? 1 : 0);
    char buffer[40];
    char *const end = buffer + sizeof buffer;
    char *start = print_scaled(end, units, decimals, strip);
    if (value < 0 && units != 0) *--start = '-';
    out.append(start, static_cast<std::size_t>(end - start));
}

} // namespace

void append_fixed(std::string &out, double value, unsigned decimals) { append_decimal(out, value, decimals, false); }
void append_rounded(std::string &out, double value, unsigned decimals) { append_decimal(out, value, decimals, true); }

double to_hundredths(double value) {
    const double scaled = std::abs(value) * 100;
    auto whole = static_cast<std::int64_t>(scaled);
    double over = scaled - static_cast<double>(whole) - 0.5;
    // The product is rounded, too. Close to a tie its exact error decides.
    if (std::abs(over) < (scaled < kFastLimit ? kTieMargin : kWideTieMargin))
        over += std::fma(std::abs(value), 100.0, -scaled);
    if (over > 0 || (over == 0 && whole % 2 != 0)) ++whole;
    return static_cast<double>(value < 0 ? -whole : whole); // never -0
}

void append_hundredths(std::string &out, double hundredths) {
    char buffer[24];
    char *const end = buffer + sizeof buffer;
    char *start = print_scaled(end, static_cast<std::uint64_t>(std::abs(hundredths)), 2, true);
    if (hundredths < 0) *--start = '-';
    out.append(start, static_cast<std::size_t>(end - start));
}

void append_integer(std::string &out, std::uint64_t value) {
    char buffer[20];
    const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
    out.append(buffer, static_cast<std::size_t>(result.ptr - buffer));
}

} // namespace ango::common
