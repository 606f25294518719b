#include "base/descriptors.hpp"

namespace angod {

// Windows has no such limit.

void raise_descriptor_limit() {}

std::uint64_t descriptor_limit() { return 0; }

std::uint64_t descriptors_in_use() { return 0; }

bool are_descriptors_used_up() { return false; }

DescriptorReserve::DescriptorReserve(std::size_t) : size_(0) {}

DescriptorReserve::~DescriptorReserve() = default;

bool DescriptorReserve::give_one() { return false; }

void DescriptorReserve::refill() {}

} // namespace angod
