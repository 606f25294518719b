// Addresses as people write them: blanks around them, and a host and its port in one text. Pure.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angod {

/// The text without blanks and line ends around it, as they come with copied addresses and variables.
inline std::string_view without_blank_ends(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(kBlanks), last = text.find_last_not_of(kBlanks);
    return first == text.npos ? std::string_view() : text.substr(first, last - first + 1);
}

/// Views into the text that was split.
struct HostPort {
    std::string_view host, port; ///< host: without brackets; port: empty if there is none
    bool bracketed = false;
};

/// Splits "host", "host:port", "[v6]", "[v6]:port" or a bare IPv6 address. Nothing if brackets do not match.
inline std::optional<HostPort> split_host_port(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == text.npos) return std::nullopt;
        const std::string_view rest = text.substr(end + 1);
        if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
        return HostPort{text.substr(1, end - 1), rest.empty() ? rest : rest.substr(1), true};
    }
    const std::size_t colon = text.find(':');
    if (colon == text.npos || text.find(':', colon + 1) != text.npos) return HostPort{text, {}};
    return HostPort{text.substr(0, colon), text.substr(colon + 1)};
}

/// A port from 1 to 65535.
inline std::optional<std::uint16_t> port_of(std::string_view digits) {
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failed != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
    return port;
}

inline std::optional<boost::asio::ip::address> address_of(std::string_view text) {
    boost::system::error_code failed;
    const auto address = boost::asio::ip::make_address(std::string(text), failed);
    if (failed) return std::nullopt;
    return address;
}

} // namespace angod
