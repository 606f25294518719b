// File descriptors of the calling process: how many it may have, how many it has, and some that are kept for later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace angod {

/// Allows the process as many open files and connections as the system permits. Once, at the beginning of main.
void raise_descriptor_limit();

/// How many the process may have. 0: the system has no such limit.
std::uint64_t descriptor_limit();
/// How many it has; 0 if that is not known. Takes time for each of them. Needs none itself after its first call. One
/// thread only.
std::uint64_t descriptors_in_use();
/// Whether the next file or connection could not be opened.
bool are_descriptors_used_up();

/// Descriptors that are open without a use. One is given back when something important needs a descriptor and none is
/// left. One thread only.
class DescriptorReserve {
public:
    explicit DescriptorReserve(std::size_t size);
    DescriptorReserve(const DescriptorReserve &) = delete;
    DescriptorReserve &operator=(const DescriptorReserve &) = delete;
    ~DescriptorReserve();

    /// Closes one of them: the next call that opens something gets it. False: none is left.
    bool give_one();
    /// Opens what is missing, as far as that is possible.
    void refill();
    std::size_t left() const { return kept_.size(); }

private:
    const std::size_t size_;
    std::vector<int> kept_;
};

} // namespace angod
