// Packets of Engine.IO and Socket.IO: the valid ones, the malformed ones, and those whose size or depth is beyond the limit.
//
// decode_event is tested through decode_packet, as the session uses both. Sizes are checked to the byte.
#include "printing.hpp"
#include "socketio/packet.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::socketio;

namespace {

Result<Event> event_of(std::string_view packet_text, std::vector<std::string> attachments = {}) {
    const auto packet = decode_packet(packet_text);
    REQUIRE(packet);
    return decode_event(*packet, attachments);
}

} // namespace

TEST_CASE("the server's handshake is read") {
    const auto packet =
        decode_engine(R"(0{"sid":"mUmA","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
    REQUIRE(packet);
    CHECK(packet->type == EngineType::open);
    const auto handshake = decode_handshake(packet->data);
    REQUIRE(handshake);
    CHECK(handshake->ping_interval_ms == 25000);
    CHECK(handshake->ping_timeout_ms == 20000);
    CHECK(handshake->max_payload == 1000000);
}

TEST_CASE("a handshake without usable times is refused") {
    for (const char *bad :
         {"", "[]", "{}", R"({"pingInterval":"x","pingTimeout":1})", R"({"pingInterval":-1,"pingTimeout":1})",
          R"({"pingInterval":0,"pingTimeout":0})", R"({"pingInterval":99999999999,"pingTimeout":1})"})
        CHECK_MESSAGE(!decode_handshake(bad), bad);
}

TEST_CASE("messages that are no Engine.IO or Socket.IO packets are refused") {
    for (const char *bad : {"", "7", "x", "\xff"}) {
        CHECK(!decode_engine(bad));
        CHECK(!decode_packet(bad));
    }
    for (const char *bad :
         {"5", "5-", "5x-[]", "565-[]", "599999999999999999999-[]", "2/plugin,99999999999999999999[]"})
        CHECK_MESSAGE(!decode_packet(bad), bad);
}

TEST_CASE("namespace, id and data of a packet are found") {
    const auto packet = decode_packet(R"(2/plugin,7["plugin",{}])");
    REQUIRE(packet);
    CHECK(packet->type == PacketType::event);
    CHECK(packet->name_space == "/plugin");
    CHECK(packet->id == 7);
    CHECK(packet->data == R"(["plugin",{}])");
    CHECK(decode_packet("0{\"sid\":\"x\"}")->name_space == "/");
    CHECK(decode_packet("1/plugin,")->name_space == "/plugin");
    CHECK(decode_packet("1/plugin")->name_space == "/plugin");
    CHECK(!decode_packet("2[]")->id);
}

TEST_CASE("an event's argument is the text that came, to the byte") {
    const auto event = event_of(R"(2/plugin,0["plugin", { "n":1.0,"u":"\u00e9" } ])");
    REQUIRE(event);
    CHECK(event->name == "plugin");
    CHECK(event->payload == R"({ "n":1.0,"u":"\u00e9" })");
    CHECK(event->ack == 0);
    CHECK(event_of(R"(2["ping"])")->payload == "null");
}

TEST_CASE("binary parts become base64 texts in place of their placeholders") {
    const auto event = event_of(
        R"(52-/plugin,["plugin",{"op":"blob","data":{"_placeholder":true,"num":0},"l":[{"_placeholder":true,"num":1}]}])",
        {std::string("\x01\x02\x03", 3), "zz"});
    REQUIRE(event);
    CHECK(event->payload == R"({"op":"blob","data":"AQID","l":["eno="]})");
}

TEST_CASE("a placeholder without its attachment is a protocol error") {
    CHECK(!event_of(R"(51-["a",{"_placeholder":true,"num":1}])", {"x"}));
    CHECK(!event_of(R"(51-["a",{"_placeholder":true,"num":"0"}])", {"x"}));
    CHECK(!event_of(R"(51-["a",{"_placeholder":true}])", {"x"}));
}

namespace {

/// A binary event whose list names attachment 0 so many times.
std::string naming(std::size_t times) {
    std::string text = R"(51-["plugin",{"session":"s","l":[0)";
    for (std::size_t i = 0; i < times; ++i) text += R"(,{"_placeholder":true,"num":0})";
    return text + "]}]";
}

} // namespace

TEST_CASE("one attachment may be named more than once") {
    const auto event = event_of(naming(3), {"zz"});
    REQUIRE(event);
    CHECK(event->payload == R"({"session":"s","l":[0,"eno=","eno=","eno="]})");
}

TEST_CASE("an event that one attachment makes too large is refused with its size, before anything is copied") {
    const auto event = event_of(naming(2000), {std::string(1'600'000, 'x')});
    REQUIRE(!event);
    CHECK(event.error().code == Code::protocol);
    CHECK(event.error().text ==
          "the server sent a binary event that has 4070 MB with its attachments in place, more than "
          "the limit of 64 MB");
}

TEST_CASE("an event of exactly the largest size is taken, and one byte more is not") {
    const std::string text = naming(2);
    const std::size_t room = (kMaxEventBytes - (text.size() - 4)) / 2; // 4: what stands before the data
    const std::size_t fits = room / 4 * 3;
    CHECK(event_of(text, {std::string(fits, 'x')}));
    const auto larger = event_of(text, {std::string(fits + 1, 'x')});
    REQUIRE(!larger);
    CHECK(larger.error().code == Code::protocol);
}

TEST_CASE("a handshake or a refusal of unreasonable length is not parsed") {
    const std::string blanks(kMaxControlBytes, ' ');
    CHECK(!decode_handshake(R"({"pingInterval":1,"pingTimeout":1})" + blanks));
    CHECK(refusal_text("\"no\"" + blanks) == "no reason given");
}

TEST_CASE("an event that is malformed, nameless or nested too deeply is told apart") {
    CHECK(event_of(R"(2/plugin,{"not":"array"})").error().code != Code::limit);
    CHECK(!event_of("2[]"));
    CHECK(!event_of("2[1]"));
    CHECK(!event_of("2"));
    const auto deep = [](std::size_t n) { return "2[\"a\"," + std::string(n, '[') + std::string(n, ']') + "]"; };
    CHECK(event_of(deep(kMaxEventDepth - 1))); // whoever works on it says that it is too deep, to the session in it
    CHECK(event_of(deep(kMaxEventDepth)).error().code == Code::limit);
}

TEST_CASE("a refusal shows its message, whatever shape it has") {
    CHECK(refusal_text(R"({"message":"not authorized","data":{"code":"E"}})") == "not authorized");
    CHECK(refusal_text(R"("plain")") == "plain");
    CHECK(refusal_text("") == "no reason given");
    CHECK(refusal_text("{}") == "no reason given");
}

TEST_CASE("what is sent has the frames of the official client") {
    CHECK(encode_connect("/plugin") == "40/plugin,");
    CHECK(encode_event("/plugin", "heartbeat", R"({"id":"x"})") == R"(42/plugin,["heartbeat",{"id":"x"}])");
    CHECK(encode_event("/plugin", "heartbeat", "{}", 7) == R"(42/plugin,7["heartbeat",{}])");
    CHECK(encode_ack("/plugin", 7) == "43/plugin,7[]");
}

TEST_CASE("an event with half of a surrogate pair is taken, with a replacement character") {
    const auto event = event_of(R"(2["plugin",{"session":"s","name":"\ud83d!"}])");
    REQUIRE(event);
    CHECK(event->payload == R"({"session":"s","name":"\ufffd!"})");
}
