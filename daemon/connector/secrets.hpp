// Tells plugins apart by the secret that a call carries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::connector {

/// How long a search takes says nothing of any secret: digests are compared, all of them, each as a whole.
class Secrets {
public:
    void add(std::string_view secret, std::uint64_t owner);
    void remove(std::uint64_t owner);
    /// Whose secret it is; of several owners, who came last.
    std::optional<std::uint64_t> find(std::string_view secret) const;

private:
    struct Entry {
        std::string digest;
        std::uint64_t owner;
    };
    std::vector<Entry> entries_;
};

} // namespace angod::connector
