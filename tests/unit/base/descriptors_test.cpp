// The limit of this process is lowered for a moment, and all descriptors below it are used up.
#include "base/descriptors.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

using namespace angod;

namespace {

class LowLimit {
public:
    explicit LowLimit(rlim_t soft) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit low{soft, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &low);
    }
    LowLimit(const LowLimit &) = delete;
    LowLimit &operator=(const LowLimit &) = delete;
    ~LowLimit() {
        for (const int one : opened_) ::close(one);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    void use_up() {
        for (int one; (one = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) opened_.push_back(one);
    }

private:
    rlimit before_{};
    std::vector<int> opened_;
};

bool can_open() {
    const int one = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (one >= 0) ::close(one);
    return one >= 0;
}

} // namespace

TEST_CASE("the soft limit of descriptors is raised to the hard one") {
    LowLimit low(200);
    CHECK(descriptor_limit() == 200);
    raise_descriptor_limit();
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    CHECK(now.rlim_cur == now.rlim_max);
}

TEST_CASE("descriptors in use are counted, also when none is left") {
    const std::uint64_t before = descriptors_in_use();
    REQUIRE(before > 2);
    const int one = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(descriptors_in_use() == before + 1);
    ::close(one);
    LowLimit low(before + 20);
    CHECK_FALSE(are_descriptors_used_up());
    low.use_up();
    CHECK(are_descriptors_used_up());
    CHECK(descriptors_in_use() >= before + 10); // numbers above the limit may be in use already
}

TEST_CASE("a reserve gives one descriptor at a time, when there is no other, and takes them back") {
    LowLimit low(descriptors_in_use() + 40);
    DescriptorReserve reserve(2);
    CHECK(reserve.left() == 2);
    low.use_up();
    CHECK_FALSE(can_open());
    CHECK(reserve.give_one());
    CHECK(can_open());
    const int taken = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(taken >= 0);
    CHECK(reserve.give_one());
    CHECK_FALSE(reserve.give_one());
    CHECK(can_open());
    ::close(taken);
    reserve.refill();
    CHECK(reserve.left() == 2);
    CHECK_FALSE(can_open());
}
