#include "base/descriptors.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace angod {

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit); // without it angod works as well, with fewer connections
}

std::uint64_t descriptor_limit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : 0;
}

std::uint64_t descriptors_in_use() {
    // It stays open: when all are used up, it could not be opened.
    static const int folder = ::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || ::lseek(folder, 0, SEEK_SET) != 0) return 0;
    std::uint64_t count = 0;
    alignas(dirent64) char entries[4096];
    for (long size = 0; (size = ::syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0;)
        for (long at = 0; at < size;) {
            const auto *entry = reinterpret_cast<const dirent64 *>(entries + at);
            at += entry->d_reclen;
            count += entry->d_name[0] != '.';
        }
    return count;
}

bool are_descriptors_used_up() {
    const int probe = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (probe < 0) return errno == EMFILE;
    ::close(probe);
    return false;
}

DescriptorReserve::DescriptorReserve(std::size_t size) : size_(size) { refill(); }

DescriptorReserve::~DescriptorReserve() {
    while (give_one()) {
    }
}

bool DescriptorReserve::give_one() {
    if (kept_.empty()) return false;
    ::close(kept_.back());
    kept_.pop_back();
    return true;
}

void DescriptorReserve::refill() {
    while (kept_.size() < size_) {
        const int one = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (one < 0) return;
        kept_.push_back(one);
    }
}

} // namespace angod
