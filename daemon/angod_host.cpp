// The process in which module code runs. angod starts it with a channel; started by hand it only inspects a module.
#include "base/channel.hpp"
#include "base/crash_report.hpp"
#include "base/json.hpp"
#include "base/own_process.hpp"
#include "host/module/description.hpp"
#include "host/module/loader.hpp"
#include "host/process/server.hpp"
#include "rest/http_client.hpp"

#include <cstdio>
#include <cstring>

namespace {

/// settings: null if none are given; then the parts of the description that need settings are left out.
int inspect(const char *file, const char *settings) {
    const auto fail = [](const std::string &why) {
        std::fprintf(stderr, "%s\n", why.c_str());
        angod::leave_now(1); // as below
    };
    const auto module = angod::host::load_module(file);
    if (!module) fail(module.error().text);
    if (settings && !angod::json::members(settings)) fail("--settings is not a JSON object");
    const auto more = angod::host::describe(*module, settings ? settings : "{}");
    if (!more && settings) fail(std::string(file) + ": " + more.error().text);
    std::printf("%s\n", angod::host::descriptor_json(*module, more ? *more : "").c_str());
    std::fflush(stdout);
    angod::leave_now(0); // threads that a module has started would not survive exit handlers
}

} // namespace

int main(int argc, char **argv) {
    angod::report_crashes();
    // The output of a module must be seen when it is printed, and must not be lost in a crash.
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    if (argc == 3 && std::strcmp(argv[1], "inspect") == 0) return inspect(argv[2], nullptr);
    if (argc == 5 && std::strcmp(argv[1], "inspect") == 0 && std::strcmp(argv[3], "--settings") == 0)
        return inspect(argv[2], argv[4]);
    if (argc == 2 && std::strcmp(argv[1], "--version") == 0) return std::printf("angod-host %s\n", ANGOD_VERSION) < 0;
    if (argc != 1 || !angod::has_inherited_channel()) {
        std::fprintf(stderr,
                     "angod starts this program itself. By hand: angod-host inspect FILE.so [--settings JSON]\n");
        return 2;
    }
    angod::become_host();
    if (!angod::rest::init_http()) {
        std::fprintf(stderr, "libcurl cannot be used on this machine\n");
        return 1;
    }
    angod::host::Server(angod::inherited_channel()).run();
}
