// Answers of servers and proxies to a WebSocket handshake or CONNECT. In pieces an answer reads as at once. The sentence about it is
// one bounded, printable line without the secret, and a redirect is followed only to the same host over TLS.
#include "base/printable.hpp"
#include "socketio/handshake_refusal.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace angod;
using namespace angod::socketio;

namespace {

constexpr std::string_view kSecret = "sesame-open";

void require(bool holds) {
    if (!holds) std::abort();
}

/// False: the bytes are no answer.
bool read(HttpAnswerReader &reader, std::string_view text, std::size_t piece) {
    for (std::size_t at = 0; at < text.size(); at += piece) {
        if (!reader.feed(text.substr(at, piece))) return false;
        require(!reader.status() || (*reader.status() >= 101 && *reader.status() <= 999));
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char *>(data) + 1, size - 1);
    HttpAnswerReader whole, pieces;
    const bool is_answer = read(whole, text, text.size() + 1);
    const bool is_answer_too = read(pieces, text, 1 + data[0] % 16);
    if (text.size() <= kMaxAnswerHead) require(is_answer == is_answer_too && whole.status() == pieces.status());
    if (!is_answer || !whole.status()) return 0;
    const HttpAnswer answer = whole.answer();
    require(answer.body.size() <= kMaxAnswerBody);
    if (is_answer_too && *whole.status() != 101) require(pieces.answer().body == answer.body);
    const std::string sentence = handshake_refusal(answer, {std::string(kSecret)});
    require(sentence.size() < 1000 && sentence == printable(sentence) && sentence.find(kSecret) == sentence.npos);
    const Url asked = *parse_url(data[0] % 2 == 0 ? "https://h.test" : "http://h.test:8080");
    if (const auto to = handshake_redirect(asked, answer)) require(to->host == "h.test" && to->encrypted());
    if (const auto pause = pause_asked(answer, 0)) require(pause->count() > 0);
    return 0;
}
