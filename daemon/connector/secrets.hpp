// Finds the plugin whose secret a call carries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::connector {

/// The time of a search tells nothing about the secrets: it compares all digests, each as a whole.
class Secrets {
public:
    void add(std::string_view secret, std::uint64_t owner);
    void remove(std::uint64_t owner);
    /// The owner of the secret; if several have the same, the one that was added last.
    std::optional<std::uint64_t> find(std::string_view secret) const;

private:
    struct Entry {
        std::string digest;
        std::uint64_t owner;
    };
    std::vector<Entry> entries_;
};

} // namespace angod::connector
