#include "base/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace angod {

namespace {

/// A number of exactly so many digits; −1 if there is none.
int number(std::string_view text, std::size_t at, std::size_t digits) {
    const std::string_view piece = text.substr(at, digits);
    if (piece.size() < digits || !std::all_of(piece.begin(), piece.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return -1;
    int value = 0;
    std::from_chars(piece.data(), piece.data() + piece.size(), value);
    return value;
}

constexpr std::int64_t kMaxSeconds = 1'000'000'000; // longer than any wait; keeps the sums small

struct Parts {
    int year, month, day, hour, minute, second;
};

std::optional<std::int64_t> since_1970(const Parts &at) {
    using namespace std::chrono;
    if (at.month < 1 || at.month > 12 || at.day < 1 || at.day > 31 || at.year < 1970 || at.hour < 0 || at.hour > 23 ||
        at.minute < 0 || at.minute > 59 || at.second < 0 || at.second > 60)
        return std::nullopt;
    const auto day =
        year(at.year) / month(static_cast<unsigned>(at.month)) / std::chrono::day(static_cast<unsigned>(at.day));
    const std::int64_t days = sys_days(day).time_since_epoch().count();
    return (((days * 24 + at.hour) * 60 + at.minute) * 60 + at.second) * 1000;
}

} // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
    static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
    const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
    if (month == kMonths.end()) return std::nullopt;
    return since_1970({number(text, 12, 4), static_cast<int>(month - kMonths.begin()) + 1, number(text, 5, 2),
                       number(text, 17, 2), number(text, 20, 2), number(text, 23, 2)});
}

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
        text.back() != 'Z')
        return std::nullopt;
    const auto seconds = since_1970({number(text, 0, 4), number(text, 5, 2), number(text, 8, 2), number(text, 11, 2),
                                     number(text, 14, 2), number(text, 17, 2)});
    std::string_view fraction = text.substr(19, text.size() - 20);
    if (!seconds || fraction.empty()) return seconds;
    if (fraction.front() != '.' || fraction.size() < 2 || fraction.find_first_not_of("0123456789", 1) != fraction.npos)
        return std::nullopt;
    std::int64_t thousandths = 0;
    for (std::size_t i = 1; i <= 3; ++i) thousandths = thousandths * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
    return *seconds + thousandths;
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, std::int64_t now_ms) {
    using std::chrono::milliseconds;
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (value.empty()) return std::nullopt;
    if (std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        std::int64_t seconds = kMaxSeconds; // also for more digits than fit
        std::from_chars(value.data(), value.data() + value.size(), seconds);
        return milliseconds(std::min(seconds, kMaxSeconds) * 1000);
    }
    const auto date = parse_http_date(value);
    if (!date) return std::nullopt;
    return milliseconds(std::clamp<std::int64_t>(*date - now_ms, 0, kMaxSeconds * 1000));
}

} // namespace angod
