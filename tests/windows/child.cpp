#include "child.hpp"

#include "base/channel.hpp"
#include "base/handle_windows.hpp"
#include "base/own_process.hpp"
#include "base/text_windows.hpp"

#include <process.h>
#include <shellapi.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

int echo() {
    if (!angod::has_inherited_channel()) return 6;
    angod::ChannelEnd channel = angod::inherited_channel();
    if (angod::has_inherited_channel()) return 7; // nothing that it starts may find it
    std::vector<char> buffer(100'000);
    for (;;) {
        const auto got = channel.read_some(buffer.data(), buffer.size());
        if (!got) return 8;
        if (*got == 0) return 5;
        if (!channel.write(buffer.data(), *got)) return 9;
    }
}

int talk() {
    angod::ChannelEnd channel = angod::inherited_channel();
    std::atomic<bool> ended = false;
    std::thread reader([&] {
        char byte = 0;
        const auto got = channel.read_some(&byte, 1);
        ended = got && *got == 0;
    });
    bool written = true;
    for (int i = 0; i < 10'000 && written; ++i) written = static_cast<bool>(channel.write("hello", 5));
    reader.join();
    return written && ended ? 5 : 9;
}

int print_arguments() {
    int count = 0;
    wchar_t **all = ::CommandLineToArgvW(::GetCommandLineW(), &count);
    for (int i = 0; i < count; ++i) std::printf("argument: %s\n", angod::to_utf8(all[i]).c_str());
    wchar_t *block = ::GetEnvironmentStringsW();
    for (const wchar_t *one = block; *one; one += std::wstring_view(one).size() + 1)
        std::printf("variable: %s\n", angod::to_utf8(one).c_str());
    return 0;
}

int hang(bool with_another) {
    if (with_another) {
        wchar_t path[MAX_PATH];
        ::GetModuleFileNameW(nullptr, path, MAX_PATH);
        if (::_wspawnl(_P_NOWAIT, path, L"test", L"child-hang-alone", nullptr) == -1) return 6;
    } else {
        std::puts("two");
        std::fflush(stdout);
    }
    for (;;) ::Sleep(INFINITE);
}

} // namespace

int run_as_child(std::string_view what) {
    angod::become_host();
    if (what == "child-echo") return echo();
    if (what == "child-talk") return talk();
    if (what == "child-arguments") return print_arguments();
    if (what == "child-hang") return hang(true);
    if (what == "child-hang-alone") return hang(false);
    if (what == "child-leave") angod::leave_now(42);
    if (what == "child-crash") *reinterpret_cast<volatile int *>(0) = 1;
    return 10;
}
