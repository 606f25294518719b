// Bytes of host messages: fixed-width little-endian numbers and length-prefixed texts, field after field.
//
// A message lists its members once, in a member template `fields`; the same list writes and reads it.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace angod::host_protocol {

class WireWriter {
public:
    explicit WireWriter(std::string &out) : out_(out) {}
    template <class... F> void operator()(const F &...field) { (put(field), ...); }

private:
    template <class N>
    requires std::is_integral_v<N>
    void put(N number) {
        auto bits = static_cast<std::make_unsigned_t<N>>(number);
        for (std::size_t i = 0; i < sizeof(N); ++i) out_ += static_cast<char>(bits >> (8 * i));
    }
    void put(const std::string &text) {
        put(static_cast<std::uint32_t>(text.size()));
        out_ += text;
    }
    std::string &out_;
};

class WireReader {
public:
    explicit WireReader(std::string_view in) : in_(in) {}
    template <class... F> void operator()(F &...field) { (get(field), ...); }
    /// Every field was there and nothing is left over.
    bool complete() const { return ok_ && in_.empty(); }

private:
    template <class N>
    requires std::is_integral_v<N>
    void get(N &number) {
        if (in_.size() < sizeof(N)) {
            ok_ = false;
            return;
        }
        std::make_unsigned_t<N> bits = 0;
        for (std::size_t i = 0; i < sizeof(N); ++i)
            bits = static_cast<std::make_unsigned_t<N>>(
                bits | static_cast<std::make_unsigned_t<N>>(
                           static_cast<std::uint64_t>(static_cast<unsigned char>(in_[i])) << (8 * i)));
        number = static_cast<N>(bits);
        in_.remove_prefix(sizeof(N));
    }
    void get(std::string &text) {
        std::uint32_t size = 0;
        get(size);
        if (!ok_ || in_.size() < size) {
            ok_ = false;
            return;
        }
        text.assign(in_.substr(0, size));
        in_.remove_prefix(size);
    }
    std::string_view in_;
    bool ok_ = true;
};

} // namespace angod::host_protocol
