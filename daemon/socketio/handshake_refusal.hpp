// A server that does not open the WebSocket: the sentence for the operator, and the address to which it sends plugins instead. Pure.
#pragma once

#include "base/url.hpp"
#include "socketio/http_answer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace angod::socketio {

/// "the server answered the WebSocket handshake with HTTP 404 ("Not Found"); check …": the status, the server's words, the
/// address of a redirect, and what to check. One printable line of less than a kilobyte, without secrets and queries.
std::string handshake_refusal(const HttpAnswer &answer, const std::vector<std::string> &secrets);

/// "Not Found" in quotes, or a redirect to https://HOST/PATH, or both: the words and the address in an answer, to be put behind its
/// status. Empty if it has neither.
std::string said_in(const HttpAnswer &answer, const std::vector<std::string> &secrets);

/// The address to which a redirect of the handshake is followed: the same host over TLS. Nothing: the answer is no redirect, or
/// one that must not be followed, because it leads to another host, leaves TLS, or leads to a page that is not Socket.IO's. asked: the address that answered.
std::optional<Url> handshake_redirect(const Url &asked, const HttpAnswer &answer);

/// The pause that the server asks for, by its own clock if it told the time; nothing: it asks for none. now_ms: since 1970.
std::optional<std::chrono::milliseconds> pause_asked(const HttpAnswer &answer, std::int64_t now_ms);

} // namespace angod::socketio
