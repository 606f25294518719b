// The modules this daemon can use: found in the folders, staged, probed in a throw-away host.
#pragma once

#include "base/async.hpp"
#include "base/process.hpp"
#include "supervisor/module_info.hpp"

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
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
    std::string reason;    ///< of a rejected one
    std::size_t place = 0; ///< in the order of folders and names
};

class Modules {
public:
    Modules(const asio::any_io_executor &executor, std::filesystem::path staging, const Program &host_program,
            asio::thread_pool &pool, Log log)
        : staging_(std::move(staging)),
          host_program_(host_program),
          pool_(pool),
          log_(std::move(log)),
          changed_(executor) {}

    /// Looks through the folders, at a few modules at a time; each counts from when it is found. Of two with one id
    /// the one in the later folder counts. Staged copies that are no longer of use are removed. Once.
    awaitable<void> scan(std::vector<std::filesystem::path> folders);
    /// Ends with the scan, with stop, or at the deadline.
    awaitable<void> scanned(std::chrono::steady_clock::time_point deadline);
    bool complete() const { return scanned_; }
    /// Ends, at the latest, when the next module is found or refused.
    awaitable<void> change();
    /// Ends a scan that is under way, and with it the host that it is waiting for.
    void stop();

    /// Null if there is none that is ready.
    const Module *find(const std::string &id) const;
    /// Why find gives nothing: with the reason of a refused file, if one bears that id for a name.
    std::string why_not(const std::string &id) const;
    const std::map<std::string, Module> &ready() const { return ready_; }
    const std::vector<Module> &rejected() const { return rejected_; }

private:
    awaitable<Module> probe(Module module);
    void add(Module module);

    std::filesystem::path staging_;
    const Program &host_program_;
    asio::thread_pool &pool_;
    Log log_;
    std::map<std::string, Module> ready_; ///< by id
    std::vector<Module> rejected_;
    std::set<std::shared_ptr<HostProcess>> probing_;
    std::map<std::size_t, std::filesystem::path> not_seen_; ///< folders of the files still to be looked at, by place
    bool scanned_ = false, stopping_ = false;
    Signal changed_;
};

} // namespace angod::supervisor
