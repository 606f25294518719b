// Times in HTTP headers and JSON texts of servers. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace angod {

/// "Sun, 06 Nov 1994 08:49:37 GMT", the only form that servers may still send; ms since 1970.
std::optional<std::int64_t> parse_http_date(std::string_view text);

/// "2026-05-02T09:10:11.123Z", with any number of digits behind the seconds, or none; ms since 1970. No other time zone is
/// read.
std::optional<std::int64_t> parse_iso_time(std::string_view text);

/// The value of a Retry-After header: seconds or an HTTP date; nothing if it is neither. Never negative, and at most a billion
/// seconds: callers set the bound of their waits.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, std::int64_t now_ms);

} // namespace angod
