#include "connector/secrets.hpp"

#include "base/ids.hpp"

#include <openssl/crypto.h>

namespace angod::connector {

void Secrets::add(std::string_view secret, std::uint64_t owner) { entries_.push_back({sha256(secret), owner}); }

void Secrets::remove(std::uint64_t owner) {
    std::erase_if(entries_, [owner](const Entry &entry) { return entry.owner == owner; });
}

std::optional<std::uint64_t> Secrets::find(std::string_view secret) const {
    const std::string digest = sha256(secret);
    std::uint64_t found = 0, owner = 0;
    for (const Entry &entry : entries_) {
        const std::uint64_t same = CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0;
        found |= same;
        const std::uint64_t mask = std::uint64_t{0} - same;
        owner = (owner & ~mask) | (entry.owner & mask);
    }
    return found != 0 ? std::optional(owner) : std::nullopt;
}

} // namespace angod::connector
