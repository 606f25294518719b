// Finds out which module a file holds: copies it aside, has a throw-away host load the copy, and reads its descriptor.
#pragma once

#include "base/async.hpp"
#include "base/process.hpp"
#include "supervisor/generation.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <memory>
#include <set>
#include <vector>

namespace angod::supervisor {

class HostProcess;

/// Event loop only.
class ModuleProbe {
public:
    ModuleProbe(const asio::any_io_executor &executor, std::filesystem::path staging, const Program &host_program,
                asio::thread_pool &pool, Log log)
        : staging_(std::move(staging)),
          host_program_(host_program),
          pool_(pool),
          log_(std::move(log)),
          copied_(executor) {}

    /// The copy, without its info yet. The error is for the operator and begins with the file.
    awaitable<Result<ModuleVersion>> stage(std::filesystem::path source);
    /// The descriptor of a staged module. Code::cancelled after stop; Code::timeout, if the module hangs.
    awaitable<Result<ModuleInfo>> ask(ModuleVersion version);
    /// Whether the copy still has the content that its name says.
    awaitable<bool> is_whole(ModuleVersion version);
    /// Removes folders with copies. Their names are free at once; the pool deletes them.
    void discard(const std::vector<std::filesystem::path> &folders);
    /// Ends the hosts that are loading a copy.
    void stop();

    const std::filesystem::path &staging() const { return staging_; }

private:
    std::filesystem::path staging_;
    const Program &host_program_;
    asio::thread_pool &pool_;
    Log log_;
    std::set<std::shared_ptr<HostProcess>> asked_;
    bool stopping_ = false;
    bool copying_ = false; ///< only one copy at a time: files in two folders may have the same content
    Signal copied_;
};

} // namespace angod::supervisor
