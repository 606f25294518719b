#include "base/pipe_windows.hpp"

#include "base/files.hpp"
#include "base/security_windows.hpp"

#include <fmt/format.h>
#include <fmt/xchar.h>

#include <random>
#include <string>

namespace angod {

namespace {

constexpr DWORD kBuffer = 64 * 1024;

std::wstring new_name() {
    std::random_device random; // the system's, not a seeded sequence
    return fmt::format(LR"(\\.\pipe\angod-{}-{:08x}{:08x}{:08x}{:08x})", ::GetCurrentProcessId(), random(), random(),
                       random(), random());
}

} // namespace

Result<PipeEnds> make_pipe(PipeFlow flow) {
    // By default everybody may read a pipe.
    const auto security = Security::owner_only();
    if (!security) return security.error();
    SECURITY_ATTRIBUTES attributes = security->attributes();
    const bool both = flow == PipeFlow::both_ways;
    const std::wstring name = new_name();
    PipeEnds ends;
    // One instance, and the first of its name: this fails if another process has made a pipe of that name.
    ends.ours = Handle(::CreateNamedPipeW(name.c_str(),
                                          (both ? PIPE_ACCESS_DUPLEX : PIPE_ACCESS_INBOUND) | FILE_FLAG_OVERLAPPED |
                                              FILE_FLAG_FIRST_PIPE_INSTANCE,
                                          PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                                          1, kBuffer, kBuffer, 0, &attributes));
    if (!ends.ours) return error(Code::io, "cannot make a pipe: " + files::system_error());
    ends.theirs = Handle(::CreateFileW(name.c_str(), both ? GENERIC_READ | GENERIC_WRITE : GENERIC_WRITE, 0, nullptr,
                                       OPEN_EXISTING, both ? FILE_FLAG_OVERLAPPED : 0, nullptr));
    if (!ends.theirs) return error(Code::io, "cannot open the other end of a pipe: " + files::system_error());
    return ends;
}

} // namespace angod
