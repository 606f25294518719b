// The HTTP client of angoctl: one request over a connected local socket. All calls block.
#pragma once

#include "base/local_listener.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace angod::http {

/// Returns the response, whatever its status.
Result<Response> request_local(LocalSocket &socket, const std::string &method, const std::string &target,
                               const std::string &body);

/// Sends a GET and hands the body over as it comes. A refusal (status 400 or above) is returned whole instead.
Result<Response> follow_local(LocalSocket &socket, const std::string &target,
                              const std::function<void(std::string_view)> &piece);

} // namespace angod::http
