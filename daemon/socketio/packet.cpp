// Packets as text: a digit for the Engine.IO type, then a digit for the Socket.IO type, the count of attachments, the
// namespace, an id and JSON. Everything comes from outside, so the depth of a document is bounded when it is parsed, and
// the size of a result is counted before it is made.
//
// An event's argument stays the text that came. Only a binary event is parsed as a whole, because its placeholders may stand
// anywhere; that takes a multiple of its text in memory.
//
// Pure: any thread. Long events are decoded on the pool.
#include "socketio/packet.hpp"

#include "base/ids.hpp"
#include "base/json.hpp"

#include <fmt/format.h>

#include <charconv>

namespace angod::socketio {

namespace {

/// Takes a decimal number off the front of text; nothing if there is none or it is too long.
std::optional<std::uint64_t> take_number(std::string_view &text) {
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end == text.data()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool starts_with_digit(std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

/// A {"_placeholder":true,"num":N} in a document, to be replaced by the base64 text of attachment N.
struct Placeholder {
    json::Value *value;
    std::size_t attachment;
};

/// All placeholders below root. Nothing if one of them names no attachment. The stack is explicit because the depth comes
/// from outside.
std::optional<std::vector<Placeholder>> find_placeholders(json::Value &root, std::size_t attachments) {
    std::vector<Placeholder> found;
    std::vector<json::Value *> open{&root};
    while (!open.empty()) {
        json::Value &value = *open.back();
        open.pop_back();
        if (value.IsArray()) {
            for (auto &element : value.GetArray()) open.push_back(&element);
        } else if (value.IsObject()) {
            const json::Value *mark = json::find(value, "_placeholder");
            if (mark && mark->IsTrue()) {
                const json::Value *number = json::find(value, "num");
                if (!number || !number->IsUint() || number->GetUint() >= attachments) return std::nullopt;
                found.push_back({&value, number->GetUint()});
            } else {
                for (auto &member : value.GetObject()) open.push_back(&member.value);
            }
        }
    }
    return found;
}

constexpr std::uint64_t base64_size(std::size_t bytes) { return (std::uint64_t{bytes} + 2) / 3 * 4; }

std::uint64_t megabytes(std::uint64_t bytes) { return (bytes + (1u << 20) - 1) >> 20; }

/// The text of a binary event with its attachments in place. A server may name one attachment any number of times, so the
/// size of the result is counted before anything is copied.
Result<std::string> with_attachments(std::string_view text, const std::vector<std::string> &attachments) {
    auto document = json::parse(text);
    if (!document) return wrap("the server sent an event that is not JSON", document.error());
    const auto placeholders = find_placeholders(*document, attachments.size());
    if (!placeholders)
        return error(Code::protocol, "the server sent a binary event that names an attachment it does not have");
    std::uint64_t size = text.size();
    for (const Placeholder &placeholder : *placeholders)
        size += base64_size(attachments[placeholder.attachment].size());
    if (size > kMaxEventBytes)
        return error(
            Code::protocol,
            fmt::format("the server sent a binary event that has {} MB with its attachments in place, more than "
                        "the limit of {} MB",
                        megabytes(size), megabytes(kMaxEventBytes)));
    std::vector<std::string> encoded(attachments.size());
    for (const Placeholder &placeholder : *placeholders) {
        std::string &base64 = encoded[placeholder.attachment];
        if (base64.empty()) base64 = to_base64(attachments[placeholder.attachment]);
        placeholder.value->SetString(
            rapidjson::StringRef(base64.data(), base64.size())); // encoded outlives the document's text
    }
    return json::to_text(*document);
}

} // namespace

Result<EnginePacket> decode_engine(std::string_view text) {
    if (text.empty() || text[0] < '0' || text[0] > '6')
        return error(Code::protocol, "the server sent a message that is not an Engine.IO packet");
    return EnginePacket{static_cast<EngineType>(text[0]), text.substr(1)};
}

Result<Handshake> decode_handshake(std::string_view text) {
    // A parsed document takes many times the size of its text. No handshake is anywhere near this long.
    if (text.size() > kMaxControlBytes)
        return error(Code::protocol, fmt::format("the server's handshake has {} bytes, more than the limit of {}",
                                                 text.size(), kMaxControlBytes));
    const auto document = json::parse(text);
    if (!document || !document->IsObject()) return error(Code::protocol, "the server's handshake is not a JSON object");
    const auto number = [&](std::string_view name, std::uint64_t most) -> std::optional<std::uint64_t> {
        const json::Value *value = json::find(*document, name);
        if (!value || !value->IsUint64() || value->GetUint64() > most) return std::nullopt;
        return value->GetUint64();
    };
    constexpr std::uint64_t kDay = 86'400'000;
    const auto interval = number("pingInterval", kDay), timeout = number("pingTimeout", kDay);
    if (!interval || !timeout || *interval + *timeout == 0)
        return error(Code::protocol, "the server's handshake has no usable pingInterval and pingTimeout");
    return Handshake{static_cast<std::uint32_t>(*interval), static_cast<std::uint32_t>(*timeout),
                     number("maxPayload", UINT64_MAX).value_or(0)};
}

Result<Packet> decode_packet(std::string_view text) {
    if (text.empty() || text[0] < '0' || text[0] > '6')
        return error(Code::protocol, "the server sent a message that is not a Socket.IO packet");
    Packet packet{static_cast<PacketType>(text[0] - '0'), 0, "/", {}, {}};
    text.remove_prefix(1);
    if (packet.type == PacketType::binary_event || packet.type == PacketType::binary_ack) {
        const auto count = take_number(text);
        if (!count || *count > kMaxAttachments || !text.starts_with('-'))
            return error(
                Code::protocol,
                fmt::format("the server sent a binary packet without a count of 0 to {} attachments", kMaxAttachments));
        packet.attachments = static_cast<std::uint32_t>(*count);
        text.remove_prefix(1);
    }
    if (text.starts_with('/')) {
        const std::size_t comma = text.find(',');
        packet.name_space = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        packet.name_space = packet.name_space.substr(0, packet.name_space.find('?'));
    }
    if (starts_with_digit(text)) {
        packet.id = take_number(text);
        if (!packet.id) return error(Code::protocol, "the server sent a packet with an id that is too long");
    }
    packet.data = text;
    return packet;
}

Result<Event> decode_event(const Packet &packet, const std::vector<std::string> &attachments) {
    std::string text;
    std::string_view data = packet.data;
    if (packet.type == PacketType::binary_event) {
        auto filled = with_attachments(data, attachments);
        if (!filled) return filled.error();
        text = std::move(*filled);
        data = text;
    }
    auto arguments = json::elements(data, kMaxEventDepth);
    if (!arguments && arguments.error().code != Code::limit) { // it may be fine but for half a pair
        text = json::without_half_pairs(data);
        arguments = json::elements(text, kMaxEventDepth);
    }
    if (!arguments) return wrap("the server sent an event that cannot be read", arguments.error());
    std::optional<std::string> name;
    if (!arguments->empty()) name = json::unquote(arguments->front());
    if (!name) return error(Code::protocol, "the server sent an event without a name");
    return Event{std::move(*name), std::string(arguments->size() > 1 ? (*arguments)[1] : "null"), packet.id};
}

std::string refusal_text(std::string_view data) {
    if (data.size() > kMaxControlBytes) return "no reason given";
    const auto document = json::parse(data);
    if (!document) return "no reason given";
    return document->IsString() ? std::string(json::view(*document))
                                : json::text_or(*document, "message", "no reason given");
}

std::string encode_connect(std::string_view name_space) { return fmt::format("40{},", name_space); }

std::string encode_event(std::string_view name_space, std::string_view name, std::string_view argument,
                         std::optional<std::uint64_t> id) {
    return fmt::format("42{},{}[{},{}]", name_space, id ? std::to_string(*id) : "", json::quote(name), argument);
}

std::string encode_ack(std::string_view name_space, std::uint64_t id) {
    return fmt::format("43{},{}[]", name_space, id);
}

} // namespace angod::socketio
