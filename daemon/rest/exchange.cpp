#include "rest/exchange.hpp"

#include "base/letter_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace angod::rest {

Exchange::Exchange(const Request &of, const CancelToken &token, std::string host, std::optional<Proxy> through)
    : request(of), cancel(token), proxy(std::move(through)) {
    response.host = std::move(host);
    response.url = of.url;
}

void Exchange::header_line(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) { // a new head: after 100 Continue there is another one
        response.headers.clear();
        const std::size_t blank = line.find(' ');
        response.status = blank == std::string_view::npos ? 0 : std::atol(std::string(line.substr(blank + 1)).c_str());
    } else if (line.empty()) {
        if (success() && request.on_head)
            if (const auto fine = request.on_head(response); !fine) failed = fine.error();
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
        std::string_view value = line.substr(colon + 1);
        while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
        response.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
    }
}

bool Exchange::body_piece(std::string_view piece) {
    if (failed) return false;
    response.body_bytes += piece.size();
    if (request.sink && success()) {
        const bool taken = request.sink(piece);
        last_progress = Clock::now();
        if (!taken) failed = error(Code::cancelled, "the receiver wants no more");
    } else {
        decode(piece);
    }
    return !failed;
}

bool Exchange::keep(std::string_view piece) {
    if (piece.size() > request.body_limit - response.body.size())
        failed = error(Code::limit,
                       fmt::format("the answer of {} is longer than {} bytes", response.host, request.body_limit));
    else
        response.body.append(piece);
    return !failed;
}

void Exchange::decode(std::string_view piece) {
    if (unreadable_) return;
    if (!decoder_) {
        auto decoder = ContentDecoder::of(response.header("Content-Encoding"));
        if (!decoder) return undecodable(fmt::format("{} sent its answer {}", response.host, decoder.error().text));
        decoder_ = std::move(*decoder);
    }
    const auto more = decoder_->write(piece, [this](std::string_view decoded) { return keep(decoded); });
    if (!more) undecodable(broken(more.error()));
}

std::string Exchange::broken(const Error &why) const {
    return fmt::format("the data that {} sent with a Content-Encoding {}", response.host, why.text);
}

/// The status of a refusal tells more than its body.
void Exchange::undecodable(std::string why) {
    unreadable_ = true;
    if (success()) failed = error(Code::protocol, std::move(why));
}

Result<void> Exchange::end() {
    if (!decoder_ || unreadable_) return {};
    const auto whole = decoder_->finish([this](std::string_view decoded) { return keep(decoded); });
    if (!whole) undecodable(broken(whole.error()));
    return failed ? Result<void>(*failed) : Result<void>();
}

std::string_view Response::header(std::string_view name) const {
    for (auto it = headers.rbegin(); it != headers.rend(); ++it)
        if (equal_but_for_case(it->name, name)) return it->value;
    return {};
}

} // namespace angod::rest
