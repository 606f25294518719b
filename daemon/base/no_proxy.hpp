// The list of hosts that are reached without a proxy, as users of curl, Go and Python write it. bypasses_proxy (base/proxy.hpp)
// uses it for the socket link and for all REST calls; libcurl gets the result.
//
// Commas, semicolons, blanks and line ends separate the entries. An entry is one of these, in any case of letters:
//   example.com, .example.com, *.example.com, example.com.   the host and its subdomains
//   10.1.2.3, fd00::1, [fd00::1]                             an address
//   10.0.0.0/8, fd00::/8, [fd00::]/8                         a network
//   *                                                        everything
// Names and addresses may have a port ("example.com:8443", "[::1]:443") and then count for that port only. An IPv4 address
// also stands for its IPv6 form ::ffff:10.1.2.3. Loopback addresses are not special. Other entries count for nothing.
#pragma once

#include <string>
#include <string_view>

namespace angod {

/// A sentence that names the entries that count for nothing, with the remedy; empty if there is none. It continues the name of the
/// list. Printable, bounded, and without credentials.
std::string no_proxy_fault(std::string_view no_proxy);

} // namespace angod
