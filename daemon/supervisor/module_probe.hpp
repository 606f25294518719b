// Finds out which module a file holds: copies it aside, has a throw-away host load the copy, and reads its descriptor.
#pragma once

#include "base/async.hpp"
#include "base/process.hpp"
#include "supervisor/generation.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace angod::supervisor {

class HostProcess;

/// Event loop only.
class ModuleProbe {
public:
    ModuleProbe(const asio::any_io_executor &executor, std::filesystem::path staging, const Program &host_program,
                Log log)
        : staging_(std::move(staging)), host_program_(host_program), log_(std::move(log)), is_free_(executor) {}

    /// Finds out which copies an earlier angod has left. Comes first.
    awaitable<void> read_copies();
    /// The copy, without its info yet. The error is for the operator and begins with the file. Code::io also if its file
    /// system does not answer.
    awaitable<Result<ModuleVersion>> stage(std::filesystem::path source);
    /// The descriptor of a staged module. Code::cancelled after stop; Code::timeout, if the module hangs.
    awaitable<Result<ModuleInfo>> ask(ModuleVersion version);
    /// Whether the copy still has the content that its name says.
    awaitable<bool> is_whole(ModuleVersion version);
    /// Whether the copy is in the staging folder, as far as is known.
    bool has_copy(const ModuleVersion &version) const { return copies_.contains(version.staged.parent_path()); }
    /// Removes the copies that are not among those which `needed` names when the removal begins: the folders of copies.
    awaitable<void> remove_copies_but(std::function<std::set<std::filesystem::path>()> needed);
    /// Ends the hosts that are loading a copy.
    void stop();

private:
    /// The right to change the staging folder.
    awaitable<void> take_turn();
    void give_turn();
    awaitable<std::vector<std::filesystem::path>>
    set_unneeded_aside(std::function<std::set<std::filesystem::path>()> needed);
    awaitable<Result<std::set<std::filesystem::path>>> list() const;

    std::filesystem::path staging_;
    const Program &host_program_;
    Log log_;
    std::set<std::shared_ptr<HostProcess>> asked_;
    std::set<std::filesystem::path> copies_; ///< the folders of the copies that are there
    bool stopping_ = false;
    bool is_taken_ = false; ///< somebody has the turn: files in two folders may have the same content
    Signal is_free_;
};

} // namespace angod::supervisor
