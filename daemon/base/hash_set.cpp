#include "base/hash_set.hpp"

#include <openssl/rand.h>

#include <bit>
#include <cstring>
#include <stdexcept>

namespace angod {

namespace {

constexpr std::size_t kFirstSlots = 64;

struct SipState {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) {
        v3 ^= word;
        round();
        v0 ^= word;
    }
};

} // namespace

std::uint64_t sip_hash(std::array<std::uint64_t, 2> key, std::string_view text) {
    static_assert(std::endian::native == std::endian::little);
    SipState s{key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
               key[1] ^ 0x7465646279746573u};
    std::uint64_t last = std::uint64_t{text.size()} << 56;
    for (; text.size() >= 8; text.remove_prefix(8)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        s.take(word);
    }
    std::uint64_t rest = 0;
    if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
    s.take(last | rest);
    s.v2 ^= 0xff;
    for (int i = 0; i < 3; ++i) s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

HashSet::HashSet() {
    if (RAND_bytes(reinterpret_cast<unsigned char *>(key_.data()), sizeof key_) != 1)
        throw std::runtime_error("the system has no random numbers");
}

bool HashSet::insert(std::string_view text) {
    // Between 58 and 87 % full: 9 to 14 bytes for each text.
    if (size_ + 1 > slots_.size() - slots_.size() / 8) {
        std::vector<std::uint64_t> old(slots_.empty() ? kFirstSlots : slots_.size() + slots_.size() / 2);
        old.swap(slots_);
        for (const std::uint64_t hash : old)
            if (hash != 0) place(hash);
    }
    if (!place(hash_of(text))) return false;
    ++size_;
    return true;
}

bool HashSet::contains(std::string_view text) const {
    if (slots_.empty()) return false;
    const std::uint64_t hash = hash_of(text);
    for (std::size_t at = hash % slots_.size(); slots_[at] != 0; at = at + 1 == slots_.size() ? 0 : at + 1)
        if (slots_[at] == hash) return true;
    return false;
}

/// 0 stands for a free slot.
std::uint64_t HashSet::hash_of(std::string_view text) const {
    const std::uint64_t hash = sip_hash(key_, text);
    return hash == 0 ? 1 : hash;
}

bool HashSet::place(std::uint64_t hash) {
    for (std::size_t at = hash % slots_.size();; at = at + 1 == slots_.size() ? 0 : at + 1) {
        if (slots_[at] == hash) return false;
        if (slots_[at] != 0) continue;
        slots_[at] = hash;
        return true;
    }
}

} // namespace angod
