// The module of odd_module.cpp as a file, sound or with a fault.
#pragma once

#include <cstdlib>
#include <filesystem>

inline std::filesystem::path odd_module() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "tests/unit/odd_module.so";
}

/// As long as it lives, this process finds the fault in the module.
class OddModuleFault {
public:
    explicit OddModuleFault(const char *fault) { ::setenv("ODD_MODULE", fault, 1); }
    OddModuleFault(const OddModuleFault &) = delete;
    OddModuleFault &operator=(const OddModuleFault &) = delete;
    ~OddModuleFault() { ::unsetenv("ODD_MODULE"); }
};
