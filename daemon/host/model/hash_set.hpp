// Which texts were met before, in at most 16 bytes for each: only a hash of them is kept. Of a million texts two are
// taken for the same with a probability of one to thirty million.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace angod::host {

class HashSet {
public:
    /// False if it was there before.
    bool insert(std::string_view text);
    std::size_t size() const { return size_; }

private:
    bool place(std::uint64_t hash);

    std::vector<std::uint64_t> slots_; // 0: free
    std::size_t size_ = 0;
};

} // namespace angod::host
