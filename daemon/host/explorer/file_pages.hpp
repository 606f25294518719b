// Pages of a file explorer: the module's list and locate, asked and checked. Job thread.
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
    /// All must outlive it. storage may be null: the event names none.
    FilePages(ango_job &job, const ango_file_explorer_v1 &table, ango_instance *instance, const ExplorerEvent &event,
              const Storage *storage);

    /// One page of what lies directly in a folder.
    std::variant<Listing, Failure> list(const std::string &folder, const std::string &token, std::uint32_t limit);
    /// Where Hub finds a file.
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
