// The modules this daemon can use: found in the folders, staged, probed in a throw-away host.
#pragma once

#include "base/async.hpp"
#include "base/process.hpp"
#include "supervisor/module_info.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace angod::supervisor {

class HostProcess;

enum class ModuleState { ready, rejected };

struct Module {
    std::filesystem::path source;
    std::filesystem::path staged;
    std::string sha256;
    ModuleInfo info; ///< of a ready one
    ModuleState state = ModuleState::ready;
    std::string reason; ///< of a rejected one
};

class Modules {
public:
    Modules(std::filesystem::path staging, const Program &host_program, asio::thread_pool &pool, Log log)
        : staging_(std::move(staging)), host_program_(host_program), pool_(pool), log_(std::move(log)) {}

    /// Looks through the folders; of two modules with one id the one in the later folder counts. Staged copies
    /// that are no longer of use are removed.
    awaitable<void> scan(std::vector<std::filesystem::path> folders);
    /// Ends a scan that is under way, and with it the host that it is waiting for.
    void stop();

    /// Null if there is none that is ready.
    const Module *find(const std::string &id) const;
    const std::map<std::string, Module> &ready() const { return ready_; }
    const std::vector<Module> &rejected() const { return rejected_; }

private:
    awaitable<Module> probe(std::filesystem::path source);
    void add(Module module, const std::filesystem::path &folder);

    std::filesystem::path staging_;
    const Program &host_program_;
    asio::thread_pool &pool_;
    Log log_;
    std::map<std::string, Module> ready_; ///< by id
    std::vector<Module> rejected_;
    std::shared_ptr<HostProcess> probing_;
    bool stopping_ = false;
};

} // namespace angod::supervisor
