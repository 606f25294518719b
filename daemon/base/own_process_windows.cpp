#include "base/own_process.hpp"

#include "base/resident_windows.hpp"

#include <cstdlib>
#include <string>

namespace angod {

void return_freed_memory() {} // the heap of Windows keeps no block of that size

void become_host() {
    // A crash must end the process, not open an invisible window. The job object ties its life to its parent's.
    ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
}

void leave_now(int code) {
    // ExitProcess would run the exit handlers of libraries.
    ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(code));
    std::abort(); // it does not come back
}

// Its job ends the rest: angod closes it when this process has ended, or has ended itself.
void end_own_group() { leave_now(1); }

std::size_t own_resident() { return resident_of(::GetCurrentProcess()); }

int own_pid() { return static_cast<int>(::GetCurrentProcessId()); }

void name_thread(const char *name) {
    using Describe = HRESULT(WINAPI *)(HANDLE, PCWSTR);
    // Looked up by name: MinGW's headers do not declare it.
    const auto address = ::GetProcAddress(::GetModuleHandleW(L"kernel32.dll"), "SetThreadDescription");
    const std::string ascii = name;
    if (const auto describe = reinterpret_cast<Describe>(reinterpret_cast<void *>(address)))
        describe(::GetCurrentThread(), std::wstring(ascii.begin(), ascii.end()).c_str());
}

} // namespace angod
