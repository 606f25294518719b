#include "app/descriptor_watch.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <fcntl.h>
#include <vector>

using namespace angod;
using namespace angod::app;

TEST_CASE("descriptor watch: the state changes when none is free, and back when most are free") {
    using enum DescriptorState;
    for (const bool most : {false, true}) {
        CHECK(next_state(enough, false, most) == enough);
        CHECK(next_state(enough, true, most) == used_up);
        CHECK(next_state(used_up, true, most) == used_up);
    }
    CHECK(next_state(used_up, false, true) == used_up);
    CHECK(next_state(used_up, false, false) == enough);
}

TEST_CASE("descriptor watch: a look notices that all descriptors are in use, and that they are free again") {
    asio::io_context context;
    Lifecycle lifecycle(context.get_executor());
    DescriptorReserve reserve(1);
    DescriptorWatch watch(lifecycle, reserve);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit low{descriptors_in_use() + 60, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    watch.look();
    CHECK(watch.state() == DescriptorState::enough);
    std::vector<int> opened;
    for (int one; (one = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) opened.push_back(one);
    watch.look();
    CHECK(watch.state() == DescriptorState::used_up);
    ::close(opened.back());
    opened.pop_back();
    watch.look();
    CHECK(watch.state() == DescriptorState::used_up); // one is free for a moment only
    for (const int one : opened) ::close(one);
    watch.look();
    CHECK(watch.state() == DescriptorState::enough);
    ::setrlimit(RLIMIT_NOFILE, &before);
}
