// A set of texts that keeps only a hash of each: 9 to 14 bytes, whatever the length of the text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace angod {

/// The hash is SipHash-1-3 with a random key for each set, so nobody can choose texts that collide. Two of a million
/// texts are taken for the same with a probability of 1 to 37 million. One thread.
class HashSet {
public:
    HashSet();
    /// False if the text is in the set already.
    bool insert(std::string_view text);
    bool contains(std::string_view text) const;
    std::size_t size() const { return size_; }

private:
    std::uint64_t hash_of(std::string_view text) const;
    bool place(std::uint64_t hash);

    std::array<std::uint64_t, 2> key_{};
    std::vector<std::uint64_t> slots_; ///< 0: free
    std::size_t size_ = 0;
};

/// SipHash-1-3 (Aumasson, Bernstein). Pure.
std::uint64_t sip_hash(std::array<std::uint64_t, 2> key, std::string_view text);

} // namespace angod
