// The staged copies of modules: which of them somebody can still need, and the removal of the others.
//
// Event loop only.
#pragma once

#include "supervisor/module_probe.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace angod::supervisor {

class ModuleCopies {
public:
    /// needed: the folders of copies that are needed at the moment, besides those of lent generations.
    using Needed = std::function<std::set<std::filesystem::path>()>;

    /// probe outlives it.
    ModuleCopies(asio::any_io_executor executor, ModuleProbe &probe, Needed needed)
        : executor_(std::move(executor)), probe_(probe), needed_(std::move(needed)) {}

    /// Keeps the generation's copy as long as anybody holds the generation: hosts may still be started from it.
    void lend(const GenerationPtr &generation);
    /// Removes, after some time, all copies that are neither lent nor needed.
    void tidy();

private:
    //  none       --tidy-->  under_way      under_way  --end-->  none
    //  under_way  --tidy-->  once_more      once_more  --end-->  under_way
    enum class Tidying { none, under_way, once_more };

    awaitable<void> remove_unneeded();
    std::set<std::filesystem::path> needed_now();

    asio::any_io_executor executor_;
    ModuleProbe &probe_;
    const Needed needed_;
    Tidying tidying_ = Tidying::none;
    std::vector<std::weak_ptr<const Generation>> lent_;
};

} // namespace angod::supervisor
