// Pages of a file explorer: calls the module's list and locate, and checks the results. Job thread.
#pragma once

#include "host/explorer/explorer_event.hpp"
#include "host/hub/storage.hpp"
#include "host/job/outcome.hpp"
#include "host/module/handles.hpp"
#include "host/module/listing.hpp"

#include <ango/module.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace angod::host {

class FilePages {
public:
    /// All arguments must outlive it. storage is null if the event names none.
    FilePages(ango_job &job, const ango_file_explorer_v1 &table, ango_instance *instance, const ExplorerEvent &event,
              const Storage *storage);

    /// Lists one page of the files and folders directly in a folder.
    std::variant<Listing, Failure> list(const std::string &folder, const std::string &token, std::uint32_t limit);
    /// Returns the address where Hub finds a file.
    std::variant<std::string, Failure> address(const Listing::File &file);

private:
    ango_folder folder_of(const std::string &folder, const std::string &token, std::uint32_t limit) const;

    ango_job &job_;
    const ango_file_explorer_v1 &table_;
    ango_instance *instance_;
    const ExplorerEvent &event_;
    const Storage *storage_;
};

} // namespace angod::host
